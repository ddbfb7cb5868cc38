import { StorageError } from '../../errors.js';
import { CENTER } from '../../model/actor.js';
import { renewedText } from '../renewed-text.js';
import { appendAudit } from './audit.js';
import type { SqliteConnection } from './connection.js';
import { type DocumentRow, intact, keepDocument, SELECT } from './document-rows.js';

/** What a database says of its own history. */
export interface History {
  /** Names this course of events: another one begins when a copy is put in the place of the database. */
  readonly id: string;
  /** How many transactions it has acknowledged. */
  readonly commits: number;
  /** The greatest version of any environment. */
  readonly version: number;
}

export function readHistory(connection: SqliteConnection): History {
  const history = connection.row<History>(
    `SELECT id, commits, max(floor, (SELECT coalesce(max(version), 0) FROM environments)) AS version FROM history`,
  );
  if (history === undefined)
    throw new StorageError('The database is damaged: restore a backup.', { code: 'damaged-data' });
  return history;
}

/** The greatest version of any environment, in a database of any age. */
export function greatestVersion(connection: SqliteConnection): number {
  const sql = 'SELECT coalesce(max(version), 0) AS version FROM environments';
  return connection.row<{ readonly version: number }>(sql)?.version ?? 0;
}

/** Counts a transaction; part of it. */
export function countCommit(connection: SqliteConnection): void {
  connection.run('UPDATE history SET commits = commits + 1');
}

/**
 * Begins a new course of events in a database that is older than what SDKs may hold: a copy that was put back. Versions
 * that were given after the copy was made must not be given again, and an SDK that holds them must take what the copy
 * says, also one that goes by versions alone. So every document gets a version that is greater than all of them.
 *
 * @param floor the greatest version that may have been given, as far as anybody knows.
 * @param now the time at which the audit log has it.
 */
export function beginEpoch(connection: SqliteConnection, floor: number, now: number): void {
  connection.transaction(() => {
    connection.run('UPDATE history SET id = lower(hex(randomblob(16))), floor = max(floor, ?)', floor);
    for (const { id } of connection.rows<{ readonly id: string }>('SELECT id FROM environments')) {
      renewVersions(connection, id, readHistory(connection).version);
    }
    // What the log says of the time after the copy was made is gone: at least it says so.
    appendAudit(connection, { actor: CENTER, action: 'restore', subject: { kind: 'data', key: 'data' } }, now);
    countCommit(connection);
  });
}

/** Writes something that does not matter. */
export function probe(connection: SqliteConnection): void {
  connection.transaction(() => connection.run('UPDATE history SET probes = (probes + 1) % 1000000'));
}

/**
 * Gives all documents of an environment new versions, after a given one. They are always sent together then, so only the
 * last of their versions is remembered as a cursor.
 */
function renewVersions(connection: SqliteConnection, environmentId: string, after: number): void {
  let version = after;
  const rows = connection.rows<DocumentRow>(`${SELECT} WHERE environment_id = ? ORDER BY version`, environmentId);
  for (const old of intact(rows, environmentId)) {
    version += 1;
    keepDocument(connection, environmentId, { ...old, version, text: renewedText(old.text, version) });
  }
  connection.run('DELETE FROM versions WHERE environment_id = ?', environmentId);
  if (version > after) connection.run('INSERT INTO versions VALUES (?, ?)', environmentId, version);
  connection.run('UPDATE environments SET version = ? WHERE id = ?', version, environmentId);
}
