import { join, resolve } from 'node:path';
import { CenterError } from './errors.js';
import { silentLogger } from './runtime/log.js';
import { FILLED_TABLES, type FilledRow, type FilledTable, fillDatabase } from './storage/postgres/filling.js';
import { reachable } from './storage/postgres/open.js';
import { SqliteConnection } from './storage/sqlite/connection.js';
import { DATABASE_FILE } from './storage/sqlite/data-folder.js';
import { type DocumentRow, isIntact } from './storage/sqlite/document-rows.js';
import { openSqliteStorage } from './storage/sqlite/open.js';
import { tablePages } from './storage/sqlite/table-pages.js';

export interface MoveOptions {
  /** The data folder of a center that does not run. */
  readonly folder: string;
  /** `postgres://user:password@host:port/database` */
  readonly database: string;
  /** Whether data are replaced, too, that were changed in the database since. */
  readonly overwrite: boolean;
  /** @default the one that centers have */
  readonly schema?: string;
  /** Receives a line for each step. */
  progress(line: string): void;
}

/** What was moved. */
export interface Moved {
  readonly documents: number;
  readonly environments: number;
}

/** Where tables and columns of the folder are called something else. */
const OTHER_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  participants: { participant: 'user' },
  metric_log: { participant: 'user' },
};

/** What orders the rows of a table; of those that are not named, the order in which they were made. */
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  settings: ['name'],
  versions: ['environment_id', 'version'],
  evaluations: ['environment_id', 'flag_key', 'variation_id'],
  evaluation_history: ['environment_id', 'unit', 'block', 'flag_key', 'variation_id'],
  metrics: ['environment_id', 'event_name'],
  insight_totals: ['environment_id'],
  reach: ['environment_id', 'flag_key', 'day'],
  experiment_metrics: ['environment_id', 'key'],
  experiments: ['environment_id', 'key'],
  pseudonym_keys: ['environment_id'],
  participants: ['iteration', 'user'],
  metric_log: ['event', 'user', 'at', 'seq'],
  taken_requests: ['hash'],
};

/**
 * Copies everything that a data folder has into a PostgreSQL: versions, secrets, token, users and counts stay what they are, so that SDKs notice a
 * reconnect and nothing else. The folder stays as it is. It may be done again, as long as no center has used the database.
 *
 * @throws CenterError that says why not; then the database is as it was.
 */
export async function moveToPostgres(options: MoveOptions): Promise<Moved> {
  const { database: url, schema = 'fbcenter', overwrite, progress } = options;
  const folder = resolve(options.folder);
  // Checks all of it, brings it to the newest schema, and keeps centers away.
  const storage = openSqliteStorage({ folder, requireData: true, log: silentLogger });
  const connection = new SqliteConnection(join(folder, DATABASE_FILE));
  try {
    connection.exec('PRAGMA query_only = ON');
    const moved = { documents: 0, environments: 0 };
    await reachable(url, () =>
      fillDatabase({ url, schema, overwrite }, async ({ add, setFloor }) => {
        for (const table of FILLED_TABLES) {
          let count = 0;
          for (const page of pagesOf(connection, table)) {
            const rows = table.name === 'documents' ? intactOf(page, progress) : page;
            await add(
              table,
              rows.map((row) => columnsOf(table, row)),
            );
            count += rows.length;
          }
          if (table.name === 'documents') moved.documents = count;
          if (table.name === 'environments') moved.environments = count;
          if (count > 0) progress(`${table.name.replaceAll('_', ' ')}: ${count.toLocaleString('en')}`);
        }
        await setFloor(connection.row('SELECT id, digest FROM audit_floor') ?? { id: 0, digest: '' });
      }),
    );
    if (moved.environments > 0) return moved;
    throw new CenterError('data-missing', `There are no environments in ${folder}: give its folder with --data`);
  } finally {
    connection.close();
    await storage.close();
  }
}

function pagesOf(connection: SqliteConnection, table: FilledTable): Iterable<readonly FilledRow[]> {
  const others = OTHER_NAMES[table.name] ?? {};
  const columns = Object.keys(table.columns).map((column) => {
    const own = others[column];
    return own === undefined ? column : `${own} AS ${column}`;
  });
  const all = table.name === 'documents' ? [...columns, 'checksum'] : columns;
  return tablePages(connection, { name: table.name, columns: all, order: ORDERS[table.name] ?? ['rowid'] });
}

/** What is damaged is left out, as a center leaves it out. */
function intactOf(rows: readonly FilledRow[], progress: MoveOptions['progress']): readonly FilledRow[] {
  return rows.filter((row) => {
    const document = row as unknown as DocumentRow & { readonly environment_id: string };
    if (isIntact(document, document.environment_id)) return true;
    progress(`left out, because it is damaged: the ${document.kind} ${document.key}`);
    return false;
  });
}

function columnsOf({ columns }: FilledTable, row: FilledRow): FilledRow {
  return Object.fromEntries(Object.keys(columns).map((column) => [column, row[column] ?? null]));
}
