import { encodeInsights } from '../protocol/insight.js';
import { utf8Length } from '../protocol/json-text.js';
import type { Batch } from './event-queue.js';
import type { Attempts } from './next-step.js';

/** Events that go in one request, and what was tried with them. */
export interface Parcel extends Batch {
  readonly attempts: Attempts;
  /** The request's body; made before it is sent for the first time. */
  readonly body?: string;
}

export type PackedParcel = Parcel & { readonly body: string };

/** @returns the parcel with its body; `undefined` when one of its events cannot be encoded. */
export function pack(parcel: Parcel, privateAttributes: ReadonlySet<string>): PackedParcel | undefined {
  try {
    return { ...parcel, body: parcel.body ?? encodeInsights(parcel.events, privateAttributes) };
  } catch {
    return undefined;
  }
}

/** The halves of a parcel of two events or more. They go on where it stopped. */
export function halvesOf({ first, events, attempts }: Parcel): readonly [Parcel, Parcel] {
  const middle = Math.ceil(events.length / 2);
  return [
    { first, events: events.slice(0, middle), attempts },
    { first: first + middle, events: events.slice(middle), attempts },
  ];
}

/** The bytes of the body on the wire. */
export function bytesOf({ body }: PackedParcel): number {
  return utf8Length(body);
}

/** Whether the body takes more bytes. Most are so short that there is no need to count. */
export function isLargerThan({ body }: PackedParcel, bytes: number): boolean {
  return body.length * 3 > bytes && utf8Length(body) > bytes;
}

/** What the log may say of a single event: its kind and its size, nothing of what is in it. */
export function aboutEvent(parcel: Parcel): { readonly kind: string | undefined; readonly bytes?: number } {
  const kind = parcel.events[0]?.kind;
  return parcel.body === undefined ? { kind } : { kind, bytes: utf8Length(parcel.body) };
}
