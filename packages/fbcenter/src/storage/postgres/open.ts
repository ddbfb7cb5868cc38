import { setTimeout } from 'node:timers/promises';
import { CenterError, StorageError } from '../../errors.js';
import { MAX_WAITING } from '../../model/webhook.js';
import { type Clock, systemClock } from '../../runtime/clock.js';
import { type Logger, silentLogger } from '../../runtime/log.js';
import { INSIGHT_LIMITS, type InsightLimits } from '../insights.js';
import { KEPT_VERSIONS, type Storage } from '../storage.js';
import type { PostgresConnection } from './connection.js';
import { Database } from './database.js';
import { failureOf } from './failures.js';
import { Follower } from './follower.js';
import { type Library, loadLibrary, plainConnection } from './library.js';
import { migrate } from './migrations.js';
import { noteOrigin } from './origin.js';
import { PATIENCE, type Patience } from './patience.js';
import { PostgresStorage } from './storage.js';

/** The schema that the tables are in. */
export const SCHEMA = 'fbcenter';

/** Connections of a center, without the one that listens. */
const CONNECTIONS = 10;

/** How long is waited for a database that starts at the same time, and how often it is tried, in milliseconds. */
const STARTING = 15_000;
const TRYING = 250;

const COPIED = 'the database is a copy: every document was given a new version, so that all SDKs take what it has';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; holds credentials. */
  readonly url: string;
  /** @default 'fbcenter' */
  readonly schema?: string;
  readonly clock?: Clock;
  readonly insightLimits?: InsightLimits;
  /** @default KEPT_VERSIONS */
  readonly keptVersions?: number;
  /** Messages that may wait for a webhook. @default MAX_WAITING */
  readonly maxWaiting?: number;
  /** @default PATIENCE */
  readonly patience?: Patience;
  /** How long is waited for a database that is not there at the start, in milliseconds. @default 15_000 */
  readonly startPatience?: number;
  /** Where it is written how the database does. @default nowhere */
  readonly log?: Logger;
  /** Receives what a commit listener threw or rejected with. */
  readonly onListenerError?: (error: unknown) => void;
  /** @default the package `postgres` */
  readonly library?: Library;
}

/**
 * Opens the storage on PostgreSQL, and makes or brings up its tables.
 *
 * @throws CenterError when the package is not installed, or the database cannot be used.
 */
export async function openPostgresStorage(options: PostgresOptions): Promise<Storage> {
  const { url, schema = SCHEMA, clock = systemClock, log = silentLogger } = options;
  const { insightLimits = INSIGHT_LIMITS, keptVersions = KEPT_VERSIONS, maxWaiting = MAX_WAITING } = options;
  const { onListenerError = () => {} } = options;
  const library = options.library ?? (await loadLibrary());
  await prepare({ library, url, schema, clock, log, patience: options.startPatience ?? STARTING });
  const patience = options.patience ?? PATIENCE;
  const database = new Database({ library, url, schema, connections: CONNECTIONS, patience, log });
  const follower = new Follower({ database, clock, keptVersions, log, onListenerError });
  try {
    await follower.start();
  } catch (error) {
    await database.close();
    throw unusable(url, error);
  }
  return new PostgresStorage({ database, follower, clock, insightLimits, keptVersions, maxWaiting });
}

interface Preparation extends Required<Pick<PostgresOptions, 'library' | 'url' | 'schema' | 'clock' | 'log'>> {
  /** How long is waited for a database that is not there, in milliseconds. */
  readonly patience: number;
}

async function prepare({ library, url, schema, clock, log, patience }: Preparation): Promise<void> {
  for (const start = performance.now(); ; ) {
    // Migrations take as long as they take.
    const client = library(url, {
      max: 1,
      connect_timeout: 5,
      connection: { search_path: schema, statement_timeout: 0 },
    });
    try {
      const transaction = async <T>(work: (connection: PostgresConnection) => Promise<T>): Promise<T> => {
        const { result } = await client.begin('', async (within) => ({ result: await work(plainConnection(within)) }));
        return result;
      };
      await checkEncoding(plainConnection(client));
      await migrate(transaction, schema);
      const renewed = await transaction((connection) => noteOrigin(connection, { schema, now: clock.now() }));
      if (renewed > 0) log.warn(COPIED, { environments: renewed });
      return;
    } catch (error) {
      if (error instanceof CenterError) throw error;
      if (!failureOf(error).isAway || isRefused(error) || performance.now() - start > patience)
        throw unusable(url, error);
      log.warn('the database is not there yet', { reason: failureOf(error).message });
      await setTimeout(TRYING);
    } finally {
      await client.end({ timeout: 1 });
    }
  }
}

/** Does something with a database; what goes wrong says which one it is. */
export async function reachable<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CenterError ? error : unusable(url, error);
  }
}

async function checkEncoding(connection: PostgresConnection): Promise<void> {
  const row = await connection.row<{ readonly server_encoding: string }>('SHOW server_encoding');
  if (row?.server_encoding === 'UTF8') return;
  throw new CenterError(
    'storage-failed',
    `The database has the encoding ${row?.server_encoding}: make one with ENCODING 'UTF8'`,
  );
}

/** A wrong password stays wrong. */
function isRefused(error: unknown): boolean {
  return /^(?:28|3D)/.test(String((error as { readonly code?: unknown } | null)?.code));
}

/** @returns an error that says which database it is, and nothing of its credentials. */
function unusable(url: string, error: unknown): CenterError {
  const { hostname, port, pathname } = new URL(url);
  const cause = error instanceof StorageError ? error.cause : error;
  const finding = cause instanceof Error ? cause.message : failureOf(error).message;
  return new CenterError(
    'storage-failed',
    `The database ${pathname.slice(1)} at ${hostname}${port && `:${port}`} cannot be used (${finding}): look at its address, and whether it runs`,
    { cause: error },
  );
}
