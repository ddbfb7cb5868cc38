import { createHash } from 'node:crypto';

/** The first four bytes of MD5 over the UTF-8 text, read as a little-endian signed 32-bit integer. */
export function hashOf(input: string): number {
  const digest = createHash('md5').update(Buffer.from(input, 'utf8')).digest();
  return new DataView(digest.buffer, digest.byteOffset, 4).getInt32(0, true);
}

/** Where an input falls in [0, 1]. */
export function bucketOf(input: string): number {
  return Math.abs(hashOf(input) / -2147483648);
}

/** Whether an input is inside a stored interval. */
export function isInRollout(input: string, [lo, hi]: readonly [number, number]): boolean {
  if (lo === 0 && 1 - hi < 0.00001) return true;
  if (lo === 0 && hi === 0) return false;
  const bucket = bucketOf(input);
  return lo <= bucket && bucket <= hi;
}
