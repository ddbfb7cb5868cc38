import type { DayOfUsers } from '../insights.js';
import { type PostgresConnection, storableText } from './connection.js';

/** Replaces the sketches of days, and forgets the older ones of the same flags. */
export async function writeReach(
  connection: PostgresConnection,
  days: readonly DayOfUsers[],
  oldest: number,
): Promise<void> {
  // One statement cannot write a row twice: of the same day the last one counts.
  const byPlace = new Map<string, DayOfUsers>();
  for (const { flagKey: key, ...day } of days) {
    const flagKey = storableText(key);
    byPlace.set(JSON.stringify([day.environmentId, flagKey, day.day]), { ...day, flagKey });
  }
  const rows = [...byPlace.values()];
  await connection.run(WRITE, JSON.stringify(rows));
  await connection.run(FORGET, JSON.stringify(rows), oldest);
}

/** In the order of its keys: two centers that write the same rows must not wait for each other. */
const WRITE = `
  INSERT INTO reach SELECT "environmentId", "flagKey", day, text
    FROM json_to_recordset($1::text::json) AS new("environmentId" text, "flagKey" text, day bigint, text text)
    ORDER BY "environmentId" COLLATE "C", "flagKey" COLLATE "C", day
  ON CONFLICT (environment_id, flag_key, day) DO UPDATE SET text = excluded.text`;

const FORGET = `
  DELETE FROM reach USING (
    SELECT DISTINCT "environmentId", "flagKey" FROM json_to_recordset($1::text::json) AS one("environmentId" text, "flagKey" text)
  ) AS written
  WHERE environment_id = "environmentId" AND flag_key = "flagKey" AND day < $2`;

export function readReach(
  connection: PostgresConnection,
  environmentId: string,
  flagKey: string,
  from: number,
): Promise<readonly Pick<DayOfUsers, 'day' | 'text'>[]> {
  const sql = 'SELECT day, text FROM reach WHERE environment_id = $1 AND flag_key = $2 AND day >= $3 ORDER BY day';
  return connection.rows(sql, environmentId, flagKey, from);
}
