import type { HttpOutcome } from '../platform/platform.js';

/** The longest that a server's `Retry-After` is honoured, in milliseconds. */
const MAX_RETRY_AFTER = 300_000;

/** What the outcome of a request means for the events in it. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Try again, after what the server asked for if it did, in milliseconds. */
  | { readonly kind: 'retry'; readonly after: number | undefined; readonly problem: string }
  /** It will never work: the server does not want this client's events. */
  | { readonly kind: 'stop'; readonly problem: string };

/** @param now Unix milliseconds, for a `Retry-After` that is a date. */
export function judge(outcome: HttpOutcome, now: number): Verdict {
  if (outcome.kind === 'failed') return { kind: 'retry', after: undefined, problem: outcome.problem };
  const { status } = outcome;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const problem = `HTTP status ${status}`;
  const permanent = status >= 400 && status < 500 && status !== 400 && status !== 408 && status !== 429;
  return permanent ? { kind: 'stop', problem } : { kind: 'retry', after: retryAfter(outcome.retryAfter, now), problem };
}

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date.
 *
 * Source: RFC 9110, section 10.2.3.
 *
 * @returns milliseconds from now, at most five minutes; `undefined` when it is neither.
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), MAX_RETRY_AFTER);
}
