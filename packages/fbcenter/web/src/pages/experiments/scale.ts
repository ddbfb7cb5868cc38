/** Steps of a scale, as shares. */
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** A scale that holds all values, the same to both sides of 0. */
export function scaleFor(values: readonly number[]): number {
  const widest = Math.max(0.005, ...values.map(Math.abs));
  return STEPS.find((step) => step >= widest) ?? 5;
}
