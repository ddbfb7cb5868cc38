import type { SyncStream } from '../live/stream.js';
import type { Bytes } from '../runtime/bytes.js';

/** What a connection is doing; it does one thing at a time. */
export type Activity =
  | { readonly kind: 'idle' }
  /** A message is being read, waits for its turn, or is on its way. */
  | { readonly kind: 'transferring' }
  /** What was sent has not left this process yet. */
  | { readonly kind: 'draining' };

export const IDLE: Activity = { kind: 'idle' };

/** What an SDK has asked for. */
export interface Request {
  readonly stream: SyncStream;
  readonly cursor: number;
}

/** A message, and where it leaves the peer. */
export interface Delivery {
  readonly cursor: number;
  readonly message: Bytes;
  readonly committedAt?: number | undefined;
}
