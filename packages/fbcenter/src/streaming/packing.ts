import type { WebSocket } from 'ws';
import type { Bytes } from '../runtime/bytes.js';
import { asDeflatedMessage } from '../runtime/compressed-bytes.js';

/** A shorter answer goes as it is: it fits into a few packets, and its peer has nothing to unpack. In bytes. */
const WORTH_DEFLATING = 8 * 1024;

/** A message as it goes to a peer. */
interface Packed {
  readonly message: Bytes;
  readonly isDeflated: boolean;
}

/** Compresses a long message for a peer that has agreed to that; once for all of them. */
export async function packedFor({ extensions }: Pick<WebSocket, 'extensions'>, message: Bytes): Promise<Packed> {
  const isDeflated = extensions !== '' && message.length >= WORTH_DEFLATING;
  return { message: isDeflated ? await asDeflatedMessage(message) : message, isDeflated };
}
