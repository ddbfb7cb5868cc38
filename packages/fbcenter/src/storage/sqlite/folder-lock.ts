import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CenterError } from '../../errors.js';
import { isBusy, SqliteConnection } from './connection.js';
import { livingOwner, Ownership } from './owner.js';

/** Files of a data folder. */
export const LOCK_FILE = 'fbcenter.lock';
export const OWNER_FILE = 'fbcenter.owner';

/**
 * Takes a data folder for one center alone. The lock is one of the operating system on a file of its own, so it ends with
 * the process however that ends, and the database beside it stays open to other programs for a look or a backup.
 *
 * On Unix such a lock is gone as soon as its own process closes the file once more, even after only reading it. So the owner
 * is written down too: a folder whose owner lives is in use, whatever has become of the lock.
 *
 * @returns a function that lets go of the folder.
 * @throws CenterError `folder-in-use` when another center has it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  const ownerPath = join(folder, OWNER_FILE);
  const owner = livingOwner(ownerPath, path);
  if (owner !== undefined) throw inUse(folder, `process ${owner}`);
  createPrivateFile(path);
  const connection = new SqliteConnection(path);
  try {
    connection.exec('BEGIN EXCLUSIVE');
    const ownership = new Ownership(ownerPath, path);
    return () => {
      ownership.end();
      connection.close();
    };
  } catch (error) {
    connection.close();
    if (!isBusy(error)) throw error;
    throw inUse(folder, 'its lock is held', error);
  }
}

/**
 * Creates a file that only its owner may read, if it is not there yet. SQLite gives its side files the same rights. A file
 * that is there is not touched: to open and close it would let go of this process's locks on it.
 */
export function createPrivateFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

function inUse(folder: string, by: string, cause?: unknown): CenterError {
  return new CenterError(
    'folder-in-use',
    `The data folder ${folder} is in use by another fbcenter (${by}): stop that one, or choose another data folder`,
    { cause },
  );
}
