import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../../test/support/property.js';
import {
  everybody,
  moveBoundary,
  onlyVariation,
  percent,
  readPercent,
  setWeight,
  sharesOf,
  WHOLE,
  weightsOf,
} from '../../src/model/shares.js';

const total = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0);

/** Some weights that add up to the whole. */
const rollouts = fc
  .array(fc.nat(WHOLE), { minLength: 0, maxLength: 7 })
  .map((ends) => [0, ...ends.sort((a, b) => a - b), WHOLE])
  .map((ends) => ends.slice(1).map((end, index) => end - (ends[index] ?? 0)));

describe('weights', () => {
  it('add up to the whole, and none is negative, whatever is typed or moved', async () => {
    await check(
      fc.property(rollouts, fc.nat(7), fc.integer({ min: -20_000, max: 20_000 }), (weights, place, number) => {
        const index = place % weights.length;
        for (const changed of [setWeight(weights, index, number), moveBoundary(weights, index, number)]) {
          expect(total(changed)).toBe(WHOLE);
          expect(Math.min(...changed)).toBeGreaterThanOrEqual(0);
          expect(changed.every(Number.isInteger)).toBe(true);
        }
      }),
    );
  });

  it('come back from shares as they went in, and the last user is served', async () => {
    await check(
      fc.property(rollouts, (weights) => {
        const ids = weights.map((_, index) => `v${index}`);
        const shares = sharesOf(ids, weights);
        expect(weightsOf(shares)).toEqual(weights);
        expect(Math.max(...shares.map(({ rollout }) => rollout[1]))).toBe(1);
      }),
    );
  });

  it.each([
    { before: [5000, 3000, 2000], index: 0, typed: 3333, after: [3333, 4000, 2667] },
    { before: [WHOLE, 0, 0], index: 0, typed: 4000, after: [4000, 3000, 3000] },
    { before: [3000, 7000], index: 1, typed: 12_000, after: [0, WHOLE] },
    { before: [WHOLE], index: 0, typed: 10, after: [WHOLE] },
  ])('typing $typed into $before leaves $after', ({ before, index, typed, after }) => {
    expect(setWeight(before, index, typed)).toEqual(after);
  });

  it('stop a boundary at its neighbours', () => {
    expect(moveBoundary([3000, 2000, 5000], 0, 9000)).toEqual([5000, 0, 5000]);
    expect(moveBoundary([3000, 2000, 5000], 1, -9000)).toEqual([3000, 0, 7000]);
  });
});

describe('shares', () => {
  it('of nothing are written [0, 0], and what else a share had is kept', () => {
    const before = [{ id: 'a', rollout: [0, 1] as const, exptRollout: 0.4, note: 'kept' }];
    expect(sharesOf(['a', 'b'], [0, WHOLE], before)).toEqual([
      { id: 'a', rollout: [0, 0], exptRollout: 0.4, note: 'kept' },
      { id: 'b', rollout: [0, 1], exptRollout: 1 },
    ]);
  });

  it.each([
    [everybody('on'), 'on'],
    [sharesOf(['on', 'off'], [WHOLE, 0]), 'on'],
    [sharesOf(['on', 'off'], [5000, 5000]), undefined],
    [[], undefined],
  ])('know the one variation that everybody gets', (shares, only) => {
    expect(onlyVariation(shares)).toBe(only);
  });
});

describe('a percentage', () => {
  it.each([
    ['25', 2500],
    [' 33,3 % ', 3330],
    ['.5', 50],
    ['100', WHOLE],
    ['0', 0],
    ['100.1', undefined],
    ['-1', undefined],
    ['a', undefined],
    ['', undefined],
    ['1e1', undefined],
  ])('is read from %j', (text, weight) => {
    expect(readPercent(text)).toBe(weight);
  });

  it.each([
    [2500, '25 %'],
    [3333, '33.33 %'],
    [3330, '33.3 %'],
    [0, '0 %'],
  ])('is written from %d', (weight, text) => {
    expect(percent(weight)).toBe(text);
  });
});
