import type { BucketUnit } from '../../model/buckets.js';

/** Buckets of a block; a row of the history holds their counts as text, "3:120,4:98". */
export const BLOCKS: Readonly<Record<BucketUnit, number>> = { minute: 60, hour: 24, day: 32 };

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
