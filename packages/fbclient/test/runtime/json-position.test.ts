import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from '../../src/runtime/json-position.js';
import { check } from '../support/property.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('where a text stops being JSON', () => {
  it.each<[string, number, number, string]>([
    ['', 1, 1, 'a value'],
    ['  \n ', 2, 2, 'a value'],
    ['{', 1, 2, 'a property name or }'],
    ['{"a"', 1, 5, ':'],
    ['{"a":', 1, 6, 'a value'],
    ['{"a":1', 1, 7, ', or }'],
    ['{"a":1,', 1, 8, 'a property name'],
    ['{"a":1,}', 1, 8, 'a property name'],
    ['{a:1}', 1, 2, 'a property name or }'],
    ["{'a':1}", 1, 2, 'a property name or }'],
    ['{"a" 1}', 1, 6, ':'],
    ['{"a":1 "b":2}', 1, 8, ', or }'],
    ['[', 1, 2, 'a value or ]'],
    ['[1,]', 1, 4, 'a value'],
    ['[1 2]', 1, 4, ', or ]'],
    ['[}', 1, 2, 'a value or ]'],
    ['{"a":[}', 1, 7, 'a value or ]'],
    ['1 2', 1, 3, 'the end'],
    ['{}}', 1, 3, 'the end'],
    ['{\n  "flags": [\n    tru\n  ]\n}', 3, 5, 'a value or ]'],
    ['{\r\n"a": 01}', 2, 6, 'a value'],
    ['["open]', 1, 2, 'a value or ]'],
    ['["a\tb"]', 1, 2, 'a value or ]'],
    ['["\\x"]', 1, 2, 'a value or ]'],
    ['[undefined]', 1, 2, 'a value or ]'],
    ['[NaN]', 1, 2, 'a value or ]'],
    ['[.5]', 1, 2, 'a value or ]'],
    ['[1.]', 1, 2, 'a value or ]'],
    ['[+1]', 1, 2, 'a value or ]'],
    ['\ufeff{}', 1, 1, 'a value'],
    ['// comment\n{}', 1, 1, 'a value'],
  ])('%j', (text, line, column, expected) => {
    expect(isJson(text)).toBe(false);
    expect(findJsonFault(text)).toEqual({ line, column, expected });
  });

  it('is nowhere exactly in the texts that the parser takes', async () => {
    const json = fc.json({ maxDepth: 3 });
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '0',
      'e',
      '.',
      'true',
      'null',
      ' ',
      '\n',
      '\\',
      'x',
    );
    const pieces = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
    const damaged = fc.tuple(json, fc.nat(), pieces).map(([text, at, junk]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + junk + text.slice(cut + junk.length);
    });
    await check(
      fc.property(fc.oneof(json, pieces, damaged), (text) => {
        expect(findJsonFault(text) === undefined).toBe(isJson(text));
      }),
      2_000,
    );
  });

  it('is never behind the place where a text was cut off', async () => {
    await check(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (json, at) => {
        const text = json.slice(0, at % json.length);
        const fault = findJsonFault(text);
        // A shorter number is a number as well.
        if (fault !== undefined) expect(fault.line === 1 && fault.column <= text.length + 1).toBe(true);
      }),
      500,
    );
  });

  it('is found in texts of many megabytes', () => {
    const long = `["${'x'.repeat(8_000_000)}", ]`;
    expect(findJsonFault(long)).toEqual({ line: 1, column: 8_000_006, expected: 'a value' });
  });
});
