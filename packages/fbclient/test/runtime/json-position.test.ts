import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault, findJsonValue, jsonFaultSteps, jsonValueSteps } from '../../src/runtime/json-position.js';
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

describe('where a value is in a JSON text', () => {
  const text = '{\n  "a": [1, {"b": "x:,]"},\n    {"b": null}\n  ],\n  "c\\u0064": {"": true}, "c": 5\n}';

  it.each<[readonly (string | number)[], number, number]>([
    [[], 1, 1],
    [['a'], 2, 8],
    [['a', 0], 2, 9],
    [['a', 1], 2, 12],
    [['a', 1, 'b'], 2, 18],
    [['a', 2, 'b'], 3, 11],
    [['cd', ''], 5, 19],
    [['c'], 5, 31],
    // What is not there is where the value around it is.
    [['a', 2, 'missing', 0], 3, 5],
    [['a', 7], 2, 8],
    [['nowhere'], 1, 1],
  ])('%j is in line %i, column %i', (path, line, column) => {
    expect(findJsonValue(text, path)).toEqual({ line, column });
  });

  it('is found in any JSON', async () => {
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    const property = fc.property(tree, fc.nat(), fc.constantFrom(0, 1, 3), (value, choice, indent) => {
      const paths = pathsOf(value);
      const path = paths[choice % paths.length] ?? [];
      const json = JSON.stringify(value, null, indent);
      const { line, column } = findJsonValue(json, path);
      const at =
        json
          .split('\n')
          .slice(0, line - 1)
          .reduce((sum, one) => sum + one.length + 1, 0) +
        column -
        1;
      const own = JSON.stringify(
        path.reduce((from, name) => (from as Record<string, unknown>)[name], value),
        null,
        indent,
      );
      return (
        json.startsWith(own.slice(0, 1), at) && JSON.stringify(startOf(json.slice(at))) === JSON.stringify(startOf(own))
      );
    });
    await check(property, 1_000);
  });

  /** Every path in a value, its own included. */
  function pathsOf(value: unknown): (string | number)[][] {
    if (typeof value !== 'object' || value === null) return [[]];
    const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    return [[], ...entries.flatMap(([name, part]) => pathsOf(part).map((path) => [name, ...path]))];
  }

  /** The first tokens of a text, without the space between them: enough to know a value again. */
  function startOf(text: string): readonly string[] {
    return (text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []).slice(0, 1);
  }
});

describe('a search in a long text gives others a turn', () => {
  const text = `[${'{"a":1},'.repeat(10_000)}{"a":}]`;

  it.each<[string, () => Iterator<void, unknown>]>([
    ['where it stops being JSON', () => jsonFaultSteps(text, text.length)],
    ['where a value is', () => jsonValueSteps(text.replace(':}', ':2}'), [10_000, 'a'])],
  ])('for %s', (_name, search) => {
    const steps = search();
    let count = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) count += 1;
    expect(step.value).toMatchObject({ line: 1, column: text.length - 1 });
    expect(count).toBeGreaterThan(10);
  });
});
