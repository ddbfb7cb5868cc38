import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDatabase } from './check.js';
import { SqliteConnection } from './connection.js';
import { DATABASE_FILE, LOG_FILE, MARK_FILE } from './data-folder.js';
import { LOCK_FILE, OWNER_FILE } from './folder-lock.js';
import { readHistory } from './history.js';
import { readMark } from './mark.js';
import { MIGRATIONS } from './migrations.js';
import { livingOwner } from './owner.js';

/** What there is in a data folder, found without changing anything in it. */
export interface FolderFindings {
  /** The process of the center that uses it; `undefined` = none does. */
  readonly owner: number | undefined;
  /** The version of the schema, and the one that this program has. */
  readonly schema: { readonly found: number; readonly known: number };
  /** What is known when the schema is this program's; another one is not looked into. */
  readonly content: FolderContent | undefined;
}

export interface FolderContent {
  readonly documents: number;
  /** `environment/kind/key` of those whose checksum is not that of their text. */
  readonly damaged: readonly string[];
  /** The newest version of any document, in Unix milliseconds. */
  readonly newestVersion: number;
  /** What the mark beside the database says: how many acknowledged changes the database lacks; `undefined` when it is of another database. */
  readonly missingChanges: number | undefined;
  /** Whether what is missing is damage; otherwise an older copy was put in place. */
  readonly hasLog: boolean;
}

/**
 * Looks into a data folder, also while a center uses it. When none does, the files are copied first: to open a database can take its log into it, and
 * the next start has to see both as they are.
 *
 * @returns `undefined` when there is no database.
 * @throws CenterError `damaged-data`, or what SQLite says of a file that is none of its own.
 */
export function inspectFolder(folder: string): FolderFindings | undefined {
  const path = join(folder, DATABASE_FILE);
  if (!existsSync(path)) return undefined;
  const owner = livingOwner(join(folder, OWNER_FILE), join(folder, LOCK_FILE));
  if (owner !== undefined) return { owner, ...looked(path, folder) };
  const copies = mkdtempSync(join(tmpdir(), 'fbcenter-doctor-'));
  try {
    for (const file of [DATABASE_FILE, LOG_FILE]) {
      if (existsSync(join(folder, file))) copyFileSync(join(folder, file), join(copies, file));
    }
    return { owner, ...looked(join(copies, DATABASE_FILE), folder) };
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
}

function looked(path: string, folder: string): Pick<FolderFindings, 'schema' | 'content'> {
  const connection = new SqliteConnection(path);
  try {
    connection.exec('PRAGMA busy_timeout = 10000; PRAGMA query_only = ON');
    const found = connection.row<{ readonly user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
    const known = MIGRATIONS.length;
    return { schema: { found, known }, content: found === known ? contentOf(connection, folder) : undefined };
  } finally {
    connection.close();
  }
}

function contentOf(connection: SqliteConnection, folder: string): FolderContent {
  const mark = readMark(join(folder, MARK_FILE));
  const history = readHistory(connection);
  const damaged = checkDatabase(connection, `The database in ${folder}`);
  const row = connection.row<{ readonly count: number }>('SELECT count(*) AS count FROM documents');
  return {
    documents: row?.count ?? 0,
    damaged: damaged.map(({ environment, kind, key }) => `${environment}/${kind}/${key}`),
    newestVersion: history.version,
    missingChanges:
      mark === undefined || mark.id !== history.id ? undefined : Math.max(0, mark.commits - history.commits),
    hasLog: (statSync(join(folder, LOG_FILE), { throwIfNoEntry: false })?.size ?? 0) > 0,
  };
}
