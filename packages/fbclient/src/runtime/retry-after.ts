/** The longest that a server's `Retry-After` is honoured, in milliseconds. */
const MAX_RETRY_AFTER = 300_000;

const SECONDS = /^\d+$/;
/** The form of date that servers must send. `Date.parse` alone reads a date into nearly anything, "-5" included. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date.
 *
 * Source: RFC 9110, section 10.2.3.
 *
 * @param now Unix milliseconds.
 * @returns milliseconds from now, at most five minutes; `undefined` when it is neither.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return Math.min(Number(text) * 1_000, MAX_RETRY_AFTER);
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(date - now, 0), MAX_RETRY_AFTER);
}
