import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeInsights, type InsightListener } from '../../src/insights/decode.js';
import { UnknownFlags } from '../../src/insights/unknown-flags.js';
import { FakeClock } from '../support/fake-clock.js';
import { check } from '../support/property.js';

const name = fc.stringMatching(/^[a-c]{1,2}$/);
const goodEvaluation = fc.record(
  { featureFlagKey: name, variation: fc.record({ id: name }), sendToExperiment: fc.boolean() },
  { requiredKeys: ['featureFlagKey', 'variation'] },
);
const whole = fc.integer({ min: -100, max: 100 });
const goodMetric = fc.record({ eventName: name, numericValue: fc.oneof(whole, whole.map(String)) });
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    5,
    'x',
    [],
    {},
    { featureFlagKey: 'a' },
    { eventName: 'a', numericValue: 'x' },
    { variation: { id: 'a' } },
  ),
  fc.jsonValue({ maxDepth: 1 }),
);
const list = <T>(good: fc.Arbitrary<T>) =>
  fc.option(fc.array(fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: junk }), { maxLength: 4 }), {
    nil: undefined,
  });
const item = fc.record({
  user: fc.oneof(
    fc.record({ keyId: name }),
    fc.constantFrom<unknown>(undefined, null, {}, { keyId: '' }, { keyId: 5 }),
  ),
  variations: list(goodEvaluation),
  metrics: list(goodMetric),
});

/** What is heard of each event. */
function hearing() {
  const heard: string[] = [];
  const listener: InsightListener = {
    evaluated: (place, user, { featureFlagKey, variation }) =>
      void heard.push(`${place} ${user.keyId} ${featureFlagKey}/${variation.id}`),
    measured: (place, user, { eventName, numericValue }) =>
      void heard.push(`${place} ${user.keyId} ${eventName}=${numericValue}`),
  };
  return { heard, listener };
}

const sum = (counts: readonly { readonly count: number }[]) => counts.reduce((total, { count }) => total + count, 0);

describe('insights of any kind', () => {
  it('are read without harm, whatever JSON they are', () =>
    check(
      fc.property(fc.array(fc.oneof(item, fc.jsonValue({ maxDepth: 3 })), { maxLength: 8 }), (body) => {
        const tally = decodeInsights(body);
        expect(tally).toBeDefined();
        expect(tally?.rejected).toBeGreaterThanOrEqual(0);
      }),
      200,
    ));

  it('are counted each once or rejected, and a listener hears of exactly those that are counted', () =>
    check(
      fc.property(fc.array(item, { maxLength: 8 }), (body) => {
        const { heard, listener } = hearing();
        const tally = decodeInsights(body, () => true, listener);
        if (tally === undefined) throw new Error('not read');
        expect(heard).toHaveLength(sum(tally.evaluations) + sum(tally.metrics));
        const known = body.filter(
          ({ user }) =>
            typeof (user as { keyId?: unknown } | null)?.keyId === 'string' && (user as { keyId: string }).keyId !== '',
        );
        const events = known.reduce(
          (total, { variations = [], metrics = [] }) => total + variations.length + metrics.length,
          0,
        );
        const identifications = known.filter(
          ({ variations, metrics }) => variations === undefined && metrics === undefined,
        );
        expect(heard.length + tally.rejected).toBe(events + (body.length - known.length));
        expect(tally.identifications).toBe(identifications.length);
      }),
      200,
    ));

  it('have places that are the same when the request comes again, and grow within it', () =>
    check(
      fc.property(fc.array(item, { maxLength: 8 }), (body) => {
        const [first, second] = [hearing(), hearing()];
        decodeInsights(body, () => true, first.listener);
        decodeInsights(structuredClone(body), () => true, second.listener);
        expect(second.heard).toEqual(first.heard);
        const places = first.heard.map((line) => Number(line.split(' ')[0]));
        expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
      }),
      100,
    ));

  it('of what is not served count for nobody, and everything else counts all the same', () =>
    check(
      fc.property(fc.array(item, { maxLength: 8 }), name, (body, served) => {
        const { heard, listener } = hearing();
        const tally = decodeInsights(body, (key) => key === served, listener);
        const all = decodeInsights(body);
        expect(tally?.evaluations.every(({ flagKey }) => flagKey === served)).toBe(true);
        expect(tally?.evaluations).toEqual(all?.evaluations.filter(({ flagKey }) => flagKey === served));
        expect(tally?.metrics).toEqual(all?.metrics);
        const refused = sum(all?.evaluations ?? []) - sum(tally?.evaluations ?? []);
        expect(tally?.rejected).toBe((all?.rejected ?? 0) + refused);
        expect(heard).toHaveLength(sum(tally?.evaluations ?? []) + sum(tally?.metrics ?? []));
      }),
      100,
    ));

  it('of one request are read up to ten thousand, items and events together', () => {
    const one = { user: { keyId: 'u' }, metrics: [{ eventName: 'e', numericValue: 1 }] };
    const body = Array.from({ length: 6_000 }, () => one);
    const tally = decodeInsights(body);
    expect([tally?.metrics[0]?.count, tally?.rejected]).toEqual([5_000, 1_000]);
    const many = decodeInsights([
      { user: { keyId: 'u' }, metrics: Array.from({ length: 10_001 }, () => one.metrics[0]) },
    ]);
    expect([many?.metrics[0]?.count, many?.rejected]).toEqual([9_999, 2]);
  });
});

describe('keys that no flag has', () => {
  const nobody = () => false;

  it('are counted with the time of the last one, the latest first', () => {
    const clock = new FakeClock();
    const unknown = new UnknownFlags(clock);
    expect(unknown.isEmpty('e')).toBe(true);
    for (const key of ['a', 'b', 'a']) {
      clock.time += 1;
      unknown.note('e', key);
    }
    expect(unknown.of('e', nobody)).toEqual([
      { key: 'a', count: 2, lastAt: clock.time },
      { key: 'b', count: 1, lastAt: clock.time - 1 },
    ]);
    expect([unknown.isEmpty('e'), unknown.isEmpty('f'), unknown.of('f', nobody)]).toEqual([false, true, []]);
  });

  it('are forgotten once a flag has them, and when it is asked for', () => {
    const unknown = new UnknownFlags(new FakeClock());
    for (const key of ['a', 'b']) unknown.note('e', key);
    expect(unknown.of('e', (key) => key === 'a').map(({ key }) => key)).toEqual(['b']);
    // Also when the flag is gone again: it was known meanwhile.
    expect(unknown.of('e', nobody).map(({ key }) => key)).toEqual(['b']);
    unknown.forget('e');
    expect([unknown.isEmpty('e'), unknown.of('e', nobody)]).toEqual([true, []]);
  });

  it('are the last hundred of an environment, and of the last fifty environments', () => {
    const unknown = new UnknownFlags(new FakeClock());
    for (let index = 0; index < 150; index++) unknown.note('e', `k${index}`);
    const keys = unknown.of('e', nobody).map(({ key }) => key);
    expect([keys.length, keys[0], keys.at(-1)]).toEqual([100, 'k149', 'k50']);
    for (let index = 0; index < 50; index++) unknown.note(`e${index}`, 'k');
    expect([unknown.isEmpty('e'), unknown.isEmpty('e0'), unknown.isEmpty('e49')]).toEqual([true, false, false]);
  });

  it('are not remembered when nobody could have made them', () => {
    const unknown = new UnknownFlags(new FakeClock());
    unknown.note('e', 'x'.repeat(257));
    expect(unknown.isEmpty('e')).toBe(true);
    unknown.note('e', 'x'.repeat(256));
    expect(unknown.of('e', nobody)).toHaveLength(1);
  });
});
