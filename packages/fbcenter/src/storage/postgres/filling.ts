import { createHash } from 'node:crypto';
import { CenterError } from '../../errors.js';
import { type PostgresConnection, storableText } from './connection.js';
import { type Library, loadLibrary, plainConnection } from './library.js';
import { migrate } from './migrations.js';
import { forgetOrigin } from './origin.js';

/** A table that is filled with rows from elsewhere. */
export interface FilledTable {
  readonly name: string;
  /** Its columns with their types, in the order in which rows are read. */
  readonly columns: Readonly<Record<string, 'text' | 'bigint' | 'boolean' | 'double precision'>>;
}

const TEXT = 'text';
const NUMBER = 'bigint';
const REAL = 'double precision';
const OF_ENVIRONMENT = { environment_id: TEXT } as const;

/** Every table that has data, each after those that it refers to. */
export const FILLED_TABLES: readonly FilledTable[] = [
  { name: 'settings', columns: { name: TEXT, value: TEXT } },
  {
    name: 'environments',
    columns: { id: TEXT, key: TEXT, name: TEXT, version: NUMBER, is_protected: 'boolean' },
  },
  {
    name: 'secrets',
    columns: {
      ...{ secret: TEXT, ...OF_ENVIRONMENT, kind: TEXT, id: TEXT, name: TEXT },
      ...{ created_at: NUMBER, last_used_at: NUMBER },
    },
  },
  {
    name: 'documents',
    columns: { ...OF_ENVIRONMENT, kind: TEXT, key: TEXT, version: NUMBER, is_archived: 'boolean', text: TEXT },
  },
  { name: 'versions', columns: { ...OF_ENVIRONMENT, version: NUMBER } },
  {
    name: 'evaluations',
    columns: {
      ...{ ...OF_ENVIRONMENT, flag_key: TEXT, variation_id: TEXT, count: NUMBER, experiment_count: NUMBER },
      ...{ last_at: NUMBER, minute: NUMBER, minute_count: NUMBER, hour: NUMBER, hour_count: NUMBER },
      ...{ day: NUMBER, day_count: NUMBER },
    },
  },
  {
    name: 'evaluation_history',
    columns: { ...OF_ENVIRONMENT, unit: TEXT, block: NUMBER, flag_key: TEXT, variation_id: TEXT, counts: TEXT },
  },
  {
    name: 'metrics',
    columns: {
      ...{ ...OF_ENVIRONMENT, event_name: TEXT, count: NUMBER, sum: REAL, min: REAL, max: REAL, last_at: NUMBER },
    },
  },
  {
    name: 'insight_totals',
    columns: {
      ...{ ...OF_ENVIRONMENT, identifications: NUMBER, rejected: NUMBER },
      ...{ evaluations_overflow: NUMBER, metrics_overflow: NUMBER },
    },
  },
  { name: 'reach', columns: { ...OF_ENVIRONMENT, flag_key: TEXT, day: NUMBER, text: TEXT } },
  { name: 'audit_texts', columns: { digest: TEXT, text: TEXT } },
  {
    name: 'audit',
    columns: {
      ...{ id: NUMBER, at: NUMBER, actor_kind: TEXT, actor_id: TEXT, actor_name: TEXT, action: TEXT, kind: TEXT },
      ...{ key: TEXT, environment: TEXT, fields: TEXT, before_version: NUMBER, version: NUMBER },
      ...{ before_digest: TEXT, after_digest: TEXT, comment: TEXT, change_group: TEXT, source: TEXT, digest: TEXT },
    },
  },
  {
    name: 'users',
    columns: {
      ...{ id: TEXT, name: TEXT, folded_name: TEXT, grants: TEXT, is_disabled: 'boolean', password: TEXT },
      ...{ subject: TEXT, created_at: NUMBER, last_sign_in_at: NUMBER },
    },
  },
  {
    name: 'sessions',
    columns: { digest: TEXT, id: TEXT, user_id: TEXT, agent: TEXT, created_at: NUMBER, last_used_at: NUMBER },
  },
  { name: 'links', columns: { digest: TEXT, user_id: TEXT, expires_at: NUMBER } },
  {
    name: 'access_tokens',
    columns: {
      ...{ digest: TEXT, id: TEXT, name: TEXT, start: TEXT, grants: TEXT, created_by: TEXT },
      ...{ created_at: NUMBER, expires_at: NUMBER, last_used_at: NUMBER },
    },
  },
  { name: 'experiment_metrics', columns: { ...OF_ENVIRONMENT, key: TEXT, text: TEXT } },
  { name: 'experiments', columns: { ...OF_ENVIRONMENT, key: TEXT, revision: NUMBER, text: TEXT } },
  {
    name: 'iterations',
    columns: { id: NUMBER, ...OF_ENVIRONMENT, experiment_key: TEXT, number: NUMBER, is_frozen: 'boolean', text: TEXT },
  },
  { name: 'iteration_sums', columns: { iteration: NUMBER, text: TEXT } },
  { name: 'iteration_series', columns: { iteration: NUMBER, text: TEXT } },
  { name: 'pseudonym_keys', columns: { ...OF_ENVIRONMENT, key: TEXT } },
  {
    name: 'participants',
    columns: { iteration: NUMBER, participant: NUMBER, variation: NUMBER, first_at: NUMBER, totals: TEXT },
  },
  { name: 'measured_events', columns: { id: NUMBER, ...OF_ENVIRONMENT, name: TEXT } },
  { name: 'metric_log', columns: { event: NUMBER, participant: NUMBER, at: NUMBER, seq: NUMBER, value: REAL } },
  { name: 'taken_requests', columns: { hash: TEXT, at: NUMBER, next: NUMBER } },
  {
    name: 'webhooks',
    columns: {
      ...{ id: TEXT, ...OF_ENVIRONMENT, name: TEXT, url: TEXT, events: TEXT, is_enabled: 'boolean', secret: TEXT },
      ...{ previous_secret: TEXT, previous_until: NUMBER, created_by: TEXT, created_at: NUMBER, dropped: NUMBER },
    },
  },
  {
    name: 'webhook_deliveries',
    columns: {
      ...{ id: NUMBER, webhook_id: TEXT, message_id: TEXT, type: TEXT, state: TEXT, created_at: NUMBER },
      ...{ attempts: NUMBER, tried_at: NUMBER, next_at: NUMBER, claimed_until: NUMBER, status: NUMBER },
      ...{ problem: TEXT, body: TEXT },
    },
  },
  {
    name: 'flag_triggers',
    columns: {
      ...{ id: TEXT, ...OF_ENVIRONMENT, flag_key: TEXT, name: TEXT, action: TEXT, digest: TEXT, start: TEXT },
      ...{ is_enabled: 'boolean', created_by: TEXT, created_at: NUMBER, uses: NUMBER, last_used_at: NUMBER },
    },
  },
];

/** Where it is kept what the database was like when it was filled; no setting of a center. */
const FILLED_AS = 'filled-as';

/** A row, by the names of its columns. */
export type FilledRow = Readonly<Record<string, string | number | null>>;

/** Takes the place of everything that is in the database. */
export interface Filling {
  add(table: FilledTable, rows: readonly FilledRow[]): Promise<void>;
  setFloor(floor: { readonly id: number; readonly digest: string }): Promise<void>;
}

export interface FillingOptions {
  readonly url: string;
  readonly schema: string;
  /** Whether data that were changed since they were filled in are replaced, too. */
  readonly overwrite: boolean;
  readonly library?: Library;
}

/**
 * Fills a database anew, whole or not at all.
 *
 * @throws CenterError `already-exists` when it has data that were not filled in like this, or that were changed since; `folder-in-use` when a center uses it.
 */
export async function fillDatabase(options: FillingOptions, fill: (filling: Filling) => Promise<void>): Promise<void> {
  const { url, schema, overwrite } = options;
  const client = (options.library ?? (await loadLibrary()))(url, {
    max: 1,
    connect_timeout: 10,
    connection: { search_path: schema, statement_timeout: 0 },
  });
  const transaction = async <T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> => {
    const { result } = await client.begin('', async (within) => ({ result: await work(plainConnection(within)) }));
    return result;
  };
  try {
    await migrate(transaction, schema);
    await transaction(async (connection) => {
      await refuseUsed(connection);
      const isChanged = await wasChanged(connection);
      if (isChanged && !overwrite) throw changed();
      // SDKs may hold what was changed, in versions that are greater than those of what takes its place.
      if (isChanged) await forgetOrigin(connection);
      await connection.run(
        `TRUNCATE ${[...FILLED_TABLES.map(({ name }) => name), 'audit_floor', 'removals'].join(', ')}`,
      );
      await fill({
        add: (table, rows) => add(connection, table, rows),
        setFloor: async ({ id, digest }) => {
          await connection.run('INSERT INTO audit_floor VALUES (1, $1, $2)', id, digest);
        },
      });
      for (const table of ['iterations', 'measured_events', 'webhook_deliveries']) {
        await connection.row(
          `SELECT setval(pg_get_serial_sequence('${table}', 'id'), coalesce((SELECT max(id) FROM ${table}), 0) + 1, false)`,
        );
      }
      await connection.run('INSERT INTO settings VALUES ($1, $2)', FILLED_AS, await stateOf(connection));
    });
  } finally {
    await client.end({ timeout: 1 });
  }
}

async function add(
  connection: PostgresConnection,
  { name, columns }: FilledTable,
  rows: readonly FilledRow[],
): Promise<void> {
  const names = Object.keys(columns);
  const list = names.map((column) => `"${column}"`).join(', ');
  const types = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`);
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'string' ? storableText(value) : value));
  // In the order in which they are given: what was made first stays the first.
  await connection.run(
    `INSERT INTO ${name} (${list}) SELECT ${list} FROM ROWS FROM (json_to_recordset($1::text::json) AS (${types.join(', ')}))
       WITH ORDINALITY AS new(${list}, place) ORDER BY place`,
    text,
  );
}

/** A center that runs holds in memory what would be gone. */
async function refuseUsed(connection: PostgresConnection): Promise<void> {
  const sql = `SELECT 1 AS found FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'fbcenter' AND pid <> pg_backend_pid()`;
  if ((await connection.row(sql)) === undefined) return;
  throw new CenterError('folder-in-use', 'A center uses the database: stop it first');
}

/** Whether there are data that were not filled in, or that were changed since. */
async function wasChanged(connection: PostgresConnection): Promise<boolean> {
  if ((await connection.row('SELECT 1 AS found FROM environments')) === undefined) return false;
  const sql = 'SELECT value FROM settings WHERE name = $1';
  const kept = (await connection.row<{ readonly value: string }>(sql, FILLED_AS))?.value;
  return kept !== (await stateOf(connection));
}

function changed(): CenterError {
  return new CenterError(
    'already-exists',
    'The database has data of its own, or was changed since the folder was moved there: they would be gone. ' +
      'Choose another database, or give --force',
  );
}

/** What tells a database from one that was used since. */
async function stateOf(connection: PostgresConnection): Promise<string> {
  const row = await connection.row(`
    SELECT (SELECT max(id) FROM audit) AS audit, (SELECT sum(version) FROM environments) AS versions,
      (SELECT count(*) FROM documents) AS documents, (SELECT sum(count) FROM evaluations) AS evaluations,
      (SELECT sum(count) FROM metrics) AS metrics, (SELECT count(*) FROM sessions) AS sessions`);
  return createHash('sha256').update(JSON.stringify(row)).digest('hex');
}
