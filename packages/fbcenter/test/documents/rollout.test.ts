import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Faults } from '../../src/documents/faults.js';
import { checkRollout, intervalOf } from '../../src/documents/rollout.js';
import { check } from '../support/property.js';

describe('rollouts', () => {
  /** As evaluation decides it, for one bucket. */
  const isServed = (bucket: number, intervals: readonly (readonly [number, number])[]) =>
    intervals.some(
      ([low, high]) =>
        (low === 0 && 1 - high < 0.00001) || (!(low === 0 && high === 0) && bucket >= low && bucket <= high),
    );

  const faultsOf = (intervals: readonly (readonly [number, number])[]) => {
    const faults = new Faults();
    const located = intervals.map(([low, high], index) => ({ value: { low, high }, path: `[${index}]` }));
    checkRollout(located, '', faults);
    return new Set(faults.list.map(({ code }) => code));
  };

  const cut = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.1, 0.3, 0.5, 1));
  const nearly = fc.constantFrom(0, 0, 0, 1e-17, -1e-17, 1e-11, -1e-11, 1e-6, -1e-6);

  it('have a gap exactly when some user would be served nothing', async () => {
    await check(
      fc.property(
        fc.array(cut, { maxLength: 4 }),
        fc.array(nearly, { minLength: 12, maxLength: 12 }),
        (cuts, noise) => {
          const ends = [0, ...cuts.sort((a, b) => a - b), 1];
          const clamp = (value: number) => Math.min(1, Math.max(0, value));
          const intervals = ends.slice(1).flatMap((high, index): [number, number][] => {
            const low = clamp((ends[index] ?? 0) + (noise[2 * index] ?? 0));
            const end = clamp(high + (noise[2 * index + 1] ?? 0));
            return low <= end ? [[low, end]] : [];
          });
          const nearEnds = intervals.flat().flatMap((end) => {
            const bucket = Math.floor(end * 2 ** 31);
            return [bucket - 1, bucket, bucket + 1].map((n) => clamp(n / 2 ** 31));
          });
          const everyoneIsServed = [0, 1, ...nearEnds].every((bucket) => isServed(bucket, intervals));
          expect(faultsOf(intervals).has('rollout-gap')).toBe(!everyoneIsServed);
        },
      ),
      3_000,
    );
  });

  it('overlap when a share is in two of them, and not when only their ends meet', () => {
    expect(
      faultsOf([
        [0, 0.5],
        [0.5, 1],
      ]),
    ).toEqual(new Set());
    expect(
      faultsOf([
        [0, 0.5],
        [0.5 - 1e-6, 1],
      ]),
    ).toEqual(new Set(['rollout-overlap']));
    expect(
      faultsOf([
        [0, 1],
        [0.2, 0.3],
      ]),
    ).toEqual(new Set(['rollout-overlap']));
  });
});

describe('an end of a share', () => {
  it.each([
    [1, 1],
    [1 - 1e-10, 1],
    [1 + 1e-10, 1],
    [1 - 1e-8, 1 - 1e-8],
    [1 + 1e-8, 1 + 1e-8],
    [0, 0],
    [1e-10, 1e-10],
    [0.3, 0.3],
  ])('of %d is taken as %d', (given, taken) => {
    expect(intervalOf(0, given)).toEqual({ low: 0, high: taken });
    expect(intervalOf(given, 1)).toEqual({ low: taken, high: 1 });
  });
});
