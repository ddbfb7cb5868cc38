import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLongJson } from '../../src/http/long-json.js';
import { misreadNumbers } from '../../src/http/numbers.js';
import { check } from '../support/property.js';

/** What becomes of a text that is taken apart wherever it is longer than a step. */
async function parsed(text: string, step?: number): Promise<unknown> {
  const result = await parseLongJson(text, () => {}, step).catch((error: unknown) => {
    if (error instanceof SyntaxError) return 'no JSON' as const;
    throw error;
  });
  return typeof result === 'string' ? result : result.value;
}

function parsedAtOnce(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return 'no JSON';
  }
}

/** JSON with spaces in it wherever there may be some. */
const spaced = fc
  .tuple(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, 3, '\t', '\r\n'))
  .map(([value, space]) => JSON.stringify(value, undefined, space as string | number | undefined));
const steps = fc.constantFrom(0, 1, 2, 5, 20, 100);

describe('a long JSON text', () => {
  it('is read as JSON.parse reads it, wherever it is taken apart', async () => {
    await check(
      fc.asyncProperty(spaced, steps, async (text, step) => {
        expect(await parsed(text, step)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is refused where JSON.parse refuses it: with something taken out, put in or exchanged', async () => {
    const pieces = fc.constantFrom('', ',', ':', '[', ']', '{', '}', '"', '\\', ' ', '1', 'null', '[],', '{}', '"a":');
    await check(
      fc.asyncProperty(spaced, fc.nat(), fc.nat(2), pieces, steps, async (text, where, length, piece, step) => {
        const at = where % (text.length + 1);
        const changed = text.slice(0, at) + piece + text.slice(at + length);
        expect(await parsed(changed, step)).toEqual(parsedAtOnce(changed));
      }),
    );
  });

  it.each([
    '[[1,2,3] [4,5,6]]',
    '[[1,2,3],]',
    '[,[1,2,3]]',
    '[1,[1,2,3]}',
    '{"a":[1,2,3],}',
    '{"a" [1,2,3]}',
    '{a:[1,2,3]}',
    '{"a":[1,2,3],"b"}',
    '{[1,2,3]:1}',
    '[1,2,3]]',
    '[[1,2,3]',
    '[1,2,3] x',
    'x [1,2,3]',
    '[1,2,,3]',
    '["1,2,3]',
    '',
    ' ',
  ])('is refused: %s', async (text) => {
    for (const step of [0, 3, 5]) expect(await parsed(text, step)).toBe('no JSON');
  });

  it.each<[string, string, unknown]>([
    ['the name of the prototype', '{"__proto__":{"a":[1,2]},"b":1}', JSON.parse('{"__proto__":{"a":[1,2]},"b":1}')],
    ['one name twice', '{"a":[1,2,3],"b":0,"a":[4,5,6]}', { a: [4, 5, 6], b: 0 }],
    ['nothing but spaces', `[${' '.repeat(200)}]`, []],
    ['an object of nothing but spaces', `{${'\n'.repeat(200)}}`, {}],
    ['quotes in names', '{"a\\"]":[1,2,3],"\\\\":[{"b":[]}]}', { 'a"]': [1, 2, 3], '\\': [{ b: [] }] }],
    ['one long text', JSON.stringify('[,{'.repeat(100)), '[,{'.repeat(100)],
    ['a number', ' 12 ', 12],
  ])('may have %s', async (_, text, value) => {
    for (const step of [0, 1, 7, 1_000]) expect(await parsed(text, step)).toEqual(value);
  });

  it('that is nested too deeply is not parsed', async () => {
    const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(await parseLongJson(lists(201), () => {})).toBe('too-deep');
    expect(await parsed(lists(200), 3)).toEqual(JSON.parse(lists(200)));
  });

  it('is shown in parts whose places are those of the whole', async () => {
    const numbers = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('1', '12345678901234567890', '0.1', '"9007199254740993"', '9007199254740993'),
        fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' , ')}]`),
        fc
          .array(fc.tuple(fc.constantFrom('a', 'b', 'c.d', '[0]'), tie('value')), { maxLength: 4 })
          .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(',')}}`),
      ),
    }));
    await check(
      fc.asyncProperty(numbers.value as fc.Arbitrary<string>, steps, async (text, step) => {
        const found: unknown[] = [];
        await parseLongJson(text, (part, place) => found.push(...misreadNumbers(part, place)), step);
        const whole = misreadNumbers(text);
        // Of one text twenty are enough.
        if (whole.length < 20) expect(found).toEqual(whole);
      }),
    );
  });

  it('lets others run while it is read', async () => {
    const text = JSON.stringify(
      Array.from({ length: 40_000 }, (_, index) => ({ key: `flag-${index}`, on: [true, null] })),
    );
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const value = await parsed(text);
    isOver = true;
    expect(value).toHaveLength(40_000);
    // However fast the machine is, two megabytes are more than one slice of five milliseconds.
    expect(turns).toBeGreaterThan(1);
  });
});
