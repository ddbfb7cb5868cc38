import { decodeConnectionToken } from 'fbclient/core';
import type { SdkCaller } from '../model/caller.js';
import type { Clock } from '../runtime/clock.js';
import type { Callers } from './callers.js';

/** The close code that makes every SDK give up for good. */
export const REFUSED = 4003;

/**
 * The close code for what passes by itself. Every released SDK comes back after it; after any other one FeatBit's SDK for Go says
 * that it is off for good, although it comes back.
 */
export const COME_BACK = 1001;

/** Who may stream, or how the connection is closed. */
export type Admission =
  | { readonly ok: true; readonly caller: SdkCaller }
  /** It will be refused the next time, too. */
  | { readonly ok: false; readonly code: typeof REFUSED; readonly reason: string }
  /** Everything is right but the time; a clock is set sooner or later. */
  | {
      readonly ok: false;
      readonly code: typeof COME_BACK;
      readonly reason: string;
      /** How far the token's time is ahead of the center's clock, in milliseconds; negative when it is behind. */
      readonly skew: number;
      readonly caller: SdkCaller;
    };

/** How far the time in a token may be from the center's clock, in milliseconds. */
const MAX_SKEW = 30_000;

const VERSIONS = [null, '1', '2'];

/**
 * Checks the query of a streaming request: the kind of SDK, the protocol's version and the connection token.
 *
 * @throws StorageError
 */
export async function admit(query: URLSearchParams, callers: Callers, clock: Clock): Promise<Admission> {
  if (query.get('type') !== 'server') return refuse('type must be server: only server SDKs are served');
  if (!VERSIONS.includes(query.get('version'))) return refuse('version must be 1 or 2');
  const token = decodeConnectionToken(query.get('token') ?? '');
  if (token === undefined) return refuse('the token is malformed');
  const caller = await callers.bySecret(token.secret);
  if (caller === undefined) return refuse('the secret is unknown');
  if (caller.secret !== 'server') return refuse('the secret is not a server secret');
  // Last, because it alone is not for good: a wrong secret stays wrong when the clock is right again.
  const skew = token.timestamp - clock.now();
  if (Math.abs(skew) > MAX_SKEW) return { ok: false, code: COME_BACK, reason: skewReason(skew), skew, caller };
  return { ok: true, caller };
}

function refuse(reason: string): Admission {
  return { ok: false, code: REFUSED, reason };
}

/** Fits into a close frame, which has room for 123 bytes. */
function skewReason(skew: number): string {
  const side = skew < 0 ? 'behind' : 'ahead of';
  return `this clock is ${durationText(Math.abs(skew))} ${side} the server's, at most 30 s are allowed: set the wrong one`;
}

function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} min`;
  return seconds < 48 * 3_600 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
