/** An event as the platform keeps it: one evaluation, one metric, or a user alone. */
export interface ReceivedEvent {
  readonly userKey: string;
  readonly userName: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly evaluation?: { readonly flagKey: string; readonly variationId: string; readonly value: string };
  readonly metric?: { readonly eventName: string; readonly value: number };
  /** Absent for a user alone. */
  readonly timestamp?: number;
}

/** What the server makes of a request's body: all of it is refused, or some of it is kept. */
export type BodyVerdict = { readonly status: 400 | 500 } | { readonly events: readonly ReceivedEvent[] };

type Json = Readonly<Record<string, unknown>>;

/** One element that cannot be read spoils the whole body. */
class Unreadable extends Error {}

/** What fails only when it is written, as an error of the server's. */
class Unwritable extends Error {}

const DEEPEST = 50;

/** Reads a body as the server's JSON reader and its models do. */
export function readInsightBody(text: string): BodyVerdict {
  try {
    if (hasHalfPair(text) || nesting(text) >= DEEPEST) throw new Unreadable();
    const body: unknown = parse(text);
    if (!Array.isArray(body)) throw new Unreadable();
    return { events: body.flatMap(eventsOf) };
  } catch (error) {
    if (error instanceof Unreadable) return { status: 400 };
    if (error instanceof Unwritable) return { status: 500 };
    throw error;
  }
}

/** What tells an event from others: scenes give each a user or a value of its own. */
export function eventId({ userKey, evaluation, metric }: ReceivedEvent): string {
  if (metric !== undefined) return `${userKey} ${metric.eventName} ${metric.value}`;
  if (evaluation !== undefined) return `${userKey} ${evaluation.flagKey} ${evaluation.variationId}`;
  return userKey;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable();
  }
}

/** Whether a text anywhere in the JSON, known or not, holds half of a surrogate pair. */
function hasHalfPair(text: string): boolean {
  // As UTF-8 it cannot be there: only as an escape.
  if (!/\\u[dD][89a-fA-F]/.test(text)) return false;
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"/g)].some(([token]) => /\p{Cs}/u.test(String(parse(token))));
}

function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth -= 1;
  }
  return deepest;
}

function eventsOf(element: unknown): readonly ReceivedEvent[] {
  // A null gets past the reader and fails behind it.
  if (element === null) throw new Unwritable();
  const payload = object(element);
  const user = optional(payload.user, object);
  const keyId = optional(user?.keyId, text);
  const userName = optional(user?.name, text) ?? '';
  const attributes = Object.fromEntries(
    (optional(user?.customizedProperties, list) ?? []).map(object).map(({ name, value }) => {
      return [optional(name, text) ?? '', optional(value, text) ?? ''];
    }),
  );
  const variations = listIn(payload, 'variations').map(object).map(evaluationOf);
  const metrics = listIn(payload, 'metrics').map(object).map(metricOf);
  // All was read: only now a user that is missing makes this element alone one to skip.
  if (keyId === undefined || keyId.trim() === '') return [];
  const base = { userKey: keyId, userName, attributes };
  const events = [...variations, ...metrics].filter((event) => event !== undefined);
  const isUserAlone = variations.length + metrics.length === 0;
  return isUserAlone ? [base] : events.map((event) => ({ ...base, ...event }));
}

function evaluationOf({ featureFlagKey, variation, timestamp }: Json): Partial<ReceivedEvent> | undefined {
  const at = whole(timestamp);
  const chosen = optional(variation, object);
  const flagKey = optional(featureFlagKey, text) ?? '';
  const variationId = optional(chosen?.id, text) ?? '';
  const value = optional(chosen?.value, text) ?? '';
  return chosen === undefined ? undefined : { evaluation: { flagKey, variationId, value }, timestamp: at };
}

function metricOf({ eventName, numericValue, timestamp }: Json): Partial<ReceivedEvent> {
  const at = whole(timestamp);
  const name = optional(eventName, text) ?? '';
  if (typeof numericValue !== 'number') throw new Unreadable();
  // The column is a 32-bit float.
  if (!Number.isFinite(Math.fround(numericValue))) throw new Unwritable();
  return { metric: { eventName: name, value: numericValue }, timestamp: at };
}

/** A list that is left out is empty; one that is null is an error. */
function listIn(payload: Json, name: string): readonly unknown[] {
  return name in payload ? list(payload[name]) : [];
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable();
  return value as Json;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unreadable();
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Unreadable();
  return value;
}

/** A whole number, as a number or as text. */
function whole(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw new Unreadable();
  return number;
}
