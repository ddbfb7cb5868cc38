import Database from 'libsql';
import { StorageError } from '../../errors.js';

type Parameter = string | number | null;
type Statement = Database.Statement<Parameter[]>;

/**
 * A connection to SQLite that prepares each statement once and turns the library's errors into {@link StorageError}. The
 * row types that callers name are trusted: the tables are STRICT and ours.
 */
export class SqliteConnection {
  #database: Database.Database | undefined;
  readonly #statements = new Map<string, Statement>();

  /** @param path a file, created when it is not there, or `:memory:`. */
  constructor(path: string) {
    this.#database = attempt(() => new Database(path));
  }

  /** Runs statements that have no parameters and whose rows are of no interest. */
  exec(sql: string): void {
    attempt(() => this.#open().exec(sql));
  }

  /** @returns how many rows were changed. */
  run(sql: string, ...parameters: readonly Parameter[]): number {
    return attempt(() => this.#prepared(sql).run(...parameters).changes);
  }

  row<Row>(sql: string, ...parameters: readonly Parameter[]): Row | undefined {
    return attempt(() => this.#prepared(sql).get(...parameters) as Row | undefined);
  }

  rows<Row>(sql: string, ...parameters: readonly Parameter[]): Row[] {
    return attempt(() => this.#prepared(sql).all(...parameters) as Row[]);
  }

  /** Runs work between BEGIN and COMMIT; undoes it when it throws. */
  transaction<T>(work: () => T): T {
    this.begin();
    try {
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  begin(): void {
    this.exec('BEGIN IMMEDIATE');
  }

  commit(): void {
    this.exec('COMMIT');
  }

  /** Undoes what the open transaction has done; SQLite may have ended it by itself after a failure. */
  rollback(): void {
    if (this.#database?.inTransaction === true) this.exec('ROLLBACK');
  }

  close(): void {
    // libsql cannot finalize statements: files stay open until they are garbage-collected, so drop all of them here.
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#open().prepare<Parameter[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #open(): Database.Database {
    if (this.#database === undefined) throw new StorageError('The storage is closed');
    return this.#database;
  }
}

/** Whether something failed because another process works on the database: it may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  const cause = error instanceof StorageError ? error.cause : undefined;
  return /^SQLITE_(?:BUSY|LOCKED)/.test(String((cause as { readonly code?: unknown } | undefined)?.code));
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError('The storage cannot do its work', { cause: error });
  }
}
