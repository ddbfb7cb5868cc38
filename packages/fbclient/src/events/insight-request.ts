import type { HttpRequest } from '../runtime/platform.js';

/** Longest answer that is read, in bytes; nothing in it is used. */
const MAX_ANSWER = 64 * 1024;

/** Where events go. */
export interface InsightTarget {
  /** Base URL of the event service, without a final slash. */
  readonly url: string;
  readonly secret: string;
  /** From the start of a request to the last byte of its answer, in milliseconds. */
  readonly requestTimeout: number;
}

/** The request that carries events. */
export function insightRequest({ url, secret, requestTimeout }: InsightTarget, body: string): HttpRequest {
  return {
    method: 'POST',
    url: `${url}/api/public/insight/track`,
    headers: { Authorization: secret, 'Content-Type': 'application/json; charset=utf-8' },
    body,
    timeout: requestTimeout,
    maxBody: MAX_ANSWER,
  };
}
