import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffCeiling, backoffDelay } from '../../src/sync/backoff.js';
import { check } from '../support/property.js';

describe('the wait before a new attempt', () => {
  it.each([
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
