import type { ForgettingProgress } from '../experiments.js';
import type { SqliteConnection } from './connection.js';

/** Single events that are looked at in one call. */
const LOOKED_AT = 500;

interface EventRow {
  readonly id: number;
  readonly name: string;
}

/** Forgets a part of the single events that nobody needs. @returns what to go on with; `undefined` when it is done. */
export function forgetPart(
  connection: SqliteConnection,
  environmentId: string,
  needed: ReadonlyMap<string, number>,
  progress: ForgettingProgress | undefined,
): ForgettingProgress | undefined {
  const sql = 'SELECT id, name FROM measured_events WHERE environment_id = ? AND name >= ? ORDER BY name';
  const isDone = progress !== undefined && progress.user === undefined;
  for (const { id, name } of connection.rows<EventRow>(sql, environmentId, progress?.event ?? '')) {
    if (isDone && name === progress.event) continue;
    const after = name === progress?.event ? progress.user : undefined;
    const before = needed.get(name) ?? Number.MAX_SAFE_INTEGER;
    const last = lastOfPart(connection, id, after);
    if (last !== undefined) {
      const range = 'DELETE FROM metric_log WHERE event = ? AND user > ? AND user <= ? AND at < ?';
      connection.run(range, id, after ?? -1, last, before);
      return { event: name, user: last };
    }
    if (!needed.has(name)) connection.run('DELETE FROM measured_events WHERE id = ?', id);
    return { event: name, user: undefined };
  }
  return undefined;
}

/** The user up to whom a part goes; the events of one user are not divided. */
function lastOfPart(connection: SqliteConnection, event: number, after = -1): number | undefined {
  const sql = `SELECT max(user) AS user FROM
    (SELECT user FROM metric_log WHERE event = ? AND user > ? ORDER BY user LIMIT ?)`;
  return connection.row<{ readonly user: number | null }>(sql, event, after, LOOKED_AT)?.user ?? undefined;
}
