import type { FlagUsage } from '../../model/tally.js';
import { BLOCKS, blockOf, entriesOf } from '../evaluation-blocks.js';
import type { SqliteConnection } from './connection.js';

/** Flags of which the usage is read in one go; between two goes others have their turns. */
const USAGE_FLAGS = 200;

/** A part of what is asked for: so many flags, and where the next part begins. */
export interface UsagePart {
  readonly usage: readonly FlagUsage[];
  /** `undefined` after the last part. */
  readonly next: UsageRange | undefined;
}

/** The flags of a list from a position, or all flags behind a key. */
export type UsageRange =
  | { readonly keys: readonly string[]; readonly position: number }
  | { readonly keys?: undefined; readonly after: string };

export function readUsagePart(
  connection: SqliteConnection,
  environmentId: string,
  sinceHour: number,
  range: UsageRange,
): UsagePart {
  if (range.keys !== undefined) {
    const end = range.position + USAGE_FLAGS;
    const usage = range.keys
      .slice(range.position, end)
      .flatMap((key) => readUsage(connection, environmentId, sinceHour, [key, key]));
    return { usage, next: end < range.keys.length ? { keys: range.keys, position: end } : undefined };
  }
  const keys = connection.rows<{ readonly flag_key: string }>(
    'SELECT DISTINCT flag_key FROM evaluations WHERE environment_id = ? AND flag_key > ? ORDER BY flag_key LIMIT ?',
    environmentId,
    range.after,
    USAGE_FLAGS,
  );
  const [first, last] = [keys[0], keys.at(-1)];
  if (first === undefined || last === undefined) return { usage: [], next: undefined };
  const usage = readUsage(connection, environmentId, sinceHour, [first.flag_key, last.flag_key]);
  return { usage, next: keys.length === USAGE_FLAGS ? { after: last.flag_key } : undefined };
}

/** The usage of the flags from a key to a key, both included. */
function readUsage(
  connection: SqliteConnection,
  environmentId: string,
  sinceHour: number,
  [from, to]: readonly [string, string],
): FlagUsage[] {
  const usage = new Map<string, { count: number; lastAt: number; hours: Map<number, number> }>();
  const addHour = (hours: Map<number, number>, hour: number, count: number) => {
    if (hour >= sinceHour && count > 0) hours.set(hour, (hours.get(hour) ?? 0) + count);
  };
  const rows = connection.rows<UsageRow>(
    `SELECT flag_key, count, last_at, hour, hour_count FROM evaluations
     WHERE environment_id = ? AND flag_key BETWEEN ? AND ?`,
    environmentId,
    from,
    to,
  );
  for (const row of rows) {
    const known = usage.get(row.flag_key) ?? { count: 0, lastAt: 0, hours: new Map<number, number>() };
    usage.set(row.flag_key, known);
    known.count += row.count;
    known.lastAt = Math.max(known.lastAt, row.last_at);
    addHour(known.hours, row.hour, row.hour_count);
  }
  const first = blockOf('hour', sinceHour);
  for (let block = first; block < first + USAGE_BLOCKS; block++) {
    const blocks = connection.rows<{ readonly flag_key: string; readonly counts: string }>(
      `SELECT flag_key, counts FROM evaluation_history
       WHERE environment_id = ? AND unit = 'hour' AND block = ? AND flag_key BETWEEN ? AND ?`,
      environmentId,
      block,
      from,
      to,
    );
    for (const { flag_key, counts } of blocks) {
      const hours = usage.get(flag_key)?.hours;
      if (hours === undefined) continue;
      for (const [offset, count] of entriesOf(counts)) addHour(hours, block * BLOCKS.hour + offset, count);
    }
  }
  return [...usage].map(([flagKey, one]) => ({ flagKey, ...one }));
}

/** Blocks of hours that two days touch. */
const USAGE_BLOCKS = 3;

interface UsageRow {
  readonly flag_key: string;
  readonly count: number;
  readonly last_at: number;
  readonly hour: number;
  readonly hour_count: number;
}
