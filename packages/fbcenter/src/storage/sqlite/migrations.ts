import { CenterError } from '../../errors.js';
import type { SqliteConnection } from './connection.js';
import { FIRST_TABLES } from './schema/01-first-tables.js';
import { VERSIONS } from './schema/02-versions.js';
import { USAGE } from './schema/03-usage.js';
import { CHECKSUMS } from './schema/04-checksums.js';
import { SEVERAL_SECRETS } from './schema/05-several-secrets.js';
import { AUDIT } from './schema/06-audit.js';
import { PEOPLE } from './schema/07-people.js';
import { EVALUATION_HISTORY } from './schema/08-evaluation-history.js';
import { EXPERIMENTS } from './schema/09-experiments.js';
import { REACH } from './schema/10-reach.js';
import { WEBHOOKS_AND_TRIGGERS } from './schema/11-webhooks-and-triggers.js';
import { COUNTED_JOURNAL } from './schema/12-counted-journal.js';

/** Marks the file as ours (the letters "FBC" and a 1), so that no other program's database is migrated by mistake. */
const APPLICATION_ID = 0x46424331;

/**
 * Each entry takes the schema one version further and is never changed once it has been released; the number of its file is the
 * version. The schema's version is SQLite's `user_version`.
 */
export const MIGRATIONS: readonly string[] = [
  FIRST_TABLES,
  VERSIONS,
  USAGE,
  CHECKSUMS,
  SEVERAL_SECRETS,
  AUDIT,
  PEOPLE,
  EVALUATION_HISTORY,
  EXPERIMENTS,
  REACH,
  WEBHOOKS_AND_TRIGGERS,
  COUNTED_JOURNAL,
];

/**
 * Brings a database to the newest schema, each step whole or not at all.
 *
 * @param finish what has to be kept for the newest schema; part of the last step, and not called when there is no step.
 * @throws CenterError `newer-data` when a newer fbcenter wrote it, `storage-failed` when it is another program's.
 */
export function migrate(
  connection: SqliteConnection,
  migrations: readonly string[] = MIGRATIONS,
  finish: (connection: SqliteConnection) => void = () => {},
): void {
  const from = pragma(connection, 'user_version');
  const isNew = from === 0 && connection.row('SELECT 1 AS found FROM sqlite_schema') === undefined;
  if (!isNew && pragma(connection, 'application_id') !== APPLICATION_ID) {
    throw new CenterError('storage-failed', 'The database is not one of fbcenter: choose another data folder');
  }
  if (from > migrations.length) {
    throw new CenterError(
      'newer-data',
      `The data was written by a newer fbcenter (schema ${from}, this one knows ${migrations.length}): ` +
        'run the newer version, or choose another data folder',
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < from) continue;
    connection.transaction(() => {
      connection.exec(sql);
      if (index === migrations.length - 1) finish(connection);
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`);
    });
  }
}

function pragma(connection: SqliteConnection, name: 'user_version' | 'application_id'): number {
  return connection.row<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0;
}
