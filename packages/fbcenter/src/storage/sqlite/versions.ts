import { StorageError } from '../../errors.js';
import type { Clock } from '../../runtime/clock.js';
import type { SqliteConnection } from './connection.js';

/** The versions of each environment: the next one, and which it remembers having had. Call it inside a transaction. */
export class Versions {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;
  readonly #kept: number;

  /** @param kept how many versions an environment remembers. */
  constructor(connection: SqliteConnection, clock: Clock, kept: number) {
    this.#connection = connection;
    this.#clock = clock;
    this.#kept = kept;
  }

  /** The version that the next change of an environment gets, and the environment's key. */
  next(environmentId: string): { readonly version: number; readonly environmentKey: string } {
    const row = this.#connection.row<{ readonly key: string; readonly version: number }>(
      'SELECT key, version FROM environments WHERE id = ?',
      environmentId,
    );
    if (row === undefined) throw new StorageError('The environment is gone.');
    return { version: Math.max(this.#clock.now(), row.version + 1), environmentKey: row.key };
  }

  /** What the documents of a new environment come after: now, less their number, so that they do not run ahead of the clock. */
  first(documents: number): number {
    const sql = 'SELECT floor FROM history';
    const floor = this.#connection.row<{ readonly floor: number }>(sql)?.floor ?? 0;
    return Math.max(this.#clock.now() - documents, floor);
  }

  /** Keeps a version as one that readers may have, and forgets the oldest. */
  remember(environmentId: string, version: number): void {
    this.#connection.run('INSERT INTO versions VALUES (?, ?)', environmentId, version);
    this.#connection.run(
      `DELETE FROM versions WHERE environment_id = ?1 AND version <=
         (SELECT version FROM versions WHERE environment_id = ?1 ORDER BY version DESC LIMIT 1 OFFSET ?2)`,
      environmentId,
      this.#kept,
    );
  }

  /** Readers of an earlier version will need everything. */
  forgetBefore(environmentId: string, version: number): void {
    this.#connection.run('DELETE FROM versions WHERE environment_id = ? AND version < ?', environmentId, version);
  }
}

/** Whether an environment remembers having had a version. */
export function isRemembered(connection: SqliteConnection, environmentId: string, version: number): boolean {
  const sql = 'SELECT 1 FROM versions WHERE environment_id = ? AND version = ?';
  return connection.row(sql, environmentId, version) !== undefined;
}
