import { CenterError } from '../../errors.js';
import type { PostgresConnection } from './connection.js';
import { AUDIT } from './schema/01-audit.js';
import { EXPERIMENTS } from './schema/01-experiments.js';
import { FIRST_TABLES } from './schema/01-first-tables.js';
import { INSIGHTS } from './schema/01-insights.js';
import { PEOPLE } from './schema/01-people.js';
import { REACH } from './schema/02-reach.js';
import { WEBHOOKS_AND_TRIGGERS } from './schema/03-webhooks-and-triggers.js';
import { REPLACEMENTS } from './schema/04-replacements.js';
import { ORIGIN } from './schema/05-origin.js';

/**
 * Each entry takes the schema one version further and is never changed once it has been released. A center goes on to run beside one
 * that has taken the schema one version further: an entry adds what the version before can do without, and takes away only what the
 * version before does not use any more.
 */
const MIGRATIONS: readonly string[] = [
  [FIRST_TABLES, INSIGHTS, AUDIT, PEOPLE, EXPERIMENTS].join('\n'),
  REACH,
  WEBHOOKS_AND_TRIGGERS,
  REPLACEMENTS,
  ORIGIN,
];

/** The version that this program brings a schema to. */
export const KNOWN_SCHEMA = MIGRATIONS.length;

/** The versions before and after which a center runs beside a schema. */
export const TOLERATED = 1;

/**
 * Brings a schema to the newest version, each step whole or not at all. Of several centers that start at once one does it, and the others wait.
 *
 * @param transaction runs work as one transaction, without a limit on its time.
 * @throws CenterError `newer-data` when a much newer fbcenter has been here, `storage-failed` when the schema is another program's.
 */
export async function migrate(
  transaction: <T>(work: (connection: PostgresConnection) => Promise<T>) => Promise<T>,
  schema: string,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  const name = `"${schema.replaceAll('"', '""')}"`;
  for (let isDone = false; !isDone; ) {
    isDone = await transaction(async (connection) => {
      await connection.row('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', `${schema} migrations`);
      const version = await versionOf(connection, schema);
      if (version > migrations.length + TOLERATED) {
        throw new CenterError(
          'newer-data',
          `The database was written by a newer fbcenter (schema ${version}, this one knows ${migrations.length}): run the newer version, or choose another database`,
        );
      }
      const next = migrations[version];
      if (next === undefined) return true;
      if (version === 0) {
        await connection.run(`CREATE SCHEMA IF NOT EXISTS ${name}`);
        await connection.run(
          `CREATE TABLE ${name}.schema_version (single int PRIMARY KEY CHECK (single = 1), number bigint NOT NULL)`,
        );
        await connection.run(`INSERT INTO ${name}.schema_version VALUES (1, 0)`);
      }
      await connection.run(next);
      await connection.run(`UPDATE ${name}.schema_version SET number = $1`, version + 1);
      return false;
    });
  }
}

/** 0 when there is nothing yet. */
async function versionOf(connection: PostgresConnection, schema: string): Promise<number> {
  const tables = await connection.rows<{ readonly name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
    schema,
  );
  if (tables.some(({ name }) => name === 'schema_version')) {
    const row = await connection.row<{ readonly number: number }>('SELECT number FROM schema_version');
    return row?.number ?? 0;
  }
  if (tables.length === 0) return 0;
  throw new CenterError(
    'storage-failed',
    `The schema ${schema} of the database is not one of fbcenter: choose another database`,
  );
}
