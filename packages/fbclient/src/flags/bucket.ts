import { md5FirstWord } from './md5.js';

/** Buckets are the multiples of this in [0,1]. */
export const BUCKET_WIDTH = 2 ** -31;

/** An interval from 0 that ends this close to 1 covers everybody: FeatBit stores shares as decimal fractions, with rounding. */
const WHOLE_TOLERANCE = 0.00001;

/**
 * Where a text falls in [0,1], both ends included.
 *
 * Source: FeatBit's rollout; the first 4 bytes of MD5 over the UTF-8 text as a little-endian signed 32-bit integer,
 * divided by -2^31, without its sign.
 *
 * @param start the text's beginning.
 * @param end the rest of it; apart, because joining two strings costs half as much as hashing them.
 */
export function bucketOf(start: string, end = ''): number {
  return Math.abs(md5FirstWord(start, end) / -2_147_483_648);
}

/** Whether an interval of buckets covers all of them. */
export function coversEverybody(low: number, high: number): boolean {
  return low === 0 && 1 - high < WHOLE_TOLERANCE;
}
