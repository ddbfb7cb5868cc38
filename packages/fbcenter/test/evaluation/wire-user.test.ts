import { describe, expect, it } from 'vitest';
import { userOf } from '../../src/evaluation/wire-user.js';

describe('a user of the protocol', () => {
  it.each<[string, unknown, object]>([
    ['with a key alone', { keyId: 'u1' }, { key: 'u1', name: undefined }],
    ['with a name', { keyId: 'u1', name: 'Ada' }, { key: 'u1', name: 'Ada' }],
    [
      'with attributes',
      {
        keyId: 'u1',
        customizedProperties: [
          { name: 'country', value: 'nz' },
          { name: 'age', value: '36' },
        ],
      },
      { key: 'u1', name: undefined, country: 'nz', age: '36' },
    ],
    ['without attributes', { keyId: 'u1', customizedProperties: null }, { key: 'u1', name: undefined }],
    [
      'with attributes that try to be its key and name',
      {
        keyId: 'u1',
        name: 'Ada',
        customizedProperties: [
          { name: 'key', value: 'other' },
          { name: 'name', value: 'Other' },
        ],
      },
      { key: 'u1', name: 'Ada' },
    ],
    [
      'with attributes of which some are damaged',
      {
        keyId: 'u1',
        customizedProperties: [null, 5, {}, { name: 1, value: 'x' }, { value: 'x' }, { name: 'country', value: 'nz' }],
      },
      { key: 'u1', name: undefined, country: 'nz' },
    ],
    [
      'with an attribute twice',
      {
        keyId: 'u1',
        customizedProperties: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
        ],
      },
      { key: 'u1', name: undefined, a: '2' },
    ],
  ])('%s is one that can be evaluated for', (_, wire, expected) => {
    expect(userOf(wire)).toEqual(expected);
  });

  it('with a name of every object has an attribute of that name', () => {
    const wire = JSON.parse('{"keyId":"u1","customizedProperties":[{"name":"__proto__","value":"x"}]}');
    const user = userOf(wire);
    expect(Object.getPrototypeOf(user)).toBe(Object.prototype);
  });

  it.each([
    undefined,
    null,
    'u1',
    5,
    [],
    {},
    { key: 'u1' },
    { keyId: '' },
    { keyId: ' ' },
    { keyId: 1 },
    { keyId: null },
  ])('that is %j is none', (wire) => {
    expect(userOf(wire)).toBeUndefined();
  });
});
