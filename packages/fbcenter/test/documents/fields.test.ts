import { describe, expect, it } from 'vitest';
import { Faults } from '../../src/documents/faults.js';
import { Fields, refuseDuplicates } from '../../src/documents/fields.js';
import { keyProblem } from '../../src/documents/keys.js';

/** What reading gives, and the faults that it leaves. */
function read<T>(value: unknown, take: (fields: Fields) => T, path = ''): [T, string[]] {
  const faults = new Faults();
  const result = take(new Fields({ value, path }, faults));
  return [result, faults.list.map(({ code, path: place }) => `${code} ${place}`)];
}

describe('a field', () => {
  type Case = readonly [
    name: string,
    value: unknown,
    take: (fields: Fields) => unknown,
    result: unknown,
    faults: string[],
  ];

  it.each<Case>([
    ['text', { a: 'x' }, (fields) => fields.text('a'), 'x', []],
    ['text that is empty', { a: '' }, (fields) => fields.text('a'), '', []],
    ['text that is missing', {}, (fields) => fields.text('a'), '', ['missing a']],
    ['text that is null', { a: null }, (fields) => fields.text('a'), '', ['missing a']],
    ['text that may be left out', {}, (fields) => fields.text('a', 'd'), 'd', []],
    ['text that is null and may be left out', { a: null }, (fields) => fields.text('a', 'd'), 'd', []],
    ['text that is a number', { a: 5 }, (fields) => fields.text('a', 'd'), '', ['wrong-type a']],
    ['filled text', { a: 'x' }, (fields) => fields.filledText('a'), 'x', []],
    ['filled text that is blank', { a: ' ' }, (fields) => fields.filledText('a'), ' ', ['blank a']],
    ['filled text that is missing', {}, (fields) => fields.filledText('a'), '', ['missing a']],
    ['text or null', { a: null }, (fields) => fields.textOrNull('a'), null, []],
    ['text or null that is missing', {}, (fields) => fields.textOrNull('a'), null, []],
    ['text or null that is a list', { a: [] }, (fields) => fields.textOrNull('a'), null, ['wrong-type a']],
    ['true or false', { a: false }, (fields) => fields.boolean('a', true), false, []],
    ['true or false that is a text', { a: 'true' }, (fields) => fields.boolean('a', true), false, ['wrong-type a']],
    ['a number', { a: 0 }, (fields) => fields.number('a', 5), 0, []],
    ['a number that is a text', { a: '0' }, (fields) => fields.number('a'), 0, ['wrong-type a']],
    ['texts', { a: ['x', 'y'] }, (fields) => fields.texts('a'), ['x', 'y'], []],
    [
      'texts with others among them',
      { a: ['x', 1, null] },
      (fields) => fields.texts('a'),
      ['x'],
      ['wrong-type a[1]', 'wrong-type a[2]'],
    ],
    ['texts that are an object', { a: {} }, (fields) => fields.texts('a', []), [], ['wrong-type a']],
    [
      'a list with its places',
      { a: [1, 2] },
      (fields) => fields.list('a').map(({ path }) => path),
      ['a[0]', 'a[1]'],
      [],
    ],
    ['a name of every object', {}, (fields) => fields.text('constructor', 'd'), 'd', []],
    ['such a name of its own', JSON.parse('{"__proto__":"x"}'), (fields) => fields.text('__proto__'), 'x', []],
    ['an object', { a: { b: 'x' } }, (fields) => fields.object('a')?.text('b'), 'x', []],
    [
      'an object in which something is missing',
      { a: {} },
      (fields) => fields.object('a')?.text('b'),
      '',
      ['missing a.b'],
    ],
    ['an object that is missing', {}, (fields) => fields.object('a'), undefined, ['missing a']],
    ['an object that is a list', { a: [] }, (fields) => fields.object('a')?.source, {}, ['wrong-type a']],
  ])('of %s', (_, value, take, result, faults) => {
    expect(read(value, take)).toEqual([result, faults]);
  });

  it.each([null, undefined, 5, 'x', [], true])('of %j, which has no fields, is one fault and no more', (value) => {
    const [, faults] = read(value, (fields) => [fields.text('a'), fields.number('b'), fields.list('c')], 'rules[0]');
    expect(faults).toEqual(['wrong-type rules[0]']);
  });
});

describe('ids', () => {
  it.each<[string[], string[]]>([
    [['a', 'b'], []],
    [
      ['a', 'b', 'a', 'a'],
      ['duplicate-id [2].id', 'duplicate-id [3].id'],
    ],
    [['', ''], []],
    [['a', 'A'], []],
    [['__proto__', '__proto__'], ['duplicate-id [1].id']],
  ])('%j have the faults %j', (ids, expected) => {
    const faults = new Faults();
    refuseDuplicates(
      ids.map((id, index) => ({ value: { id }, path: `[${index}]` })),
      faults,
    );
    expect(faults.list.map(({ code, path }) => `${code} ${path}`)).toEqual(expected);
  });
});

describe('a key', () => {
  it.each(['a', 'a b', 'a/b', '?', '#', '..', 'ключ', '🚩', '__proto__', 'x'.repeat(256)])('may be %j', (key) => {
    expect(keyProblem(key)).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ['', /blank/],
    [' \t', /blank/],
    [' a', /white space/],
    ['a\n', /white space/],
    ['x'.repeat(257), /256/],
    ['a\u0000b', /control/],
    ['a\u001fb', /control/],
    ['a\ud800', /Unicode/],
  ])('may not be %j, and the reason says why', (key, reason) => {
    expect(keyProblem(key)).toMatch(reason);
  });
});
