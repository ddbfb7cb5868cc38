import { type Library, loadLibrary, plainConnection } from './library.js';
import { KNOWN_SCHEMA } from './migrations.js';
import { reachable, SCHEMA } from './open.js';

/** What there is in a database, found without changing anything in it. */
export interface DatabaseFindings {
  /** Of PostgreSQL, such as `15.8`. */
  readonly version: string;
  readonly encoding: string;
  /** Whether it takes no changes: a standby. */
  readonly isReadOnly: boolean;
  /** Its clock, in Unix milliseconds. */
  readonly now: number;
  /** The version of the schema, 0 when there are no tables yet, and the one that this program has. */
  readonly schema: { readonly found: number; readonly known: number };
}

/** Seconds. */
const PATIENCE = 10;

/** Looks at a database. @throws CenterError when it cannot be reached, or the package is not installed. */
export async function inspectDatabase(
  url: string,
  { schema = SCHEMA, library }: { readonly schema?: string; readonly library?: Library } = {},
): Promise<DatabaseFindings> {
  const load = library ?? (await loadLibrary());
  const settings = { search_path: schema, statement_timeout: PATIENCE * 1_000, default_transaction_read_only: 'on' };
  const client = load(url, { max: 1, connect_timeout: PATIENCE, connection: settings });
  try {
    return await reachable(url, async () => {
      const connection = plainConnection(client);
      const row = await connection.row<Omit<DatabaseFindings, 'schema'> & { readonly table: string | null }>(
        `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
           pg_is_in_recovery() AS "isReadOnly", floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
           to_regclass('schema_version')::text AS table`,
      );
      if (row === undefined) throw new Error('it answers with nothing');
      const { table, ...server } = row;
      const number =
        table === null
          ? undefined
          : await connection.row<{ readonly number: number }>('SELECT number FROM schema_version');
      return { ...server, schema: { found: number?.number ?? 0, known: KNOWN_SCHEMA } };
    });
  } finally {
    await client.end({ timeout: 1 });
  }
}
