import type { Commit, Removal } from '../../model/change-log.js';
import type { SqliteConnection } from './connection.js';

/** A change that is written but not durable yet. */
export type PendingCommit = Omit<Commit, 'committedAt'>;

/**
 * When something written is safe: `disk`, from a power cut too; `process`, from a process that is killed. The latter saves
 * a disk sync, which is worth it for what is written all the time and where the last of it may be lost.
 */
export type Durability = 'disk' | 'process';

/** How repositories reach the database: each call as a transaction of its own, or all calls within one. */
export interface Session {
  readonly connection: SqliteConnection;
  /** Runs work that only reads. */
  read<T>(work: () => T): Promise<T>;
  /**
   * Runs work that writes.
   *
   * @param work takes functions that mark a change, or a removal, for being reported once it is durable.
   * @param durability within a transaction the transaction's own counts. @default 'disk'
   */
  write<T>(
    work: (changed: (change: PendingCommit) => void, removed: (removal: Removal) => void) => T,
    durability?: Durability,
  ): Promise<T>;
}
