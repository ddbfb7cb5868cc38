import type { SqliteConnection } from './connection.js';
import { Turns } from './turns.js';

/** How often SQLite's log is emptied before a reading, in milliseconds. */
const EMPTYING_INTERVAL = 10_000;

/**
 * Readings of megabytes: each sees the database as it was at one moment. They have a connection of their own, where there can
 * be two, and keep nobody waiting but each other.
 */
export class Snapshots {
  readonly #writer: SqliteConnection;
  readonly #writing: Turns;
  readonly #reader: SqliteConnection | undefined;
  readonly #reading = new Turns();
  #emptiedAt = performance.now();

  /**
   * @param writer the connection of those who write, and `writing` their queue.
   * @param reader another one to the same database; a database in memory has none.
   */
  constructor(writer: SqliteConnection, writing: Turns, reader: SqliteConnection | undefined) {
    this.#writer = writer;
    this.#writing = writing;
    this.#reader = reader;
    if (reader === undefined) return;
    reader.exec('PRAGMA busy_timeout = 0');
    // SQLite opens its files at the first look, and they may be gone later, when there is still much to read in them.
    begin(reader);
    reader.rollback();
  }

  read<T>(work: (connection: SqliteConnection) => Promise<T>): Promise<T> {
    const [writer, reader] = [this.#writer, this.#reader];
    if (reader === undefined) return this.#writing.readWhenFree(() => atOneMoment(writer, () => work(writer)));
    return this.#reading.run(async () => {
      // In the queue of those who write: what is committed there is on the disk by then.
      await this.#writing.readWhenFree(() => {
        this.#emptyLog();
        begin(reader);
      });
      return ended(reader, () => work(reader));
    });
  }

  /**
   * SQLite empties its log by itself, but only as far as nobody reads it: with one reading after another it would grow without
   * end. Now nothing is being read, and what begins to read an empty log is not in the way of the next emptying.
   */
  #emptyLog(): void {
    const now = performance.now();
    if (now - this.#emptiedAt < EMPTYING_INTERVAL) return;
    this.#emptiedAt = now;
    try {
      this.#writer.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // Who reads needs no room on the disk.
    }
  }

  /** Fulfils when what is being read has been read. */
  close(): Promise<void> {
    return this.#reading.run(() => this.#reader?.close());
  }
}

/** Runs work that reads in several steps and must not see what other processes write in between. */
export async function atOneMoment<T>(connection: SqliteConnection, work: () => Promise<T>): Promise<T> {
  begin(connection);
  return ended(connection, work);
}

function begin(connection: SqliteConnection): void {
  connection.exec('BEGIN');
  try {
    // The moment is that of the first look.
    connection.row('SELECT 1 FROM history');
  } catch (error) {
    connection.rollback();
    throw error;
  }
}

async function ended<T>(connection: SqliteConnection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    connection.rollback();
  }
}
