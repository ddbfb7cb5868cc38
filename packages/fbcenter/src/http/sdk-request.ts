import type { IncomingHttpHeaders } from 'node:http';
import type { Route } from './exchange.js';

/** The header `Authorization`, or what stands for it: OpenFeature's providers send a secret as a bearer token or as an API key. */
export function authorizationOf(
  { authorization, 'x-api-key': key }: IncomingHttpHeaders,
  secretIn: Route['secretIn'],
): string | undefined {
  if (secretIn !== 'bearer-or-key') return authorization;
  if (authorization !== undefined && authorization !== '') return authorization.replace(/^Bearer +/i, '');
  return typeof key === 'string' ? key : undefined;
}

/** Whether a body says that it is JSON. */
export function saysJson({ 'content-type': type }: IncomingHttpHeaders): boolean {
  return /^\s*application\/json\s*(?:;|$)/i.test(type ?? '');
}
