import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_UNITS, BUCKETS, type BucketUnit } from '../../src/model/buckets.js';
import {
  BLOCKS,
  blockOf,
  bucketsAt,
  entriesOf,
  entryIn,
  LONGEST_COUNTS,
  PRUNED,
} from '../../src/storage/evaluation-blocks.js';
import { check } from '../support/property.js';

describe('a time', () => {
  it.each([
    [0, 0, 0, 0],
    [59_999, 0, 0, 0],
    [60_000, 1, 0, 0],
    [3_599_999, 59, 0, 0],
    [3_600_000, 60, 1, 0],
    [86_399_999, 1_439, 23, 0],
    [86_400_000, 1_440, 24, 1],
    [Date.UTC(2026, 0, 1), 29_453_760, 490_896, 20_454],
  ])('%d is in minute %d, hour %d and day %d', (now, minute, hour, day) => {
    expect(bucketsAt(now)).toEqual({ now, minute, hour, day });
  });
});

describe('a bucket', () => {
  it.each<[BucketUnit, number, block: number, entry: string]>([
    ['minute', 0, 0, '0:7'],
    ['minute', 59, 0, '59:7'],
    ['minute', 60, 1, '0:7'],
    ['minute', 29_453_761, 490_896, '1:7'],
    ['hour', 23, 0, '23:7'],
    ['hour', 24, 1, '0:7'],
    ['day', 31, 0, '31:7'],
    ['day', 32, 1, '0:7'],
    ['day', 20_454, 639, '6:7'],
  ])('of a %s, number %d, is in block %d as %s', (unit, bucket, block, entry) => {
    expect([blockOf(unit, bucket), entryIn(unit, bucket, 7)]).toEqual([block, entry]);
  });

  it('is found again from its block and its entry, with its count', async () => {
    const unit = fc.constantFrom(...BUCKET_UNITS);
    const count = fc.integer({ min: 0, max: 999_999_999_999_999 });
    const property = fc.property(unit, fc.integer({ min: 0, max: 100_000_000 }), count, (one, bucket, counted) => {
      const read = [...entriesOf(entryIn(one, bucket, counted))];
      expect(read.map(([offset, value]) => [blockOf(one, bucket) * BLOCKS[one] + offset, value])).toEqual([
        [bucket, counted],
      ]);
    });
    await check(property, 200);
  });
});

describe('the counts of a block', () => {
  it.each<[counts: string, entries: [number, number][]]>([
    ['', []],
    ['3:120', [[3, 120]]],
    [
      '3:120,4:98',
      [
        [3, 120],
        [4, 98],
      ],
    ],
    // A clock that was set back: both count.
    [
      '3:1,3:2',
      [
        [3, 1],
        [3, 2],
      ],
    ],
    ['0:0', [[0, 0]]],
    ['59:999999999999999', [[59, 999_999_999_999_999]]],
    // Damage counts nothing, and what is beside it counts.
    ['x,4:98', [[4, 98]]],
    [
      '3:120,4:9x,5:1,',
      [
        [3, 120],
        [5, 1],
      ],
    ],
    ['100:1', []],
    ['3:1000000000000000', []],
    ['-3:1', []],
    ['3:-1', []],
    ['3:1.5', []],
    [' 3:1', []],
    ['3:1\n', []],
    ['3', []],
    ['3:', []],
    [':3', []],
    ['3:1:2', []],
    ['٣:1', []],
  ])('%j are %j', (counts, entries) => {
    expect([...entriesOf(counts)]).toEqual(entries);
  });

  it('are damaged in one place at most when one character is', async () => {
    const all = fc.array(fc.tuple(fc.integer({ min: 0, max: 59 }), fc.nat({ max: 9_999 })), {
      minLength: 3,
      maxLength: 20,
    });
    const property = fc.property(all, fc.nat(), fc.constantFrom('x', ' ', '\ufffd', '\0'), (entries, place, other) => {
      const text = entries.map(([offset, count]) => `${offset}:${count}`).join(',');
      const at = place % text.length;
      const damaged = text.slice(0, at) + other + text.slice(at + 1);
      // A comma that is gone makes one of two.
      expect([...entriesOf(damaged)].length).toBeGreaterThanOrEqual(entries.length - 2);
      expect([...entriesOf(damaged)].length).toBeLessThan(entries.length);
    });
    await check(property, 100);
  });

  it.each(BUCKET_UNITS)('by the %s fit a block that is full, and all that are kept are in few blocks', (unit) => {
    const full = Array.from({ length: BLOCKS[unit] }, (_, index) => entryIn(unit, index, 999_999_999_999_999));
    expect(full.join(',').length).toBeLessThan(LONGEST_COUNTS);
    expect(Math.ceil(BUCKETS[unit].kept / BLOCKS[unit])).toBeLessThanOrEqual(14);
  });

  it('are pruned faster than they come', () => {
    expect(PRUNED).toBeGreaterThan(1);
  });
});
