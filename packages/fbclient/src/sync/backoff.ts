/** Doublings beyond this do not matter: the ceiling is reached, and the power stays finite. */
const MAX_DOUBLINGS = 30;

/**
 * The longest wait after a number of failures in a row: `first`, doubled with each failure, at most `max`.
 *
 * @param failures less than 0 for failures that are not held against a server yet: the ceiling stays the first.
 */
export function backoffCeiling(failures: number, first: number, max: number): number {
  return Math.min(max, doubled(first, failures));
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

/** The longest wait after a refusal, unless the first is longer, in milliseconds. */
const MAX_REFUSED_WAIT = 600_000;
/** The part of the wait after a refusal that is random, on top of the rest. */
const REFUSED_JITTER = 0.25;

/**
 * How long to wait after a refusal before the server is asked again, in milliseconds: `first`, doubled with each refusal in
 * a row, and up to a quarter more. Never less, because a server that refuses should not be pressed.
 */
export function refusedDelay(refusals: number, first: number, random: number): number {
  const longest = Math.max(first, MAX_REFUSED_WAIT);
  return Math.min(doubled(first, refusals) * (1 + REFUSED_JITTER * random), longest);
}

/** The part of a period that is random. */
const PERIOD_JITTER = 0.25;

/** One round of something that is done periodically: the period, give or take an eighth, so that clients spread. */
export function jitteredPeriod(period: number, random: number): number {
  return period * (1 + PERIOD_JITTER * (random - 0.5));
}

function doubled(value: number, times: number): number {
  return value * 2 ** Math.min(Math.max(times, 0), MAX_DOUBLINGS);
}
