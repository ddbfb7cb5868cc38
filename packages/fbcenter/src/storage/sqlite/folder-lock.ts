import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CenterError } from '../../errors.js';
import { isBusy, SqliteConnection } from './connection.js';

/**
 * Takes a data folder for this process alone. The lock is one of the operating system on a file of its own, so it ends with
 * the process however that ends, and the database beside it stays open to the `sqlite3` tool for a look or a backup.
 *
 * @returns a function that lets go of the folder.
 * @throws CenterError `folder-in-use` when another center has it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'fbcenter.lock');
  createPrivateFile(path);
  const connection = new SqliteConnection(path);
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (!isBusy(error)) throw error;
    throw new CenterError(
      'folder-in-use',
      `The data folder ${folder} is in use by another fbcenter: stop that one, or choose another data folder`,
      { cause: error },
    );
  }
  return () => connection.close();
}

/** Creates a file that only its owner may read, if it is not there yet. SQLite gives its side files the same rights. */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}
