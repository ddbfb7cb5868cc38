import { setTimeout } from 'node:timers/promises';
import { StorageError } from '../../errors.js';
import { isBusy } from './connection.js';

/** How long a call waits for another process that works on the database, and how often it looks, in milliseconds. */
const BUSY_PATIENCE = 1_000;
const BUSY_INTERVAL = 10;

/** What work gives that has found another process at work on the database. */
export const BUSY = Symbol('busy');

/**
 * The queue of all work on the one connection: a transaction spans several turns of the event loop, and nobody else may
 * read what it has not committed.
 */
export class Turns {
  /** The end of the queue. */
  #last: Promise<unknown> = Promise.resolve();

  /** Runs one piece of work after another. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  /**
   * Runs work in its turn, and again a moment later while it is {@link BUSY}. In between others have their turns: readers
   * do not wait for writers, and nothing waits in SQLite, where it would hold the event loop.
   */
  async runWhenFree<T>(work: () => Promise<T | typeof BUSY>): Promise<T> {
    for (const start = performance.now(); ; ) {
      const result = await this.run(work);
      if (result !== BUSY) return result;
      if (performance.now() - start > BUSY_PATIENCE) {
        throw new StorageError('Another process works on the database for too long: try again later.');
      }
      await setTimeout(BUSY_INTERVAL);
    }
  }

  /** The same for work that can be done again from its start whenever another process is in its way. */
  readWhenFree<T>(work: () => T | Promise<T>): Promise<T> {
    return this.runWhenFree(async () => {
      try {
        return await work();
      } catch (error) {
        if (isBusy(error)) return BUSY;
        throw error;
      }
    });
  }
}
