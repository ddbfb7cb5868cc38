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
  const message = parseObject(text);
  switch (typeNameIn(message)) {
    case 'ping':
      return { type: 'ping' };
    case 'echo':
      return message !== undefined && 'data' in message ? { type: 'echo', data: message.data } : OTHER;
    case 'data-sync': {
      const cursor = readCursor(message?.data);
      return cursor === undefined ? OTHER : { type: 'data-sync', cursor };
    }
    default:
      return OTHER;
  }
}

/** The type that a message names, which FeatBit takes in any case. */
export function typeNameIn(message: { readonly messageType?: unknown } | undefined): string | undefined {
  return typeof message?.messageType === 'string' ? message.messageType.toLowerCase() : undefined;
}

export const PONG_MESSAGE = Buffer.from('{"messageType":"pong","data":{}}');

function readCursor(data: unknown): number | undefined {
  const timestamp = (data as { readonly timestamp?: unknown } | null | undefined)?.timestamp ?? 0;
  return typeof timestamp === 'number' && Number.isFinite(timestamp) ? timestamp : undefined;
}

function parseObject(text: string): { readonly messageType?: unknown; readonly data?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
