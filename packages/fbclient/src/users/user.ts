import { isBlank } from './blank.js';

/**
 * Where a program that makes users of the protocol's keeps a custom attribute that is called `key`. An application cannot give one: `key` is its
 * property for the user's key.
 */
export const KEY_ATTRIBUTE: unique symbol = Symbol('the custom attribute "key"');

/**
 * The user of an evaluation, as the rest of the SDK reads it: an object with a usable key. Everything else on it is read
 * with care, because applications put whole records of their own here.
 */
export interface User {
  readonly key: string;
  readonly [KEY_ATTRIBUTE]?: unknown;
  readonly [attribute: string]: unknown;
}

/** Whether a value can be a user: an object, not an array, whose own `key` is a string that is not blank. */
export function isUser(value: unknown): value is User {
  if (typeof value !== 'object' || value === null) return false;
  const key = ownProperty(value, 'key', (value as { readonly key?: unknown }).key, INHERITED.key);
  return typeof key === 'string' && !Array.isArray(value) && !isBlank(key);
}

/**
 * An attribute's value as text: numbers and booleans in JavaScript's spelling. `null`, `undefined` and values of any
 * other type (objects, dates, arrays, functions) count as absent.
 */
export function attributeText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return undefined;
  }
}

/** The user's name; `undefined` when there is none. */
export function nameOf(user: User): string | undefined {
  return attributeText(ownProperty(user, 'name', user.name, INHERITED.name));
}

/** The name to evaluate with and to report; `""`, which is a present empty string, when the user has none. */
export function readName(user: User): string {
  return nameOf(user) ?? '';
}

/** Properties that every object inherits. They mean nothing about a user, unless some program has put them there. */
export const INHERITED = Object.prototype as unknown as Readonly<Record<string, unknown>>;

/**
 * A property that the object itself has: an attribute called "constructor" is absent unless the application gave it.
 *
 * @param value what reading the property of the object gave.
 * @param inherited the same property of {@link INHERITED}. If it is `undefined` and the object is plain, `value` must be
 * the object's own, and the slower check is not needed.
 */
export function ownProperty(object: object, property: string, value: unknown, inherited: unknown): unknown {
  if (inherited === undefined && isPlain(object)) return value;
  return value === undefined || Object.hasOwn(object, property) ? value : undefined;
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === INHERITED || prototype === null;
}
