import type { MetricSums } from '../../model/experiment.js';

/** The sums, in the order of their rests. */
const NAMES = ['sum', 'sumSquares', 'denominatorSum', 'denominatorSumSquares', 'sumProducts'] as const;

/** The sums of a metric over the users of a variation, to be changed with each event. */
export class MetricTotals {
  #nonzero: number;
  #largest: number;
  /** Two numbers for each sum: itself, and its rest. In a list of their own they are changed in place. */
  readonly #sums = new Float64Array(2 * NAMES.length);

  constructor(kept: MetricSums) {
    this.#nonzero = kept.nonzero;
    this.#largest = kept.largest;
    for (const [index, name] of NAMES.entries()) this.#sums.set([kept[name], kept.rests[index] ?? 0], 2 * index);
  }

  /**
   * Puts what a user is of the sums now in the place of what that was. The differences alone count: what others are part of is not
   * rounded anew.
   *
   * @param other what belongs to the value: the denominator of a ratio, or what the user did before.
   */
  replace(was: number, value: number, otherWas: number, other: number): void {
    if (was === value && otherWas === other) return;
    this.#nonzero += Number(value !== 0) - Number(was !== 0);
    this.#change(0, was, value);
    this.#change(1, was * was, value * value);
    this.#change(2, otherWas, other);
    this.#change(3, otherWas * otherWas, other * other);
    this.#change(4, was * otherWas, value * other);
    this.#largest = Math.max(this.#largest, Math.abs(value));
  }

  build(): MetricSums {
    const [sum = 0, r0 = 0, sumSquares = 0, r1 = 0, denominatorSum = 0, r2 = 0] = this.#sums;
    const [denominatorSumSquares = 0, r3 = 0, sumProducts = 0, r4 = 0] = this.#sums.subarray(6);
    return {
      nonzero: this.#nonzero,
      sum,
      sumSquares,
      denominatorSum,
      denominatorSumSquares,
      sumProducts,
      rests: [r0, r1, r2, r3, r4],
      largest: this.#largest,
    };
  }

  #change(index: number, was: number, now: number): void {
    if (now === was) return;
    this.#add(2 * index, now);
    this.#add(2 * index, -was);
  }

  /**
   * Adds to a sum that has twice the digits of a number (Dekker, "A floating-point technique for extending the available precision", 1971;
   * the rest of a sum as in Knuth, TAOCP 2, 4.2.2, theorem B): one user with a huge value, who is taken out later, leaves the others' values
   * as they were.
   */
  #add(at: number, part: number): void {
    const sums = this.#sums;
    const sum = sums[at] ?? 0;
    const rounded = sum + part;
    const added = rounded - sum;
    const rest = (sums[at + 1] ?? 0) + (sum - (rounded - added) + (part - added));
    const whole = rounded + rest;
    sums[at] = whole;
    sums[at + 1] = rest - (whole - rounded);
  }
}
