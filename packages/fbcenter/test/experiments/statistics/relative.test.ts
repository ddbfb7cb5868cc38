import fc from 'fast-check';
import { minimumDetectableEffect, relativeDelta, relativeFieller, remainingTime, sumsOf } from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../../src/experiments/statistics/estimate.js';
import { deltaStandardError, fieller } from '../../../src/experiments/statistics/intervals.js';
import { timeTo } from '../../../src/experiments/statistics/planning.js';
import { check } from '../../support/property.js';

/** An estimate of two independent means. */
function estimate(control: number, treatment: number, controlVariance: number, treatmentVariance: number): Estimate {
  return {
    status: 'ok',
    users: 2_000,
    control,
    treatment,
    difference: treatment - control,
    standardError: Math.sqrt(controlVariance + treatmentVariance),
    degreesOfFreedom: 1_000,
    levels: { controlVariance, treatmentVariance, covariance: 0 },
  };
}

describe('an uplift', () => {
  it('of a control that is known for certain is the difference as a part of it', () => {
    const relative = fieller(estimate(10, 11, 0, 0.25), 2);
    expect(relative).toMatchObject({ status: 'ok', g: 0 });
    if (relative.status !== 'ok') return;
    expect(relative.uplift).toBeCloseTo(0.1, 12);
    expect([relative.low, relative.high]).toEqual([expect.closeTo(0, 12), expect.closeTo(0.2, 12)]);
  });

  it.each([
    [0, 'zero-baseline'],
    [1e-60, 'zero-baseline'],
    [0.5, 'uncertain-baseline'],
    [-0.5, 'uncertain-baseline'],
    [1, 'uncertain-baseline'],
    [1.01, 'ok'],
    [-1.01, 'ok'],
  ])('of a control of %d with an error of a half, twice to each side, is %s', (control, status) => {
    expect(fieller(estimate(control, 3, 0.25, 0.25), 2).status).toBe(status);
  });

  it('is not symmetric when the control is uncertain, and holds the uplift', () => {
    const relative = fieller(estimate(10, 12, 4, 1), 2);
    if (relative.status !== 'ok') throw new Error(relative.status);
    const { low, uplift, high, g } = relative;
    expect(g).toBeCloseTo(0.16, 12);
    expect(low).toBeLessThan(uplift);
    expect(high).toBeGreaterThan(uplift);
    expect(high - uplift).toBeGreaterThan(uplift - low);
  });

  it('holds just those uplifts that its own test does not refuse', async () => {
    const input = fc.record({
      control: fc.double({ min: 1, max: 100, noNaN: true }),
      treatment: fc.double({ min: -100, max: 100, noNaN: true }),
      v: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      w: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      multiplier: fc.double({ min: 0.1, max: 5, noNaN: true }),
    });
    await check(
      fc.property(input, ({ control, treatment, v, w, multiplier }) => {
        const relative = fieller(estimate(control, treatment, v, w), multiplier);
        if (relative.status !== 'ok') return;
        // treatment − (1 + r)·control is 0 within so many errors: at both ends just so.
        for (const end of [relative.low, relative.high]) {
          const level = 1 + end;
          const distance = Math.abs(treatment - level * control);
          const allowed = multiplier * Math.sqrt(w + level * level * v);
          expect(Math.abs(distance - allowed)).toBeLessThan(1e-7 * (1 + allowed + Math.abs(level * control)));
        }
      }),
      300,
    );
  });

  it('turns with the sign of the control: more of a loss is less', () => {
    const positive = fieller(estimate(10, 12, 0.5, 0.5), 2);
    const negative = fieller(estimate(-10, -12, 0.5, 0.5), 2);
    if (positive.status !== 'ok' || negative.status !== 'ok') throw new Error('no interval');
    expect(negative.uplift).toBeCloseTo(-positive.uplift, 12);
    expect([negative.low, negative.high]).toEqual([
      expect.closeTo(-positive.high, 12),
      expect.closeTo(-positive.low, 12),
    ]);
  });

  it('has an error by the delta method, for planning, unless the control is 0', () => {
    expect(deltaStandardError(estimate(10, 10, 1, 1))).toBeCloseTo(Math.SQRT2 / 10, 12);
    expect(deltaStandardError(estimate(10, 20, 1, 1))).toBeCloseTo(Math.sqrt(5) / 10, 12);
    expect(deltaStandardError(estimate(-10, -20, 1, 1))).toBeCloseTo(Math.sqrt(5) / 10, 12);
    expect(deltaStandardError(estimate(0, 1, 1, 1))).toBeUndefined();
  });

  it('is nearly the same by both methods when the control is certain', () => {
    const many = (value: number) => ({ n: 1e6, sum: value * 1e6, sumSquares: value * value * 1e6 + 1e6 });
    const pair = { control: many(10), treatment: many(10.1) };
    const [exact, rough] = [relativeFieller(pair), relativeDelta(pair)];
    expect(exact).toMatchObject({ status: 'ok' });
    expect(rough).toMatchObject({ status: 'ok' });
    if (!('low' in exact) || !('low' in rough)) throw new Error('no interval');
    expect(Number(exact.low)).toBeCloseTo(Number(rough.low), 6);
    expect(Number(exact.high)).toBeCloseTo(Number(rough.high), 6);
  });

  it('of who has not done anything yet is none', () => {
    const nothing = { control: sumsOf([]), treatment: sumsOf([]) };
    expect(relativeFieller(nothing).status).toBe('no-users');
    expect(relativeDelta(nothing).status).toBe('no-users');
  });
});

describe('the time that is left', () => {
  it.each<[needed: number, users: number, perDay: number, additional: number, days: number | null]>([
    [1_000, 0, 100, 1_000, 10],
    [1_000, 400, 100, 600, 6],
    [1_000, 1_000, 100, 0, 0],
    [1_000, 5_000, 100, 0, 0],
    [1_000, 5_000, 0, 0, 0],
    [1_000, 400, 0, 600, null],
    [1_001, 1_000, 0.5, 1, 2],
  ])(
    'to %d users from %d, with %d a day, is %d more in %s days',
    (usersNeeded, users, perDay, additionalUsers, days) => {
      expect(timeTo(usersNeeded, users, perDay)).toEqual({ usersNeeded, additionalUsers, days });
    },
  );

  it('is that of the effect that was planned, whatever its sign, and four times as long for half of it', () => {
    const now = { standardError: 0.05, users: 1_000, usersPerDay: 10 };
    const whole = remainingTime({ ...now, effect: 0.1 });
    expect(remainingTime({ ...now, effect: -0.1 })).toEqual(whole);
    const half = remainingTime({ ...now, effect: 0.05 });
    expect(Math.abs(half.usersNeeded - 4 * whole.usersNeeded)).toBeLessThanOrEqual(4);
  });

  it('ends where the smallest effect that is found is the planned one', async () => {
    const input = fc.record({
      standardError: fc.double({ min: 0.01, max: 1, noNaN: true }),
      effect: fc.double({ min: 0.01, max: 1, noNaN: true }),
      users: fc.integer({ min: 10, max: 100_000 }),
    });
    await check(
      fc.property(input, ({ standardError, effect, users }) => {
        const { usersNeeded } = remainingTime({ standardError, effect, users, usersPerDay: 1 });
        const errorThen = standardError * Math.sqrt(users / usersNeeded);
        expect(minimumDetectableEffect({ standardError: errorThen }).effect).toBeLessThanOrEqual(effect * (1 + 1e-9));
        if (usersNeeded < 2) return;
        const errorBefore = standardError * Math.sqrt(users / (usersNeeded - 1));
        expect(minimumDetectableEffect({ standardError: errorBefore }).effect).toBeGreaterThan(effect * (1 - 1e-9));
      }),
      200,
    );
  });
});
