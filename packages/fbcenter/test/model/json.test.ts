import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFields } from '../../src/model/audit.js';
import { isEqualJson, isJsonObject } from '../../src/model/json.js';
import { check } from '../support/property.js';

describe('two JSON values', () => {
  it.each<[unknown, unknown]>([
    [1, 1],
    [0, -0],
    ['a', 'a'],
    [null, null],
    [[], []],
    [{}, {}],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: undefined }, {}],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1, c: undefined }] }],
    [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  ])('say the same: %j and %j', (a, b) => {
    expect([isEqualJson(a, b), isEqualJson(b, a)]).toEqual([true, true]);
  });

  it.each<[unknown, unknown]>([
    [1, 2],
    [1, '1'],
    [0, false],
    [0, null],
    ['', null],
    [null, {}],
    [null, undefined],
    [[], {}],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 1]],
    [[undefined], []],
    [{ a: null }, {}],
    [{ a: 1 }, { A: 1 }],
    [{ toString: 1 }, {}],
    [{ a: {} }, { a: [] }],
    [JSON.parse('{"__proto__":1}'), {}],
    [{ length: 0 }, []],
  ])('do not say the same: %j and %j', (a, b) => {
    expect([isEqualJson(a, b), isEqualJson(b, a)]).toEqual([false, false]);
  });

  it('say the same exactly when their texts with sorted members do', () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (!isJsonObject(value)) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, sorted(one)]),
      );
    };
    const value = fc.jsonValue({ maxDepth: 3 });
    // A value, and one that is often nearly the same.
    const pairs = fc.oneof(
      fc.tuple(value, value),
      value.map((one) => [one, structuredClone(one)] as const),
    );
    return check(
      fc.property(pairs, ([a, b]) => {
        fc.pre(!/"__proto__"/.test(JSON.stringify([a, b])));
        expect(isEqualJson(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
      300,
    );
  });

  it.each<[unknown, boolean]>([
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    [undefined, false],
    ['{}', false],
    [5, false],
    [() => {}, false],
  ])('of which one is an object: %j is %s', (value, is) => {
    expect(isJsonObject(value)).toBe(is);
  });
});

describe('the changed parts of a document', () => {
  it.each<[string, Record<string, unknown> | undefined, Record<string, unknown> | undefined, string[]]>([
    ['nothing of nothing', undefined, undefined, []],
    ['nothing where it says the same', { name: 'a', rules: [{ x: 1 }] }, { rules: [{ x: 1 }], name: 'a' }, []],
    ['all of a new one', undefined, { name: 'a', rules: [] }, ['name', 'rules']],
    ['all of one that is gone', { name: 'a', rules: [] }, undefined, ['name', 'rules']],
    ['one that is another value', { name: 'a', on: true }, { name: 'a', on: false }, ['on']],
    ['one that came and one that went', { name: 'a' }, { note: 'b' }, ['name', 'note']],
    [
      'one that is deep inside',
      { rules: [{ conditions: [{ value: '1' }] }] },
      { rules: [{ conditions: [{ value: '2' }] }] },
      ['rules'],
    ],
    [
      'not what the server decides',
      { id: 1, updatedAt: 'a', updatorId: 'x' },
      { id: 2, updatedAt: 'b', updatorId: 'y' },
      [],
    ],
    ['not what was only an answer', { warnings: [] }, { warnings: ['w'] }, []],
  ])('are %s', (_, before, after, fields) => {
    expect(changedFields(before, after)).toEqual(fields);
  });

  it('are none for a copy, and the very one for a copy with one part changed', () => {
    const document = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 2 }), {
      minKeys: 1,
      maxKeys: 6,
    });
    return check(
      fc.property(document, fc.nat(), (before, at) => {
        const names = Object.keys(before).filter((name) => !['id', 'warnings'].includes(name));
        fc.pre(names.length > 0);
        const name = names[at % names.length] ?? '';
        expect(changedFields(before, structuredClone(before))).toEqual([]);
        expect(changedFields(before, { ...before, [name]: ['changed', before[name]] })).toEqual([name]);
      }),
      200,
    );
  });
});
