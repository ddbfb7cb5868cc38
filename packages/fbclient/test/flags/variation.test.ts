import { describe, expect, it } from 'vitest';
import { type ValueType, Variation, Variations } from '../../src/flags/variation.js';

function converted(value: string, type: ValueType): unknown {
  return new Variation('v', value).as(type);
}

describe('a variation’s value', () => {
  it.each<[string, ValueType, unknown]>([
    ['', 'string', ''],
    ['true', 'string', 'true'],
    [' x ', 'string', ' x '],
    ['true', 'boolean', true],
    ['TRUE', 'boolean', true],
    ['False', 'boolean', false],
    [' true', 'boolean', undefined],
    ['1', 'boolean', undefined],
    ['', 'boolean', undefined],
    ['ſalse', 'boolean', undefined],
    ['1.5e3', 'number', 1500],
    ['0x10', 'number', undefined],
    ['', 'number', undefined],
    ['1e999', 'number', undefined],
    ['null', 'json', null],
    ['false', 'json', false],
    ['0', 'json', 0],
    ['""', 'json', ''],
    ['[1,{"a":null}]', 'json', [1, { a: null }]],
    [' {} ', 'json', {}],
    ['', 'json', undefined],
    ['undefined', 'json', undefined],
    ["{'a':1}", 'json', undefined],
    ['{"a":1', 'json', undefined],
    ['NaN', 'json', undefined],
  ])('%j as %s', (value, type, expected) => {
    expect(converted(value, type)).toEqual(expected);
  });

  it('as JSON is parsed once and shared', () => {
    const variation = new Variation('v', '{"a":[1]}');
    expect(variation.as('json')).toBe(variation.as('json'));
  });

  it('as JSON cannot be changed, at any depth', () => {
    const json = converted('{"a":{"b":[{"c":1}]}}', 'json') as { a: { b: { c: number }[] } };
    expect(Object.isFrozen(json)).toBe(true);
    expect(Object.isFrozen(json.a.b)).toBe(true);
    expect(() => {
      json.a.b[0] = { c: 2 };
    }).toThrow(TypeError);
    expect(() => json.a.b.push({ c: 2 })).toThrow(TypeError);
    expect(json).toEqual({ a: { b: [{ c: 1 }] } });
  });

  it('as JSON may be as deep as the parser goes', () => {
    const depth = 5_000;
    let value = converted('['.repeat(depth) + ']'.repeat(depth), 'json');
    for (let level = 1; level < depth; level++) value = (value as unknown[])[0];
    expect(value).toEqual([]);
    expect(Object.isFrozen(value)).toBe(true);
  });

  it('as JSON has names of every kind, as own ones', () => {
    const json = converted('{"__proto__":{"polluted":true},"constructor":1}', 'json');
    expect(Object.keys(json as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    expect(Object.isFrozen(Reflect.get(Object.getOwnPropertyDescriptor(json, '__proto__') ?? {}, 'value'))).toBe(true);
    expect('polluted' in {}).toBe(false);
  });
});

describe('the variations of a flag', () => {
  const variations = new Variations([
    { id: 'a', value: 'first' },
    { id: 'b', value: 'other' },
    { id: 'a', value: 'second' },
  ]);

  it('are found by their ids; where one comes twice, the first counts', () => {
    expect(['a', 'b', 'c', ''].map((id) => variations.find(id)?.value)).toEqual([
      'first',
      'other',
      undefined,
      undefined,
    ]);
  });

  it('are one object each, whoever serves them', () => {
    expect(variations.find('b')).toBe(variations.find('b'));
    expect(variations.find('b')).not.toBe(variations.find('a'));
  });
});
