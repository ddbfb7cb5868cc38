import type { Framing } from './frame-counter.js';

/** What a message of an SDK is to the server. */
export type ClientMessage =
  /** A request for data; `everything` is a patch with all there is. */
  | { readonly asks: 'full' }
  | { readonly asks: 'patch'; readonly cursor: number }
  | { readonly asks: 'pong' }
  | { readonly asks: 'echo'; readonly data: unknown }
  /** Never answered, and nothing is said of it. */
  | { readonly asks: 'nothing' };

const NOTHING: ClientMessage = { asks: 'nothing' };
/** The last millisecond of the year 9999, beyond which .NET has no dates. */
export const LAST_MOMENT = 253_402_300_799_999;
/** What the server reads at once; a longer frame is taken for several messages, none of which is one. */
const LONGEST_FRAME = 8_192;
const MOST_FRAMES = 4;

/** Reads a message as the server does. */
export function readClientMessage(text: string, { frames, bytes }: Framing): ClientMessage {
  if (bytes > LONGEST_FRAME || frames > MOST_FRAMES) return NOTHING;
  const message = parse(text);
  if (typeof message !== 'object' || message === null || !('messageType' in message)) return NOTHING;
  const { messageType } = message;
  const data = 'data' in message ? message.data : undefined;
  switch (typeof messageType === 'string' ? messageType.toLowerCase() : undefined) {
    case 'ping':
      return data === undefined ? NOTHING : { asks: 'pong' };
    case 'echo':
      return data === undefined ? NOTHING : { asks: 'echo', data };
    case 'data-sync':
      return typeof data === 'object' && data !== null ? request(data) : NOTHING;
    default:
      return NOTHING;
  }
}

function request(data: object): ClientMessage {
  if (!('timestamp' in data)) return { asks: 'full' };
  const { timestamp } = data;
  if (typeof timestamp !== 'number' || timestamp > LAST_MOMENT) return NOTHING;
  return timestamp === 0 || !Number.isInteger(timestamp) ? { asks: 'full' } : { asks: 'patch', cursor: timestamp };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
