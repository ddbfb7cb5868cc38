import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { explainFlag, explainFlags } from '../../src/evaluation/explain.js';
import { CompiledEnvironment } from '../../src/live/compiled-environment.js';
import type { StoredDocument } from '../../src/model/document.js';
import { aFlag, aRule, aSegment, everybody } from '../support/documents.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';

/** A flag as the center keeps it. */
function flag(key: string, version: number, overrides: Record<string, unknown> = {}): StoredDocument {
  const reading = readFlag(aFlag(overrides), key);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return aDocument(key, version, { id: key, ...reading.document });
}

const segment = (key: string, version: number, overrides: Record<string, unknown> = {}) =>
  aDocument(key, version, { name: key, rules: [], ...aSegment(overrides) }, 'segment');

const compiled = (...documents: readonly StoredDocument[]) =>
  new CompiledEnvironment('e', new FakeChangeLog(...documents)).current();

const FROM_NZ = { property: 'country', op: 'Equal', value: 'nz' };
const GROWN_UP = { property: 'age', op: 'BiggerEqualThan', value: '18' };

/** One that the judge lets in no more: its variation is not there. */
const BROKEN = aDocument('broken', 3, {
  ...JSON.parse(flag('broken', 3).text),
  fallthrough: { dispatchKey: null, includedInExpt: false, variations: everybody('gone') },
});

const said = (verdict: string, seen: object) => ({ verdict, ...seen });

describe('the explanation of a flag', () => {
  it.each<[string, Record<string, unknown>, object]>([
    [
      'that is on for everybody',
      {},
      { decidedBy: 'fallthrough', reason: 'Fallthrough', variationId: 'on', value: 'true' },
    ],
    ['that is off', { isEnabled: false }, { decidedBy: 'off', reason: 'Off', variationId: 'off', value: 'false' }],
    [
      'that names the user',
      { targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] },
      { decidedBy: 'target', reason: 'TargetMatch', variationId: 'off' },
    ],
    [
      'with a rule',
      { rules: [aRule(FROM_NZ, 'off')] },
      { decidedBy: 'rule', rule: 0, reason: 'RuleMatch', variationId: 'off' },
    ],
    [
      'whose second rule holds',
      { rules: [aRule({ ...FROM_NZ, value: 'fr' }), aRule(GROWN_UP, 'off')] },
      { decidedBy: 'rule', rule: 1, reason: 'RuleMatch', variationId: 'off' },
    ],
    [
      'none of whose rules holds',
      { rules: [aRule({ ...FROM_NZ, value: 'fr' }, 'off')] },
      { decidedBy: 'fallthrough', reason: 'Fallthrough', variationId: 'on' },
    ],
  ])('%s says which part decided, and what is served', async (_, overrides, expected) => {
    const flags = await compiled(flag('f', 7, overrides));
    const explanation = explainFlag(flags, 'f', { key: 'ada', country: 'nz', age: 30 });
    expect(explanation).toMatchObject({ key: 'f', version: 7, variationType: 'boolean', ...expected });
    expect('rule' in (explanation ?? {})).toBe('rule' in expected);
    expect(explanation).not.toHaveProperty('failure');
  });

  it.each<[string, StoredDocument]>([
    ['that there is not', flag('other', 1)],
    ['with another case', flag('F', 1)],
    ['that is archived', flag('f', 1, { isArchived: true })],
  ])('%s is none', async (_, document) => {
    expect(explainFlag(await compiled(document), 'f', { key: 'ada' })).toBeUndefined();
  });

  it('that fails has no value, and says why', async () => {
    const explanation = explainFlag(await compiled(BROKEN), 'broken', { key: 'ada' });
    expect(explanation).toMatchObject({ variationId: null, value: null, reason: 'Error', decidedBy: 'fallthrough' });
    expect(explanation?.failure).toBe('the fallthrough rolls out a variation that does not exist');
  });

  it.each<[string, Record<string, unknown>, { readonly verdict: string }]>([
    ['an attribute', { country: 'nz' }, said('holds', { text: 'nz' })],
    ['another value', { country: 'fr' }, said('does-not-hold', { text: 'fr' })],
    ['no such attribute', {}, said('does-not-hold', { obstacle: 'attribute-absent' })],
  ])('of a condition with %s says what was seen', async (_, attributes, seen) => {
    const flags = await compiled(flag('f', 1, { rules: [aRule(FROM_NZ)] }));
    const [rule] = explainFlag(flags, 'f', { key: 'ada', ...attributes })?.rules ?? [];
    const condition = { about: 'attribute', attribute: 'country', op: 'Equal', counted: true, ...seen };
    expect(rule?.conditions).toEqual([condition]);
    expect(rule?.verdict).toBe(condition.verdict);
  });

  it('tells conditions behind the first that does not hold, but does not count them', async () => {
    const rule = { conditions: [{ ...FROM_NZ, value: 'fr' }, GROWN_UP], variations: everybody('off') };
    const flags = await compiled(flag('f', 1, { rules: [rule, aRule(FROM_NZ)] }));
    const rules = explainFlag(flags, 'f', { key: 'ada', country: 'nz', age: '30' })?.rules ?? [];
    expect(rules.map(({ verdict, conditions }) => [verdict, conditions.map(({ counted }) => counted)])).toEqual([
      ['does-not-hold', [true, false]],
      ['holds', [true]],
    ]);
  });

  it.each<[string, contains: boolean, decidedBy: string]>([
    ['u1', true, 'included'],
    ['u2', false, 'excluded'],
    ['u3', false, 'no-rule'],
  ])('for %s says whether the segment contains it: %s, by %s', async (key, contains, decidedBy) => {
    const inside = aRule({ property: 'User is in segment', op: null, value: '["staff"]' }, 'off');
    const flags = await compiled(segment('staff', 1), flag('f', 2, { rules: [inside] }));
    const explanation = explainFlag(flags, 'f', { key });
    expect(explanation?.segments).toEqual([{ id: 'staff', contains, decidedBy, rules: [] }]);
    expect(explanation?.rules[0]?.conditions).toEqual([
      {
        ...{ about: 'segments', whenInside: true, ids: ['staff'], counted: true },
        verdict: contains ? 'holds' : 'does-not-hold',
      },
    ]);
    expect(explanation?.variationId).toBe(contains ? 'off' : 'on');
  });

  it('cuts what is long of the user, and only what is shown: the bucket is that of the whole', async () => {
    const half = [
      { id: 'on', rollout: [0, 0.5], exptRollout: 1 },
      { id: 'off', rollout: [0.5, 1], exptRollout: 1 },
    ];
    const overrides = {
      rules: [aRule({ property: 'country', op: 'Equal', value: 'x' })],
      fallthrough: { variations: half },
    };
    const flags = await compiled(flag('f', 1, overrides));
    const long = 'k'.repeat(500);
    const [one, other] = ['a', 'b'].map((end) =>
      explainFlag(flags, 'f', { key: long + end, country: `${'n'.repeat(198)}😀😀` }),
    );
    expect(one?.rollout?.text).toBe(`${'k'.repeat(199)}…`);
    expect(one?.rollout?.text).toBe(other?.rollout?.text);
    expect(one?.rollout?.bucket).not.toBe(other?.rollout?.bucket);
    expect(one?.rules[0]?.conditions[0]).toMatchObject({ text: `${'n'.repeat(198)}…` });
  });

  it('of a flag that divides nobody has no rollout when a target decided', async () => {
    const flags = await compiled(flag('f', 1, { targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] }));
    expect(explainFlag(flags, 'f', { key: 'ada' })?.rollout).toBeNull();
    expect(explainFlag(flags, 'f', { key: 'bob' })?.rollout).toMatchObject({
      intervals: [{ low: 0, high: 1, variationId: 'on' }],
      interval: 0,
    });
  });
});

describe('the explanation of all flags', () => {
  it('has them by key, without archived ones, and a failure where one fails', async () => {
    const flags = await compiled(flag('b', 1), flag('a', 2), BROKEN, flag('gone', 4, { isArchived: true }));
    const explained = await explainFlags(flags, { key: 'ada' });
    expect(explained.map(({ key, variationId, reason }) => [key, variationId, reason])).toEqual([
      ['a', 'on', 'Fallthrough'],
      ['b', 'on', 'Fallthrough'],
      ['broken', null, 'Error'],
    ]);
  });

  it('says of each what its own explanation says', async () => {
    const flags = await compiled(
      flag('off', 1, { isEnabled: false }),
      flag('rule', 2, { rules: [aRule(FROM_NZ, 'off')] }),
      BROKEN,
    );
    for (const country of ['nz', 'fr']) {
      const user = { key: 'ada', country };
      for (const one of await explainFlags(flags, user)) expect(explainFlag(flags, one.key, user)).toMatchObject(one);
    }
  });

  it('is none of an environment without flags', async () => {
    expect(await explainFlags(await compiled(), { key: 'ada' })).toEqual([]);
  });
});
