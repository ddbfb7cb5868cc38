import {
  type Decoded,
  decoded,
  isJsonObject,
  type JsonObject,
  jsonTypeOf,
  type Undecodable,
  undecodable,
} from './decoded.js';

/**
 * What a server sends to bring an SDK up to date. The entities in it are not looked at yet: each stands alone. Those of a large
 * message are `EncodedValue`s, which are not even parsed.
 */
export interface DataSync {
  /** `full` replaces everything held; `patch` brings newer versions of some. */
  readonly eventType: 'full' | 'patch';
  readonly featureFlags: readonly unknown[];
  readonly segments: readonly unknown[];
}

/** A message from the server. */
export type ServerMessage =
  | { readonly type: 'data-sync'; readonly data: DataSync }
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
  const parsed = parseText(text);
  return parsed.ok ? decodeParsedMessage(parsed.value) : parsed;
}

/** As {@link decodeServerMessage}, for what was parsed. */
export function decodeParsedMessage(parsed: unknown): Decoded<ServerMessage> {
  const envelope = asEnvelope(parsed);
  if (!envelope.ok) return envelope;
  switch (envelope.value.messageType) {
    case 'data-sync': {
      const data = decodeDataSync(envelope.value);
      return data.ok ? decoded({ type: 'data-sync', data: data.value }) : data;
    }
    case 'pong':
      return decoded({ type: 'pong' });
    default:
      return decoded({ type: 'other' });
  }
}

/** An envelope whose data were parsed here: nobody else can change them, so that they need not be copied. */
export class OwnEnvelope {
  readonly messageType = 'data-sync';
  readonly data: DataSync;

  constructor(data: DataSync) {
    this.data = data;
  }
}

/**
 * Reads a `data-sync` envelope, as polling answers it and as bootstrap texts hold it.
 *
 * @param source the envelope as JSON text, or parsed. An object of the application's is copied, entity by entity: it may
 * change later, and what cannot be read of it is that entity's own fault.
 */
export function decodeDataSyncEnvelope(source: unknown): Decoded<DataSync> {
  if (source instanceof OwnEnvelope) return decoded(source.data);
  if (typeof source === 'string') {
    const parsed = parseText(source);
    return parsed.ok ? decodeParsedEnvelope(parsed.value) : parsed;
  }
  try {
    const data = decodeParsedEnvelope(source);
    if (!data.ok) return data;
    const { eventType, featureFlags, segments } = data.value;
    return decoded({ eventType, featureFlags: featureFlags.map(copyOf), segments: segments.map(copyOf) });
  } catch {
    return undecodable('it could not be read');
  }
}

/** As {@link decodeDataSyncEnvelope}, for what nobody else holds: nothing is copied. */
export function decodeParsedEnvelope(parsed: unknown): Decoded<DataSync> {
  const envelope = asEnvelope(parsed);
  return envelope.ok ? decodeDataSync(envelope.value) : envelope;
}

/** @returns `undefined`, which is no entity, for what has no JSON or throws when it is read. */
function copyOf(entity: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(entity));
  } catch {
    return undefined;
  }
}

/** Editors on Windows begin a file with it; it is no part of the text. */
const BYTE_ORDER_MARK = '\uFEFF';

/** `JSON.parse` without what it says about the text. */
export function parseText(text: string): Decoded<unknown> {
  try {
    return decoded(JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text));
  } catch {
    // The parser's own message quotes the text, which may hold anything.
    return notJson(text.length);
  }
}

/** @param length of the text, in UTF-16 units. */
export function notJson(length: number): Undecodable {
  return undecodable(`not JSON (${length} characters)`);
}

function asEnvelope(value: unknown): Decoded<JsonObject> {
  if (!isJsonObject(value)) return undecodable(`expected an object, got ${jsonTypeOf(value)}`);
  if (typeof value.messageType !== 'string') {
    return undecodable(`messageType: expected a string, got ${jsonTypeOf(value.messageType)}`);
  }
  return decoded(value);
}

function decodeDataSync(envelope: JsonObject): Decoded<DataSync> {
  if (envelope.messageType !== 'data-sync') return undecodable('messageType: expected "data-sync"');
  const data = envelope.data;
  if (!isJsonObject(data)) return undecodable(`data: expected an object, got ${jsonTypeOf(data)}`);
  const { eventType, featureFlags, segments } = data;
  if (eventType !== 'full' && eventType !== 'patch') return undecodable('data.eventType: expected "full" or "patch"');
  if (!Array.isArray(featureFlags)) {
    return undecodable(`data.featureFlags: expected an array, got ${jsonTypeOf(featureFlags)}`);
  }
  if (!Array.isArray(segments)) return undecodable(`data.segments: expected an array, got ${jsonTypeOf(segments)}`);
  return decoded({ eventType, featureFlags, segments });
}
