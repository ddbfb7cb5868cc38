import { closeSync, fdatasync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CenterError, StorageError } from '../../errors.js';
import type { Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/log.js';
import { brokenAuditEntry } from './audit-rows.js';
import { checkDatabase, damaged } from './check.js';
import type { SqliteConnection } from './connection.js';
import { createPrivateFile, OWNER_FILE } from './folder-lock.js';
import { FolderWatch } from './folder-watch.js';
import { beginEpoch, type History, probe, readHistory } from './history.js';
import { type Mark, MarkFile, readMark } from './mark.js';

export const DATABASE_FILE = 'fbcenter.db';
export const LOG_FILE = `${DATABASE_FILE}-wal`;
export const MARK_FILE = 'fbcenter.mark';

/** How often the identity of the files is looked at when nothing is written, in milliseconds. */
const WATCH_INTERVAL = 1_000;
/** What there must be room for on the disk for the center to be ready, in bytes: more than most documents take. */
const PROBE_SIZE = 64 * 1024;
const MAX_LISTED = 20;

/** What a storage sees of the folder that its database is in. */
export interface DataFolder {
  /** Why what is written now would be lost, in one sentence; `undefined` when it would not be. */
  problem(): string | undefined;
  /**
   * Fulfils when everything that was committed is on the disk.
   *
   * @throws StorageError when that cannot be known; from then on there is a {@link problem}.
   */
  sync(): Promise<void>;
  /** Writes down what was acknowledged. */
  mark(history: History): void;
  /** @throws when there is no room for a file. */
  probe(): void;
  /** Lets go of it. */
  release(): void;
}

/** What is in a folder before the database is opened. */
export interface FoundData {
  readonly mark: Mark | undefined;
  /** There is a log whose content is not in the database yet. */
  readonly hasLog: boolean;
}

/**
 * Looks whether a folder has the data that is expected in it, and creates the file of the database if it is new.
 *
 * @throws CenterError `data-missing`
 */
export function findData(folder: string, requireData: boolean, log: Logger): FoundData {
  const path = join(folder, DATABASE_FILE);
  const mark = readMark(join(folder, MARK_FILE));
  const hasLog = sizeOf(join(folder, LOG_FILE)) > 0;
  if (sizeOf(path) > 0) return { mark, hasLog };
  const expected = mark !== undefined || hasLog;
  if (expected || requireData) {
    throw new CenterError(
      'data-missing',
      `The data folder ${folder} ${expected ? `has lost its database: ${DATABASE_FILE} is missing or empty` : 'has no data'}. ` +
        'Is the right folder given, and is its volume mounted? ' +
        `Put the data back with "fbcenter restore FILE", or ${expected ? 'empty the folder to begin anew' : 'start once without the setting that requires data'}`,
    );
  }
  log.warn('the data folder is new: environments, secrets and token that are not given are made now', { folder });
  createPrivateFile(path);
  return { mark, hasLog };
}

interface FolderParts {
  readonly folder: string;
  readonly found: FoundData;
  readonly connection: SqliteConnection;
  readonly clock: Clock;
  readonly log: Logger;
  unlock(): void;
}

/**
 * Checks the data of a folder and watches over it until it is released.
 *
 * @throws CenterError `damaged-data`
 */
export function takeFolder({ folder, found, connection, clock, log, unlock }: FolderParts): DataFolder {
  const name = `The database in ${folder}`;
  const markFile = new MarkFile(join(folder, MARK_FILE));
  try {
    refuseLostChanges(name, found, connection, markFile);
    const documents = checkDatabase(connection, name);
    if (documents.length > 0) {
      const listed = documents
        .slice(0, MAX_LISTED)
        .map(({ environment, kind, key }) => `${environment}/${kind}/${key}`);
      log.error('documents are damaged and left out: put them anew, or restore a backup', {
        count: documents.length,
        documents: listed,
      });
    }
    const entry = brokenAuditEntry(connection);
    if (entry !== undefined) {
      log.error('the audit log is not what was written: entries from this one on cannot be trusted', { entry });
    }
    if (isOlderCopy(found, connection)) {
      beginEpoch(connection, Math.max(clock.now(), found.mark?.version ?? 0), clock.now());
      log.warn('an older copy of the data was put in place: every SDK is given everything anew', { folder });
    }
    // From now on the log is there, and can be watched.
    probe(connection);
    markFile.write({ ...readHistory(connection), damagedAt: null });
  } catch (error) {
    markFile.close();
    throw error;
  }
  // SQLite has one log for as long as it has the database open.
  const logFile = openSync(join(folder, LOG_FILE), 'r+');
  const watch = new FolderWatch([DATABASE_FILE, LOG_FILE, OWNER_FILE].map((file) => join(folder, file)));
  let unsynced: string | undefined;
  let reported: string | undefined;
  const look = () => {
    const problem = unsynced ?? watch.problem();
    if (problem === reported) return problem;
    reported = problem;
    if (problem === undefined) log.info('changes are accepted again');
    else log.error('changes are refused', { problem });
    return problem;
  };
  const timer = setInterval(look, WATCH_INTERVAL);
  timer.unref();
  return {
    problem: look,
    async sync() {
      try {
        await new Promise<void>((resolve, reject) => {
          fdatasync(logFile, (error) => (error === null ? resolve() : reject(error)));
        });
      } catch (cause) {
        // What the system could not write it may have thrown away: a second attempt would succeed and prove nothing.
        unsynced = 'The disk did not take a change: look at it, then stop the center and start it again.';
        throw new StorageError(unsynced, { cause });
      }
    },
    mark(history) {
      try {
        markFile.write({ ...history, damagedAt: null });
      } catch (error) {
        // A mark that is behind promises less than there is, which harms nobody until the next one.
        log.warn('the mark of the data folder cannot be written', { error: String(error) });
      }
    },
    probe() {
      const path = join(folder, 'fbcenter.probe');
      try {
        writeFileSync(path, Buffer.alloc(PROBE_SIZE), { mode: 0o600 });
      } catch (cause) {
        throw new StorageError(
          'The data folder takes no more data: look at the disk and at the rights of the folder.',
          {
            cause,
          },
        );
      } finally {
        rmSync(path, { force: true });
      }
    },
    release() {
      clearInterval(timer);
      closeSync(logFile);
      markFile.close();
      unlock();
    },
  };
}

/**
 * SQLite ends its log at the first damaged entry and forgets the rest without a word. What is left is intact, but older than
 * what was acknowledged. The finding is written down: SQLite removes the log, so the next start could not find it again.
 */
function refuseLostChanges(
  name: string,
  { mark, hasLog }: FoundData,
  connection: SqliteConnection,
  file: MarkFile,
): void {
  const history = readHistory(connection);
  if (mark?.id !== history.id) return;
  const lost = mark.commits - history.commits;
  const isKnown = mark.damagedAt === history.commits;
  if (lost <= 0 || !(hasLog || isKnown)) return;
  if (!isKnown) file.write({ ...mark, damagedAt: history.commits });
  throw damaged(name, `its log is, and the last ${lost} of the acknowledged changes are not in it`);
}

/** The database is not the one that was here last, or not as far as it was. */
function isOlderCopy({ mark }: FoundData, connection: SqliteConnection): boolean {
  if (mark === undefined) return false;
  const { id, commits } = readHistory(connection);
  return mark.id !== id || mark.commits > commits;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
