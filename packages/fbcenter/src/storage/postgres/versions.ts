import { StorageError } from '../../errors.js';
import type { Clock } from '../../runtime/clock.js';
import type { PostgresConnection } from './connection.js';

/** The versions of each environment: the next one, and which it remembers having had. Call it inside a transaction. */
export class Versions {
  readonly #clock: Clock;
  readonly #kept: number;

  /** @param kept how many versions an environment remembers. */
  constructor(clock: Clock, kept: number) {
    this.#clock = clock;
    this.#kept = kept;
  }

  /**
   * Gives the environment its next version. Its row is locked until the transaction ends, so versions become visible in their order:
   * whoever has seen one has seen all before it.
   */
  async next(
    connection: PostgresConnection,
    environmentId: string,
  ): Promise<{ readonly version: number; readonly previous: number; readonly environmentKey: string }> {
    const row = await connection.row<{ readonly key: string; readonly version: number; readonly previous: number }>(
      `UPDATE environments SET version = greatest($2, before.version + 1)
       FROM (SELECT id, version FROM environments WHERE id = $1 FOR NO KEY UPDATE) AS before
       WHERE environments.id = before.id
       RETURNING environments.key, environments.version, before.version AS previous`,
      environmentId,
      this.#clock.now(),
    );
    if (row === undefined) throw new StorageError('The environment is gone.');
    return { version: row.version, previous: row.previous, environmentKey: row.key };
  }

  /** Keeps a version as one that readers may have, and forgets the oldest. */
  async remember(connection: PostgresConnection, environmentId: string, version: number): Promise<void> {
    await connection.run('INSERT INTO versions VALUES ($1, $2)', environmentId, version);
    await connection.run(
      `DELETE FROM versions WHERE environment_id = $1 AND version <=
         (SELECT version FROM versions WHERE environment_id = $1 ORDER BY version DESC OFFSET $2 LIMIT 1)`,
      environmentId,
      this.#kept,
    );
  }

  /** Readers of an earlier version will need everything. */
  async forgetBefore(connection: PostgresConnection, environmentId: string, version: number): Promise<void> {
    await connection.run('DELETE FROM versions WHERE environment_id = $1 AND version < $2', environmentId, version);
  }
}
