import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from './exchange.js';

/**
 * The header `Authorization`, or what stands for it: OpenFeature's providers send a secret as a bearer token or as an API key. A bearer token
 * counts first; anything else in `Authorization` may be meant for a proxy on the way.
 */
export function authorizationOf(
  { authorization, 'x-api-key': key }: IncomingHttpHeaders,
  secretIn: Route['secretIn'],
): string | undefined {
  if (secretIn !== 'bearer-or-key') return authorization;
  const token = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];
  if (token !== undefined) return token;
  return typeof key === 'string' && key !== '' ? key : authorization;
}

/** Whether a body says that it is JSON. */
export function saysJson({ 'content-type': type }: IncomingHttpHeaders): boolean {
  return /^\s*application\/json\s*(?:;|$)/i.test(type ?? '');
}
