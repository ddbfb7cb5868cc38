import { KEY_ATTRIBUTE } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { clientUserOf, userOf, userOfContext } from '../../src/evaluation/wire-user.js';

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
      { key: 'u1', name: 'Ada', [KEY_ATTRIBUTE]: 'other' },
    ],
    [
      'with members in any case',
      { KeyId: 'u1', NAME: 'Ada', CustomizedProperties: [{ Name: 'a', VALUE: '1' }] },
      { key: 'u1', name: 'Ada', a: '1' },
    ],
    [
      'with a member in two cases, of which the usual one counts',
      { KEYID: 'other', keyId: 'u1' },
      { key: 'u1', name: undefined },
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
      { key: 'u1', name: undefined, a: '1' },
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

describe('a user of a browser', () => {
  it.each<[unknown, object]>([
    [{ keyId: 'u1' }, { key: 'u1' }],
    [
      { keyId: 'u1', name: null, customizedProperties: null },
      { key: 'u1', name: null },
    ],
    [
      { keyId: 'u1', name: '' },
      { key: 'u1', name: '' },
    ],
    [{ keyId: 'u1', customizedProperties: [] }, { key: 'u1' }],
    [
      { keyId: 'u1', customizedProperties: [{ name: 'a', value: 'x' }] },
      { key: 'u1', a: 'x' },
    ],
    [
      { keyId: 'u1', customizedProperties: [{ name: 'a', value: null }] },
      { key: 'u1', a: null },
    ],
    [
      { keyId: 'u1', customizedProperties: [{ name: 'a' }, null] },
      { key: 'u1', a: undefined },
    ],
    [
      { keyid: '\uFEFF', NAME: 'Ada', colour: 5 },
      { key: '\uFEFF', name: 'Ada' },
    ],
  ])('%j is one', (wire, expected) => {
    expect(clientUserOf(wire)).toEqual(expected);
  });

  it.each([undefined, null, [], 'ada', 5, true])('that is %j is malformed', (wire) => {
    expect(clientUserOf(wire)).toBe('malformed');
  });

  it.each<[string, unknown]>([
    ['a key that is a number', { keyId: 5 }],
    ['a key that is an object', { keyId: {} }],
    ['a name that is a number', { keyId: 'u1', name: 5 }],
    ['attributes that are an object', { keyId: 'u1', customizedProperties: {} }],
    ['attributes that are a text', { keyId: 'u1', customizedProperties: '[]' }],
    ['an attribute that is a text', { keyId: 'u1', customizedProperties: ['a'] }],
    ['an attribute whose value is a number', { keyId: 'u1', customizedProperties: [{ name: 'a', value: 1 }] }],
    ['an attribute whose value is a boolean', { keyId: 'u1', customizedProperties: [{ name: 'a', value: true }] }],
    ['an attribute whose name is a number', { keyId: 'u1', customizedProperties: [{ name: 1, value: 'x' }] }],
  ])('with %s is malformed', (_, wire) => {
    expect(clientUserOf(wire)).toBe('malformed');
  });

  it.each([{}, { keyId: null }, { keyId: '' }, { keyId: ' \t' }, { keyId: '\u0085' }, { name: 'Ada' }])(
    '%j has no key',
    (wire) => {
      expect(clientUserOf(wire)).toBe('no-key');
    },
  );
});

describe('the user of an evaluation context', () => {
  it.each<[object, object | undefined]>([
    [{ targetingKey: 'u1' }, { key: 'u1' }],
    [
      { targetingKey: 'u1', name: 'Ada', plan: 'gold', age: 36, vip: true },
      { key: 'u1', name: 'Ada', plan: 'gold', age: 36, vip: true },
    ],
    [
      { targetingKey: 'u1', key: 'other' },
      { key: 'u1', [KEY_ATTRIBUTE]: 'other' },
    ],
    [
      { targetingKey: 'u1', keyId: 'other' },
      { key: 'u1', keyId: 'other' },
    ],
    [{ targetingKey: ' ' }, undefined],
    [{ targetingKey: 5 }, undefined],
    [{ plan: 'gold' }, undefined],
  ])('%j is %j', (context, expected) => {
    expect(userOfContext(context as never)).toEqual(expected);
  });
});
