/** The longest that a server's `Retry-After` is honoured, in milliseconds. */
const MAX_RETRY_AFTER = 300_000;

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date.
 *
 * Source: RFC 9110, section 10.2.3.
 *
 * @param now Unix milliseconds.
 * @returns milliseconds from now, at most five minutes; `undefined` when it is neither.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), MAX_RETRY_AFTER);
}
