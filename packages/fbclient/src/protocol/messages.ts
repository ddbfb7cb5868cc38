import { type Decoded, decoded, isJsonObject, jsonTypeOf, undecodable } from './decoded.js';

/** What a server sends to bring an SDK up to date. The entities in it are not looked at yet: each stands alone. */
export interface DataSync {
  /** `full` replaces everything held; `patch` brings newer versions of some. */
  readonly eventType: 'full' | 'patch';
  readonly featureFlags: readonly unknown[];
  readonly segments: readonly unknown[];
}

/** A message from the server, decoded as far as its type. */
export type ServerMessage =
  | { readonly type: 'data-sync'; readonly envelope: unknown }
  | { readonly type: 'pong' }
  | { readonly type: 'other' };

/** The keep-alive message; the server answers with a `pong`. */
export const PING_MESSAGE = '{"messageType":"ping","data":{}}';

/**
 * The request for data that opens every connection.
 *
 * @param cursor the greatest version held, in Unix milliseconds; 0 asks for everything.
 */
export function dataSyncRequest(cursor: number): string {
  return JSON.stringify({ messageType: 'data-sync', data: { timestamp: cursor } });
}

/** Reads one streaming message. A type that is not known is `other`: newer servers may send more than we know. */
export function decodeServerMessage(text: string): Decoded<ServerMessage> {
  const envelope = parseEnvelope(text);
  if (!envelope.ok) return envelope;
  switch (envelope.value.messageType) {
    case 'data-sync':
      return decoded({ type: 'data-sync', envelope: envelope.value });
    case 'pong':
      return decoded({ type: 'pong' });
    default:
      return decoded({ type: 'other' });
  }
}

/**
 * Reads a `data-sync` envelope, as polling answers it and as bootstrap texts hold it.
 *
 * @param source the envelope as JSON text, or already parsed.
 */
export function decodeDataSyncEnvelope(source: unknown): Decoded<DataSync> {
  try {
    const envelope = typeof source === 'string' ? parseEnvelope(source) : asEnvelope(source);
    return envelope.ok ? decodeDataSync(envelope.value) : envelope;
  } catch {
    // An object of the application's may throw when it is read.
    return undecodable('it could not be read');
  }
}

function parseEnvelope(text: string): Decoded<Readonly<Record<string, unknown>>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold anything.
    return undecodable(`not JSON (${text.length} characters)`);
  }
  return asEnvelope(parsed);
}

function asEnvelope(value: unknown): Decoded<Readonly<Record<string, unknown>>> {
  if (!isJsonObject(value)) return undecodable(`expected an object, got ${jsonTypeOf(value)}`);
  if (typeof value.messageType !== 'string') {
    return undecodable(`messageType: expected a string, got ${jsonTypeOf(value.messageType)}`);
  }
  return decoded(value);
}

function decodeDataSync(envelope: Readonly<Record<string, unknown>>): Decoded<DataSync> {
  if (envelope.messageType !== 'data-sync') return undecodable('messageType: expected "data-sync"');
  const data = envelope.data;
  if (!isJsonObject(data)) return undecodable(`data: expected an object, got ${jsonTypeOf(data)}`);
  const { eventType, featureFlags, segments } = data;
  if (eventType !== 'full' && eventType !== 'patch') return undecodable('data.eventType: expected "full" or "patch"');
  if (!Array.isArray(featureFlags)) {
    return undecodable(`data.featureFlags: expected an array, got ${jsonTypeOf(featureFlags)}`);
  }
  if (!Array.isArray(segments)) return undecodable(`data.segments: expected an array, got ${jsonTypeOf(segments)}`);
  // Lists of our own: an application that brings objects may go on changing them, or bring some that throw.
  return decoded({ eventType, featureFlags: [...featureFlags], segments: [...segments] });
}
