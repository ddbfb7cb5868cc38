import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_UNITS, BUCKETS, bucketAt, oldestBucket } from '../../src/model/buckets.js';
import { foldedName } from '../../src/model/user.js';
import { check } from '../support/property.js';

const NOON = Date.UTC(2026, 10, 28, 12, 34, 56, 789);

describe('the bucket of a time', () => {
  it.each([
    ['minute', '2026-11-28T12:34:00.000Z'],
    ['hour', '2026-11-28T12:00:00.000Z'],
    ['day', '2026-11-28T00:00:00.000Z'],
  ] as const)('by the %s begins at %s', (unit, begin) => {
    expect(new Date(bucketAt(unit, NOON) * BUCKETS[unit].length).toISOString()).toBe(begin);
  });

  it.each([
    ['minute', '2026-11-28T09:35:00.000Z'],
    ['hour', '2026-11-14T13:00:00.000Z'],
    ['day', '2025-10-25T00:00:00.000Z'],
  ] as const)('by the %s is kept back to %s', (unit, oldest) => {
    expect(new Date(oldestBucket(unit, NOON) * BUCKETS[unit].length).toISOString()).toBe(oldest);
  });

  it('holds its time, also before 1970, and no time is in two', () => {
    return check(
      fc.property(fc.constantFrom(...BUCKET_UNITS), fc.integer({ min: -1e12, max: 4e12 }), (unit, time) => {
        const { length } = BUCKETS[unit];
        const begin = bucketAt(unit, time) * length;
        expect(begin <= time && time < begin + length).toBe(true);
        expect(bucketAt(unit, begin)).toBe(bucketAt(unit, begin + length - 1));
        expect(bucketAt(unit, begin + length)).toBe(bucketAt(unit, begin) + 1);
      }),
      200,
    );
  });

  it('is one of as many as are kept, the present one included', () => {
    for (const unit of BUCKET_UNITS) {
      expect(bucketAt(unit, NOON) - oldestBucket(unit, NOON) + 1).toBe(BUCKETS[unit].kept);
    }
  });
});

describe('two names', () => {
  it.each([
    ['Ada', 'ada'],
    ['Ada', ' ADA '],
    ['Ada', 'Ａｄａ'],
    ['ﬁona', 'FIONA'],
    ['José', 'José'],
    ['ÄNNE', 'änne'],
  ])('are one to people: %j and %j', (one, other) => {
    expect(foldedName(one)).toBe(foldedName(other));
  });

  it.each([
    ['Ada', 'Adá'],
    ['Ada', 'A da'],
    ['Ada', 'Ada2'],
    ['', 'a'],
  ])('are two to people: %j and %j', (one, other) => {
    expect(foldedName(one)).not.toBe(foldedName(other));
  });

  it('are folded once and for all', () => {
    return check(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (name) => {
        expect(foldedName(foldedName(name))).toBe(foldedName(name));
      }),
      200,
    );
  });
});
