import { bucketAt } from '../model/buckets.js';
import type { SeriesPoint } from '../model/experiment.js';

/** Points that are about evenly spaced over the whole time: as many as a picture can show. */
const MAX_SPACED = 120;
/** Days that keep their last point, the latest ones: a year and a month. Older ones keep every second one, and so on. */
const MAX_DAYS = 400;
/** The shortest time between two points, in milliseconds, and the longest: each day has some of its own. */
const SHORTEST = 10_000;
const LONGEST = 6 * 3_600_000;

/** Whether it is time for another point. */
export function isDue(series: readonly SeriesPoint[], start: number, now: number): boolean {
  const last = series.at(-1)?.at;
  if (last === undefined) return true;
  return now - last >= Math.min(LONGEST, Math.max(SHORTEST, (now - start) / MAX_SPACED));
}

/**
 * A series with one more point. The last point of each day stays, by UTC: that is the series by the day, of up to {@link MAX_DAYS}.
 * Between them are finer ones; when those are too many, every second of them goes. So an experiment has its course by the minute
 * while it runs for an hour, and by the day while it runs for a year.
 */
export function withPoint(series: readonly SeriesPoint[], point: SeriesPoint): readonly SeriesPoint[] {
  const longer = [...series, point];
  const isDaily = (index: number) => {
    const [one, next] = [longer[index], longer[index + 1]];
    return one !== undefined && next !== undefined && bucketAt('day', one.at) < bucketAt('day', next.at);
  };
  const daily = longer.filter((_, index) => isDaily(index));
  const finer = longer.filter((_, index) => !isDaily(index));
  if (finer.length <= MAX_SPACED && daily.length <= MAX_DAYS) return longer;
  const kept = new Set([
    ...(daily.length <= MAX_DAYS ? daily : everySecond(daily)),
    ...(finer.length <= MAX_SPACED ? finer : everySecond(finer)),
  ]);
  return longer.filter((one) => kept.has(one));
}

/** With the last one. */
function everySecond<T>(list: readonly T[]): readonly T[] {
  return list.filter((_, index) => (list.length - 1 - index) % 2 === 0);
}

/** New users a day over the last days of a series; `undefined` when it is too short for that. */
export function usersPerDay(
  series: readonly SeriesPoint[],
  now: { readonly at: number; readonly users: number },
  start: number,
): number | undefined {
  const from = now.at - WEEK;
  const before = [...series].reverse().find(({ at }) => at <= from) ?? { at: start, users: 0 };
  const days = (now.at - Math.max(before.at, start)) / DAY;
  // The first minutes say nothing about days.
  if (days * DAY < LEAST || now.users <= before.users) return undefined;
  return (now.users - before.users) / days;
}

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const LEAST = 3_600_000;
