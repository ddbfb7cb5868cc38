import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CenterError, StorageError } from '../../errors.js';
import { type Clock, systemClock } from '../../runtime/clock.js';
import {
  checkCopy,
  copyDatabase,
  megabytes,
  missingData,
  refuseExisting,
  sync,
  whole,
  withDatabase,
} from './backup.js';
import { DATABASE_FILE, LOG_FILE, MARK_FILE } from './data-folder.js';
import { lockFolder } from './folder-lock.js';
import { beginEpoch, greatestVersion, readHistory } from './history.js';
import { MarkFile, readMark } from './mark.js';
import { inFolder } from './open.js';

export interface RestoreOptions {
  /** The data folder, created when it is not there; no center may be using it. */
  readonly folder: string;
  /** What a backup was written to; the database of a folder will do as well. */
  readonly file: string;
  /** Whether data that are in the folder already are replaced. */
  readonly overwrite: boolean;
  readonly clock?: Clock;
  /** Receives what is being done, one line each. */
  progress(line: string): void;
}

export interface Restored {
  /** How many flags and segments there are now. */
  readonly documents: number;
  /** Where the database is that was there before, if there was one. */
  readonly aside: string | undefined;
}

/**
 * How far versions may have got ahead of both the clock and the backup, in milliseconds, when nothing in the folder says
 * how far they did: an hour, which is more than bursts and small steps of a clock make.
 */
const UNKNOWN_LEAD = 60 * 60 * 1_000;

/**
 * Puts a copy in the place of a folder's data. The copy is checked before anything is touched, and the data that were there
 * stay beside it.
 *
 * @throws CenterError; then the folder is as it was.
 */
export function restore({ folder, file, overwrite, clock = systemClock, progress }: RestoreOptions): Restored {
  const source = resolve(file);
  const home = resolve(folder);
  if (!existsSync(source) || !statSync(source).isFile()) throw missingData(`There is no file ${source}`);
  return inFolder(home, () => {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(home);
    try {
      const target = join(home, DATABASE_FILE);
      if (sizeOf(target) > 0 && !overwrite) refuseExisting(target);
      return whole(target, (draft) => {
        progress(`copying ${source} (${megabytes(source)})`);
        copyBackup(source, draft, home);
        progress(`checking the copy (${megabytes(draft)})`);
        const floor = floorOf(home, clock);
        const { documents, history } = withDatabase(draft, (copy) => {
          const count = checkCopy(copy, `The backup ${source}`, () => beginEpoch(copy, floor, clock.now()));
          return { documents: count, history: readHistory(copy) };
        });
        sync(draft);
        const aside = putAside(target);
        renameSync(draft, target);
        sync(home);
        const mark = new MarkFile(join(home, MARK_FILE));
        mark.write({ ...history, damagedAt: null });
        mark.close();
        return { documents, aside };
      });
    } finally {
      unlock();
    }
  });
}

/** It is the file that is damaged, and not the folder that it is for. */
function copyBackup(source: string, draft: string, home: string): void {
  try {
    copyDatabase(source, draft);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'damaged-data') throw error;
    const finding = error.cause instanceof Error ? error.cause.message : error.message;
    throw new CenterError(
      'damaged-data',
      `${source} cannot be read as a backup (${finding}): choose another one. ${home} was left as it is`,
      { cause: error },
    );
  }
}

/** The greatest version that SDKs may hold. */
function floorOf(home: string, clock: Clock): number {
  const mark = readMark(join(home, MARK_FILE));
  if (mark !== undefined) return Math.max(clock.now(), mark.version);
  const database = join(home, DATABASE_FILE);
  try {
    if (sizeOf(database) > 0) return Math.max(clock.now(), withDatabase(database, greatestVersion));
  } catch {
    // It is about to be replaced, perhaps because it cannot be read.
  }
  return clock.now() + UNKNOWN_LEAD;
}

/** Leaves the old database under another name, and no log that the new one would be mixed with. */
function putAside(target: string): string | undefined {
  const log = join(target, '..', LOG_FILE);
  if (sizeOf(target) === 0 && sizeOf(log) === 0) return undefined;
  const aside = `${target}.before-restore`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(aside + suffix, { force: true });
  try {
    withDatabase(target, (old) => old.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  } catch {
    // What cannot be read any more is kept with its log, as it is.
  }
  if (sizeOf(log) > 0) renameSync(log, `${aside}-wal`);
  for (const suffix of ['-wal', '-shm']) rmSync(target + suffix, { force: true });
  try {
    linkSync(target, aside);
  } catch {
    // Not every file system has links.
    copyFileSync(target, aside);
  }
  return aside;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
