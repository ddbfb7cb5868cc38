import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/model/near-name.js';

const KNOWN = ['isEnabled', 'isArchived', 'key', 'tags', 'rules'];

describe('a name', () => {
  it.each<[string, string | undefined]>([
    ['isEnable', 'isEnabled'],
    ['isEnabledd', 'isEnabled'],
    ['sEnabled', 'isEnabled'],
    ['iEnabled', 'isEnabled'],
    ['isEnabeld', 'isEnabled'],
    ['isEnab1ed', 'isEnabled'],
    ['siEnabled', 'isEnabled'],
    ['isenabled', 'isEnabled'],
    ['ISENABLED', 'isEnabled'],
    ['keys', 'key'],
    ['kye', 'key'],
    ['tag', 'tags'],
    ['tasg', 'tags'],
    ['', undefined],
    ['enabled', undefined],
    ['isEnabl', undefined],
    ['isEnabledxx', undefined],
    ['sgta', undefined],
    ['description', undefined],
    ['yek', undefined],
  ])('%j is meant to be %j', (name, expected) => {
    expect(nearestName(name, KNOWN)).toBe(expected);
  });
});
