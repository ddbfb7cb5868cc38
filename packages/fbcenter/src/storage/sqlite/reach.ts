import type { DayOfUsers } from '../insights.js';
import type { SqliteConnection } from './connection.js';

/** Replaces the sketches of days, and forgets the older ones of the same flags. */
export function writeReach(connection: SqliteConnection, days: readonly DayOfUsers[], oldest: number): void {
  for (const { environmentId, flagKey, day, text } of days) {
    connection.run('INSERT OR REPLACE INTO reach VALUES (?, ?, ?, ?)', environmentId, flagKey, day, text);
    const sql = 'DELETE FROM reach WHERE environment_id = ? AND flag_key = ? AND day < ?';
    connection.run(sql, environmentId, flagKey, oldest);
  }
}

export function readReach(
  connection: SqliteConnection,
  environmentId: string,
  flagKey: string,
  from: number,
): readonly Pick<DayOfUsers, 'day' | 'text'>[] {
  const sql = 'SELECT day, text FROM reach WHERE environment_id = ? AND flag_key = ? AND day >= ? ORDER BY day';
  return connection.rows(sql, environmentId, flagKey, from);
}
