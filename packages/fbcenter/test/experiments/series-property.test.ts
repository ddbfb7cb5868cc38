import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDue, usersPerDay, withPoint } from '../../src/experiments/series.js';
import { Sketch } from '../../src/experiments/traffic/sketch.js';
import type { SeriesPoint } from '../../src/model/experiment.js';
import { check } from '../support/property.js';

const DAY = 86_400_000;
const point = (at: number, users = 0): SeriesPoint => ({ at, users, intervals: [] });

/** Each number with all before it added up. */
function addedUp(steps: readonly number[]): readonly number[] {
  let sum = 0;
  return steps.map((step) => {
    sum += step;
    return sum;
  });
}

/** A series of looks with these times between them. */
function seriesOf(gaps: readonly number[]): readonly SeriesPoint[] {
  return addedUp(gaps).reduce<readonly SeriesPoint[]>((series, at) => withPoint(series, point(at)), []);
}

/** From seconds to days, and long enough to be thinned out. */
const gaps = fc.array(fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 2 * DAY })), {
  minLength: 1,
  maxLength: 300,
});

describe('a series of looks, whenever they were taken,', () => {
  it('is in the order of time, is bounded, and ends with the latest one', async () => {
    const property = fc.property(gaps, (list) => {
      const times = seriesOf(list).map(({ at }) => at);
      const days = new Set(times.map((at) => Math.floor(at / DAY))).size;
      expect(times.length).toBeLessThanOrEqual(120 + Math.min(days, 400));
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
      expect(times.at(-1)).toBe(list.reduce((sum, gap) => sum + gap, 0));
    });
    await check(property, 60);
  });

  it('keeps the last look of every day of its first year', async () => {
    const property = fc.property(gaps, (list) => {
      const all = addedUp(list);
      const lastOfDay = new Map(all.map((time) => [Math.floor(time / DAY), time]));
      fc.pre(lastOfDay.size <= 400);
      const kept = new Set(seriesOf(list).map((one) => one.at));
      for (const time of lastOfDay.values()) expect(kept.has(time)).toBe(true);
    });
    await check(property, 60);
  });

  it('changes no point that it has', async () => {
    const property = fc.property(gaps, fc.integer({ min: 1, max: DAY }), (list, gap) => {
      const before = seriesOf(list);
      const after = withPoint(before, point((before.at(-1)?.at ?? 0) + gap));
      for (const one of after.slice(0, -1)) expect(before).toContain(one);
    });
    await check(property, 40);
  });

  it('is due again at last, and not before ten seconds are over', async () => {
    const times = fc.integer({ min: 0, max: 400 * DAY });
    const property = fc.property(times, fc.integer({ min: 0, max: DAY }), (start, later) => {
      const series = [point(start + later)];
      expect(isDue(series, start, start + later + 9_999)).toBe(false);
      expect(isDue(series, start, start + later + DAY / 4)).toBe(true);
    });
    await check(property, 100);
  });

  it('never says that fewer than no users come, nor how many before an hour is over', async () => {
    const curve = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 * DAY }), fc.nat(1_000)), { maxLength: 20 });
    const property = fc.property(curve, fc.nat(10 * DAY), fc.nat(1_000), (steps, later, more) => {
      const times = addedUp(steps.map(([gap]) => gap));
      const totals = addedUp(steps.map(([, came]) => came));
      const series = times.map((time, index) => point(time, totals[index]));
      const { at, users } = series.at(-1) ?? point(0);
      const perDay = usersPerDay(series, { at: at + later, users: users + more }, 0);
      if (perDay !== undefined) expect(perDay).toBeGreaterThan(0);
      if (at + later < 3_600_000) expect(perDay).toBeUndefined();
    });
    await check(property, 200);
  });
});

/** Numbers as good as the hashes of users, from a seed: mulberry32. */
function hashesFrom(from: number): () => number {
  let state = from | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

describe('the error of a sketch, over seeds,', () => {
  const SEEDS = 40;

  it.each([20, 200, 2_000, 20_000])('of %d users is that of its theory, and to no side', (count) => {
    const errors = Array.from({ length: SEEDS }, (_, round) => {
      const next = hashesFrom(1 + round * 7_919);
      const sketch = new Sketch();
      for (let user = 0; user < count; user++) sketch.add(next(), next());
      return sketch.estimate() / count - 1;
    });
    const mean = errors.reduce((sum, error) => sum + error, 0) / SEEDS;
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / SEEDS);
    // 1.04 / √1024 = 3.25 % and less for few: with 40 seeds, four standard errors of each.
    expect(Math.abs(mean)).toBeLessThan(0.021);
    expect(deviation).toBeLessThan(0.048);
    expect(deviation).toBeGreaterThan(count < 1_000 ? 0 : 0.015);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.15);
  });

  it('of both halves together is that of the whole: no user is lost or counted twice by merging', async () => {
    const property = fc.property(fc.nat(2 ** 31 - 1), fc.nat(500), fc.nat(500), (from, one, other) => {
      const next = hashesFrom(from);
      const [whole, left, right] = [new Sketch(), new Sketch(), new Sketch()];
      for (let user = 0; user < one + other; user++) {
        const hash = [next(), next()] as const;
        whole.add(...hash);
        (user < one ? left : right).add(...hash);
        if (user % 3 === 0) right.add(...hash);
      }
      left.merge(right);
      expect(left.bytes()).toEqual(whole.bytes());
    });
    await check(property, 50);
  });

  it('never sinks with a user more', async () => {
    const property = fc.property(fc.nat(2 ** 31 - 1), fc.integer({ min: 1, max: 200 }), (from, count) => {
      const next = hashesFrom(from);
      const sketch = new Sketch();
      let before = 0;
      for (let user = 0; user < count; user++) {
        const isNew = sketch.add(next(), next());
        const now = sketch.estimate();
        expect(now).toBeGreaterThanOrEqual(before);
        if (!isNew) expect(now).toBe(before);
        before = now;
      }
    });
    await check(property, 20);
  });
});
