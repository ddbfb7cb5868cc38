import { createHash, timingSafeEqual } from 'node:crypto';
import type { Environment } from '../model/environment.js';
import type { Environments } from '../storage/environments.js';

/** Whether an `Authorization` header bears the access token; takes as long for a wrong token as for the right one. */
export function bearsToken(header: string | undefined, token: string): boolean {
  const [, given] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** The environment whose secret an `Authorization` header is, if it is one of the kind asked for. */
export async function environmentOf(
  header: string | undefined,
  kind: 'server-secret' | 'any-secret',
  environments: Environments,
): Promise<Environment | undefined> {
  if (header === undefined) return undefined;
  const owner = await environments.bySecret(header.trim());
  return owner !== undefined && (kind === 'any-secret' || owner.kind === 'server') ? owner.environment : undefined;
}

/** Digests are of one length, which the comparison needs and which hides that of the token. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
