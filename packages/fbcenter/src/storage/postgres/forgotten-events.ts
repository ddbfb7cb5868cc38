import type { ForgettingProgress } from '../experiments.js';
import type { PostgresConnection } from './connection.js';

/** Single events that are looked at in one call. */
const LOOKED_AT = 500;

interface EventRow {
  readonly id: number;
  readonly name: string;
}

/** Forgets a part of the single events that nobody needs. @returns what to go on with; `undefined` when it is done. */
export async function forgetPart(
  connection: PostgresConnection,
  environmentId: string,
  needed: ReadonlyMap<string, number>,
  progress: ForgettingProgress | undefined,
): Promise<ForgettingProgress | undefined> {
  const sql = 'SELECT id, name FROM measured_events WHERE environment_id = $1 AND name >= $2 ORDER BY name';
  const isDone = progress !== undefined && progress.user === undefined;
  for (const { id, name } of await connection.rows<EventRow>(sql, environmentId, progress?.event ?? '')) {
    if (isDone && name === progress.event) continue;
    const after = (name === progress?.event ? progress.user : undefined) ?? -1;
    const last = await lastOfPart(connection, id, after);
    if (last !== undefined) {
      const range = 'DELETE FROM metric_log WHERE event = $1 AND participant > $2 AND participant <= $3 AND at < $4';
      await connection.run(range, id, after, last, needed.get(name) ?? Number.MAX_SAFE_INTEGER);
      return { event: name, user: last };
    }
    if (!needed.has(name)) await connection.run('DELETE FROM measured_events WHERE id = $1', id);
    return { event: name, user: undefined };
  }
  return undefined;
}

/** The user up to whom a part goes; the events of one user are not divided. */
async function lastOfPart(connection: PostgresConnection, event: number, after: number): Promise<number | undefined> {
  const sql = `SELECT max(participant) AS participant FROM (SELECT participant FROM metric_log
    WHERE event = $1 AND participant > $2 ORDER BY participant LIMIT $3) AS part`;
  const row = await connection.row<{ readonly participant: number | null }>(sql, event, after, LOOKED_AT);
  return row?.participant ?? undefined;
}
