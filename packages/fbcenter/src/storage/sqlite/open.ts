import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CenterError, StorageError } from '../../errors.js';
import type { Commit, Removal } from '../../model/change-log.js';
import { MAX_WAITING } from '../../model/webhook.js';
import { type Clock, systemClock } from '../../runtime/clock.js';
import { Listeners } from '../../runtime/listeners.js';
import { type Logger, silentLogger } from '../../runtime/log.js';
import { INSIGHT_LIMITS, type InsightLimits } from '../insights.js';
import { KEPT_VERSIONS, type Storage } from '../storage.js';
import { damaged } from './check.js';
import { SqliteConnection } from './connection.js';
import { CountedJournal } from './counted-journal.js';
import { DATABASE_FILE, type DataFolder, findData, takeFolder } from './data-folder.js';
import { checksumAll } from './document-rows.js';
import { lockFolder } from './folder-lock.js';
import { MIGRATIONS, migrate } from './migrations.js';
import { seal } from './seals.js';
import { type SqliteParts, SqliteStorage } from './storage.js';

export interface SqliteOptions {
  /** The data folder, created when it does not exist; absent = in memory, gone with the process. */
  readonly folder?: string | undefined;
  /** Refuse a folder that has no data yet. @default false */
  readonly requireData?: boolean | undefined;
  readonly clock?: Clock;
  readonly insightLimits?: InsightLimits;
  /** @default KEPT_VERSIONS */
  readonly keptVersions?: number;
  /** Messages that may wait for a webhook. @default MAX_WAITING */
  readonly maxWaiting?: number;
  /** Where it is written what is wrong with the data. @default nowhere */
  readonly log?: Logger;
  /** Receives what a commit listener threw or rejected with. */
  readonly onListenerError?: (error: unknown) => void;
}

/**
 * Opens the embedded storage: one SQLite database, in a folder that is this process's alone, or in memory.
 *
 * @throws CenterError when the folder is in use, not writable, damaged, without data that was expected, or holds something
 * else.
 */
export function openSqliteStorage(options: SqliteOptions = {}): Storage {
  const { clock = systemClock, log = silentLogger, requireData = false } = options;
  if (options.folder === undefined) {
    return withConnection(':memory:', (connection) => {
      prepare(connection);
      return storageOn({ connection, folder: IN_MEMORY }, options);
    });
  }
  const folder = resolve(options.folder);
  return inFolder(folder, () => {
    // The database holds secrets, so only the owner may look into the folder.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    try {
      const found = findData(folder, requireData, log);
      const path = join(folder, DATABASE_FILE);
      return withConnection(path, (connection) => {
        prepare(connection);
        return withConnection(path, (reader) => {
          const parts = { connection, reader, folder: takeFolder({ folder, found, connection, clock, log, unlock }) };
          finishCounting(connection, log);
          return storageOn(parts, options);
        });
      });
    } catch (error) {
      unlock();
      throw error;
    }
  });
}

/** Readies a connection, and brings the database to the newest schema. */
export function prepare(connection: SqliteConnection): void {
  connection.exec('PRAGMA busy_timeout = 1000; PRAGMA foreign_keys = ON');
  // Before anything is changed in the file: it may turn out not to be ours.
  migrate(connection, MIGRATIONS, () => {
    checksumAll(connection);
    seal(connection);
  });
  connection.exec('PRAGMA journal_mode = WAL');
}

/** Writes to its places what the last center has counted and not written there: from then on the tables have everything. */
function finishCounting(connection: SqliteConnection, log: Logger): void {
  const entries = connection.transaction(() => new CountedJournal(connection).recover());
  if (entries === 0) return;
  log.error('what experiments have counted is damaged in part: have those that run counted anew', { entries });
}

/** Opens a database for some work that keeps it open, unless it throws. */
function withConnection<T>(path: string, work: (connection: SqliteConnection) => T): T {
  const connection = new SqliteConnection(path);
  try {
    return work(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Runs work on a data folder; what goes wrong says which folder it is and what to do. */
export function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CenterError) throw error;
    const reason = error instanceof StorageError ? error.cause : error;
    const finding = reason instanceof Error ? reason.message : String(reason);
    if (error instanceof StorageError && error.code === 'damaged-data') {
      throw damaged(`The database in ${folder}`, finding, error);
    }
    throw new CenterError(
      'storage-failed',
      `The data folder ${folder} cannot be opened (${finding}): ` +
        'make it writable, put a backup in its place, or choose another data folder',
      { cause: error },
    );
  }
}

function storageOn(parts: Pick<SqliteParts, 'connection' | 'reader' | 'folder'>, options: SqliteOptions): Storage {
  const {
    clock = systemClock,
    insightLimits = INSIGHT_LIMITS,
    keptVersions = KEPT_VERSIONS,
    maxWaiting = MAX_WAITING,
  } = options;
  const onListenerError = options.onListenerError ?? (() => {});
  const commits = new Listeners<Commit>(onListenerError);
  const removals = new Listeners<Removal>(onListenerError);
  return new SqliteStorage({ ...parts, clock, insightLimits, keptVersions, maxWaiting, commits, removals });
}

/** There is nothing around a database in memory that could get lost. */
const IN_MEMORY: DataFolder = { problem: () => undefined, async sync() {}, mark() {}, probe() {}, release() {} };
