import { Failure, Occasion } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { audienceOf } from '../../src/evaluation/audience.js';
import { matchReasonOf } from '../../src/evaluation/match-reason.js';
import { openFeatureFlag, openFeatureFlags } from '../../src/evaluation/openfeature-flags.js';
import { CompiledEnvironment } from '../../src/live/compiled-environment.js';
import type { StoredDocument } from '../../src/model/document.js';
import { aFlag, aRule, aSegment, everybody } from '../support/documents.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';

let version = 0;

/** A flag as the center keeps it. */
function flag(key: string, overrides: Record<string, unknown> = {}): StoredDocument {
  version += 1;
  const reading = readFlag(aFlag(overrides), key);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return aDocument(key, version, { id: key, ...reading.document });
}

function segment(key: string, overrides: Record<string, unknown> = {}): StoredDocument {
  version += 1;
  return aDocument(key, version, { name: key, rules: [], ...aSegment(overrides) }, 'segment');
}

const compiled = (...documents: readonly StoredDocument[]) =>
  new CompiledEnvironment('e', new FakeChangeLog(...documents)).current();

const sent = (keyId: string, attributes: Record<string, string> = {}) => ({
  keyId,
  name: keyId,
  customizedProperties: Object.entries(attributes).map(([name, value]) => ({ name, value })),
});

describe('who is left out of an experiment', () => {
  it.each([
    ['f', 'ada', true],
    ['f', 'bob', true],
    ['f', 'eve', false],
    ['f', 'Ada', false],
    ['f', '', false],
    ['g', 'ada', false],
    ['nope', 'ada', false],
  ])('because the flag %s names the user %j: %s', async (key, user, isTargeted) => {
    const targetUsers = [
      { keyIds: ['ada'], variationId: 'on' },
      { keyIds: ['bob'], variationId: 'off' },
    ];
    const audience = audienceOf(await compiled(flag('f', { targetUsers }), flag('g')));
    expect(audience.isTargeted(key, user)).toBe(isTargeted);
  });

  it.each<[segment: string, user: unknown, isIn: boolean]>([
    ['staff', sent('u1'), true],
    ['staff', sent('u2'), false],
    ['staff', sent('u3'), false],
    ['staff', sent('u3', { country: 'NZ' }), true],
    // Who is excluded by name is so whatever a rule says.
    ['staff', sent('u2', { country: 'NZ' }), false],
    ['nope', sent('u1'), false],
    ['staff', undefined, false],
    ['staff', null, false],
    ['staff', {}, false],
    ['staff', 'u1', false],
    ['staff', { keyId: '' }, false],
  ])('because the segment %s has the user %j: %s', async (id, user, isIn) => {
    const rules = [{ id: 'r', ...aRule({ property: 'country', op: 'Equal', value: 'NZ' }) }];
    const audience = audienceOf(await compiled(segment('staff', { rules })));
    expect(audience.isInSegment(id, user)).toBe(isIn);
  });
});

describe('why a variation was served', () => {
  const condition = (value: string) => ({ property: 'country', op: 'Equal', value });
  const rules = [
    { ...aRule(condition('NZ'), 'off'), name: 'the far ones' },
    { ...aRule(condition('FR'), 'on'), name: '' },
    {
      conditions: [condition('DE')],
      name: 'half of them',
      variations: [
        { id: 'on', rollout: [0, 0.5], exptRollout: 1 },
        { id: 'off', rollout: [0.5, 1], exptRollout: 1 },
      ],
    },
  ];
  const targetUsers = [{ keyIds: ['ada'], variationId: 'off' }];

  it.each<
    [string, Record<string, unknown>, user: Record<string, string>, names: string | null, neutral: string | null]
  >([
    ['the flag is off', { isEnabled: false }, { country: 'NZ' }, 'flag disabled', 'flag disabled'],
    ['the user is named', { targetUsers, rules }, { key: 'ada', country: 'NZ' }, 'targeted', 'targeted'],
    ['a rule holds', { rules }, { country: 'NZ' }, 'the far ones', 'rule match'],
    ['a rule without a name holds', { rules }, { country: 'FR' }, '', 'rule match'],
    ['a rule that divides users holds', { rules }, { country: 'DE' }, 'half of them', 'rule match'],
    ['nothing else holds', { rules }, { country: 'IT' }, 'default', 'default'],
  ])('because %s', async (_, overrides, user, names, neutral) => {
    const flags = await compiled(flag('f', overrides));
    const one = flags.store.flag('f');
    const facts = flags.facts.get('f');
    const served = one?.evaluate(new Occasion({ key: 'u9', ...user }, flags.store));
    if (one === undefined || facts === undefined || served === undefined || served instanceof Failure)
      throw new Error('not served');
    expect([matchReasonOf(one, served, facts, 'names'), matchReasonOf(one, served, facts, 'neutral')]).toEqual([
      names,
      neutral,
    ]);
  });
});

describe('a flag of OpenFeature', () => {
  const ADA = { key: 'ada' };

  it.each<[string, Record<string, unknown>, object]>([
    ['a truth', {}, { key: 'f', value: true, reason: 'UNKNOWN', variant: 'on' }],
    ['one that is off', { isEnabled: false }, { key: 'f', value: false, reason: 'DISABLED', variant: 'off' }],
    [
      'one for a named user',
      { targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] },
      { key: 'f', value: false, reason: 'TARGETING_MATCH', variant: 'off' },
    ],
    [
      'a number',
      {
        variationType: 'number',
        variations: [{ id: 'a', value: '1.5' }],
        disabledVariationId: 'a',
        fallthrough: { variations: everybody('a') },
      },
      { key: 'f', value: 1.5, reason: 'UNKNOWN', variant: 'a' },
    ],
    [
      'a text',
      {
        variationType: 'string',
        variations: [{ id: 'a', value: '"x"' }],
        disabledVariationId: 'a',
        fallthrough: { variations: everybody('a') },
      },
      { key: 'f', value: '"x"', reason: 'UNKNOWN', variant: 'a' },
    ],
    [
      'an object',
      {
        variationType: 'json',
        variations: [{ id: 'a', value: '{"b":[1]}' }],
        disabledVariationId: 'a',
        fallthrough: { variations: everybody('a') },
      },
      { key: 'f', value: { b: [1] }, reason: 'UNKNOWN', variant: 'a' },
    ],
  ])('is answered as %s', async (_, overrides, answer) => {
    const served = openFeatureFlag(await compiled(flag('f', overrides)), 'f', ADA, false);
    // With the comma that it has in a list.
    expect(served.kind === 'served' && JSON.parse(String(served.written.json.subarray(1)))).toEqual(answer);
  });

  it.each(['nope', '', 'F', '__proto__', 'constructor'])('that there is not, %j, is not found', async (key) => {
    expect(openFeatureFlag(await compiled(flag('f')), key, ADA, false)).toEqual({ kind: 'not-found' });
  });

  it('is one of all, by key, with a digest that is another one exactly when a value is', async () => {
    const flags = await compiled(
      flag('b'),
      flag('a', { targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] }),
      flag('c', { isEnabled: false }),
    );
    const ada = await openFeatureFlags(flags, ADA, false);
    const items = JSON.parse(`[${String(Buffer.concat(ada.parts)).slice(1)}]`);
    expect(items.map(({ key, value }: { key: string; value: boolean }) => [key, value])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
    const again = await openFeatureFlags(flags, { key: 'ada', name: 'another name' }, false);
    const bob = await openFeatureFlags(flags, { key: 'bob' }, false);
    expect([again.digest === ada.digest, bob.digest === ada.digest]).toEqual([true, false]);
  });

  it('of an environment without flags is none of them', async () => {
    const { parts, digest } = await openFeatureFlags(await compiled(), ADA, true);
    expect([parts, digest]).toEqual([[], expect.stringMatching(/^[\w-]{43}$/)]);
  });
});
