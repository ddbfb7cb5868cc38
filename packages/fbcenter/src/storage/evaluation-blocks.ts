import { type BucketUnit, bucketAt } from '../model/buckets.js';

/**
 * Evaluations over time, as every storage keeps them. The row of a flag and variation also counts in the current minute, hour and day, so that what
 * is recorded within one minute is one update, as without a history. When a bucket is over, its count is appended to a row of the history, which
 * holds a block of buckets as text, "3:120,4:98": few rows, and old ones go as a whole.
 */

/** Buckets of a block. */
export const BLOCKS: Readonly<Record<BucketUnit, number>> = { minute: 60, hour: 24, day: 32 };

/** Longest text of a block, in characters: only a clock that goes back and forth comes near. */
export const LONGEST_COUNTS = 4_000;

/** Blocks that are over and deleted for each one that begins: more than begin, so that they do not pile up. */
export const PRUNED = 2;

/** A time with the buckets that it falls in. */
export type BucketsNow = Readonly<Record<BucketUnit, number>> & { readonly now: number };

export function bucketsAt(now: number): BucketsNow {
  return { now, minute: bucketAt('minute', now), hour: bucketAt('hour', now), day: bucketAt('day', now) };
}

/** The block that a bucket is in. */
export function blockOf(unit: BucketUnit, bucket: number): number {
  return Math.floor(bucket / BLOCKS[unit]);
}

/** What is not as we write it is damage, and counts nothing. */
export function* entriesOf(counts: string): Generator<readonly [offset: number, count: number]> {
  for (const entry of counts.split(',')) {
    const [, offset, count] = /^(\d{1,2}):(\d{1,15})$/.exec(entry) ?? [];
    if (offset !== undefined && count !== undefined) yield [Number(offset), Number(count)];
  }
}

/** How a bucket that is over stands in its block. */
export function entryIn(unit: BucketUnit, bucket: number, count: number): string {
  return `${bucket - blockOf(unit, bucket) * BLOCKS[unit]}:${count}`;
}
