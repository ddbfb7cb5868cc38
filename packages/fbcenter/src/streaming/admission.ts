import { decodeConnectionToken } from 'fbclient/core';
import type { Environment } from '../model/environment.js';
import type { Clock } from '../runtime/clock.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { Environments } from '../storage/environments.js';

/** Who may stream what, or how the connection is closed. */
export type Admission =
  | { readonly ok: true; readonly environment: Environment }
  | {
      readonly ok: false;
      /** 4003 tells an SDK to give up, 1011 to come back later. */
      readonly code: 4003 | 1011;
      readonly reason: string;
    };

/** How far the time in a token may be from the center's clock, in milliseconds. */
const MAX_SKEW = 30_000;

const VERSIONS = [null, '1', '2'];

/** Checks the query of a streaming request: the kind of SDK, the protocol's version and the connection token. */
export async function admit(
  query: URLSearchParams,
  environments: Environments,
  clock: Clock,
  log: Logger,
): Promise<Admission> {
  if (query.get('type') !== 'server') return refuse('type must be server: only server SDKs are served');
  if (!VERSIONS.includes(query.get('version'))) return refuse('version must be 1 or 2');
  const token = decodeConnectionToken(query.get('token') ?? '');
  if (token === undefined) return refuse('the token is malformed');
  if (Math.abs(clock.now() - token.timestamp) > MAX_SKEW)
    return refuse('the token has expired: are both clocks right?');
  try {
    const owner = await environments.bySecret(token.secret);
    if (owner === undefined) return refuse('the secret is unknown');
    if (owner.kind !== 'server') return refuse('the secret is not a server secret');
    return { ok: true, environment: owner.environment };
  } catch (error) {
    log.error('a connection could not be checked', { error: errorText(error) });
    return { ok: false, code: 1011, reason: 'the storage is unavailable' };
  }
}

function refuse(reason: string): Admission {
  return { ok: false, code: 4003, reason };
}
