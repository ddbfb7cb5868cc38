import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CenterError } from '../../errors.js';
import { checkDatabase, damaged } from './check.js';
import { SqliteConnection } from './connection.js';
import { DATABASE_FILE } from './data-folder.js';
import { inFolder, prepare } from './open.js';

export interface BackupOptions {
  /** The data folder; a center may be using it. */
  readonly folder: string;
  /** Where the copy goes. */
  readonly file: string;
  /** Whether a file that is there already is replaced. */
  readonly overwrite: boolean;
  /** Receives what is being done, one line each. */
  progress(line: string): void;
}

/**
 * Copies the data of a folder into one file that only its owner may read, as they are at one moment, and checks the copy.
 * Nobody who reads or writes waits for it.
 *
 * @returns how many flags and segments are in it.
 * @throws CenterError; then there is no new file.
 */
export function backUp({ folder, file, overwrite, progress }: BackupOptions): number {
  const source = join(resolve(folder), DATABASE_FILE);
  const target = resolve(file);
  if (!existsSync(source))
    throw missingData(`There is no ${DATABASE_FILE} in ${resolve(folder)}: give its folder with --data`);
  refuseOwnFile(target, resolve(folder));
  if (!overwrite) refuseExisting(target);
  progress(`copying ${source} (${megabytes(source)})`);
  return inFolder(resolve(folder), () =>
    whole(target, (draft) => {
      copyDatabase(source, draft);
      progress(`checking the copy (${megabytes(draft)})`);
      const documents = withDatabase(draft, (copy) => checkCopy(copy, `The database ${source}`));
      sync(draft);
      if (overwrite) renameSync(draft, target);
      else linkSync(draft, target);
      return documents;
    }),
  );
}

/** Copies a database as it is at one moment, while others may be writing to it. */
export function copyDatabase(source: string, target: string): void {
  // SQLite takes an empty file, which already has the rights that the copy is to have.
  closeSync(openSync(target, 'wx', 0o600));
  withDatabase(source, (connection) => {
    connection.exec('PRAGMA busy_timeout = 10000');
    connection.run('VACUUM INTO ?', target);
  });
}

/**
 * Brings a copy to the newest schema and checks it.
 *
 * @param finish what is done to a copy that is good.
 * @returns how many flags and segments are in it.
 * @throws CenterError `damaged-data` when anything is damaged.
 */
export function checkCopy(copy: SqliteConnection, name: string, finish: () => void = () => {}): number {
  prepare(copy);
  const [first] = checkDatabase(copy, name);
  if (first !== undefined)
    throw damaged(name, `the ${first.kind} ${first.key} of ${first.environment} is not what was written`);
  finish();
  // One file, without a log beside it.
  copy.exec('PRAGMA journal_mode = DELETE');
  return copy.row<{ readonly count: number }>('SELECT count(*) AS count FROM documents')?.count ?? 0;
}

/** Makes a file in a draft beside it; the draft is gone afterwards, whatever happens. */
export function whole<T>(target: string, make: (draft: string) => T): T {
  const draft = `${target}.part`;
  const clear = () => {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  };
  clear();
  try {
    return make(draft);
  } finally {
    clear();
  }
}

export function withDatabase<T>(path: string, work: (connection: SqliteConnection) => T): T {
  const connection = new SqliteConnection(path);
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

/** In the place of the center's own files a copy would lose what is written while it is made. */
function refuseOwnFile(target: string, folder: string): void {
  const place = dirname(target);
  if (!existsSync(place)) throw missingData(`There is no folder ${place}: make it first`);
  if (realpathSync(place) !== realpathSync(folder) || !basename(target).startsWith('fbcenter.')) return;
  throw new CenterError('already-exists', `${target} is one of the center's own files: choose another file`);
}

export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new CenterError(
    'already-exists',
    `${path} is there already: choose another file, or add --force to replace it`,
  );
}

export function missingData(message: string): CenterError {
  return new CenterError('data-missing', message);
}

/** Makes sure that a file is on the disk. */
export function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function megabytes(path: string): string {
  return `${(statSync(path).size / (1024 * 1024)).toFixed(1)} MiB`;
}
