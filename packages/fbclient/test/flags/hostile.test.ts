import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Evaluator } from '../../src/evaluation/evaluator.js';
import { compileDataSync, compileDataSyncNow } from '../../src/flags/compile.js';
import { FlagStore } from '../../src/flags/store.js';
import { check } from '../support/property.js';
import { COMPILING } from '../support/store.js';
import { segmentFlag, wireFlag, wireRule, wireSegment } from '../support/wire.js';

// Documents come from a server, a file or a kept copy: whatever is in them, one stands alone.

const FLAG = segmentFlag('flag', ['seg'], {
  targetUsers: [{ keyIds: ['bob'], variationId: 'v-off' }],
  rules: [
    wireRule([
      { property: 'country', op: 'MatchRegex', value: '^N' },
      { property: 'User is in segment', op: null, value: '["seg"]' },
      { property: 'age', op: 'BiggerThan', value: '18' },
    ]),
  ],
});
const SEGMENT = wireSegment('seg', ['ada'], {
  rules: [{ conditions: [{ property: 'plan', op: 'IsOneOf', value: '["a"]' }] }],
});

function nested(depth: number): unknown {
  return JSON.parse(`${'{"a":['.repeat(depth)}1${']}'.repeat(depth)}`);
}

/** What may stand in the place of anything. */
const ODD = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 1e308, '', ' ', '\ud800', '__proto__', 'v-on', 'x'.repeat(100_000)),
  fc.constantFrom<unknown>({}, [], [[]], [null], [{}], ['a', 1], { length: 3 }, JSON.parse('{"__proto__":{"a":1}}')),
  fc.constantFrom('^(a+)+$', '[[:alpha:]]', '(?<!a', 'a{9}{9}', '["a",', '[1]', '[["a"]]', '1e999', 'Infinity'),
  fc.jsonValue(),
);

/** A document in which some values are replaced, by the number of their place in it. */
function damaged(document: unknown, damage: ReadonlyMap<number, unknown>): unknown {
  let place = 0;
  const copy = (value: unknown): unknown => {
    const at = place;
    place += 1;
    if (damage.has(at)) return damage.get(at);
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copy(part)]));
  };
  return copy(document);
}

/** Compiles, commits and evaluates. @returns what a good flag in the same message serves. */
function valueBeside(featureFlags: readonly unknown[], segments: readonly unknown[]): unknown {
  const store = new FlagStore();
  const good = wireFlag('good', 'fine');
  const data = { featureFlags: [...featureFlags, good], segments };
  for (const eventType of ['full', 'patch'] as const) {
    store.commit(compileDataSyncNow({ ...data, eventType }, COMPILING).changes);
  }
  const evaluator = new Evaluator(
    { store, status: { initialized: true }, defaults: new Map() },
    { served: (user, serving) => serving.sendToExperiment(user), failed: () => undefined },
  );
  for (const user of [
    { key: 'ada', country: 'NZ', age: 36, plan: 'a' },
    { key: 'bob' },
    { key: 'eve', country: 'N'.repeat(1_000) },
  ]) {
    JSON.stringify(evaluator.all(user));
    for (const { key } of store.activeFlags()) evaluator.value(key, user, null);
  }
  return evaluator.value('good', { key: 'ada' }, '');
}

describe('a document with anything in it', () => {
  it('harms neither the process nor the flag beside it', async () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: 60 }), ODD), { minLength: 1, maxLength: 4 });
    const property = fc.property(damage, damage, fc.boolean(), (ofFlag, ofSegment, isWhole) => {
      const flag = damaged(FLAG, new Map(ofFlag));
      const segment = damaged(isWhole ? SEGMENT : wireSegment('other'), new Map(ofSegment));
      expect(valueBeside([flag], [segment])).toBe('fine');
    });
    await check(property, 1_500);
  });

  it.each<[string, (unknown: unknown) => readonly [flags: readonly unknown[], segments: readonly unknown[]]]>([
    ['a flag', (unknown: unknown) => [[{ ...FLAG, unknown }], []]],
    ['a variation', (unknown: unknown) => [[{ ...FLAG, variations: [{ id: 'v-on', value: 'on', unknown }] }], []]],
    ['a flag’s key', (unknown: unknown) => [[{ ...FLAG, key: unknown }], []]],
    ['a list', (unknown: unknown) => [[{ ...FLAG, rules: unknown }], []]],
    ['a segment', (unknown: unknown) => [[FLAG], [{ ...SEGMENT, unknown }]]],
    ['the place of a flag', (unknown: unknown) => [[unknown], []]],
  ])('may be nested ten thousand deep in %s', (_name, documents) => {
    const [flags, segments] = documents(nested(10_000));
    expect(valueBeside(flags, segments)).toBe('fine');
  });
});

it('the faults of a message of damaged documents only are kept for the first hundred', () => {
  const featureFlags = Array.from({ length: 5_000 }, () => ({}));
  const steps = compileDataSync({ eventType: 'full', featureFlags, segments: [] }, COMPILING);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  expect(step.value.skipped.length).toBe(100);
  expect(step.value.skippedCount).toBe(5_000);
});
