import { isJsonObject, type JsonObject } from '../model/json.js';
import { nearestName } from '../model/near-name.js';
import { type Faults, type Located, quoted } from './faults.js';

/**
 * Reads the fields of one JSON object. A field that is missing (or null) takes the fallback, without one it is a fault; a
 * field of the wrong type is a fault; nothing is converted. After a fault some value of the right type is returned so
 * that reading goes on: a document with a fault is never used.
 */
export class Fields {
  readonly source: JsonObject;
  readonly faults: Faults;
  readonly #path: string;
  readonly #isObject: boolean;
  readonly #known = new Set<string>();

  constructor({ value, path }: Located<unknown>, faults: Faults) {
    this.faults = faults;
    this.#path = path;
    this.#isObject = isJsonObject(value);
    this.source = isJsonObject(value) ? value : {};
    if (!this.#isObject) faults.add('wrong-type', path, `Expected an object, got ${jsonType(value)}.`);
  }

  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  text(name: string, fallback?: string): string {
    const value = this.#value(name, fallback, 'a string');
    if (typeof value === 'string') return value;
    return this.#wrong(name, 'a string', value, '');
  }

  /** A string with something other than white space in it. */
  filledText(name: string, fallback?: string): string {
    const text = this.text(name, fallback);
    if (text.trim() === '' && typeof this.source[name] === 'string') {
      this.faults.add('blank', this.path(name), 'Must not be blank.');
    }
    return text;
  }

  textOrNull(name: string): string | null {
    this.#known.add(name);
    const value = this.source[name] ?? null;
    return value === null || typeof value === 'string' ? value : this.#wrong(name, 'a string or null', value, null);
  }

  boolean(name: string, fallback?: boolean): boolean {
    const value = this.#value(name, fallback, 'true or false');
    return typeof value === 'boolean' ? value : this.#wrong(name, 'true or false', value, false);
  }

  number(name: string, fallback?: number): number {
    const value = this.#value(name, fallback, 'a number');
    return typeof value === 'number' ? value : this.#wrong(name, 'a number', value, 0);
  }

  /** The items of a list, each with its path. */
  list(name: string, fallback?: readonly unknown[]): readonly Located<unknown>[] {
    const value = this.#value(name, fallback, 'an array');
    const list = Array.isArray(value) ? value : this.#wrong(name, 'an array', value, []);
    return list.map((item: unknown, index) => ({ value: item, path: `${this.path(name)}[${index}]` }));
  }

  texts(name: string, fallback?: readonly string[]): readonly string[] {
    return this.list(name, fallback).flatMap(({ value, path }) => {
      if (typeof value === 'string') return [value];
      this.faults.add('wrong-type', path, `Expected a string, got ${jsonType(value)}.`);
      return [];
    });
  }

  /** The items of a list, read one by one. */
  each<T>(name: string, read: (item: Located<unknown>) => T, fallback?: readonly unknown[]): readonly Located<T>[] {
    return this.list(name, fallback).map((item) => ({ value: read(item), path: item.path }));
  }

  /** A nested object, or nothing after a fault. */
  object(name: string): Fields | undefined {
    const value = this.#value(name, undefined, 'an object');
    if (value === MISSING) return undefined;
    return new Fields({ value, path: this.path(name) }, this.faults);
  }

  /**
   * Warns of fields that are not known but nearly are. Call it when everything has been read: what was read is known.
   *
   * @param others known fields that are not read here.
   */
  warnOfMisspelt(...others: readonly string[]): void {
    for (const [name, near] of this.#misspelt(others)) {
      const message = `This field is kept, but nothing is done with it: did you mean ${JSON.stringify(near)}?`;
      this.faults.warn('unknown-field', this.path(name), message);
    }
  }

  /** The same as faults, where nothing is kept but what is known: what is misspelt would be lost without a word. */
  refuseMisspelt(...others: readonly string[]): void {
    for (const [name, near] of this.#misspelt(others)) {
      this.faults.add('invalid-key', this.path(name), `There is no such field: did you mean ${JSON.stringify(near)}?`);
    }
  }

  #misspelt(others: readonly string[]): readonly (readonly [name: string, near: string])[] {
    const known = [...this.#known, ...others];
    return Object.keys(this.source).flatMap((name) => {
      const near = known.includes(name) ? undefined : nearestName(name, known);
      // What is there under its right name, too, is not misspelt.
      return near === undefined || Object.hasOwn(this.source, near) ? [] : [[name, near] as const];
    });
  }

  #value(name: string, fallback: unknown, expected: string): unknown {
    this.#known.add(name);
    // Own fields only: a field called "constructor" is there only if the document has it.
    const value = (Object.hasOwn(this.source, name) ? this.source[name] : undefined) ?? fallback;
    if (value !== undefined) return value;
    // If the value is not an object, do not also report its missing fields.
    if (this.#isObject) this.faults.add('missing', this.path(name), `Required: ${expected}${this.#hintAt(name)}.`);
    return MISSING;
  }

  /** The field that may be meant to be one that is missing. */
  #hintAt(name: string): string {
    const others = Object.keys(this.source).filter((field) => field !== name);
    const near = others.find((field) => nearestName(field, [name]) !== undefined);
    return near === undefined ? '' : `; ${quoted(near)} may be meant to be it`;
  }

  #wrong<T>(name: string, expected: string, value: unknown, substitute: T): T {
    if (value !== MISSING) {
      this.faults.add('wrong-type', this.path(name), `Expected ${expected}, got ${jsonType(value)}.`);
    }
    return substitute;
  }
}

/** Writes down each id that another item before it has. */
export function refuseDuplicates(items: readonly Located<{ readonly id: string }>[], faults: Faults): void {
  const seen = new Set<string>();
  for (const { value, path } of items) {
    // An id that is missing is a fault of its own.
    if (value.id !== '' && seen.has(value.id)) {
      faults.add('duplicate-id', `${path}.id`, 'Another one before it has the same id.');
    }
    seen.add(value.id);
  }
}

/** Stands for a field whose absence is already written down as a fault. */
const MISSING = Symbol('missing');

function jsonType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
