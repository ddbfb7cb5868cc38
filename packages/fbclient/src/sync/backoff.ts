/** Doublings beyond this do not matter: the ceiling is reached, and the power stays finite. */
const MAX_DOUBLINGS = 30;

/** The longest wait after a number of failures in a row: `first`, doubled with each failure, at most `max`. */
export function backoffCeiling(failures: number, first: number, max: number): number {
  return Math.min(max, first * 2 ** Math.min(failures, MAX_DOUBLINGS));
}

/**
 * How long to wait before the next attempt, in milliseconds: anywhere below the ceiling, so that clients that failed
 * together do not come back together.
 *
 * Source: "full jitter", Marc Brooker, Exponential Backoff And Jitter, 2015.
 *
 * @param random from 0 (included) to 1 (excluded).
 */
export function backoffDelay(failures: number, first: number, max: number, random: number): number {
  return random * backoffCeiling(failures, first, max);
}
