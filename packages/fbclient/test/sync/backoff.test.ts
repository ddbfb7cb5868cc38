import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffCeiling, backoffDelay, jitteredPeriod, refusedDelay } from '../../src/sync/backoff.js';
import { check } from '../support/property.js';

describe('the wait before a new attempt', () => {
  it.each([
    [-4, 1_000],
    [0, 1_000],
    [1, 2_000],
    [2, 4_000],
    [5, 32_000],
    [6, 60_000],
    [7, 60_000],
    [1_000_000, 60_000],
  ])('after %d failures in a row is below %d ms', (failures, ceiling) => {
    expect(backoffCeiling(failures, 1_000, 60_000)).toBe(ceiling);
    expect(backoffDelay(failures, 1_000, 60_000, 0.999_999)).toBeLessThan(ceiling);
  });

  it('is anywhere below the ceiling: full jitter', () => {
    expect(backoffDelay(2, 1_000, 60_000, 0)).toBe(0);
    expect(backoffDelay(2, 1_000, 60_000, 0.25)).toBe(1_000);
    expect(backoffDelay(2, 1_000, 60_000, 0.75)).toBe(3_000);
  });

  it('is never more than the last ceiling, even where that is below the first', () => {
    expect(backoffCeiling(0, 1_000, 200)).toBe(200);
  });

  it('is a time that a timer can take, whatever the settings and the failures', async () => {
    const duration = fc.double({ min: 0.001, max: 2_147_483_647, noNaN: true });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    await check(
      fc.property(fc.nat(), duration, duration, random, (failures, first, max, chance) => {
        const delay = backoffDelay(failures, first, max, chance);
        expect(delay >= 0 && delay <= max && delay <= backoffCeiling(failures + 1, first, max)).toBe(true);
      }),
      1_000,
    );
  });
});

describe('the wait after a refusal', () => {
  it.each([
    [0, 60_000, 75_000],
    [1, 120_000, 150_000],
    [2, 240_000, 300_000],
    [3, 480_000, 600_000],
    [4, 600_000, 600_000],
    [1_000_000, 600_000, 600_000],
  ])('is, after %d others, between %d and %d ms', (refusals, least, most) => {
    expect(refusedDelay(refusals, 60_000, 0)).toBe(least);
    expect(refusedDelay(refusals, 60_000, 0.999_999_999)).toBeCloseTo(most, 0);
  });

  it('is the first one, however long that was chosen', () => {
    expect(refusedDelay(5, 3_600_000, 0.5)).toBe(3_600_000);
  });
});

describe('a period', () => {
  it('is as long as it was chosen, give or take an eighth', () => {
    expect(jitteredPeriod(60_000, 0)).toBe(52_500);
    expect(jitteredPeriod(60_000, 0.5)).toBe(60_000);
    expect(jitteredPeriod(60_000, 0.999_999_999)).toBeCloseTo(67_500, 0);
  });
});
