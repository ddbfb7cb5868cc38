import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a request may be called by whoever sends it: what needs no quoting in a line of a log. */
const GIVEN = /^[\w.:+/=@-]{1,128}$/;

/** The header that says what a request is called. */
export function idOf({ id }: { readonly id: string }): { readonly 'x-request-id': string } {
  return { 'x-request-id': id };
}

/** By what a request is found in answers and logs: `X-Request-Id` as a proxy or the caller has given it, otherwise an id of our own. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && GIVEN.test(given) ? given : randomUUID();
}
