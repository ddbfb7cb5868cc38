import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import { ChangeFeed } from '../../src/live/change-feed.js';
import { factsOf, targetingDigest } from '../../src/live/flag-facts.js';
import { summarize } from '../../src/live/summarize.js';
import { aFlag, aRule, everybody } from '../support/documents.js';

/** A flag as it is kept. */
function stored(overrides: Record<string, unknown> = {}) {
  const reading = readFlag(aFlag(overrides), 'f');
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return { ...reading.document, updatorId: 'Ada' } as unknown as Parameters<typeof summarize>[0];
}

const summaryOf = (overrides: Record<string, unknown> = {}) => summarize(stored(overrides), 7);
const thirds = {
  variations: [
    { id: 'on', rollout: [0, 1 / 3], exptRollout: 1 },
    { id: 'off', rollout: [1 / 3, 1], exptRollout: 1 },
  ],
};

describe('the summary of a flag', () => {
  it('says what it is, who changed it last, and what everybody gets', () => {
    expect(summaryOf({ name: 'The flag', description: 'What it is for.', tags: ['a', 'b'] })).toEqual({
      ...{ key: 'f', name: 'The flag', description: 'What it is for.', tags: ['a', 'b'], variationType: 'boolean' },
      ...{ isEnabled: true, isArchived: false, version: 7, updatedBy: 'Ada', disabledVariationId: 'off' },
      variations: [
        expect.objectContaining({ id: 'on', value: 'true' }),
        expect.objectContaining({ id: 'off', value: 'false' }),
      ],
      ...{ serving: [['on', 1]], rules: 0, targets: 0, segments: [], attributes: [], values: [] },
    });
  });

  it.each<[string, Record<string, unknown>, object]>([
    [
      'shares as they are read',
      { fallthrough: thirds },
      {
        serving: [
          ['on', 0.333333],
          ['off', 0.666667],
        ],
      },
    ],
    [
      'no share of nothing',
      { fallthrough: { variations: [...everybody('on'), { id: 'off', rollout: [1, 1], exptRollout: 1 }] } },
      { serving: [['on', 1]] },
    ],
    [
      'how many are named',
      {
        targetUsers: [
          { keyIds: ['a', 'b'], variationId: 'on' },
          { keyIds: ['c'], variationId: 'off' },
        ],
      },
      { targets: 3 },
    ],
    [
      'what is asked of users, each once',
      {
        rules: [
          aRule({ property: 'country', op: 'Equal', value: 'NZ' }),
          aRule({ property: 'country', op: 'NotEqual', value: 'NZ' }),
        ],
      },
      { rules: 2, attributes: ['country'], values: ['NZ'] },
    ],
    [
      'the items of lists',
      { rules: [aRule({ property: 'country', op: 'IsOneOf', value: '["NZ","FR"]' })] },
      { attributes: ['country'], values: ['NZ', 'FR'] },
    ],
    [
      'nothing of an operand that there is not',
      { rules: [aRule({ property: 'beta', op: 'IsTrue', value: '' })] },
      { attributes: ['beta'], values: [] },
    ],
    [
      'segments, which are no attributes',
      {
        rules: [
          aRule({ property: 'User is in segment', op: null, value: '["s1","s2"]' }),
          aRule({ property: 'User is not in segment', op: null, value: '["s2","s3"]' }),
        ],
      },
      { segments: ['s1', 's2', 's3'], attributes: [], values: [] },
    ],
  ])('has %s', (_, overrides, part) => {
    expect(summaryOf(overrides)).toMatchObject(part);
  });

  it('shows the variations that are served, or would be if it were off', () => {
    const variations = ['a', 'b', 'c'].map((id) => ({ id, name: `The ${id}`, value: id }));
    const overrides = {
      variationType: 'string',
      variations,
      disabledVariationId: 'c',
      fallthrough: { variations: everybody('a') },
    };
    expect(summaryOf(overrides).variations).toEqual([
      { id: 'a', name: 'The a', value: 'a' },
      { id: 'c', name: 'The c', value: 'c' },
    ]);
  });

  it('leaves JSON out, and cuts what is long without half a character', () => {
    const json = {
      variationType: 'json',
      variations: [{ id: 'on', value: '{}' }],
      disabledVariationId: 'on',
      fallthrough: { variations: everybody('on') },
    };
    expect(summaryOf(json).variations[0]).not.toHaveProperty('value');
    const long = `${'x'.repeat(58)}🚩🚩`;
    const text = { ...json, variationType: 'string', variations: [{ id: 'on', value: long }] };
    const { value = '' } = summaryOf(text).variations[0] ?? {};
    expect([value, value.isWellFormed()]).toEqual([`${'x'.repeat(58)}…`, true]);
    const values = Array.from({ length: 100 }, (_, index) => `v${index}`);
    const many = summaryOf({ rules: [aRule({ property: 'p', op: 'IsOneOf', value: JSON.stringify(values) })] });
    expect([many.values.length, many.values[39]]).toEqual([40, 'v39']);
  });
});

describe('the facts of a flag', () => {
  const facts = (overrides: Record<string, unknown>, before?: ReturnType<typeof factsOf>) => {
    const document = stored(overrides) as unknown as Parameters<typeof factsOf>[1];
    const text = JSON.stringify(document);
    return factsOf({ key: 'f', version: 7, text }, document, new Set(['s']), 9, before);
  };

  it('are what a compiled flag does not keep', () => {
    const rules = [
      { ...aRule({ property: 'a', op: 'IsTrue', value: '' }), name: 'first' },
      { ...aRule({ property: 'a', op: 'IsTrue', value: '' }), name: null },
    ];
    const got = facts({ rules, tags: ['x'] });
    expect(got).toMatchObject({
      ...{ key: 'f', version: 7, valuesVersion: 9, type: 'boolean', tags: ['x'], toClients: 'visible' },
      variations: [
        { id: 'on', value: 'true' },
        { id: 'off', value: 'false' },
      ],
      segments: new Set(['s']),
    });
    expect([got.ruleNames[0], [...got.variationIds], got.length > 100]).toEqual(['first', ['on', 'off'], true]);
  });

  it.each([
    [undefined, undefined, 'visible'],
    [undefined, false, 'hidden'],
    ['visible', false, 'withdrawn'],
    ['withdrawn', false, 'withdrawn'],
    ['hidden', false, 'hidden'],
    ['hidden', true, 'visible'],
    ['withdrawn', true, 'visible'],
  ] as const)('to browsers: what was %s and has clientVisible %s is %s', (before, clientVisible, toClients) => {
    const earlier = before === undefined ? undefined : { ...facts({}), toClients: before };
    expect(facts(clientVisible === undefined ? {} : { clientVisible }, earlier).toClients).toBe(toClients);
  });

  it.each<[string, object, isSame: boolean]>([
    ['another name', { name: 'x', description: 'y' }, true],
    ['another time', { updatedAt: 'x' }, true],
    ['another user', { included: ['u2'] }, false],
    ['nobody left out', { excluded: [] }, false],
    ['another rule', { rules: [{ id: 'r' }] }, false],
    ['the archive', { isArchived: true }, false],
  ])('of a segment with %s are of others or the same', (_, change, isSame) => {
    const segment = { included: ['u1'], excluded: ['u2'], rules: [], isArchived: false };
    expect(targetingDigest({ ...segment, ...change }) === targetingDigest(segment)).toBe(isSame);
  });
});

describe('changes for those who are told values', () => {
  const change = (version: number, ...keys: string[]) => ({ version, keys }) as Parameters<ChangeFeed['publish']>[0];

  it('come one after the other after a cursor', () => {
    const feed = new ChangeFeed();
    for (const version of [1, 3, 5]) feed.publish(change(version, `f${version}`));
    expect([0, 1, 2, 3, 4, 5, 9].map((cursor) => feed.next(cursor))).toEqual([
      change(1, 'f1'),
      change(3, 'f3'),
      change(3, 'f3'),
      change(5, 'f5'),
      change(5, 'f5'),
      undefined,
      undefined,
    ]);
  });

  it('that concern no flag are none', () => {
    const feed = new ChangeFeed();
    feed.publish(change(1));
    expect(feed.next(0)).toBeUndefined();
  });

  it('are kept for a thousand; who is further behind is told so', () => {
    const feed = new ChangeFeed();
    for (let version = 1; version <= 1_002; version++) feed.publish(change(version, 'f'));
    expect([feed.next(0), feed.next(1), feed.next(2)]).toEqual(['behind', 'behind', change(3, 'f')]);
    expect(feed.next(1_001)).toEqual(change(1_002, 'f'));
  });

  it('wake whoever has joined, until it leaves', async () => {
    const feed = new ChangeFeed();
    let woken = 0;
    const leave = feed.join({
      wake: () => {
        woken += 1;
      },
    });
    expect(feed.readers).toBe(1);
    feed.publish(change(1, 'f'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toBe(1);
    leave();
    feed.publish(change(2, 'f'));
    await new Promise((resolve) => setImmediate(resolve));
    expect([woken, feed.readers]).toEqual([1, 0]);
  });
});
