import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { misreadNumbers } from '../../src/http/numbers.js';
import { misreadNumber } from '../../src/model/exact-number.js';
import { check } from '../support/property.js';

describe('a number', () => {
  it.each<[string, string | undefined]>([
    ['0', undefined],
    ['-0', undefined],
    ['0.0e99', undefined],
    ['1', undefined],
    ['9007199254740991', undefined],
    ['9007199254740992', undefined],
    ['9007199254740993', '9007199254740992'],
    ['-9007199254740993', '-9007199254740992'],
    ['9007199254740994', undefined],
    ['9007199254740993.0', '9007199254740992'],
    ['9007199254740992.5', '9007199254740992'],
    ['12345678901234567890', '12345678901234567000'],
    ['12345678901234567000', undefined],
    ['1e21', undefined],
    ['1E+21', undefined],
    ['10e20', undefined],
    ['1000000000000000000000', undefined],
    ['1000000000000000000001', '1e+21'],
    ['1.7976931348623157e308', undefined],
    ['1e309', 'infinite'],
    ['-1e999', 'infinite'],
    ['1e-324', '0'],
    ['5e-324', undefined],
    // Fractions are rounded to the nearest there is, as everywhere.
    ['0.1', undefined],
    ['0.3333333333333333333333', undefined],
    ['3.14159265358979323846', undefined],
  ])('%s becomes %s', (text, expected) => {
    expect(misreadNumber(text)).toBe(expected);
  });

  it('that JavaScript writes is read as itself', async () => {
    await check(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(misreadNumber(String(value))).toBeUndefined();
      }),
    );
  });

  it('is another one exactly when, as a whole number, it is', async () => {
    await check(
      fc.property(fc.bigInt(-(2n ** 70n), 2n ** 70n), (value) => {
        const isKept = BigInt(Number(value)) === value;
        // A digit more than is kept may still be the number that is kept: then it is written otherwise.
        if (isKept) return;
        expect(misreadNumber(String(value))).toBeDefined();
      }),
    );
  });
});

describe('the numbers of a text', () => {
  it.each<[string, readonly string[]]>([
    ['{"a":1,"b":[1.5,2]}', []],
    ['9007199254740993', ['']],
    ['{"a":9007199254740993}', ['a']],
    ['{"a":[1,{"b":[0,9007199254740993]}],"c":1e999}', ['a[1].b[1]', 'c']],
    ['[[],{},9007199254740993]', ['[2]']],
    ['{"a\\"]}":[9007199254740993]}', ['a"]}[0]']],
    ['{"\\u0061":9007199254740993}', ['a']],
    ['{"a":"9007199254740993","b":"x\\\\","c":"[9007199254740993]"}', []],
    ['{"9007199254740993":1}', []],
    [' { "a" : [ 1 , 9007199254740993 ] } ', ['a[1]']],
  ])('%s are misread at %j', (text, expected) => {
    JSON.parse(text);
    expect(misreadNumbers(text).map(({ path }) => path)).toEqual(expected);
  });

  it('are reported with what they would become, and not by the thousand', () => {
    expect(misreadNumbers('{"a":12345678901234567890}')).toEqual([
      {
        code: 'inexact-number',
        path: 'a',
        message: expect.stringMatching(/^12345678901234567890 would become 12345678901234567000: /),
      },
    ]);
    expect(misreadNumbers(`[${'9007199254740993,'.repeat(1_000)}1]`)).toHaveLength(20);
    expect(misreadNumbers('9'.repeat(1_000))[0]?.message.length).toBeLessThan(200);
  });
});

describe('a part of a text', () => {
  it.each<[string, readonly (number | string)[], string[]]>([
    ['1,12345678901234567890', ['flags', 40], ['flags[41]']],
    ['12345678901234567890', ['flags', 40], ['flags[40]']],
    ['"a":12345678901234567890,"b":[0,12345678901234567890]', ['flags', 3, ''], ['flags[3].a', 'flags[3].b[1]']],
    ['{"n":12345678901234567890},{"n":1},{"n":12345678901234567890}', [7], ['[7].n', '[9].n']],
    ['"a":{"b":12345678901234567890}', [''], ['a.b']],
    ['1,2,3', ['flags', 40], []],
  ])('%s has its places in the whole: %j', (part, place, paths) => {
    expect(misreadNumbers(part, place).map(({ path }) => path)).toEqual(paths);
  });

  it('leaves the place that it was given as it was', () => {
    const place = ['flags', 0] as const;
    misreadNumbers('1,12345678901234567890', place);
    expect(place).toEqual(['flags', 0]);
  });
});
