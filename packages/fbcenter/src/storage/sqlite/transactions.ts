import { StorageError } from '../../errors.js';
import type { Commit, Removal } from '../../model/change-log.js';
import type { Clock } from '../../runtime/clock.js';
import type { Listeners } from '../../runtime/listeners.js';
import { isBusy, type SqliteConnection } from './connection.js';
import type { DataFolder } from './data-folder.js';
import { countCommit, type History, readHistory } from './history.js';
import type { Durability, PendingCommit } from './session.js';
import { BUSY, type Turns } from './turns.js';

export interface TransactionParts {
  readonly connection: SqliteConnection;
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly commits: Listeners<Commit>;
  readonly removals: Listeners<Removal>;
  readonly turns: Turns;
}

/** From BEGIN to what is reported after COMMIT, one transaction after another. */
export class Transactions {
  readonly #parts: TransactionParts;

  constructor(parts: TransactionParts) {
    this.#parts = parts;
  }

  /**
   * Runs work between BEGIN and COMMIT, then reports what it has changed.
   *
   * @returns rejects when what was written is not kept, or when it is not known whether it is; otherwise it is durable and reported.
   */
  run<T>(
    work: (changed: (change: PendingCommit) => void, removed: (removal: Removal) => void) => T | Promise<T>,
    durability: Durability,
  ): Promise<T> {
    const { connection, folder, clock, commits, removals, turns } = this.#parts;
    return turns.runWhenFree(async () => {
      const changes: PendingCommit[] = [];
      const gone: Removal[] = [];
      let result: T;
      let history: History | undefined;
      // What is to outlive this process alone is looked at when it is written: the files may be gone by then in any case.
      if (durability === 'disk') refuseLostWrites(folder);
      try {
        connection.begin();
      } catch (error) {
        if (isBusy(error)) return BUSY;
        throw error;
      }
      try {
        const before = durability === 'disk' ? totalChanges(connection) : undefined;
        result = await work(
          (change) => void changes.push(change),
          (removal) => void gone.push(removal),
        );
        if (before !== undefined && totalChanges(connection) !== before) {
          countCommit(connection);
          history = readHistory(connection);
        }
        connection.commit();
      } catch (error) {
        connection.rollback();
        throw error;
      }
      // Still in its turn: nobody reads what a power cut could take back.
      if (history !== undefined) await folder.sync();
      // The files may have been removed while they were written.
      refuseLostWrites(folder);
      // From here on nothing may reject: the change is durable, and a caller that gets an error would repeat it.
      if (history !== undefined) folder.mark(history);
      const committedAt = clock.precise();
      for (const change of changes) commits.emit({ ...change, committedAt });
      for (const removal of gone) removals.emit(removal);
      return result;
    });
  }
}

/** @throws StorageError when what is written now would be lost. */
export function refuseLostWrites(folder: DataFolder): void {
  const problem = folder.problem();
  if (problem !== undefined) throw new StorageError(problem);
}

function totalChanges(connection: SqliteConnection): number {
  return connection.row<{ readonly changes: number }>('SELECT total_changes() AS changes')?.changes ?? 0;
}
