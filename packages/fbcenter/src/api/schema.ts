/**
 * Schemas of what goes over HTTP, from which the types are derived: a body is declared once. They describe, for the OpenAPI
 * document and for tests; no request is held to them.
 */
export interface Schema<T> {
  /** As JSON Schema 2020-12; named schemas stand in it as references. */
  readonly json: JsonSchema;
  /** The named schemas that it refers to, those within them too. */
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  /** Never there; carries the type. */
  readonly type?: T;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The type that a schema describes. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

/** A member that may be missing. */
export interface Optional<T> extends Schema<T> {
  readonly isOptional: true;
}

export type Members = Readonly<Record<string, Schema<unknown>>>;

type OptionalName<M> = { [Name in keyof M]: M[Name] extends Optional<unknown> ? Name : never }[keyof M];
type Flat<T> = { [Name in keyof T]: T[Name] };

/** An object of these members. */
export type ObjectOf<M> = Flat<
  { readonly [Name in Exclude<keyof M, OptionalName<M>>]: TypeOf<M[Name]> } & {
    readonly [Name in OptionalName<M>]?: TypeOf<M[Name]>;
  }
>;

export function text(description?: string, more: JsonSchema = {}): Schema<string> {
  return plain({ type: 'string', ...described(description), ...more });
}

/** A time as ISO 8601. */
export function time(description?: string): Schema<string> {
  return text(description, { format: 'date-time' });
}

export function whole(description?: string, more: JsonSchema = {}): Schema<number> {
  return plain({ type: 'integer', ...described(description), ...more });
}

export function number(description?: string): Schema<number> {
  return plain({ type: 'number', ...described(description) });
}

export function truth(description?: string): Schema<boolean> {
  return plain({ type: 'boolean', ...described(description) });
}

export function oneOf<const T extends readonly string[]>(values: T, description?: string): Schema<T[number]> {
  return plain({ type: 'string', enum: values, ...described(description) });
}

/** Any JSON at all. */
export function anything(description?: string): Schema<unknown> {
  return plain({ ...described(description) });
}

export function nullable<T>({ json, definitions }: Schema<T>): Schema<T | null> {
  return { json: { anyOf: [json, { type: 'null' }] }, definitions };
}

export function list<T>(item: Schema<T>, description?: string): Schema<readonly T[]> {
  return { json: { type: 'array', items: item.json, ...described(description) }, definitions: item.definitions };
}

/** An object of any members whose values are alike. */
export function mapOf<T>(value: Schema<T>, description?: string): Schema<Readonly<Record<string, T>>> {
  const json = { type: 'object', additionalProperties: value.json, ...described(description) };
  return { json, definitions: value.definitions };
}

export function either<A, B>(first: Schema<A>, second: Schema<B>): Schema<A | B> {
  return {
    json: { anyOf: [first.json, second.json] },
    definitions: { ...first.definitions, ...second.definitions },
  };
}

export function pair<A, B>(first: Schema<A>, second: Schema<B>, description?: string): Schema<readonly [A, B]> {
  const json = { type: 'array', prefixItems: [first.json, second.json], minItems: 2, maxItems: 2 };
  return { json: { ...json, ...described(description) }, definitions: { ...first.definitions, ...second.definitions } };
}

/** An object of these members and no others. */
export function object<const M extends Members>(members: M, description?: string): Schema<ObjectOf<M>> {
  return objectOf(members, { additionalProperties: false, ...described(description) });
}

/** An object of these members and any others. */
export function openObject<const M extends Members>(members: M, description?: string): Schema<ObjectOf<M>> {
  return objectOf(members, described(description));
}

export function optional<T>(schema: Schema<T>): Optional<T> {
  return { ...schema, isOptional: true };
}

function isOptional(schema: Schema<unknown>): boolean {
  return 'isOptional' in schema;
}

/** Gives a schema a name that it is referred to by. */
export function named<T>(name: string, { json, definitions }: Schema<T>): Schema<T> {
  return { json: { $ref: `#/components/schemas/${name}` }, definitions: { ...definitions, [name]: json } };
}

function objectOf<const M extends Members>(members: M, more: JsonSchema): Schema<ObjectOf<M>> {
  const entries = Object.entries(members);
  const required = entries.filter(([, schema]) => !isOptional(schema)).map(([name]) => name);
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
      ...(required.length === 0 ? {} : { required }),
      ...more,
    },
    definitions: Object.assign({}, ...entries.map(([, { definitions }]) => definitions)),
  };
}

function plain<T>(json: JsonSchema): Schema<T> {
  return { json, definitions: {} };
}

function described(description: string | undefined): JsonSchema {
  return description === undefined ? {} : { description };
}
