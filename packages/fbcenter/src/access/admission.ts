import { decodeConnectionToken } from 'fbclient/core';
import type { SdkCaller } from '../model/caller.js';
import type { SecretKind } from '../model/environment.js';
import type { Clock } from '../runtime/clock.js';
import type { Callers } from './callers.js';

/** Who may stream, or why not. */
export type Admission =
  | { readonly ok: true; readonly caller: SdkCaller }
  /** It will be refused the next time, too. */
  | { readonly ok: false; readonly because: 'not-let-in'; readonly reason: string }
  /** Everything is right but the time; a clock is set sooner or later. */
  | {
      readonly ok: false;
      readonly because: 'clock-off';
      readonly reason: string;
      /** How far the token's time is ahead of the center's clock, in milliseconds; negative when it is behind. */
      readonly skew: number;
      readonly caller: SdkCaller;
    };

/** How far the time in a token may be from the center's clock, in milliseconds. */
const MAX_SKEW = 30_000;

const VERSIONS = [null, '', '1', '2'];

/** The kinds of SDKs that stream: what they call themselves is the kind of secret that they need. */
const TYPES: readonly string[] = ['server', 'client'] satisfies readonly SecretKind[];

/**
 * Checks the query of a streaming request: the kind of SDK, the protocol's version and the connection token.
 *
 * @throws StorageError
 */
export async function admit(
  query: URLSearchParams,
  callers: Pick<Callers, 'bySecret'>,
  clock: Pick<Clock, 'now'>,
): Promise<Admission> {
  const type = query.get('type') ?? '';
  if (!TYPES.includes(type)) return refuse('type must be server or client');
  if (!VERSIONS.includes(query.get('version'))) return refuse('version must be 1 or 2');
  const token = decodeConnectionToken(query.get('token') ?? '');
  if (token === undefined) return refuse('the token is malformed');
  const caller = await callers.bySecret(token.secret);
  if (caller === undefined) return refuse('the secret is unknown');
  if (caller.secret !== type) return refuse(`the secret is not a ${type} secret`);
  // Last, because it alone is not for good: a wrong secret stays wrong when the clock is right again.
  const skew = token.timestamp - clock.now();
  if (Math.abs(skew) > MAX_SKEW) return { ok: false, because: 'clock-off', reason: skewReason(skew), skew, caller };
  return { ok: true, caller };
}

function refuse(reason: string): Admission {
  return { ok: false, because: 'not-let-in', reason };
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
