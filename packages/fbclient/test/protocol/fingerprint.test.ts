import { describe, expect, it } from 'vitest';
import type { FlagDocument, SegmentDocument } from '../../src/protocol/documents.js';
import { fingerprintOfFlag, fingerprintOfSegment } from '../../src/protocol/fingerprint.js';
import { everybody, updatedAt, wireFlag, wireRule, wireSegment } from '../support/wire.js';

const FLAG = wireFlag('a', 'on', {
  targetUsers: [{ keyIds: ['ada', 'bob'], variationId: 'v-on' }],
  rules: [wireRule([{ property: 'country', op: 'Equal', value: 'NZ' }])],
});
const SEGMENT = wireSegment('s', ['ada', 'bob'], {
  rules: [{ conditions: [{ property: 'x', op: 'Equal', value: '1' }] }],
});

describe('the fingerprint of a flag', () => {
  it.each<[string, Partial<FlagDocument>]>([
    ['key', { key: 'b' }],
    ['isArchived', { isArchived: true }],
    ['isEnabled', { isEnabled: false }],
    ['variationType', { variationType: 'json' }],
    ['disabledVariationId', { disabledVariationId: 'v-on' }],
    ['exptIncludeAllTargets', { exptIncludeAllTargets: true }],
    ['a value', { variations: [{ id: 'v-on', value: 'oN' }, ...FLAG.variations.slice(1)] }],
    ['an id', { variations: [{ id: 'v-oN', value: 'on' }, ...FLAG.variations.slice(1)] }],
    ['the order of variations', { variations: FLAG.variations.toReversed() }],
    ['a variation less', { variations: FLAG.variations.slice(1) }],
    ['a target', { targetUsers: [{ keyIds: ['ada', 'boB'], variationId: 'v-on' }] }],
    ['two keys that are one', { targetUsers: [{ keyIds: ['adabob'], variationId: 'v-on' }] }],
    ['where a key ends', { targetUsers: [{ keyIds: ['adab', 'ob'], variationId: 'v-on' }] }],
    ['no rules', { rules: [] }],
    ['an operator', { rules: [wireRule([{ property: 'country', op: 'NotEqual', value: 'NZ' }])] }],
    ['an operand of null', { rules: [wireRule([{ property: 'country', op: 'Equal', value: null }])] }],
    ['an empty operand', { rules: [wireRule([{ property: 'country', op: 'Equal', value: '' }])] }],
    ['a dispatch attribute', { fallthrough: { ...everybody('v-on'), dispatchKey: 'country' } }],
    ['includedInExpt', { fallthrough: { ...everybody('v-on'), includedInExpt: true } }],
    [
      'an interval',
      { fallthrough: { includedInExpt: false, variations: [{ id: 'v-on', rollout: [0, 0.5], exptRollout: 1 }] } },
    ],
    [
      'a part of it',
      { fallthrough: { includedInExpt: false, variations: [{ id: 'v-on', rollout: [0, 1], exptRollout: 0.5 }] } },
    ],
  ])('is another one with another %s', (_name, change) => {
    expect(fingerprintOfFlag({ ...FLAG, ...change })).not.toBe(fingerprintOfFlag(FLAG));
  });

  it('is the same in another version, with other members, in another order, with null for absent', () => {
    const { key, ...rest } = FLAG;
    const other = {
      ...rest,
      name: 'A flag',
      tags: ['x'],
      updatedAt: updatedAt(99),
      fallthrough: { ...FLAG.fallthrough, dispatchKey: null },
      key,
    };
    expect(fingerprintOfFlag(other)).toBe(fingerprintOfFlag(FLAG));
  });

  it('is a whole number that is exact', () => {
    expect(Number.isSafeInteger(fingerprintOfFlag(FLAG))).toBe(true);
  });

  it('is another one for each of many flags that differ in little', () => {
    const prints = Array.from({ length: 50_000 }, (_, index) => fingerprintOfFlag(wireFlag('a', `value ${index}`)));
    expect(new Set(prints).size).toBe(prints.length);
  });
});

describe('the fingerprint of a segment', () => {
  it.each<[string, Partial<SegmentDocument>]>([
    ['id', { id: 't' }],
    ['isArchived', { isArchived: true }],
    ['included user', { included: ['ada'] }],
    ['excluded user', { excluded: ['eve'] }],
    ['side of a user', { included: [], excluded: ['ada', 'bob'] }],
    ['rule', { rules: [] }],
  ])('is another one with another %s', (_name, change) => {
    expect(fingerprintOfSegment({ ...SEGMENT, ...change })).not.toBe(fingerprintOfSegment(SEGMENT));
  });

  it('is the same in another version', () => {
    expect(fingerprintOfSegment({ ...SEGMENT, updatedAt: updatedAt(99) })).toBe(fingerprintOfSegment(SEGMENT));
  });
});
