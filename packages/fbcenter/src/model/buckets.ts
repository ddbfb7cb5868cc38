/** The lengths of time that evaluations are counted by. */
export type BucketUnit = 'minute' | 'hour' | 'day';

interface Bucket {
  /** In milliseconds. */
  readonly length: number;
  /** How many are kept, the latest ones. */
  readonly kept: number;
}

/** Three hours by the minute, two weeks by the hour, a year and a month by the day; all by UTC. */
export const BUCKETS: Readonly<Record<BucketUnit, Bucket>> = {
  minute: { length: 60_000, kept: 180 },
  hour: { length: 3_600_000, kept: 14 * 24 },
  day: { length: 86_400_000, kept: 400 },
};

export const BUCKET_UNITS = ['minute', 'hour', 'day'] as const satisfies readonly BucketUnit[];

/** The number of the bucket that a time falls in, counted from 1970. */
export function bucketAt(unit: BucketUnit, time: number): number {
  return Math.floor(time / BUCKETS[unit].length);
}

/** The oldest bucket that is still kept. */
export function oldestBucket(unit: BucketUnit, now: number): number {
  return bucketAt(unit, now) - BUCKETS[unit].kept + 1;
}
