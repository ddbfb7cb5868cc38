import { describe, expect, it } from 'vitest';
import { differencesBetween, onlyIn, promoted, promotion } from '../../src/model/comparison.js';
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
