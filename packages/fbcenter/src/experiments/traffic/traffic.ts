import { mergeText } from './reach.js';
import { Sketch } from './sketch.js';

/** How many different users a flag has had in the last days. */
export interface Traffic {
  /** In the last day, in the last two, and so on; at most 28. Never fewer than the one before. */
  readonly users: readonly number[];
}

/**
 * The users of a flag in the days before today. On the first day there is nothing but today, which then counts as a day.
 *
 * @param rows sketches by day.
 * @param today the number of the day.
 * @returns `undefined` when there was nobody.
 */
export function trafficIn(
  rows: readonly { readonly day: number; readonly text: string }[],
  today: number,
): Traffic | undefined {
  const before = rows.filter(({ day }) => day < today);
  const [days, last] = before.length > 0 ? [before, today - 1] : [rows.filter(({ day }) => day === today), today];
  const first = days[0]?.day;
  if (first === undefined) return undefined;
  const all = new Sketch();
  const users: number[] = [];
  for (let day = last; day >= first; day--) {
    for (const { text } of days.filter((row) => row.day === day)) mergeText(all, text);
    users.push(Math.round(all.estimate()));
  }
  return { users };
}

/**
 * How many days it takes until so many different users have come, if they come as in the last days; `undefined` when no new ones come any
 * more. People come back, so a month has fewer users than four weeks have together.
 */
export function daysUntil(wanted: number, { users }: Traffic): number | undefined {
  let before = 0;
  for (const [index, now] of users.entries()) {
    if (now >= wanted) return index + (wanted - before) / (now - before);
    before = now;
  }
  // Beyond what is known: as many new ones a day as in the latter half of it.
  const half = Math.floor(users.length / 2);
  const perDay = (before - (half === 0 ? 0 : (users[half - 1] ?? 0))) / (users.length - half);
  return perDay <= 0 ? undefined : users.length + (wanted - before) / perDay;
}
