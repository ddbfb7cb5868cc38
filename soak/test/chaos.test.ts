import { describe, expect, it } from 'vitest';
import { HELP, readArguments } from '../chaos/arguments.js';
import { FAULTS } from '../chaos/faults.js';
import { Ledger } from '../chaos/ledger.js';
import { versionIn } from '../chaos/pages.js';
import { type PushedData, Received } from '../chaos/received.js';
import { type Findings, linesOf, quantile } from '../chaos/verdict.js';

describe('the arguments of the chaos', () => {
  it('are ten minutes, 300 SDKs and ten writers where none are given, and a seed by chance', () => {
    expect(readArguments([])).toEqual({ minutes: 10, seed: expect.any(Number), sdks: 300, writers: 10 });
    expect(readArguments(['--minutes', '0.5', '--seed=-7', '--sdks', '2', '--writers', '100'])).toEqual({
      ...{ minutes: 0.5, seed: -7, sdks: 2, writers: 100 },
    });
  });

  it.each([
    ['no time', ['--minutes', '0'], '--minutes must be from 0.1 to 120'],
    ['a time that is no number', ['--minutes', 'x'], '--minutes must be from 0.1 to 120'],
    ['an empty time', ['--minutes', ' '], '--minutes must be from 0.1 to 120'],
    ['half a seed', ['--seed', '0.5'], '--seed must be a whole number'],
    ['an empty seed', ['--seed', ''], '--seed must be a whole number'],
    ['one SDK', ['--sdks', '1'], '--sdks must be a whole number from 2 to 1000'],
    ['half a writer', ['--writers', '1.5'], '--writers must be a whole number from 1 to 100'],
    ['no writer', ['--writers', '0'], '--writers must be a whole number from 1 to 100'],
    ['an option that there is not', ['--fast'], '--fast'],
    ['an argument that is no option', ['fast'], 'fast'],
  ])('are refused with %s', (_name, args, problem) => {
    expect(readArguments(args)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('are explained', () => {
    expect(readArguments(['--help'])).toBe('help');
    for (const option of ['--minutes', '--seed', '--sdks', '--writers']) expect(HELP).toContain(option);
  });
});

describe('what a stream of the chaos was sent', () => {
  const data = (eventType: string, ...flags: readonly (readonly [key: string, version: number])[]): PushedData => ({
    eventType,
    featureFlags: flags.map(([key, version]) => ({
      key,
      variations: [{ value: `at ${version}` }],
      updatedAt: new Date(version).toISOString(),
    })),
  });
  type Message = readonly [data: PushedData, isAnswer: boolean];
  const taken = (...messages: readonly Message[]) => {
    const received = new Received();
    for (const [message, isAnswer] of messages) received.take(message, isAnswer);
    return received;
  };

  it.each<[what: string, messages: readonly Message[], disorder: readonly string[]]>([
    [
      'everything, then pushes that grow',
      [
        [data('full', ['a', 5], ['b', 4]), true],
        [data('patch', ['a', 6]), false],
      ],
      [],
    ],
    [
      'nothing new after it has come back',
      [
        [data('full', ['a', 5]), true],
        [data('patch'), true],
      ],
      [],
    ],
    [
      'everything once more after it has come back',
      [
        [data('full', ['a', 5]), true],
        [data('full', ['a', 5]), true],
      ],
      [],
    ],
    [
      'what it has had, as a push',
      [
        [data('full', ['a', 5]), true],
        [data('patch', ['a', 5]), false],
      ],
      ['a 5 after 5'],
    ],
    [
      'something older, as a push',
      [
        [data('full', ['a', 5]), true],
        [data('patch', ['b', 3]), false],
      ],
      ['b 3 after 5'],
    ],
    [
      'what it has had, when it has come back',
      [
        [data('full', ['a', 5]), true],
        [data('patch', ['a', 5]), true],
      ],
      ['a 5 after 5'],
    ],
    [
      'everything, as a push',
      [
        [data('full', ['a', 5]), true],
        [data('full', ['a', 5]), false],
      ],
      ['a 5 after 5'],
    ],
    [
      'less than it had',
      [
        [data('full', ['a', 5]), true],
        [data('full', ['a', 4]), true],
      ],
      ['everything up to 4 after 5'],
    ],
    [
      'nothing in the place of what it had',
      [
        [data('full', ['a', 5]), true],
        [data('full'), true],
      ],
      ['everything up to 0 after 5'],
    ],
  ])('is judged: %s', (_what, messages, disorder) => {
    expect(taken(...messages).disorder).toEqual(disorder);
  });

  it('is what it holds, and the version from which it goes on', () => {
    const received = taken([data('full', ['a', 5], ['b', 4]), true], [data('patch', ['a', 6]), false]);
    expect([received.changeOf('a'), received.changeOf('b'), received.changeOf('c'), received.cursor]).toEqual([
      ...['at 6', 'at 4', undefined, 6],
    ]);
  });
});

describe('an event that a page hears of', () => {
  it.each([
    ['a change', 'id: 17\nevent: change\ndata: {"kind":"flag","key":"f","version":17}', 17],
    ['a sign of life', ':', undefined],
    ['something else', 'event: connections\ndata: {"count":3}', undefined],
  ])('has a version when it is about a change: %s', (_what, event, version) => {
    expect(versionIn(event)).toBe(version);
  });
});

describe('the verdict on the chaos', () => {
  /** A run in which all was well. */
  function findings(given: Partial<Findings> = {}): Findings {
    const ledger = new Ledger();
    for (const change of [1, 2]) ledger.changes.acknowledged.add(change);
    ledger.refused(3, '503 The database does not answer.', 2_499);
    ledger.changes.unknown.add(4);
    ledger.insights.acknowledged = 10;
    ledger.insights.unknown = 2;
    const quiet = {
      answered: [4],
      toStreams: [5, 250],
      toPages: [6],
      takenHere: [0, 0],
      refusedThere: [3],
      endedThere: [4],
      ownDelay: 1,
    };
    const rest = { counted: 11, disorder: [], inSync: 9_000, behind: 0 };
    return { quiet, faults: new Map([['a fault', 2]]), ledger, applied: new Set([1, 2, 4]), ...rest, ...given };
  }

  /** What was sent, with one more that was refused. */
  function refusing(change: number, time: number): Ledger {
    const ledger = new Ledger();
    Object.assign(ledger, findings().ledger);
    ledger.refused(change, 'no center was there', time);
    ledger.doubted('no answer: ECONNRESET');
    return ledger;
  }

  it('says why changes were refused, how often, how long that took at most, and why nobody knows', () => {
    const lines = linesOf(findings({ ledger: refusing(5, 7) })).filter(({ what }) => what.startsWith('  '));
    expect(lines).toEqual([
      { what: '  503 The database does not answer.', figure: 'p50 2499 ms, p99 2499 ms, at most 2499 ms (1)' },
      { what: '  no center was there', figure: 'p50 7.0 ms, p99 7.0 ms, at most 7.0 ms (1)' },
      { what: '  unknown: no answer: ECONNRESET', figure: '1' },
    ]);
  });

  const failedIn = (given: Findings) => linesOf(given).flatMap(({ what, good }) => (good === false ? [what] : []));

  it('is good when every promise was kept', () => {
    expect(failedIn(findings())).toEqual([]);
    expect(linesOf(findings()).map(({ figure }) => figure)).toContain('p50 5.0 ms, p99 250 ms, at most 250 ms (2)');
  });

  const quiet = findings().quiet;
  it.each<[promise: string, given: Partial<Findings>]>([
    ['acknowledged changes that were lost', { applied: new Set([1, 4]) }],
    ['refused changes that were made', { applied: new Set([1, 2, 3]) }],
    ['versions that did not grow in a stream', { disorder: ['a 5 after 5'] }],
    ['everybody in sync after the last fault', { inSync: 10_001 }],
    ['everybody in sync after the last fault', { behind: 1 }],
    ['insights acknowledged, refused, unknown; counted', { counted: 9 }],
    ['insights acknowledged, refused, unknown; counted', { counted: 13 }],
    ['change at one center → SDK stream at the other', { quiet: { ...quiet, toStreams: [251] } }],
    ['change at one center → page at the other', { quiet: { ...quiet, toPages: [6, 251] } }],
    ['requests with a revoked token, taken by the center that revoked it', { quiet: { ...quiet, takenHere: [0, 1] } }],
    [
      'token revoked at one center → refused by the other',
      { quiet: { ...quiet, refusedThere: [Number.POSITIVE_INFINITY] } },
    ],
    ['token revoked at one center → its events end at the other', { quiet: { ...quiet, endedThere: [300] } }],
    ['changes acknowledged, refused, unknown', { ledger: new Ledger(), counted: 0 }],
    ['answers that refuse a change', { ledger: refusing(5, 2_501) }],
  ])('is bad when one was not: %s', (promise, given) => {
    expect(failedIn(findings(given))).toEqual([promise]);
  });

  it.each([
    [[], 0.5, Number.POSITIVE_INFINITY],
    [[3, 1, 2], 0.5, 2],
    [[3, 1, 2], 1, 3],
    [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
  ])('takes of %j at %d the time %d', (times, share, expected) => {
    expect(quantile(times, share)).toBe(expected);
  });
});

describe('the faults of the chaos', () => {
  it('are of the database, of its connections and of the centers, each with a name of its own', () => {
    const titles = FAULTS.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const what of [/^PostgreSQL/, /connection/, /^center/])
      expect(titles.some((title) => what.test(title))).toBe(true);
  });
});
