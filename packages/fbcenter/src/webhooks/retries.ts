/**
 * How long after each attempt that came to nothing the next one is made, in milliseconds: an outage of a day is bridged. After the last of them a
 * message is dead.
 */
const WAITS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000];

/** How often a message is tried at most. */
export const MAX_ATTEMPTS = WAITS.length + 1;

/** What a receiver may ask for at most by `Retry-After`, in milliseconds. */
const MAX_RETRY_AFTER = 86_400_000;

/**
 * How long to wait after an attempt, in milliseconds; `undefined` when it was the last one.
 *
 * @param attempts how many were made, this one included.
 * @param random 0 to 1: messages that failed together are spread over a fifth of the wait.
 * @param retryAfter what the receiver has asked for, in milliseconds; a shorter wait than our own is not taken.
 */
export function waitAfter(attempts: number, random: number, retryAfter = 0): number | undefined {
  const wait = WAITS[attempts - 1];
  if (wait === undefined) return undefined;
  return Math.max(Math.round(wait * (0.9 + 0.2 * random)), Math.min(retryAfter, MAX_RETRY_AFTER));
}

/** What `Retry-After` asks for, in milliseconds from now; `undefined` when it cannot be understood. */
export function retryAfterIn(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  // Other texts are read as dates, too.
  const time = header.endsWith('GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
