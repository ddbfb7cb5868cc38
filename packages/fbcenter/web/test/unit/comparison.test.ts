import { describe, expect, it } from 'vitest';
import { changeInShort, differencesBetween, onlyIn, promoted, promotion } from '../../src/model/comparison.js';
import { IN_SEGMENT } from '../../src/model/conditions.js';
import type { FlagDocument, SegmentDocument } from '../../src/model/document.js';
import { flagOfShape, SHAPES } from '../../src/model/shapes.js';
import { everybody } from '../../src/model/shares.js';

const [SWITCH] = SHAPES;
if (SWITCH === undefined) throw new Error('no shape');
const flag = (key: string, more: Partial<FlagDocument> = {}): FlagDocument => ({
  ...flagOfShape(SWITCH, key, key, []),
  ...more,
});
const segment: SegmentDocument = {
  id: 'staff',
  name: 'Staff',
  included: ['ada'],
  excluded: [],
  rules: [],
  isArchived: false,
};
const asking = [
  { id: 'r', conditions: [{ property: IN_SEGMENT, op: null, value: '["staff"]' }], variations: everybody('on') },
];

const from = {
  flags: [
    flag('same'),
    flag('new', { rules: asking, isEnabled: true }),
    flag('changed', { name: 'Renamed', isEnabled: true }),
    flag('gone', { isArchived: true }),
  ],
  segments: [segment],
};
const to = {
  flags: [flag('same', { updatedAt: '2026-01-01T00:00:00Z' }), flag('changed'), flag('extra')],
  segments: [{ ...segment, included: [] }],
};

describe('two environments', () => {
  const differences = differencesBetween(from, to);

  it('differ by what their documents say, not by when they were changed', () => {
    expect(
      differences.map(({ key, target, changes }) => [key, target?.key, changes.map(({ label }) => label)]),
    ).toEqual([
      ['changed', 'changed', ['switch', 'name']],
      ['new', undefined, []],
    ]);
    expect(onlyIn(to, from)).toEqual(['extra']);
    expect(differencesBetween(to, to)).toEqual([]);
  });

  it('say which segments must go along', () => {
    expect(differences.map(({ segments }) => segments.map(({ id }) => id))).toEqual([[], ['staff']]);
    expect(differencesBetween(from, { ...to, segments: [segment] }).flatMap(({ segments }) => segments)).toEqual([]);
  });

  it('keep the switch as it is where a flag goes, unless it is promoted too; a new flag begins off', () => {
    const [changed, fresh] = differences;
    if (changed === undefined || fresh === undefined) throw new Error('no difference');
    expect(promoted(changed, false)).toMatchObject({ name: 'Renamed', isEnabled: false });
    expect(promoted(changed, true).isEnabled).toBe(true);
    expect(promoted(fresh, false).isEnabled).toBe(false);
    expect(promotion(changed, false)?.map(({ label }) => label)).toEqual(['name']);
    expect(promotion(fresh, true)).toBeUndefined();
  });
});

describe('a change at a glance', () => {
  const rule = (id: string, country: string) => ({
    id,
    conditions: [{ property: 'country', op: 'Equal', value: country }],
    variations: everybody('on'),
  });
  const halves = [
    { id: 'on', rollout: [0, 0.5], exptRollout: 1 },
    { id: 'off', rollout: [0.5, 1], exptRollout: 1 },
  ] as const;

  it.each<[is: string, before: Partial<FlagDocument>, after: Partial<FlagDocument>]>([
    ['switch: off → on', { isEnabled: false }, { isEnabled: true }],
    ['switch: on → off', { isEnabled: true }, { isEnabled: false }],
    ['archived: no → yes', {}, { isArchived: true }],
    ['name: Old → New', { name: 'Old' }, { name: 'New' }],
    ['name: changed', { name: 'Old' }, { name: 'x'.repeat(100) }],
    ['default: on → 50 % on, 50 % off', {}, { fallthrough: { variations: halves } }],
    ['when off: off → on', { disabledVariationId: 'off' }, { disabledVariationId: 'on' }],
    ['description: new', {}, { description: 'Why' }],
    ['description: removed', { description: 'Why' }, {}],
    ['tags: new', {}, { tags: ['ops'] }],
    ['tags: changed', { tags: ['ops'] }, { tags: ['ops', 'beta'] }],
    ['rule 1: new', {}, { rules: [rule('a', 'NZ')] }],
    ['rule 1: removed', { rules: [rule('a', 'NZ')] }, {}],
    ['rule 1: changed', { rules: [rule('a', 'NZ')] }, { rules: [rule('a', 'AU')] }],
    [
      'order of rules: changed',
      { rules: [rule('a', 'NZ'), rule('b', 'AU')] },
      { rules: [rule('b', 'AU'), rule('a', 'NZ')] },
    ],
  ])('says %s', (said, before, after) => {
    const [difference] = differencesBetween(
      { flags: [flag('f', after)], segments: [] },
      { flags: [flag('f', before)], segments: [] },
    );
    expect(difference?.changes.map(changeInShort)).toEqual([said]);
  });
});
