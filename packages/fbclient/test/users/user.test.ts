import { describe, expect, it } from 'vitest';
import { attributeReader } from '../../src/users/attribute-readers.js';
import { attributeText, isUser, KEY_ATTRIBUTE, readName, type User } from '../../src/users/user.js';
import { UNUSABLE_USERS } from '../support/odd-users.js';

describe('a user', () => {
  class Account {
    readonly key = 'ada';
    readonly #password = 'none';
    get secret(): string {
      return this.#password;
    }
  }

  it.each<[string, unknown]>([
    ['a key', { key: 'ada' }],
    ['a key with spaces around', { key: ' ada ' }],
    ['a key of other scripts', { key: 'Ада 👩‍💻' }],
    ['any attributes', { key: 'ada', nested: { deep: [1] }, when: new Date(0), fn: () => 1 }],
    ['no prototype', Object.assign(Object.create(null), { key: 'ada' })],
    ['a class of its own', new Account()],
    [
      'a key by a getter',
      {
        get key() {
          return 'ada';
        },
      },
    ],
    ['a frozen object', Object.freeze({ key: 'ada' })],
  ])('can be used with %s', (_name, user) => {
    expect(isUser(user)).toBe(true);
  });

  it.each(UNUSABLE_USERS)('cannot be used: %s', (_name, user) => {
    expect(isUser(user)).toBe(false);
  });
});

describe('an attribute', () => {
  it.each<[unknown, string | undefined]>([
    ['', ''],
    ['NL', 'NL'],
    [0, '0'],
    [-0, '0'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [10n, '10'],
    [-9_007_199_254_740_993n, '-9007199254740993'],
    [true, 'true'],
    [false, 'false'],
    [undefined, undefined],
    [null, undefined],
    [Symbol('NL'), undefined],
    [{}, undefined],
    [['NL'], undefined],
    [new String('NL'), undefined],
    [new Date(0), undefined],
    [() => 'NL', undefined],
  ])('of the value %s is the text %j', (value, text) => {
    expect(attributeText(value)).toBe(text);
  });

  const user: User = { key: 'ada', name: 'Ada', keyId: 'wrong', country: 'NL', age: 36, member: false, nothing: null };

  it.each<[string, string | undefined]>([
    ['keyId', 'ada'],
    ['key', undefined],
    ['name', 'Ada'],
    ['country', 'NL'],
    ['Country', undefined],
    [' country', undefined],
    ['age', '36'],
    ['member', 'false'],
    ['nothing', undefined],
    ['absent', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
    ['toString', undefined],
    ['hasOwnProperty', undefined],
  ])('by the name %s is %j', (name, text) => {
    expect(attributeText(attributeReader(name)(user))).toBe(text);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'called %s is an ordinary one when the application gave it',
    (name) => {
      const own = JSON.parse(`{"key":"ada","${name}":"given"}`) as User;
      expect(attributeReader(name)(own)).toBe('given');
    },
  );

  it('called key is the one that a program made of a user of the protocol, never the key itself', () => {
    const read = attributeReader('key');
    expect(read({ key: 'ada', [KEY_ATTRIBUTE]: 'given' })).toBe('given');
    expect(read({ key: 'ada' })).toBeUndefined();
    expect(attributeReader('keyId')({ key: 'ada', [KEY_ATTRIBUTE]: 'given' })).toBe('ada');
  });

  it('that is inherited is absent', () => {
    const child = Object.assign(Object.create({ country: 'NL', name: 'Ada' }), { key: 'ada' }) as User;
    expect(attributeReader('country')(child)).toBeUndefined();
    expect(attributeReader('name')(child)).toBe('');
  });

  it('that some program gave to all objects is absent', () => {
    const everything = Object.prototype as unknown as Record<string, unknown>;
    Object.assign(everything, { key: 'eve', name: 'Eve', country: 'NL' });
    try {
      expect(isUser({})).toBe(false);
      expect(attributeReader('country')({ key: 'ada' })).toBeUndefined();
      expect(attributeReader('country')({ key: 'ada', country: 'BE' })).toBe('BE');
      expect(readName({ key: 'ada' })).toBe('');
    } finally {
      delete everything.key;
      delete everything.name;
      delete everything.country;
    }
  });

  it('is found among any number of others, whatever was asked for before', () => {
    const names = Array.from({ length: 100 }, (_, i) => `attribute ${i}`);
    const readers = names.map((name) => attributeReader(name));
    const rich: User = { key: 'ada', ...Object.fromEntries(names.map((name, i) => [name, i])) };
    expect(readers.map((read) => read(rich))).toEqual(names.map((_, i) => i));
    expect(readers.map((read) => read({ key: 'ada', 'attribute 50': 'only' })).filter(Boolean)).toEqual(['only']);
  });
});

describe('the name', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'Ada', 'Ada'],
    ['an empty text', '', ''],
    ['a number', 5, '5'],
    ['nothing', undefined, ''],
    ['null', null, ''],
    ['an object', {}, ''],
  ])('of %s is read', (_name, name, text) => {
    expect(readName({ key: 'ada', name })).toBe(text);
  });

  it('is the empty text when there is none', () => {
    expect(readName({ key: 'ada' })).toBe('');
  });
});
