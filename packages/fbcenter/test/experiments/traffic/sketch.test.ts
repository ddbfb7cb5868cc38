import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sketch } from '../../../src/experiments/traffic/sketch.js';
import { check } from '../../support/property.js';

/** Users from a number on; the hash is a good one, so that only the sketch is tested. */
function sketchOf(from: number, count: number): Sketch {
  const sketch = new Sketch();
  for (let user = from; user < from + count; user++) {
    const hash = createHash('sha256').update(`user ${user}`).digest();
    sketch.add(hash.readUInt32BE(0), hash.readUInt32BE(4));
  }
  return sketch;
}

describe('a sketch of users', () => {
  it('is of nobody at first', () => {
    expect(new Sketch().estimate()).toBe(0);
  });

  // The standard error is 3.3 %; of few users it is less.
  it.each([1, 2, 5, 10, 50, 100, 500, 1_000, 3_000, 10_000, 50_000])('knows how many %d users are', (count) => {
    const error = Math.abs(sketchOf(0, count).estimate() - count);
    expect(error).toBeLessThanOrEqual(Math.max(0.6, 0.1 * count));
  });

  it('is right on average: no part of the range is too high or too low throughout', () => {
    for (const count of [300, 3_000]) {
      const ratios = Array.from({ length: 40 }, (_, round) => sketchOf(round * 10_000, count).estimate() / count);
      const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
      expect(Math.abs(mean - 1)).toBeLessThan(0.02);
    }
  });

  it('counts a user once, and says whether it has changed', () => {
    const sketch = new Sketch();
    expect(sketch.add(0x12345678, 0x9abcdef0)).toBe(true);
    const once = sketch.estimate();
    for (let time = 0; time < 10; time++) expect(sketch.add(0x12345678, 0x9abcdef0)).toBe(false);
    expect(sketch.estimate()).toBe(once);
  });

  it('of two groups together is that of all, whoever is in both', async () => {
    const part = fc.tuple(fc.nat(3_000), fc.nat(800));
    const property = fc.property(part, part, ([from, count], [otherFrom, otherCount]) => {
      const together = sketchOf(from, count);
      together.merge(sketchOf(otherFrom, otherCount));
      const other = sketchOf(otherFrom, otherCount);
      other.merge(sketchOf(from, count));
      expect(together.bytes()).toEqual(other.bytes());
      expect(together.estimate()).toBeGreaterThanOrEqual(sketchOf(from, count).estimate());
      together.merge(together);
      expect(together.bytes()).toEqual(other.bytes());
    });
    await check(property, 10);
  });

  it.each([
    ['the highest and the lowest hash', 0xffffffff, 0xffffffff],
    ['a hash of zeros', 0, 0],
    ['zeros but for the last bit', 0, 1],
  ])('takes %s', (_, high, low) => {
    const sketch = new Sketch();
    sketch.add(high, low);
    expect(Number.isFinite(sketch.estimate())).toBe(true);
    expect(Sketch.of(sketch.bytes())?.bytes()).toEqual(sketch.bytes());
  });

  it('comes back from its bytes, and from nothing else', () => {
    const sketch = sketchOf(0, 500);
    expect(Sketch.of(sketch.bytes())?.estimate()).toBe(sketch.estimate());
    expect(Sketch.of(new Uint8Array(5))).toBeUndefined();
    expect(Sketch.of(new Uint8Array(1_024).fill(200))).toBeUndefined();
    expect(sketch.bytes().length).toBe(1_024);
  });

  it('full to the brim is still a number, or endless, and never less than a smaller one', () => {
    const full = Sketch.of(new Uint8Array(1_024).fill(54));
    expect(full?.estimate()).toBeGreaterThan(1e15);
  });
});
