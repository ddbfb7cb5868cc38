import { encodeInsights } from '../protocol/insight.js';
import { utf8Length } from '../protocol/json-text.js';
import type { Batch } from './event-queue.js';
import type { Attempts } from './next-step.js';

/** A batch on its way to the server, and what was tried with it. */
export interface PendingBatch extends Batch {
  readonly attempts: Attempts;
  /** The request's body; made before it is sent for the first time. */
  readonly body?: string;
}

export type EncodedBatch = PendingBatch & { readonly body: string };

/** @returns the batch with its body; `undefined` when one of its events cannot be encoded. */
export function encode(batch: PendingBatch, privateAttributes: ReadonlySet<string>): EncodedBatch | undefined {
  const { first, events, attempts } = batch;
  try {
    return { first, events, attempts, body: batch.body ?? encodeInsights(events, privateAttributes) };
  } catch {
    return undefined;
  }
}

/** The halves of a batch of two events or more. */
export function halvesOf({ first, events }: PendingBatch, attempts: Attempts): readonly [PendingBatch, PendingBatch] {
  const middle = Math.ceil(events.length / 2);
  return [
    { first, events: events.slice(0, middle), attempts },
    { first: first + middle, events: events.slice(middle), attempts },
  ];
}

/** The bytes of the body on the wire. */
export function bytesOf({ body }: EncodedBatch): number {
  return utf8Length(body);
}

/** Whether the body takes more bytes. Most are so short that there is no need to count. */
export function isLargerThan({ body }: EncodedBatch, bytes: number): boolean {
  return body.length * 3 > bytes && utf8Length(body) > bytes;
}

/** What the log may say of a single event: its kind and its size, nothing of what is in it. */
export function aboutEvent(batch: PendingBatch): { readonly kind: string | undefined; readonly bytes?: number } {
  const kind = batch.events[0]?.kind;
  return batch.body === undefined ? { kind } : { kind, bytes: utf8Length(batch.body) };
}
