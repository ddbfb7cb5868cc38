import type { PostgresConnection } from './connection.js';
import { renewVersions } from './renewal.js';

/**
 * How far versions may have got ahead of both the clock and the copy, in milliseconds: an hour, which is more than bursts and small steps of a clock
 * make.
 */
const UNKNOWN_LEAD = 60 * 60 * 1_000;

export interface OriginOptions {
  readonly schema: string;
  /** In Unix milliseconds. */
  readonly now: number;
}

/**
 * Finds out whether the tables are a copy that was made of others, such as `pg_restore` makes, and begins a new course of events if they are: nobody
 * may be left who knows which versions were given since the copy was made, and SDKs may hold them. Call it inside a transaction.
 *
 * @returns how many environments were given new versions.
 */
export async function noteOrigin(connection: PostgresConnection, { schema, now }: OriginOptions): Promise<number> {
  const identity = await identityOf(connection);
  const kept = await connection.row<{ readonly identity: string }>('SELECT identity FROM origin');
  if (kept?.identity === identity) return 0;
  await connection.run('INSERT INTO origin VALUES (1, $1) ON CONFLICT DO NOTHING', identity);
  // Of several centers that start at once, the others wait here, and find that it is done.
  const changed = await connection.run('UPDATE origin SET identity = $1 WHERE identity <> $1', identity);
  if (changed === 0) return 0;
  const environments = await connection.rows<{ readonly id: string; readonly version: number }>(
    'SELECT id, version FROM environments',
  );
  for (const { id: environmentId, version } of environments) {
    const known = Math.max(version, now + UNKNOWN_LEAD);
    await renewVersions(connection, { schema, environmentId, known, now });
  }
  return environments.length;
}

/** Has the next center that starts take the tables for a copy: what they hold now may be older than what SDKs do. */
export async function forgetOrigin(connection: PostgresConnection): Promise<void> {
  await connection.run(`INSERT INTO origin VALUES (1, '') ON CONFLICT (single) DO UPDATE SET identity = ''`);
}

/** What a copy has another one of: the cluster, the database in it, and the number of the table in that. */
async function identityOf(connection: PostgresConnection): Promise<string> {
  const own = `SELECT oid::text AS database, 'environments'::regclass::oid::text AS relation,
      has_function_privilege('pg_control_system()', 'EXECUTE') AS "mayAsk"
    FROM pg_database WHERE datname = current_database()`;
  const row = await connection.row<{
    readonly database: string;
    readonly relation: string;
    readonly mayAsk: boolean;
  }>(own);
  const { database = '', relation = '', mayAsk = false } = row ?? {};
  // Some who let databases do not let their tenants ask.
  const sql = 'SELECT system_identifier::text AS cluster FROM pg_control_system()';
  const { cluster = 'unknown' } = (mayAsk ? await connection.row<{ readonly cluster: string }>(sql) : undefined) ?? {};
  return [cluster, database, relation].join('/');
}
