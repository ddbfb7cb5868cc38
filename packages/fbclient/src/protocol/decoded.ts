/** What came from outside and could not be read. */
export interface Undecodable {
  readonly ok: false;
  /** What is wrong, as "path: fault". Names positions and types only, never values, so it is safe to log. */
  readonly problem: string;
}

/** The outcome of reading something that came from outside: a typed value, or one sentence on what is wrong with it. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | Undecodable;

export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

export function undecodable(problem: string): Undecodable {
  return { ok: false, problem };
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON type of a value, for messages that must not show the value itself. */
export function jsonTypeOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
