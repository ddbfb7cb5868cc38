import { describe, expect, it } from 'vitest';
import { decodeFlag, decodeSegment } from '../../src/protocol/documents.js';
import { must } from '../support/must.js';
import { everybody, wireFlag, wireRule, wireSegment } from '../support/wire.js';

type JsonType = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'null' | 'missing';
type Path = readonly (string | number)[];

const SAMPLES: Readonly<Record<Exclude<JsonType, 'missing'>, readonly unknown[]>> = {
  string: ['', 'true', '[]', '0'],
  number: [0, 1, -1],
  boolean: [true, false],
  array: [[], ['a']],
  object: [{}],
  null: [null],
};

/** A flag with one of everything, so that every field has a place to be damaged in. */
function richFlag(): unknown {
  return wireFlag('rich', 'on', {
    targetUsers: [{ keyIds: ['ada'], variationId: 'v-on' }],
    rules: [{ ...wireRule([{ property: 'country', op: 'Equal', value: 'NL' }]), dispatchKey: 'team' }],
    fallthrough: { ...everybody('v-on'), dispatchKey: null },
  });
}

function richSegment(): unknown {
  return wireSegment('rich', ['ada'], {
    excluded: ['bob'],
    rules: [{ conditions: [{ property: 'country', op: 'Equal', value: 'NL' }] }],
  });
}

/** Every field that evaluation needs, with the JSON types that it may have. Everything else is refused. */
const FLAG_FIELDS: readonly (readonly [Path, readonly JsonType[]])[] = [
  [['key'], ['string']],
  [['updatedAt'], ['string']],
  [['isArchived'], ['boolean']],
  [['isEnabled'], ['boolean']],
  [['variationType'], ['string']],
  [['disabledVariationId'], ['string']],
  [['exptIncludeAllTargets'], ['boolean']],
  [['variations'], ['array']],
  [['variations', 0], ['object']],
  [['variations', 0, 'id'], ['string']],
  [['variations', 0, 'value'], ['string']],
  [['targetUsers'], ['array']],
  [['targetUsers', 0], ['object']],
  [['targetUsers', 0, 'variationId'], ['string']],
  [['targetUsers', 0, 'keyIds'], ['array']],
  [['targetUsers', 0, 'keyIds', 0], ['string']],
  [['rules'], ['array']],
  [['rules', 0], ['object']],
  [
    ['rules', 0, 'dispatchKey'],
    ['string', 'null', 'missing'],
  ],
  [['rules', 0, 'includedInExpt'], ['boolean']],
  [['rules', 0, 'conditions'], ['array']],
  [['rules', 0, 'conditions', 0], ['object']],
  [
    ['rules', 0, 'conditions', 0, 'property'],
    ['string', 'null', 'missing'],
  ],
  [
    ['rules', 0, 'conditions', 0, 'op'],
    ['string', 'null', 'missing'],
  ],
  [
    ['rules', 0, 'conditions', 0, 'value'],
    ['string', 'null', 'missing'],
  ],
  [['rules', 0, 'variations'], ['array']],
  [['rules', 0, 'variations', 0], ['object']],
  [['rules', 0, 'variations', 0, 'id'], ['string']],
  [['rules', 0, 'variations', 0, 'rollout'], []],
  [['rules', 0, 'variations', 0, 'rollout', 0], ['number']],
  [['rules', 0, 'variations', 0, 'rollout', 1], ['number']],
  [['rules', 0, 'variations', 0, 'exptRollout'], ['number']],
  [['fallthrough'], ['object']],
  [
    ['fallthrough', 'dispatchKey'],
    ['string', 'null', 'missing'],
  ],
  [['fallthrough', 'includedInExpt'], ['boolean']],
  [['fallthrough', 'variations'], ['array']],
  [['fallthrough', 'variations', 0], ['object']],
  [['fallthrough', 'variations', 0, 'id'], ['string']],
  [['fallthrough', 'variations', 0, 'rollout'], []],
  [['fallthrough', 'variations', 0, 'rollout', 0], ['number']],
  [['fallthrough', 'variations', 0, 'rollout', 1], ['number']],
  [['fallthrough', 'variations', 0, 'exptRollout'], ['number']],
];

const SEGMENT_FIELDS: readonly (readonly [Path, readonly JsonType[]])[] = [
  [['id'], ['string']],
  [['updatedAt'], ['string']],
  [['isArchived'], ['boolean']],
  [['included'], ['array']],
  [['included', 0], ['string']],
  [['excluded'], ['array']],
  [['excluded', 0], ['string']],
  [['rules'], ['array']],
  [['rules', 0], ['object']],
  [['rules', 0, 'conditions'], ['array']],
  [['rules', 0, 'conditions', 0], ['object']],
  [
    ['rules', 0, 'conditions', 0, 'property'],
    ['string', 'null', 'missing'],
  ],
  [
    ['rules', 0, 'conditions', 0, 'op'],
    ['string', 'null', 'missing'],
  ],
  [
    ['rules', 0, 'conditions', 0, 'value'],
    ['string', 'null', 'missing'],
  ],
];

interface Damage {
  readonly name: string;
  readonly path: Path;
  /** What stands there instead; `undefined` when the field is missing. */
  readonly value: unknown;
}

/** Everything that a field may not be: missing, null and samples of each wrong type. */
function damages(fields: typeof FLAG_FIELDS): Damage[] {
  return fields.flatMap(([path, allowed]) => {
    const at = path.join('.');
    const wrong = Object.entries(SAMPLES).filter(([type]) => !allowed.some((one) => one === type));
    const values = wrong.flatMap(([, samples]) =>
      samples.map((value) => ({ name: `${at} = ${JSON.stringify(value)}`, path, value })),
    );
    return allowed.includes('missing') ? values : [...values, { name: `${at} missing`, path, value: undefined }];
  });
}

function damaged(entity: unknown, { path, value }: Damage): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(entity));
  let holder = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  const last = must(path.at(-1));
  if (value !== undefined) holder[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1, undefined);
  else delete holder[last];
  return copy;
}

describe('a flag', () => {
  it('with all its fields is accepted, as the same object', () => {
    const flag = richFlag();
    const result = decodeFlag(flag);
    expect(result.ok && result.document).toBe(flag);
  });

  it.each(damages(FLAG_FIELDS))('is refused with $name', (damage) => {
    const result = decodeFlag(damaged(richFlag(), damage));
    expect(result.ok).toBe(false);
    // The problem says where: the field, or the list that it is an item of.
    const named = damage.path.findLast((step) => typeof step === 'string');
    expect(result.ok ? '' : result.problem).toContain(named);
  });

  it.each<[string, unknown]>([
    [
      'a dispatch key that is missing',
      damaged(richFlag(), { name: '', path: ['rules', 0, 'dispatchKey'], value: undefined }),
    ],
    ['a condition of nothing', damaged(richFlag(), { name: '', path: ['rules', 0, 'conditions', 0], value: {} })],
    ['no variations, targets and rules', wireFlag('bare', 'on', { variations: [] })],
    ['an unknown variation type', wireFlag('odd', 'on', { variationType: 'colour' })],
    ['unknown fields', { ...wireFlag('more'), tags: null, envId: 1, future: { any: 'thing' } }],
    [
      'a rollout outside of [0,1]',
      wireFlag('wide', 'on', {
        fallthrough: { includedInExpt: false, variations: [{ id: 'v-on', rollout: [-1, 2], exptRollout: 5 }] },
      }),
    ],
  ])('is accepted with %s', (_name, flag) => {
    expect(decodeFlag(flag).ok).toBe(true);
  });

  it.each<[string, unknown]>([
    ['one number', [0]],
    ['three numbers', [0, 0.5, 1]],
    ['a text for a number', [0, '1']],
    ['null for a number', [null, 1]],
    ['NaN', [0, Number.NaN]],
    ['an infinite end', [0, Number.POSITIVE_INFINITY]],
    ['a hole', Object.assign([], { 1: 1 })],
  ])('is refused with a rollout of %s', (_name, rollout) => {
    const flag = damaged(richFlag(), { name: '', path: ['fallthrough', 'variations', 0, 'exptRollout'], value: 1 });
    (flag as { fallthrough: { variations: { rollout: unknown }[] } }).fallthrough.variations[0] = {
      ...must(everybody('v-on').variations[0]),
      rollout,
    };
    expect(decodeFlag(flag)).toEqual({
      ok: false,
      path: ['fallthrough', 'variations', 0, 'rollout'],
      problem: 'fallthrough.variations[0].rollout: expected exactly two finite numbers',
    });
  });

  it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])('is refused with an exptRollout of %s', (exptRollout) => {
    const variations = [{ id: 'v-on', rollout: [0, 1] as const, exptRollout }];
    expect(decodeFlag(wireFlag('x', 'on', { fallthrough: { includedInExpt: true, variations } })).ok).toBe(false);
  });

  it.each(['', ' ', '\t\n'])('is refused with the blank key %j', (key) => {
    expect(decodeFlag(wireFlag(key))).toEqual({ ok: false, path: ['key'], problem: 'key: blank' });
  });
});

describe('a segment', () => {
  it('with all its fields is accepted, as the same object', () => {
    const segment = richSegment();
    const result = decodeSegment(segment);
    expect(result.ok && result.document).toBe(segment);
  });

  it.each(damages(SEGMENT_FIELDS))('is refused with $name', (damage) => {
    const result = decodeSegment(damaged(richSegment(), damage));
    expect(result.ok).toBe(false);
    const named = damage.path.findLast((step) => typeof step === 'string');
    expect(result.ok ? '' : result.problem).toContain(named);
  });

  it('is refused with a blank id', () => {
    expect(decodeSegment(wireSegment('  '))).toEqual({ ok: false, path: ['id'], problem: 'id: blank' });
  });

  it('is accepted with unknown fields', () => {
    expect(decodeSegment({ ...wireSegment('s'), key: null, future: [] }).ok).toBe(true);
  });
});

describe('what is no entity at all', () => {
  it.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['string', 'flag'],
    ['number', 5],
    ['boolean', true],
    ['array', []],
  ])('is refused: %s', (type, input) => {
    expect(decodeFlag(input)).toEqual({ ok: false, path: [], problem: `expected an object, got ${type}` });
    expect(decodeSegment(input)).toEqual({ ok: false, path: [], problem: `expected an object, got ${type}` });
  });
});

it('a problem never shows a value, only where it is and of what type', () => {
  for (const [path] of FLAG_FIELDS) {
    for (const value of ['MARKED', ['MARKED'], { MARKED: 'MARKED' }]) {
      const result = decodeFlag(damaged(richFlag(), { name: '', path, value }));
      expect(result.ok ? '' : result.problem).not.toContain('MARKED');
    }
  }
});
