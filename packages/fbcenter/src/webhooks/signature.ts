import { createHmac, randomBytes } from 'node:crypto';
import type { SigningSecrets } from '../model/webhook.js';

/** By what people, and programs that look for leaked credentials, recognise the secret of a webhook; the rest is base64. */
const PREFIX = 'whsec_';
/** Of the specification's 24 to 64. */
const SECRET_BYTES = 32;

export function newSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** The headers of a message, as the Standard Webhooks specification (1.0.0) has them. */
interface SignedHeaders {
  readonly 'webhook-id': string;
  /** Unix time in seconds. */
  readonly 'webhook-timestamp': string;
  /** One signature for each secret that counts. */
  readonly 'webhook-signature': string;
}

/** Signs a message at a time, in Unix milliseconds: each attempt anew, so that a receiver can refuse what is old. */
export function signed(id: string, body: string, { current, previous }: SigningSecrets, now: number): SignedHeaders {
  const timestamp = String(Math.floor(now / 1_000));
  const secrets = previous !== undefined && now < previous.until ? [current, previous.value] : [current];
  const signatures = secrets.map((secret) => `v1,${signatureOf(`${id}.${timestamp}.${body}`, secret)}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function signatureOf(content: string, secret: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
