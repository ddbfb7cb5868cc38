import { decodeConnectionToken } from 'fbclient/core';
import type { SdkCaller } from '../model/caller.js';
import type { Clock } from '../runtime/clock.js';
import type { Callers } from './callers.js';

/** Who may stream, or how the connection is closed. */
export type Admission =
  | { readonly ok: true; readonly caller: SdkCaller }
  | {
      readonly ok: false;
      /** 4003 makes an SDK give up, 1011 lets it come back later. */
      readonly code: 4003 | 1011;
      readonly reason: string;
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
  if (Math.abs(clock.now() - token.timestamp) > MAX_SKEW)
    return refuse('the token has expired: are both clocks right?');
  const caller = await callers.bySecret(token.secret);
  if (caller === undefined) return refuse('the secret is unknown');
  if (caller.secret !== 'server') return refuse('the secret is not a server secret');
  return { ok: true, caller };
}

function refuse(reason: string): Admission {
  return { ok: false, code: 4003, reason };
}
