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

  /** The looks of an experiment that has something to count every ten seconds. */
  function seriesOf(looks: number, apart = 10_000): readonly SeriesPoint[] {
    let series: readonly SeriesPoint[] = [];
    for (let look = 0; look < looks; look++) {
      const at = look * apart;
      if (isDue(series, 0, at)) series = withPoint(series, point(at));
    }
    return series;
  }

  it.each([100, 1_000, 8_000])(
    'of %i looks within a day is evenly spaced, of at most 120 points, with the last one',
    (looks) => {
      const series = seriesOf(looks);
      expect(series.length).toBeLessThanOrEqual(120);
      expect(series.length).toBeGreaterThan(Math.min(looks, 55) - 1);
      const gaps = series.slice(1).map(({ at }, index) => at - (series[index]?.at ?? 0));
      expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(8);
      expect((looks - 1) * 10_000 - (series.at(-1)?.at ?? 0)).toBeLessThan(Math.max(...gaps) * 2);
    },
  );

  it.each([2, 10, 90, 365])('of %i days has a point of each day, from its last six hours', (days) => {
    const series = seriesOf(days * 144, DAY / 144);
    const last = new Map(series.map(({ at }) => [Math.floor(at / DAY), at % DAY]));
    expect([...last.keys()]).toEqual(Array.from({ length: days }, (_, day) => day));
    for (const at of last.values()) expect(at).toBeGreaterThanOrEqual(18 * HOUR);
    expect(series.length).toBeLessThanOrEqual(120 + days);
  });

  it('of many years has at most 520 points, in the order of time, from its first days to its last', () => {
    const series = seriesOf(3_000 * 4, 6 * HOUR);
    expect(series.length).toBeLessThanOrEqual(520);
    expect(series.length).toBeGreaterThan(200);
    const times = series.map(({ at }) => at);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(times.at(-1)).toBe((3_000 * 4 - 1) * 6 * HOUR);
    expect(times[0]).toBeLessThan(30 * DAY);
  });

  it('keeps what it has when nobody comes for days', () => {
    let series: readonly SeriesPoint[] = [];
    for (const at of [0, HOUR, 2 * DAY, 9 * DAY]) series = withPoint(series, point(at));
    expect(series.map(({ at }) => at)).toEqual([0, HOUR, 2 * DAY, 9 * DAY]);
  });

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
