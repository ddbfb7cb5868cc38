import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { empty } from './answer.js';
import { send } from './send.js';

/** What pages of any origin may ask for: what SDKs do, with a credential that they send themselves. */
const FOR_PAGES = /^\/(?:api\/public|ofrep|openfeature)\//;

/** How long a browser may remember that it may ask, in seconds: Chromium takes no longer. */
const MAX_AGE = 7_200;

/** What a page may read besides the body. */
const EXPOSED = 'ETag, Retry-After, X-Request-Id';

/** Names of headers and methods, as they may be sent back. */
const TOKENS = /^[\w!#$%&'*+.^`|~-]+(?: *, *[\w!#$%&'*+.^`|~-]+)*$/;

/** What lets a page read an answer; nothing where no page asks, or may ask. No cookie is ever involved, so any origin will do. */
export function corsHeaders(url: string, headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  if (headers.origin === undefined || !FOR_PAGES.test(url)) return {};
  return { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED };
}

/** What a browser is told that asks whether it may; `undefined` when that is not what is asked. */
function preflightHeaders(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
): Readonly<Record<string, string>> | undefined {
  const asked = headers['access-control-request-method'];
  if (method !== 'OPTIONS' || headers.origin === undefined || asked === undefined || !FOR_PAGES.test(url))
    return undefined;
  const wanted = headers['access-control-request-headers'];
  return {
    'access-control-allow-origin': '*',
    ...echo('access-control-allow-methods', asked),
    ...echo('access-control-allow-headers', wanted),
    'access-control-max-age': String(MAX_AGE),
  };
}

/** Lets pages read every answer that they may ask for, errors included, and answers what browsers ask before. */
export function admitPages(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async ({ method, url, headers }, reply) => {
    const preflight = preflightHeaders(method, url, headers);
    if (preflight !== undefined) return send(reply, empty(204, preflight));
    reply.headers(corsHeaders(url, headers));
    return undefined;
  });
}

function echo(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value !== undefined && TOKENS.test(value) ? { [name]: value } : {};
}
