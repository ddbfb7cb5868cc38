import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CenterError, StorageError } from '../../errors.js';
import type { Commit, Removal } from '../../model/change-log.js';
import { type Clock, systemClock } from '../../runtime/clock.js';
import { Listeners } from '../../runtime/listeners.js';
import { INSIGHT_LIMITS, type InsightLimits } from '../insights.js';
import { KEPT_VERSIONS, type Storage } from '../storage.js';
import { SqliteConnection } from './connection.js';
import { createPrivateFile, lockFolder } from './folder-lock.js';
import { SqliteStorage } from './storage.js';

export interface SqliteOptions {
  /** The data folder, created when it does not exist; absent = in memory, gone with the process. */
  readonly folder?: string | undefined;
  readonly clock?: Clock;
  readonly insightLimits?: InsightLimits;
  /** @default KEPT_VERSIONS */
  readonly keptVersions?: number;
  /** Receives what a commit listener threw or rejected with. */
  readonly onListenerError?: (error: unknown) => void;
}

/**
 * Opens the embedded storage: one SQLite database, in a folder that is this process's alone, or in memory.
 *
 * @throws CenterError when the folder is in use, not writable, or holds something else.
 */
export function openSqliteStorage(options: SqliteOptions = {}): Storage {
  if (options.folder === undefined) return openDatabase(':memory:', () => {}, options);
  const folder = resolve(options.folder);
  try {
    // The database holds secrets, so only the owner may look into the folder.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    try {
      const path = join(folder, 'fbcenter.db');
      createPrivateFile(path);
      return openDatabase(path, unlock, options);
    } catch (error) {
      unlock();
      throw error;
    }
  } catch (error) {
    throw error instanceof CenterError ? error : cannotOpen(folder, error);
  }
}

function openDatabase(path: string, unlock: () => void, options: SqliteOptions): Storage {
  const connection = new SqliteConnection(path);
  try {
    const { clock = systemClock, insightLimits = INSIGHT_LIMITS, keptVersions = KEPT_VERSIONS } = options;
    const onListenerError = options.onListenerError ?? (() => {});
    const commits = new Listeners<Commit>(onListenerError);
    const removals = new Listeners<Removal>(onListenerError);
    return new SqliteStorage({ connection, unlock, clock, insightLimits, keptVersions, commits, removals });
  } catch (error) {
    connection.close();
    throw error;
  }
}

function cannotOpen(folder: string, error: unknown): CenterError {
  const reason = error instanceof StorageError ? error.cause : error;
  return new CenterError(
    'storage-failed',
    `The data folder ${folder} cannot be opened (${reason instanceof Error ? reason.message : reason}): ` +
      'make it writable, put a backup in its place, or choose another data folder',
    { cause: error },
  );
}
