import { CenterError } from '../../errors.js';
import { connectionOf, type Parameter, type PostgresConnection, type StatementResult } from './connection.js';

/** What is used of the package `postgres`: the pool, or one transaction. */
interface Statements {
  unsafe(
    sql: string,
    parameters: Parameter[],
    options?: { readonly prepare: boolean },
  ): PromiseLike<readonly object[] & { readonly count: number | null }>;
}

export interface Client extends Statements {
  begin<T extends object>(mode: string, work: (within: Statements) => Promise<T>): Promise<T>;
  listen(channel: string, heard: (message: string) => void, listening: () => void): Promise<unknown>;
  end(options: { readonly timeout: number }): Promise<void>;
}

interface ClientOptions {
  readonly max: number;
  /** In seconds. */
  readonly connect_timeout: number;
  readonly connection: Readonly<Record<string, string | number>>;
}

/** Makes a client; it connects when it is used. */
export type Library = (url: string, options: ClientOptions) => Client;

/** What every client of ours has in common. */
const OPTIONS = {
  idle_timeout: 60,
  keep_alive: 5,
  // Otherwise it waits up to 20 s after a server was away.
  backoff: () => 0.1,
  fetch_types: false,
  onnotice: () => {},
  types: { bigint: { to: 20, from: [20, 1700], serialize: String, parse: Number } },
};

/** @throws CenterError when the package is not installed. */
export async function loadLibrary(): Promise<Library> {
  try {
    const { default: postgres } = await import('postgres');
    return (url, { connection, ...options }) => {
      const client = postgres(url, {
        ...OPTIONS,
        ...options,
        connection: { application_name: 'fbcenter', ...connection },
      });
      return {
        unsafe: (sql, parameters, settings) => client.unsafe(sql, parameters, settings),
        begin: async (mode, work) => (await client.begin(mode, async (within) => ({ done: await work(within) }))).done,
        listen: async (channel, heard, listening) => client.listen(channel, heard, listening),
        end: (settings) => client.end(settings),
      };
    };
  } catch (cause) {
    const message = 'PostgreSQL needs the package "postgres" beside fbcenter: npm install postgres@3';
    throw new CenterError('storage-failed', message, { cause });
  }
}

/** A connection on a client or transaction, without a limit on its time. */
export function plainConnection(statements: Statements): PostgresConnection {
  return connectionOf((sql, parameters) => statement(statements, sql, parameters));
}

/** Runs one statement; it is prepared, and known by its text. */
export async function statement(
  statements: Statements,
  sql: string,
  parameters: readonly Parameter[],
): Promise<StatementResult> {
  const rows = await statements.unsafe(sql, [...parameters], { prepare: true });
  return { count: rows.count ?? 0, rows };
}

export type { Statements };
