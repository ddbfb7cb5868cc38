import { describe, expect, it } from 'vitest';
import { attributesOf, fitsForm, readUser, userOf } from '../../src/model/user.js';

describe('a user as JSON', () => {
  it.each<[string, object]>([
    ['{"key":"ada"}', { key: 'ada' }],
    ['{"key":"ada","age":30,"tags":["a"],"vip":true}', { key: 'ada', age: 30, tags: ['a'], vip: true }],
    [' { "key" : "ada" } ', { key: 'ada' }],
  ])('%s is one', (text, user) => {
    expect(readUser(text)).toEqual(user);
  });

  it.each<[string, RegExp]>([
    ['', /not JSON/],
    ['{"key":', /not JSON/],
    ['null', /is an object/],
    ['"ada"', /is an object/],
    ['[{"key":"ada"}]', /is an object/],
    ['{}', /needs a key/],
    ['{"key":5}', /needs a key/],
    ['{"key":"  "}', /needs a key/],
    ['{"keyId":"ada"}', /needs a key/],
  ])('%s is none, and it is said why', (text, problem) => {
    expect(readUser(text)).toMatch(problem);
  });
});

describe('a user in the form', () => {
  it('has its attributes as texts, without those that have no name', () => {
    const rows = [
      { name: 'country', value: 'NZ' },
      { name: ' ', value: 'x' },
      { name: ' plan ', value: 'pro' },
      { name: 'key', value: 'eve' },
      { name: 'country', value: 'FR' },
    ];
    expect(userOf('ada', rows)).toEqual({ key: 'ada', country: 'FR', plan: 'pro' });
  });

  it.each<[object, readonly (readonly [string, string])[]]>([
    [{}, []],
    [
      { country: 'NZ', age: 30, vip: true },
      [
        ['country', 'NZ'],
        ['age', '30'],
        ['vip', 'true'],
      ],
    ],
    [{ name: undefined, plan: null, tags: ['a'] }, [['tags', '["a"]']]],
  ])('shows %j', (attributes, rows) => {
    expect(attributesOf({ key: 'ada', ...attributes })).toEqual(rows.map(([name, value]) => ({ name, value })));
  });

  it.each<[object, boolean]>([
    [{ age: 30, plan: null }, true],
    [{ tags: ['a'] }, false],
    [{ place: { city: 'x' } }, false],
  ])('can show %j: %s', (attributes, fits) => {
    expect(fitsForm({ key: 'ada', ...attributes })).toBe(fits);
  });

  it('comes back from its rows as it was', () => {
    const user = { key: 'ada', country: 'NZ', 'app version': '4.2' };
    expect(userOf(user.key, attributesOf(user))).toEqual(user);
  });
});
