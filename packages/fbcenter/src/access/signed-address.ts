import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long an address is given out before a new one is, in milliseconds; it is good for as long again. */
const PERIOD = 30 * 60_000;

/**
 * Signs what an address says, so that whoever has the address needs no other credential for an hour at most. It is the same for all who
 * ask within half an hour.
 *
 * @param subject what the address is good for.
 * @param secret whose revocation ends it.
 */
export function signAddress(
  subject: string,
  secret: string,
  now: number,
): { readonly until: number; readonly signature: string } {
  const until = (Math.floor(now / PERIOD) + 2) * PERIOD;
  return { until, signature: signatureOf(subject, until, secret).toString('base64url') };
}

/** Whether a signature is of this subject, and still good. */
export function isSigned(subject: string, until: number, signature: string, secret: string, now: number): boolean {
  if (!Number.isSafeInteger(until) || now >= until || until > now + 2 * PERIOD) return false;
  const given = Buffer.from(signature, 'base64url');
  const right = signatureOf(subject, until, secret);
  return given.length === right.length && timingSafeEqual(given, right);
}

function signatureOf(subject: string, until: number, secret: string): Buffer {
  return createHmac('sha256', secret).update(`fbcenter event stream\n${until}\n${subject}`).digest();
}
