import type { Faults, Located } from './faults.js';

/** An interval of a rollout: who falls between both ends, included, is in it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Ends may miss each other, or 1, by this much: shares that are added up as decimal fractions meet only nearly. */
const TOLERANCE = 1e-9;
/** As in evaluation: an interval from 0 that falls this little short of 1 is everybody. */
const EVERYBODY_TOLERANCE = 0.00001;

/** Makes an interval of two numbers; an end that is 1 but for rounding is 1, or its last users would be served nothing. */
export function intervalOf(low: number, high: number): Interval {
  return { low: settled(low), high: settled(high) };
}

function settled(end: number): number {
  return Math.abs(1 - end) <= TOLERANCE ? 1 : end;
}

/**
 * Writes down what is wrong with a rollout: every user must fall into exactly one interval.
 *
 * @param path of the list of intervals.
 */
export function checkRollout(intervals: readonly Located<Interval>[], path: string, faults: Faults): void {
  if (intervals.length === 0) {
    faults.add('rollout-gap', path, 'Required: at least one variation with the rollout [0, 1].');
    return;
  }
  let valid = true;
  for (const { value, path: at } of intervals) {
    if (0 <= value.low && value.low <= value.high && value.high <= 1) continue;
    faults.add('rollout-out-of-range', at, 'A rollout is [low, high] with 0 <= low <= high <= 1.');
    valid = false;
  }
  // Gaps and overlaps of intervals that are no intervals would only be noise.
  if (valid) checkCover(intervals, path, faults);
}

function checkCover(intervals: readonly Located<Interval>[], path: string, faults: Faults): void {
  // [0,0] is how a share of nothing is written; evaluation never matches it.
  const shares = intervals.filter(({ value }) => value.high > 0).sort((a, b) => a.value.low - b.value.low);
  let covered: number | undefined;
  for (const { value, path: at } of shares) {
    const meets = Math.min(covered ?? 0, value.high);
    if (hasBucketBetween(covered, value.low)) {
      faults.add('rollout-gap', path, `Nobody is served between ${covered ?? 0} and ${value.low}.`);
    } else if (meets - value.low > TOLERANCE) {
      faults.add('rollout-overlap', at, `Overlaps another interval between ${value.low} and ${meets}.`);
    }
    covered = Math.max(covered ?? 0, isEverybody(value) ? 1 : value.high);
  }
  if ((covered ?? 0) < 1) faults.add('rollout-gap', path, `Nobody is served between ${covered ?? 0} and 1.`);
}

function isEverybody({ low, high }: Interval): boolean {
  return low === 0 && 1 - high < EVERYBODY_TOLERANCE;
}

/**
 * Whether some user's bucket lies after one interval's end and before another's start. Buckets are the multiples of 2^-31
 * (see the rollout's hash in fbclient), so no user falls into a gap between two of them, such as rounding leaves.
 */
function hasBucketBetween(end: number | undefined, start: number): boolean {
  if (end === undefined) return start > 0;
  const nextBucket = (Math.floor(end * 2 ** 31) + 1) / 2 ** 31;
  return nextBucket < start;
}
