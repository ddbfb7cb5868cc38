import { describe, expect, it } from 'vitest';
import type { FlagDocument } from '../../src/model/document.js';
import { flagParts, segmentParts, withTargets } from '../../src/model/document-parts.js';
import { changesBetween, isEqual, meet, merge } from '../../src/model/parts.js';
import { everybody, sharesOf } from '../../src/model/shares.js';

const rule = (id: string, variation = 'on') => ({
  id,
  name: '',
  conditions: [{ property: 'country', op: 'Equal', value: id }],
  variations: everybody(variation),
});

const flag: FlagDocument = {
  key: 'f',
  name: 'F',
  tags: ['a', 'b'],
  variationType: 'boolean',
  variations: [
    { id: 'on', name: 'on', value: 'true' },
    { id: 'off', name: 'off', value: 'false' },
  ],
  targetUsers: [{ variationId: 'on', keyIds: ['ada'] }],
  rules: [rule('r1'), rule('r2'), rule('r3')],
  fallthrough: { variations: sharesOf(['on', 'off'], [3000, 7000]) },
  isEnabled: true,
  disabledVariationId: 'off',
  isArchived: false,
};

const wording = (after: FlagDocument) =>
  changesBetween(flagParts, flag, after).map(({ label, before, after: text }) => [label, before, text]);

describe('changes', () => {
  it.each<[string, FlagDocument, unknown[]]>([
    ['nothing', { ...flag }, []],
    ['a field that the page does not know', { ...flag, updatedAt: '2026-01-01T00:00:00Z' }, []],
    ['the name', { ...flag, name: 'G' }, [['name', 'F', 'G']]],
    ['an empty description', { ...flag, description: '' }, [['description', undefined, undefined]]],
    ['tags', { ...flag, tags: ['b', 'c'] }, [['tags', '2 tags: a, b', '2 tags: added c, removed a']]],
    [
      'the default',
      { ...flag, fallthrough: { variations: everybody('on') } },
      [['default', '30 % on, 70 % off', 'on']],
    ],
    [
      'users',
      withTargets(flag, 'on', ['ada', 'bob']),
      [['users who always get on', '1 user: ada', '2 users: added bob']],
    ],
    [
      'a new rule in the middle: the order of the others is the same',
      { ...flag, rules: [rule('r1'), rule('new'), rule('r2'), rule('r3')] },
      [['rule 2', undefined, 'if country is new, serve on']],
    ],
    [
      'a removed rule',
      { ...flag, rules: [rule('r1'), rule('r3')] },
      [['rule 2', 'if country is r2, serve on', undefined]],
    ],
    [
      'the order of rules',
      { ...flag, rules: [rule('r3'), rule('r1'), rule('r2')] },
      [
        [
          'order of rules',
          'if country is r1, if country is r2, if country is r3',
          'if country is r3, if country is r1, if country is r2',
        ],
      ],
    ],
  ])('say %s', (_, after, expected) => {
    expect(wording(after)).toEqual(expected);
  });

  it('of a segment name its users', () => {
    const segment = { id: 's', name: 'S', included: ['a'], excluded: [], rules: [], isArchived: false };
    expect(changesBetween(segmentParts, segment, { ...segment, included: ['a', 'b'], excluded: ['c'] })).toEqual([
      { id: 'included', label: 'always in', before: '1 user: a', after: '2 users: added b' },
      { id: 'excluded', label: 'never in', before: undefined, after: '1 user: added c' },
    ]);
  });
});

describe('two editors', () => {
  const theirs: FlagDocument = { ...flag, name: 'Theirs', rules: [rule('r2'), rule('r1', 'off'), rule('r3')] };
  const mine: FlagDocument = { ...flag, name: 'Mine', tags: ['a'], rules: [rule('r1'), rule('r3'), rule('r4')] };

  it('meet part by part', () => {
    const met = meet(flagParts, flag, theirs, mine);
    expect(met.map(({ id, by }) => `${id}: ${by}`)).toEqual([
      'name: conflict',
      'tags: mine',
      'rule r1: theirs',
      'rule r2: mine',
      'rule r4: mine',
      'rule order: theirs',
    ]);
    expect(met[0]).toMatchObject({ was: 'F', theirs: 'Theirs', mine: 'Mine' });
  });

  it('are merged: nothing of either is lost but what was decided', () => {
    const merged = merge(flagParts, flag, theirs, mine, (id) => id !== 'name');
    expect(merged.name).toBe('Theirs');
    expect(merged.tags).toEqual(['a']);
    expect(merged.rules).toEqual([rule('r1', 'off'), rule('r3'), rule('r4')]);
    expect(merge(flagParts, flag, theirs, mine, () => true).name).toBe('Mine');
  });

  it('agree where they did the same', () => {
    expect(meet(flagParts, flag, { ...flag, name: 'X' }, { ...flag, name: 'X' })).toMatchObject([{ by: 'both-alike' }]);
  });

  it('lose nothing that only they know: fields that the page does not have', () => {
    const theirs = { ...flag, future: 1 } as FlagDocument;
    expect(merge(flagParts, flag, theirs, { ...flag, name: 'Mine' }, () => true)).toEqual({ ...theirs, name: 'Mine' });
  });
});

describe('equality of JSON', () => {
  it.each([
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    [{ a: 1 }, { b: 1 }, false],
  ])('of %j and %j is %s', (a, b, same) => {
    expect(isEqual(a, b)).toBe(same);
  });
});
