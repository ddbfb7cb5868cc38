import { describe, expect, it } from 'vitest';
import { Ledger, METRIC } from '../ledger.js';
import type { Sample } from '../protocol.js';
import { Random } from '../random.js';
import { type Findings, judge } from '../verdict.js';

const SAMPLE: Sample = {
  heapUsed: 20_000_000,
  evaluations: 5_000,
  recorded: 1_000,
  thrown: 0,
  unhandled: [],
  connections: 200,
  mostConnections: 1,
  longestStall: 40,
  own: { sent: 950, lost: 50 },
};
const GOOD: Findings = {
  faults: { reset: 10, drip: 12 },
  expectedOfEach: 10,
  last: SAMPLE,
  heap: [18, 20, 20, 20, 20, 20, 20, 21, 20].map((megabytes) => megabytes * 1024 * 1024),
  // Ten of those that are counted as lost arrived all the same.
  ledger: { received: 940, duplicates: 30, swallowed: 20 },
  losesAnswers: true,
  differing: 0,
  flags: 100,
  recovery: 300,
  closing: 100,
  exit: 20,
  died: undefined,
};
const sample = (change: Partial<Sample>): Partial<Findings> => ({ last: { ...SAMPLE, ...change } });

describe('the verdict of a soak', () => {
  it('is good when every promise was kept', () => {
    expect(judge(GOOD).filter(({ good }) => good === false)).toEqual([]);
  });

  it.each<[string, Partial<Findings>, string]>([
    ['a fault came too rarely', { faults: { reset: 10, drip: 9 } }, 'faults'],
    ['the process died', { died: 'exit code 1' }, 'the process'],
    ['a rejection was not handled', sample({ unhandled: ['unhandled rejection'] }), 'unhandled'],
    ['an evaluation threw', sample({ thrown: 1 }), 'evaluations that threw'],
    ['there were two connections', sample({ mostConnections: 2 }), 'connections'],
    ['a flag is not the server’s', { differing: 1 }, 'flags that differ'],
    ['the server’s state was not reached', { recovery: undefined }, 'the server’s state'],
    ['an event is in no count of the SDK', sample({ recorded: 1_001 }), 'recorded − sent − lost'],
    ['an event counts as sent and did not arrive', sample({ own: { sent: 961, lost: 39 } }), 'events missing'],
    [
      'an event is missing and not counted as lost',
      { ledger: { received: 920, duplicates: 0, swallowed: 20 }, ...sample({ own: { sent: 951, lost: 49 } }) },
      'events missing',
    ],
    [
      'an event is missing and nothing counts',
      { ledger: { received: 979, duplicates: 0, swallowed: 20 }, ...sample({ own: undefined }) },
      'events missing',
    ],
    ['the heap grows', { heap: [18, 20, 20, 20, 22, 24, 26, 28, 30].map((mb) => mb * 1024 * 1024) }, 'heap'],
    ['a value was wrong for too long', { stalest: 20_001 }, 'the longest that a value was wrong'],
    [
      'an event arrived twice where no answer got lost',
      { losesAnswers: false, ledger: { received: 940, duplicates: 1, swallowed: 20 } },
      'receipts beyond the first',
    ],
    ['close() takes too long', { closing: 6_000 }, 'close()'],
    ['close() does not end', { closing: undefined }, 'close()'],
    ['the process does not end', { exit: undefined }, 'the process ended'],
  ])('is bad when %s', (_name, change, what) => {
    const bad = judge({ ...GOOD, ...change }).filter(({ good }) => good === false);
    expect(bad.map((line) => line.what.startsWith(what))).toEqual([true]);
  });
});

describe('the ledger', () => {
  const user = (keyId: string) => ({ keyId, name: '', customizedProperties: [] });
  const evaluation = (keyId: string) => ({ user: user(keyId), variations: [] });
  const metric = (numericValue: number) => ({
    user: user('u'),
    metrics: [{ eventName: METRIC, numericValue, timestamp: 0 }],
  });

  it('counts each event once, whatever became of it', () => {
    const ledger = new Ledger();
    ledger.consume([evaluation('user-1'), evaluation('user-2'), metric(1)], 'received');
    ledger.consume([evaluation('user-1'), metric(1)], 'received');
    ledger.consume([evaluation('user-2'), metric(2), metric(3)], 'swallowed');
    ledger.consume([metric(3)], 'received');
    expect(ledger.summary).toEqual({ received: 4, duplicates: 2, swallowed: 1 });
  });
});

describe('the random numbers', () => {
  it('are the same for the same seed, and others for another', () => {
    const order = (seed: number) => new Random(seed).shuffled(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']).join('');
    expect(order(1)).toBe(order(1));
    expect(order(1)).not.toBe(order(2));
    expect([...order(1)].sort().join('')).toBe('abcdefgh');
  });

  it('stay within their bounds', () => {
    const random = new Random(7);
    const numbers = Array.from({ length: 1_000 }, () => random.between(3, 5));
    expect([...new Set(numbers)].sort()).toEqual([3, 4, 5]);
  });
});
