import { join } from 'node:path';
import { SqliteConnection } from './connection.js';
import { DATABASE_FILE } from './data-folder.js';

/** A setting that a center keeps in its folder, also while it runs. */
export function keptSetting(folder: string, name: string): string | undefined {
  const connection = new SqliteConnection(join(folder, DATABASE_FILE));
  try {
    connection.exec('PRAGMA busy_timeout = 10000; PRAGMA query_only = ON');
    return connection.row<{ readonly value: string }>('SELECT value FROM settings WHERE name = ?', name)?.value;
  } finally {
    connection.close();
  }
}
