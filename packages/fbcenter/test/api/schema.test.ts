import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  anything,
  either,
  list,
  mapOf,
  named,
  nullable,
  number,
  object,
  oneOf,
  openObject,
  optional,
  pair,
  type Schema,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from '../../src/api/schema.js';

describe('a schema', () => {
  it.each<[string, Schema<unknown>, object]>([
    ['a text', text(), { type: 'string' }],
    ['a text with what it is', text('What.'), { type: 'string', description: 'What.' }],
    ['a text with more to it', text(undefined, { minLength: 1 }), { type: 'string', minLength: 1 }],
    ['a time', time(), { type: 'string', format: 'date-time' }],
    ['a whole number', whole(), { type: 'integer' }],
    ['a number', number(), { type: 'number' }],
    ['a truth', truth('Whether.'), { type: 'boolean', description: 'Whether.' }],
    ['one of some texts', oneOf(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    ['anything', anything(), {}],
    ['what may be null', nullable(text()), { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    ['a list', list(whole(), 'Many.'), { type: 'array', items: { type: 'integer' }, description: 'Many.' }],
    ['a map', mapOf(truth()), { type: 'object', additionalProperties: { type: 'boolean' } }],
    ['one or the other', either(text(), whole()), { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
    [
      'a pair',
      pair(text(), number()),
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 2, maxItems: 2 },
    ],
    ['an object of nothing', object({}), { type: 'object', properties: {}, additionalProperties: false }],
    [
      'an object',
      object({ a: text(), b: optional(text()) }, 'Both.'),
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        required: ['a'],
        additionalProperties: false,
        description: 'Both.',
      },
    ],
    [
      'an object with more in it',
      openObject({ a: text() }),
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    ],
  ])('says what JSON Schema says: %s', (_, schema, json) => {
    expect(schema.json).toEqual(json);
    expect(schema.definitions).toEqual({});
  });

  it('with a name is referred to, and brings along what it refers to itself', () => {
    const inner = named('Inner', object({ a: text() }));
    const outer = named('Outer', object({ one: inner, many: list(nullable(inner)) }));
    const reference = { $ref: '#/components/schemas/Inner' };
    expect(outer.json).toEqual({ $ref: '#/components/schemas/Outer' });
    expect(Object.keys(outer.definitions)).toEqual(['Inner', 'Outer']);
    expect(outer.definitions.Outer).toMatchObject({
      properties: { one: reference, many: { items: { anyOf: [reference, { type: 'null' }] } } },
    });
    for (const around of [list(inner), mapOf(inner), either(text(), inner), pair(inner, text()), optional(inner)]) {
      expect(Object.keys(around.definitions)).toEqual(['Inner']);
    }
  });

  it('is the type that follows from it', () => {
    const schema = object({
      text: text(),
      kind: oneOf(['a', 'b']),
      maybe: optional(whole()),
      list: list(pair(text(), number())),
      none: nullable(truth()),
      map: mapOf(number()),
      either: either(truth(), text()),
      any: anything(),
    });
    expectTypeOf<TypeOf<typeof schema>>().toEqualTypeOf<{
      readonly text: string;
      readonly kind: 'a' | 'b';
      readonly maybe?: number;
      readonly list: readonly (readonly [string, number])[];
      readonly none: boolean | null;
      readonly map: Readonly<Record<string, number>>;
      readonly either: boolean | string;
      readonly any: unknown;
    }>();
    expect(schema.json.required).toEqual(['text', 'kind', 'list', 'none', 'map', 'either', 'any']);
  });
});
