/** The machine's clock, which all processes share, in Unix milliseconds with a fraction. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
