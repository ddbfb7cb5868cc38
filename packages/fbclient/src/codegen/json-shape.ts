import type { JsonValue } from '../flags/variation.js';
import { byCodeUnit, propertyText, unionText } from './type-text.js';

/** What is nested more deeply is `unknown`: nobody reads such a type, and the compiler has limits of its own. */
const MAX_DEPTH = 16;

interface Shape {
  readonly text: string;
  readonly isUnion: boolean;
}

/**
 * The type that has all of the values. Objects are put together: what some of them lack is optional.
 *
 * @returns TypeScript on one line.
 */
export function jsonShape(values: readonly JsonValue[]): string {
  return shape(values, 0).text;
}

function shape(values: readonly JsonValue[], depth: number): Shape {
  if (depth === MAX_DEPTH) return { text: 'unknown', isUnion: false };
  const types = new Set<string>();
  const lists: (readonly JsonValue[])[] = [];
  const objects: { readonly [name: string]: JsonValue }[] = [];
  for (const value of values) {
    if (isList(value)) lists.push(value);
    else if (typeof value === 'object' && value !== null) objects.push(value);
    else types.add(value === null ? 'null' : typeof value);
  }
  if (lists.length > 0) types.add(listShape(lists, depth));
  if (objects.length > 0) types.add(objectShape(objects, depth));
  return { text: unionText([...types].sort(byCodeUnit), 'unknown'), isUnion: types.size > 1 };
}

function listShape(lists: readonly (readonly JsonValue[])[], depth: number): string {
  // Of a list that is always empty nothing is known.
  const { text, isUnion } = shape(lists.flat(), depth + 1);
  return isUnion ? `(${text})[]` : `${text}[]`;
}

function objectShape(objects: readonly { readonly [name: string]: JsonValue }[], depth: number): string {
  // A Map: a property may be called __proto__.
  const properties = new Map<string, JsonValue[]>();
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      const values = properties.get(name);
      if (values === undefined) properties.set(name, [value]);
      else values.push(value);
    }
  }
  const texts = [...properties]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([name, values]) => {
      const optional = values.length < objects.length ? '?' : '';
      return `${propertyText(name)}${optional}: ${shape(values, depth + 1).text}`;
    });
  return texts.length === 0 ? 'Record<string, never>' : `{ ${texts.join('; ')} }`;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
