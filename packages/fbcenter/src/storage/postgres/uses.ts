import type { PostgresConnection } from './connection.js';

/** Notes when credentials were used last, by their ids; several centers may see the same one. */
export async function noteUses(
  connection: PostgresConnection,
  table: 'secrets' | 'sessions' | 'access_tokens',
  times: ReadonlyMap<string, number>,
): Promise<void> {
  // In the order of ids: two centers that note the same ones must not wait for each other.
  for (const [id, time] of [...times].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sql = `UPDATE ${table} SET last_used_at = greatest($1, coalesce(last_used_at, 0)) WHERE id = $2`;
    await connection.run(sql, time, id);
  }
}
