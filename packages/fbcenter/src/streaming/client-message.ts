import { isJsonObject } from '../model/json.js';
import { receivedJson } from '../model/received-json.js';

/** A message from an SDK. */
export type ClientMessage =
  | { readonly type: 'ping' }
  | { readonly type: 'echo'; readonly data: unknown }
  | {
      readonly type: 'data-sync';
      /** The greatest version that the SDK holds, in Unix milliseconds; 0 = nothing. */
      readonly cursor: number;
    }
  /** A type we do not know, or no message at all; newer SDKs may send more than we know. */
  | { readonly type: 'other' };

const OTHER: ClientMessage = { type: 'other' };

/** Reads a message; whatever cannot be read is `other`. */
export function decodeClientMessage(text: string): ClientMessage {
  const message = receivedJson(text);
  if (!isJsonObject(message)) return OTHER;
  switch (typeNameIn(message)) {
    case 'ping':
      return { type: 'ping' };
    case 'echo':
      return 'data' in message ? { type: 'echo', data: message.data } : OTHER;
    case 'data-sync': {
      const cursor = readCursor(message.data);
      return cursor === undefined ? OTHER : { type: 'data-sync', cursor };
    }
    default:
      return OTHER;
  }
}

/** The type that a message names, which FeatBit takes in any case. */
export function typeNameIn({ messageType }: { readonly messageType?: unknown }): string | undefined {
  return typeof messageType === 'string' ? messageType.toLowerCase() : undefined;
}

export const PONG_MESSAGE = Buffer.from('{"messageType":"pong","data":{}}');

function readCursor(data: unknown): number | undefined {
  const timestamp = (data as { readonly timestamp?: unknown } | null | undefined)?.timestamp ?? 0;
  return typeof timestamp === 'number' && Number.isFinite(timestamp) ? timestamp : undefined;
}
