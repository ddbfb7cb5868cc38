/** Where the center reads the time, so that tests can step it. */
export interface Clock {
  /** Unix time in whole milliseconds; may step back when the machine's clock is set. */
  now(): number;
  /** Unix time in milliseconds with a fraction, for measuring latencies; its whole part agrees with {@link now}. */
  precise(): number;
}

/**
 * The machine's clock. `performance.now()` alone would do for the fraction, but it stops while a laptop sleeps and does
 * not follow a clock that is set, so the wall clock decides the whole milliseconds.
 */
export const systemClock: Clock = {
  now: Date.now,
  precise() {
    const wall = Date.now();
    const estimate = performance.timeOrigin + performance.now();
    return Math.min(Math.max(estimate, wall), wall + 0.999);
  },
};
