import { randomBytes, randomUUID } from 'node:crypto';

const SECRET = /^[\w-]{44}$/;

/** What {@link isSecret} accepts, for messages. */
export const SECRET_FORM = '44 characters of A-Z, a-z, 0-9, "-" and "_"';

/**
 * A new secret for an environment.
 *
 * Source: FeatBit; 22 characters that encode a random GUID, then 22 that encode the environment's GUID.
 */
export function newSecret(environmentId: string): string {
  return encodeGuid(randomUUID()) + encodeGuid(environmentId);
}

/** Whether a text has the form of a secret; any such text can be one, whatever GUIDs it encodes. */
export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** A new access token for the management API: 256 random bits. */
export function newAdminToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The environment's GUID that a secret of FeatBit's form bears; `undefined` for any other text. */
export function environmentIdIn(secret: string): string | undefined {
  if (!isSecret(secret)) return undefined;
  const bytes = Buffer.from(secret.slice(22), 'base64url');
  // The last character has bits that encode nothing.
  if (bytes.length !== 16 || bytes.toString('base64url') !== secret.slice(22)) return undefined;
  swapGroups(bytes);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Encodes a GUID: its 16 bytes in .NET's order (the first three groups little-endian) as base64 with `_` and `-` in the
 * place of `/` and `+`, without the padding.
 */
export function encodeGuid(guid: string): string {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  swapGroups(bytes);
  return bytes.toString('base64url');
}

/** From the order of text to .NET's, and back. */
function swapGroups(bytes: Buffer): void {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
}
