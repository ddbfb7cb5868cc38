import { compileDataSyncNow, decodeFlag, Failure, FlagStore, Occasion } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { readSeed } from '../../src/documents/seed.js';
import { readSegment } from '../../src/documents/segment.js';
import { aFlag, aRule, aSegment, everybody } from '../support/documents.js';

const condition = (op: unknown, value?: unknown, property: unknown = 'country') => ({ property, op, value });
const withCondition = (input: Record<string, unknown>) => aFlag({ rules: [aRule(input)] });
const withRollout = (...intervals: unknown[]) =>
  aFlag({ fallthrough: { variations: intervals.map((rollout) => ({ id: 'on', rollout })) } });
const withValue = (variationType: string, value: unknown) =>
  aFlag({
    variationType,
    variations: [{ id: 'v', value }],
    disabledVariationId: 'v',
    fallthrough: { variations: everybody('v') },
  });
const VALUE = 'rules[0].conditions[0].value';
const OP = 'rules[0].conditions[0].op';
const PROPERTY = 'rules[0].conditions[0].property';
const ROLLOUT = 'fallthrough.variations';

const LONE_SURROGATE = 'a\ud800';

type Refused = readonly [what: string, input: unknown, ...faults: string[]];

const REFUSED_FLAGS: readonly Refused[] = [
  ['null', null, 'wrong-type '],
  ['an array', [], 'wrong-type '],
  ['a text', 'flag', 'wrong-type '],
  [
    'an empty object',
    {},
    'missing variationType',
    'missing variations',
    'missing disabledVariationId',
    'missing fallthrough',
  ],
  ['another key than it is sent under', aFlag({ key: 'other' }), 'key-mismatch key'],
  ['a key that is a number', aFlag({ key: 1 }), 'wrong-type key', 'key-mismatch key'],
  ['an unknown variationType', withValue('date', '2025'), 'invalid-value variationType'],
  [
    'no variations',
    aFlag({ variations: [] }),
    'missing variations',
    'unknown-variation disabledVariationId',
    'unknown-variation fallthrough.variations[0].id',
  ],
  [
    'variations that are an object',
    aFlag({ variations: {} }),
    'wrong-type variations',
    'unknown-variation disabledVariationId',
    'unknown-variation fallthrough.variations[0].id',
  ],
  [
    'a variation that is null',
    aFlag({ variations: [{ id: 'on', value: 'true' }, { id: 'off', value: 'false' }, null] }),
    'wrong-type variations[2]',
  ],
  [
    'two variations of one id',
    aFlag({
      variations: [
        { id: 'on', value: 'true' },
        { id: 'off', value: 'false' },
        { id: 'on', value: 'true' },
      ],
    }),
    'duplicate-id variations[2].id',
  ],
  [
    'a blank variation id',
    aFlag({
      variations: [
        { id: 'on', value: 'true' },
        { id: 'off', value: 'false' },
        { id: ' ', value: 'true' },
      ],
    }),
    'blank variations[2].id',
  ],
  ['a value that is no string', withValue('boolean', true), 'wrong-type variations[0].value'],
  ['a boolean "yes"', withValue('boolean', 'yes'), 'invalid-value variations[0].value'],
  ['a boolean with a space', withValue('boolean', 'true '), 'invalid-value variations[0].value'],
  ['a hexadecimal number', withValue('number', '0x10'), 'invalid-value variations[0].value'],
  ['a number too large to be finite', withValue('number', '1e999'), 'invalid-value variations[0].value'],
  ['an empty number', withValue('number', ''), 'invalid-value variations[0].value'],
  ['JSON that is cut off', withValue('json', '{"a":'), 'invalid-value variations[0].value'],
  ['an empty JSON', withValue('json', ''), 'invalid-value variations[0].value'],
  ['an unknown disabledVariationId', aFlag({ disabledVariationId: 'nope' }), 'unknown-variation disabledVariationId'],
  ['a disabledVariationId that is null', aFlag({ disabledVariationId: null }), 'missing disabledVariationId'],
  ['isEnabled as text', aFlag({ isEnabled: 'true' }), 'wrong-type isEnabled'],
  ['isArchived as number', aFlag({ isArchived: 1 }), 'wrong-type isArchived'],
  ['exptIncludeAllTargets as text', aFlag({ exptIncludeAllTargets: 'no' }), 'wrong-type exptIncludeAllTargets'],
  ['tags with a number', aFlag({ tags: ['a', 1] }), 'wrong-type tags[1]'],
  ['a name that is a number', aFlag({ name: 5 }), 'wrong-type name'],
  [
    'a target of an unknown variation',
    aFlag({ targetUsers: [{ keyIds: ['u'], variationId: 'nope' }] }),
    'unknown-variation targetUsers[0].variationId',
  ],
  ['a target without keys', aFlag({ targetUsers: [{ variationId: 'on' }] }), 'missing targetUsers[0].keyIds'],
  [
    'a target key that is a number',
    aFlag({ targetUsers: [{ keyIds: [7], variationId: 'on' }] }),
    'wrong-type targetUsers[0].keyIds[0]',
  ],
  ['a fallthrough that is an array', aFlag({ fallthrough: [] }), 'wrong-type fallthrough'],
  ['a fallthrough without variations', aFlag({ fallthrough: {} }), 'missing fallthrough.variations'],
  [
    'a fallthrough to an unknown variation',
    aFlag({ fallthrough: { variations: everybody('nope') } }),
    'unknown-variation fallthrough.variations[0].id',
  ],
  [
    'a dispatchKey that is a number',
    aFlag({ fallthrough: { dispatchKey: 1, variations: everybody('on') } }),
    'wrong-type fallthrough.dispatchKey',
  ],
  ['a rollout of nobody', withRollout(), `rollout-gap ${ROLLOUT}`],
  ['a rollout of an empty share', withRollout([0, 0]), `rollout-gap ${ROLLOUT}`],
  ['a rollout with a gap at the start', withRollout([0.1, 1]), `rollout-gap ${ROLLOUT}`],
  ['a rollout with a gap at the end', withRollout([0, 0.9]), `rollout-gap ${ROLLOUT}`],
  ['a rollout with a gap in the middle', withRollout([0, 0.4], [0.5, 1]), `rollout-gap ${ROLLOUT}`],
  [
    'a rollout with a small gap that some user falls into',
    withRollout([0, 0.5 - 1e-11], [0.5 + 1e-11, 1]),
    `rollout-gap ${ROLLOUT}`,
  ],
  ['a rollout that nearly ends, in two parts', withRollout([0, 0.5], [0.5, 0.999999]), `rollout-gap ${ROLLOUT}`],
  ['a rollout that ends before some user', withRollout([0, 0.5], [0.5, 1 - 2e-9]), `rollout-gap ${ROLLOUT}`],
  ['a rollout beyond everybody', withRollout([0, 1 + 2e-9]), `rollout-out-of-range ${ROLLOUT}[0].rollout`],
  ['a rollout that overlaps', withRollout([0, 0.6], [0.5, 1]), `rollout-overlap ${ROLLOUT}[1].rollout`],
  ['a rollout given twice', withRollout([0, 1], [0, 1]), `rollout-overlap ${ROLLOUT}[1].rollout`],
  ['a rollout the wrong way round', withRollout([1, 0]), `rollout-out-of-range ${ROLLOUT}[0].rollout`],
  ['a rollout in percent', withRollout([0, 100]), `rollout-out-of-range ${ROLLOUT}[0].rollout`],
  ['a rollout below zero', withRollout([-0.1, 1]), `rollout-out-of-range ${ROLLOUT}[0].rollout`],
  ['a rollout of one number', withRollout([0]), `wrong-type ${ROLLOUT}[0].rollout`],
  ['a rollout of three numbers', withRollout([0, 0.5, 1]), `wrong-type ${ROLLOUT}[0].rollout`],
  ['a rollout of texts', withRollout(['0', '1']), `wrong-type ${ROLLOUT}[0].rollout`],
  ['a rollout that is missing', withRollout(undefined), `missing ${ROLLOUT}[0].rollout`],
  [
    'a negative exptRollout',
    aFlag({ fallthrough: { variations: [{ id: 'on', rollout: [0, 1], exptRollout: -0.5 }] } }),
    `rollout-out-of-range ${ROLLOUT}[0].exptRollout`,
  ],
  [
    'an endless exptRollout',
    aFlag({ fallthrough: { variations: [{ id: 'on', rollout: [0, 1], exptRollout: Number.POSITIVE_INFINITY }] } }),
    `rollout-out-of-range ${ROLLOUT}[0].exptRollout`,
  ],
  [
    'an exptRollout that is a text',
    aFlag({ fallthrough: { variations: [{ id: 'on', rollout: [0, 1], exptRollout: '1' }] } }),
    `wrong-type ${ROLLOUT}[0].exptRollout`,
  ],
  [
    'an unknown variation in a rule',
    aFlag({ rules: [aRule(condition('Equal', 'de'), 'nope')] }),
    'unknown-variation rules[0].variations[0].id',
  ],
  [
    'a gap in a rule',
    aFlag({ rules: [{ conditions: [], variations: [{ id: 'on', rollout: [0, 0.5] }] }] }),
    'rollout-gap rules[0].variations',
  ],
  [
    'two rules of one id',
    aFlag({
      rules: [
        { ...aRule(condition('Equal', 'a')), id: 'r' },
        { ...aRule(condition('Equal', 'b')), id: 'r' },
      ],
    }),
    'duplicate-id rules[1].id',
  ],
  ['a rule without conditions', aFlag({ rules: [{ variations: everybody('on') }] }), 'missing rules[0].conditions'],
  ['an unknown operator', withCondition(condition('Equals', 'de')), `unknown-operator ${OP}`],
  ['an operator in the wrong case', withCondition(condition('equal', 'de')), `unknown-operator ${OP}`],
  ['an operator called constructor', withCondition(condition('constructor', 'de')), `unknown-operator ${OP}`],
  ['no operator', withCondition(condition(undefined, 'de')), `missing ${OP}`],
  ['a blank property', withCondition(condition('Equal', 'de', ' ')), `blank ${PROPERTY}`],
  ['no property', withCondition({ op: 'Equal', value: 'de' }), `missing ${PROPERTY}`],
  ['no value', withCondition(condition('Equal')), `missing ${VALUE}`],
  ['a value that is a list', withCondition(condition('IsOneOf', ['de'])), `wrong-type ${VALUE}`],
  ...['LessThan', 'LessEqualThan', 'BiggerThan', 'BiggerEqualThan'].map(
    (op): Refused => [`a text for ${op}`, withCondition(condition(op, 'ten')), `invalid-number ${VALUE}`],
  ),
  ['an empty number operand', withCondition(condition('LessThan', '')), `invalid-number ${VALUE}`],
  ['a number operand with a comma', withCondition(condition('LessThan', '1,5')), `invalid-number ${VALUE}`],
  ...['IsOneOf', 'NotOneOf'].flatMap((op): Refused[] => [
    [`a bare text for ${op}`, withCondition(condition(op, 'de')), `invalid-list ${VALUE}`],
    [`a list of numbers for ${op}`, withCondition(condition(op, '[1]')), `invalid-list ${VALUE}`],
    [`an object for ${op}`, withCondition(condition(op, '{}')), `invalid-list ${VALUE}`],
  ]),
  ...['MatchRegex', 'NotMatchRegex'].flatMap((op): Refused[] => [
    [`a broken pattern for ${op}`, withCondition(condition(op, '(')), `invalid-pattern ${VALUE}`],
    [`a look-ahead for ${op}`, withCondition(condition(op, '(?=a)')), `invalid-pattern ${VALUE}`],
    [`a back-reference for ${op}`, withCondition(condition(op, '(a)\\1')), `invalid-pattern ${VALUE}`],
  ]),
  ['segments that are no list', withCondition(condition(null, 'vip', 'User is in segment')), `invalid-list ${VALUE}`],
  [
    'segments that are numbers',
    withCondition(condition(null, '[1]', 'User is not in segment')),
    `invalid-list ${VALUE}`,
  ],
  ['segments that are null', withCondition(condition(null, null, 'User is in segment')), `missing ${VALUE}`],
];

const REFUSED_SEGMENTS: readonly Refused[] = [
  ['null', null, 'wrong-type '],
  ['another id than it is sent under', aSegment({ id: 'other' }), 'key-mismatch id'],
  ['included as text', aSegment({ included: 'u1' }), 'wrong-type included'],
  ['an excluded key that is a number', aSegment({ excluded: [1] }), 'wrong-type excluded[0]'],
  ['an unknown operator', aSegment({ rules: [{ conditions: [condition('Like', 'x')] }] }), `unknown-operator ${OP}`],
  [
    'a broken pattern',
    aSegment({ rules: [{ conditions: [condition('MatchRegex', '[')] }] }),
    `invalid-pattern ${VALUE}`,
  ],
  ['a rule without conditions', aSegment({ rules: [{}] }), 'missing rules[0].conditions'],
  [
    'two rules of one id',
    aSegment({
      rules: [
        { id: 'r', conditions: [] },
        { id: 'r', conditions: [] },
      ],
    }),
    'duplicate-id rules[1].id',
  ],
  [
    'a question for another segment',
    aSegment({ rules: [{ conditions: [condition('IsOneOf', '[]', 'User is in segment')] }] }),
    `segment-in-segment ${PROPERTY}`,
  ],
];

const BAD_KEYS = ['', ' ', ' a', 'a\t', 'a\nb', 'a\u0000b', LONE_SURROGATE, 'a'.repeat(257)];
const GOOD_KEYS = ['a', '__proto__', 'constructor', 'a b', 'a/b', '?', 'ключ', '🚩', 'a'.repeat(256)];

function seen(reading: ReturnType<typeof readFlag>): string[] {
  return reading.ok ? [] : reading.faults.map(({ code, path }) => `${code} ${path}`);
}

describe('a flag is refused, each fault with its code and place, when it has', () => {
  it.each(REFUSED_FLAGS)('%s', (_, input, ...faults) => {
    expect(seen(readFlag(input, 'f'))).toEqual(faults);
  });

  it.each(BAD_KEYS)('the key %j', (key) => {
    expect(seen(readFlag(aFlag(), key))).toEqual(['invalid-key key']);
    expect(seen(readFlag(aFlag({ key })))).toEqual(['invalid-key key']);
    expect(seen(readSegment(aSegment(), key))).toEqual(['invalid-key id']);
  });

  it('no key at all', () => {
    expect(seen(readFlag(aFlag()))).toEqual(['missing key']);
  });
});

describe('a segment is refused when it has', () => {
  it.each(REFUSED_SEGMENTS)('%s', (_, input, ...faults) => {
    expect(seen(readSegment(input, 's'))).toEqual(faults);
  });
});

it('every fault has a sentence, and there are at most a hundred of them', () => {
  const reading = readFlag(aFlag({ tags: Array.from({ length: 5_000 }, () => 1) }), 'f');
  if (reading.ok) throw new Error('accepted');
  expect(reading.faults).toHaveLength(100);
  for (const { message } of reading.faults) expect(message).toMatch(/^[A-Z].*\.$/);
});

const ACCEPTED_FLAGS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['only what is required', aFlag()],
  ['its key repeated', aFlag({ key: 'f' })],
  [
    'every operator',
    aFlag({
      rules: [
        ['LessThan', '1'],
        ['LessEqualThan', '-1.5e3'],
        ['BiggerThan', '+2'],
        ['BiggerEqualThan', '0'],
        ['Equal', ''],
        ['NotEqual', 'x'],
        ['Contains', 'x'],
        ['NotContain', 'x'],
        ['StartsWith', 'x'],
        ['EndsWith', 'x'],
        ['MatchRegex', '^a+$'],
        ['NotMatchRegex', ''],
        ['IsOneOf', '["a"]'],
        ['NotOneOf', '[]'],
        ['IsTrue', undefined],
        ['IsFalse', null],
      ].map(([op, value]) => aRule(condition(op, value))),
    }),
  ],
  [
    'shares that are added up as decimal fractions',
    withRollout([0, 0.1], [0.1, 0.1 + 0.2], [0.3, 0.6], [0.6, 0.7 + 0.2], [0.9, 1]),
  ],
  ['thirds', withRollout([0, 0.3333], [0.3333, 0.6666], [0.6666, 1])],
  ['shares in any order, one of them empty', withRollout([0.5, 1], [0, 0], [0, 0.5], [1, 1])],
  ['one share that nearly ends', withRollout([0, 0.999999])],
  [
    'a rule without a condition, which always holds',
    aFlag({ rules: [{ conditions: [], variations: everybody('on') }] }),
  ],
  ['targets', aFlag({ targetUsers: [{ keyIds: ['u1', '__proto__'], variationId: 'off' }] })],
  ['booleans in capitals', withValue('boolean', 'TRUE')],
  ['a number', withValue('number', '-1.5E-3')],
  ['JSON that is a bare text', withValue('json', '"x"')],
  ['an empty string', withValue('string', '')],
  [
    'nulls where something may be left out',
    aFlag({ rules: null, tags: null, targetUsers: null, name: null, isArchived: null }),
  ],
];

describe('a flag is taken, and can be evaluated, when it has', () => {
  it.each(ACCEPTED_FLAGS)('%s', async (_, input) => {
    const seed = await readSeed({ id: 'e' }, [{ key: 'f', ...input }], []);
    if (!seed.ok) throw new Error(JSON.stringify(seed.faults));
    const [draft] = seed.drafts;
    const document = JSON.parse(draft?.text(1_000) ?? '');
    expect(decodeFlag(document)).toMatchObject({ ok: true });
    const store = new FlagStore();
    const { changes, skipped } = compileDataSyncNow(
      { eventType: 'full', featureFlags: [document], segments: [] },
      'no-match',
    );
    expect(skipped).toEqual([]);
    store.commit(changes);
    for (const user of [
      { key: 'u1' },
      { key: 'u2', country: 'x' },
      { key: 'u3', country: '12' },
      { key: 'u4', country: 'true' },
    ]) {
      expect(store.flag('f')?.evaluate(new Occasion(user, store))).not.toBeInstanceOf(Failure);
    }
  });

  it.each(GOOD_KEYS)('the key %j', (key) => {
    expect(readFlag(aFlag(), key)).toMatchObject({ ok: true, key });
    expect(readSegment(aSegment(), key)).toMatchObject({ ok: true, key });
  });
});

describe('a document that is taken', () => {
  it('has its defaults filled in and keeps what we do not know', () => {
    const reading = readFlag(aFlag({ rules: [aRule({ ...condition('IsTrue'), hint: 1 })], description: 'mine' }), 'f');
    expect(reading).toMatchObject({
      ok: true,
      key: 'f',
      isArchived: false,
      references: [],
      document: {
        key: 'f',
        name: 'f',
        targetUsers: [],
        tags: [],
        exptIncludeAllTargets: true,
        description: 'mine',
        fallthrough: {
          dispatchKey: null,
          includedInExpt: false,
          variations: [{ id: 'on', rollout: [0, 1], exptRollout: 1 }],
        },
        rules: [
          {
            id: expect.stringMatching(/./),
            name: '',
            conditions: [{ property: 'country', op: 'IsTrue', value: '', hint: 1 }],
          },
        ],
      },
    });
    expect(readFlag({ ...aFlag(), isEnabled: undefined }, 'f')).toMatchObject({ document: { isEnabled: false } });
    expect(readSegment({}, 's')).toMatchObject({
      document: { id: 's', name: 's', included: [], excluded: [], rules: [] },
    });
  });

  it.each<[string, [number, number][], [number, number][]]>([
    [
      'below',
      [
        [0, 0.7],
        [0.7, 0.7 + 0.2],
        [0.7 + 0.2, 0.7 + 0.2 + 0.1],
      ],
      [
        [0, 0.7],
        [0.7, 0.7 + 0.2],
        [0.7 + 0.2, 1],
      ],
    ],
    [
      'above',
      [
        [0, 0.9],
        [0.9, 1 + 2 ** -52],
      ],
      [
        [0, 0.9],
        [0.9, 1],
      ],
    ],
    [
      'above, followed by a share of nothing',
      [
        [0, 1 + 2 ** -52],
        [1 + 2 ** -52, 1 + 2 ** -52],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      'at',
      [
        [0, 0.5],
        [0.5, 1],
      ],
      [
        [0, 0.5],
        [0.5, 1],
      ],
    ],
  ])('has shares that were added up, and so end a hair %s 1, end at 1', (_, shares, kept) => {
    const variations = kept.map((rollout) => ({ id: 'on', rollout }));
    expect(readFlag(withRollout(...shares), 'f')).toMatchObject({
      ok: true,
      document: { fallthrough: { variations } },
    });
    const rules = [{ conditions: [], variations: shares.map((rollout) => ({ id: 'on', rollout })) }];
    expect(readFlag(aFlag({ rules }), 'f')).toMatchObject({ ok: true, document: { rules: [{ variations }] } });
  });

  it('keeps the state of the one it replaces where it does not say it', () => {
    const existing = { isEnabled: true, isArchived: true };
    expect(readFlag({ ...aFlag(), isEnabled: undefined }, 'f', existing)).toMatchObject({
      isArchived: true,
      document: { isEnabled: true, isArchived: true },
    });
    expect(readFlag(aFlag({ isEnabled: false, isArchived: false }), 'f', existing)).toMatchObject({
      isArchived: false,
      document: { isEnabled: false, isArchived: false },
    });
  });

  it('has a name of its own kept as it is, whatever it means elsewhere', () => {
    const input = JSON.parse('{"__proto__": {"isArchived": true}, "constructor": 1}');
    const reading = readFlag({ ...aFlag(), ...input }, 'f');
    if (!reading.ok) throw new Error('refused');
    expect(reading.isArchived).toBe(false);
    expect(JSON.stringify(reading.document)).toContain('"__proto__":{"isArchived":true}');
  });

  it('names every segment that it uses', () => {
    const rules = [
      aRule(condition(null, '["s1","s2"]', 'User is in segment')),
      aRule(condition('IsOneOf', '["s3"]', 'User is not in segment')),
      aRule(condition(undefined, '[]', 'User is in segment')),
    ];
    expect(readFlag(aFlag({ rules }), 'f')).toMatchObject({
      references: [
        { value: 's1', path: VALUE },
        { value: 's2', path: VALUE },
        { value: 's3', path: 'rules[1].conditions[0].value' },
      ],
    });
  });
});
