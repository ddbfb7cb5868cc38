import { createHash, randomBytes } from 'node:crypto';

/** By what people, and programs that look for leaked credentials, recognise an access token. */
export const TOKEN_PREFIX = 'fbc_';

/** How much of an access token is shown in lists: 36 of its 256 bits. */
const SHOWN = TOKEN_PREFIX.length + 6;

/** A new access token: 256 random bits. */
export function newAccessToken(): string {
  return TOKEN_PREFIX + newCode();
}

/** How an access token begins, for lists. */
export function startOf(token: string): string {
  return token.slice(0, SHOWN);
}

/** What a session or a link is known by: 256 random bits. */
export function newCode(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is kept in the place of a credential. A plain hash is enough for random bits: nobody can try them all. Whoever looks for a digest
 * learns nothing from the time that it takes, because nobody can choose a digest.
 */
export function digestOf(credential: string): string {
  return createHash('sha256').update(credential).digest('hex');
}
