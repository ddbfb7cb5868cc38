import type { SeriesPoint } from '../model/experiment.js';

/** As many points as a picture can show. */
const MAX_POINTS = 120;
/** The shortest time between two points, in milliseconds. */
const SHORTEST = 10_000;

/** Whether it is time for another point. */
export function isDue(series: readonly SeriesPoint[], start: number, now: number): boolean {
  const last = series.at(-1)?.at;
  return last === undefined || now - last >= spacing(start, now);
}

/**
 * A series with one more point. When there are too many, every second one goes: so they are about evenly spaced whether the
 * experiment runs for a minute or for a year.
 */
export function withPoint(series: readonly SeriesPoint[], point: SeriesPoint): readonly SeriesPoint[] {
  const longer = [...series, point];
  if (longer.length <= MAX_POINTS) return longer;
  const last = longer.length - 1;
  return longer.filter((_, index) => (last - index) % 2 === 0);
}

/** Half of what would fill the series by now. */
function spacing(start: number, now: number): number {
  return Math.max(SHORTEST, (now - start) / MAX_POINTS);
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
