import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluatedFlag } from '../../src/api/answers.js';
import { readFlag } from '../../src/documents/flag.js';
import { evaluateFlags } from '../../src/evaluation/evaluate.js';
import { CompiledEnvironment } from '../../src/live/compiled-environment.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import type { StoredDocument } from '../../src/model/document.js';
import { aFlag, aRule } from '../support/documents.js';
import { aDocument, closedGate, FakeChangeLog } from '../support/fake-change-log.js';
import { check } from '../support/property.js';

/** A flag as it is kept: complete, as the judge leaves it. */
function flag(key: string, version: number, overrides: Record<string, unknown> = {}) {
  const reading = readFlag(aFlag(overrides), key);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return aDocument(key, version, { id: key, ...reading.document });
}
const off = (key: string, version: number) => flag(key, version, { isEnabled: false });
const segment = (key: string, version: number, included: readonly string[]) =>
  aDocument(key, version, { included, excluded: [], rules: [] }, 'segment');

function following(log: FakeChangeLog) {
  const environment = new CompiledEnvironment('e', log);
  log.watch((commit) => environment.take(commit));
  log.watchRemovals((removal) => environment.remove(removal));
  /** The value of each flag for a user. */
  const values = async (userKey = 'u') => {
    const results = evaluateFlags(await environment.current(), { key: userKey }, { tagFilterMode: 'and' });
    return Object.fromEntries([...results].map(({ key, variation }: EvaluatedFlag) => [key, variation.value]));
  };
  return { environment, values };
}

describe('a compiled environment', () => {
  it('is read once, however often and by however many it is asked for', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const { environment, values } = following(log);
    expect(log.reads).toEqual([]);
    const [one, other] = await Promise.all([environment.current(), environment.current()]);
    expect(one).toBe(other);
    for (let count = 0; count < 5; count++) expect(await values()).toEqual({ a: 'true' });
    expect(log.reads).toEqual(['everything of e']);
  });

  it('follows the commits without reading again', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const { values } = following(log);
    await values();
    log.commit(off('a', 2));
    log.commit(flag('b', 3));
    expect(await values()).toEqual({ a: 'false', b: 'true' });
    log.commit(flag('b', 4, { isArchived: true }));
    expect(await values()).toEqual({ a: 'false', b: null });
    expect(log.reads).toHaveLength(1);
  });

  it('forgets what is removed, during a reading too, and takes what comes under its key later', async () => {
    const archived = flag('a', 1, { isArchived: true });
    const log = new FakeChangeLog(archived, flag('b', 2));
    const { gate, open } = closedGate();
    const { values } = following(log);
    expect(await values()).toEqual({ a: null, b: 'true' });
    log.remove(archived);
    expect(await values()).toEqual({ b: 'true' });
    const late = new FakeChangeLog(archived, flag('b', 2));
    const other = following(late);
    late.gate = gate;
    const reading = other.values();
    open();
    late.remove(archived);
    expect(await reading).toEqual({ b: 'true' });
    late.commit(flag('a', 3));
    expect(await other.values()).toEqual({ a: 'true', b: 'true' });
  });

  it('follows segments that its flags use', async () => {
    const rules = [{ id: 'r', ...aRule({ property: 'User is in segment', op: null, value: '["vip"]' }, 'off') }];
    const log = new FakeChangeLog(flag('a', 1, { rules }), segment('vip', 2, []));
    const { values } = following(log);
    expect(await values('ada')).toEqual({ a: 'true' });
    log.commit(segment('vip', 3, ['ada']));
    expect(await values('ada')).toEqual({ a: 'false' });
    expect(await values('bob')).toEqual({ a: 'true' });
  });

  it('compiles nothing before somebody asks', async () => {
    const log = new FakeChangeLog();
    const { environment, values } = following(log);
    environment.take({ ...flag('a', 1), text: 'not JSON: it would throw' });
    log.keepQuietly(flag('a', 2));
    expect(await values()).toEqual({ a: 'true' });
  });

  it('keeps a commit that overtakes the reading of everything', async () => {
    const log = new FakeChangeLog(flag('a', 1), flag('b', 2));
    const { values } = following(log);
    const { gate, open } = closedGate();
    log.gate = gate;
    const first = values();
    // Reported while everything is being read; what is read is older.
    log.report(off('a', 3));
    open();
    expect(await first).toEqual({ a: 'false', b: 'true' });
  });

  it('does not go back when a commit is reported that it has read already', async () => {
    const log = new FakeChangeLog(off('a', 5));
    const { environment, values } = following(log);
    await values();
    for (const document of [flag('a', 4, { tags: ['old'] }), off('a', 5)]) {
      log.report(document);
      expect(await values()).toEqual({ a: 'false' });
      expect((await environment.current()).facts.get('a')).toMatchObject({ version: 5, tags: [] });
    }
  });

  it('that could not be read is read by the next who asks, with what was committed meanwhile', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const { values } = following(log);
    log.failure = new Error('on purpose');
    await expect(values()).rejects.toThrow('on purpose');
    log.commit(flag('b', 2));
    expect(await values()).toEqual({ a: 'true', b: 'true' });
    expect(log.reads).toHaveLength(2);
  });

  it('keeps what a filter needs of each flag', async () => {
    const log = new FakeChangeLog(flag('a', 1, { tags: ['web'], variationType: 'string' }), segment('s', 2, []));
    const { environment } = following(log);
    expect([...(await environment.current()).facts]).toEqual([
      [
        'a',
        {
          key: 'a',
          version: 1,
          length: expect.any(Number),
          valuesVersion: 1,
          type: 'string',
          tags: ['web'],
          variations: [
            { id: 'on', value: 'true' },
            { id: 'off', value: 'false' },
          ],
          variationIds: new Set(['on', 'off']),
          ruleNames: [],
          segments: new Set(),
          toClients: 'visible',
        },
      ],
    ]);
  });
});

describe('the live environments', () => {
  it('are one each, and watch the log once for all', () => {
    const log = new FakeChangeLog();
    const live = new LiveEnvironments(log);
    expect(live.of('e')).toBe(live.of('e'));
    expect(live.of('other')).not.toBe(live.of('e'));
    expect(log.listeners).toBe(1);
  });

  it('take the commits of their own environment, as bytes and as flags', async () => {
    const log = new FakeChangeLog(flag('a', 1));
    const live = new LiveEnvironments(log);
    const [mine, other] = [live.of('e'), live.of('other')];
    const { store } = await mine.flags.current();
    log.commit(flag('b', 2));
    expect(mine.feed.next(1)).toMatchObject({ version: 2 });
    expect(other.feed.next(1)).toBeUndefined();
    expect(store.flag('b')).toBeDefined();
    log.commit(flag('c', 3), 'never asked for');
    expect(mine.feed.next(2)).toBeUndefined();
  });
});

describe('a compiled environment, whatever the order of commits and readings', () => {
  it('ends up as one that is read from nothing', async () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), isOff: fc.boolean(), isArchived: fc.boolean() });
    await check(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.nat(12), fc.boolean(), async (steps, readAt, isLate) => {
        const log = new FakeChangeLog();
        const { values } = following(log);
        const late: StoredDocument[] = [];
        for (const [index, { key, isOff, isArchived }] of steps.entries()) {
          if (index === readAt) await values();
          const document = flag(key, index + 1, { isEnabled: !isOff, isArchived });
          if (isLate && index % 2 === 0) {
            log.keepQuietly(document);
            late.push(document);
          } else {
            log.commit(document);
          }
        }
        for (const document of late.reverse()) log.report(document);
        const { documents } = await log.everything('e');
        expect(await values()).toEqual(await following(new FakeChangeLog(...documents)).values());
      }),
      100,
    );
  });
});
