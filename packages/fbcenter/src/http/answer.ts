import type { Bytes } from '../runtime/bytes.js';
import type { Transfer } from '../runtime/transfer.js';
import type { EventSource } from './event-streams.js';

/** What a handler sends back. */
export interface Answer {
  readonly status: number;
  /** A list sends its header several times, as `Set-Cookie` needs it. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body: Body;
  /** The room that was taken for the body before it was read; sending the answer ends it. */
  readonly transfer?: Transfer;
}

type Body =
  | { readonly kind: 'empty' }
  /** A value that is written as JSON. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** JSON already. */
  | { readonly kind: 'json-text'; readonly text: Buffer }
  /** The same in parts that are shared, for SDKs; whoever makes it compresses it. */
  | { readonly kind: 'json-bytes'; readonly content: Bytes }
  /** Anything else, sent as it is. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly type: string }
  /** Written piece by piece, as fast as the client takes them; {@link Answer.transfer} is its place among those who are sent such. */
  | { readonly kind: 'stream'; readonly type: string; pieces(): AsyncIterable<Buffer> }
  /** Server-sent events for as long as the client stays. */
  | {
      readonly kind: 'events';
      readonly source: EventSource;
      /** Whether they go to the few who manage the center, or to pages of the world. */
      readonly readers: 'few' | 'many';
    };

/** The type parameter is the promise that the body keeps: one of the types of api/. */
export function json<T>(value: T, status = 200): Answer {
  return { status, body: { kind: 'json', value } };
}

/** As {@link json}, for a value that may be long: it is compressed where the caller takes that. */
export function longJson<T>(value: T): Answer {
  return jsonText(JSON.stringify(value));
}

/** Sends documents as they are kept, without parsing them. */
export function jsonText(text: Buffer | string, status = 200, headers: Answer['headers'] = {}): Answer {
  return { status, headers, body: { kind: 'json-text', text: Buffer.isBuffer(text) ? text : Buffer.from(text) } };
}

/** As {@link jsonText}, for what is held in parts. */
export function jsonBytes(content: Bytes): Answer {
  return { status: 200, body: { kind: 'json-bytes', content } };
}

export function bytes(content: Buffer, type: string, headers: Answer['headers'] = {}): Answer {
  return { status: 200, headers, body: { kind: 'bytes', bytes: content, type } };
}

export function stream(
  type: string,
  pieces: () => AsyncIterable<Buffer>,
  transfer: Transfer,
  headers: Answer['headers'] = {},
): Answer {
  return { status: 200, headers, body: { kind: 'stream', type, pieces }, transfer };
}

export function events(source: EventSource, readers: 'few' | 'many' = 'few'): Answer {
  return { status: 200, body: { kind: 'events', source, readers } };
}

export function empty(status = 200, headers: Answer['headers'] = {}): Answer {
  return { status, headers, body: { kind: 'empty' } };
}
