import { describe, expect, it } from 'vitest';
import { isDue, usersPerDay, withPoint } from '../../src/experiments/series.js';
import type { SeriesPoint } from '../../src/model/experiment.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const point = (at: number, users = 0): SeriesPoint => ({ at, users, intervals: [] });

describe('a series of looks', () => {
  it.each([
    ['nothing yet', [], 0, true],
    ['just now', [0], 9_999, false],
    ['after ten seconds', [0], 10_000, true],
    ['after a day, too soon', [DAY], DAY + DAY / 130, false],
    ['after a day', [DAY], DAY + DAY / 110, true],
  ])('has another point: %s', (_, times, now, isIt) => {
    expect(
      isDue(
        times.map((at) => point(at)),
        0,
        now,
      ),
    ).toBe(isIt);
  });

  it.each([100, 1_000, 50_000])(
    'of %i looks has at most 120 points, the last one, and distances of one order',
    (looks) => {
      let series: readonly SeriesPoint[] = [];
      for (let look = 0; look < looks; look++) {
        const at = look * 10_000;
        if (isDue(series, 0, at)) series = withPoint(series, point(at));
      }
      expect(series.length).toBeLessThanOrEqual(120);
      expect(series.length).toBeGreaterThan(Math.min(looks, 55) - 1);
      const gaps = series.slice(1).map(({ at }, index) => at - (series[index]?.at ?? 0));
      expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(8);
      expect((looks - 1) * 10_000 - (series.at(-1)?.at ?? 0)).toBeLessThan(Math.max(...gaps) * 2);
    },
  );

  it.each<[string, readonly SeriesPoint[], number, number, number | undefined]>([
    ['too early', [], HOUR / 2, 100, undefined],
    ['since the start', [], 12 * HOUR, 100, 200],
    ['nobody', [], DAY, 0, undefined],
    ['the last week alone', [point(3 * DAY, 5_000)], 10 * DAY, 5_700, 100],
    ['a week that begins between two points', [point(2 * DAY, 5_000), point(9 * DAY, 5_700)], 10 * DAY, 5_800, 100],
    ['nobody for a week', [point(DAY, 5_000)], 10 * DAY, 5_000, undefined],
  ])('says how many users a day there are: %s', (_, series, at, users, perDay) => {
    expect(usersPerDay(series, { at, users }, 0)).toBe(perDay);
  });
});
