import Database from 'libsql';
import { StorageError, type StorageErrorCode } from '../../errors.js';

type Parameter = string | number | null;
/** The library takes a list in the place of parameters one by one. */
type Statement = Database.Statement<(Parameter | readonly Parameter[])[]>;

/**
 * A connection to SQLite that prepares each statement once and turns the library's errors into {@link StorageError}. The
 * row types that callers name are trusted: the tables are STRICT and ours.
 *
 * The library ends the process when a text that it reads is no UTF-8, which one flipped bit on the disk is enough for. So
 * every query is asked for its texts as bytes, and they are decoded here. Damaged bytes become replacement characters; who
 * has to know compares a checksum.
 */
export class SqliteConnection {
  #database: Database.Database | undefined;
  readonly #statements = new Map<string, Statement>();
  readonly #queries = new Map<string, Statement>();

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

  /** The same for a statement of many parameters: they are handed on as they are. */
  runWith(sql: string, parameters: readonly Parameter[]): number {
    return attempt(() => this.#prepared(sql).run(parameters).changes);
  }

  row<Row>(sql: string, ...parameters: readonly Parameter[]): Row | undefined {
    return attempt(() => decoded(this.#query(sql).get(...parameters)) as Row | undefined);
  }

  rows<Row>(sql: string, ...parameters: readonly Parameter[]): Row[] {
    return attempt(
      () =>
        this.#query(sql)
          .all(...parameters)
          .map(decoded) as Row[],
    );
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
    this.#queries.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#open().prepare<(Parameter | readonly Parameter[])[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** A statement that returns rows, with every text as a blob. */
  #query(sql: string): Statement {
    const known = this.#queries.get(sql);
    if (known !== undefined) return known;
    const query = this.#open().prepare<(Parameter | readonly Parameter[])[]>(
      isSelect(sql) ? withTextsAsBlobs(sql, this.#prepared(sql)) : sql,
    );
    this.#queries.set(sql, query);
    return query;
  }

  #open(): Database.Database {
    if (this.#database === undefined) throw new StorageError('The storage is closed.');
    return this.#database;
  }
}

/** Any column may hold a text: damage can change the type of a value too. */
function withTextsAsBlobs(sql: string, statement: Statement): string {
  const columns = statement.columns().map(({ name }) => {
    const column = `"${name}"`;
    return `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END AS ${column}`;
  });
  return `SELECT ${columns.join(', ')} FROM (${sql})`;
}

function isSelect(sql: string): boolean {
  return /^\s*(?:SELECT|WITH)\b/i.test(sql);
}

/** A row with its texts in the place of their bytes; there is nothing else that is kept as a blob. */
function decoded(row: unknown): unknown {
  if (row === undefined) return undefined;
  const fields = row as Record<string, unknown>;
  for (const name in fields) {
    const value = fields[name];
    if (value instanceof ArrayBuffer) fields[name] = Buffer.from(value).toString();
    else if (Buffer.isBuffer(value)) fields[name] = value.toString();
  }
  return fields;
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
    throw storageError(error);
  }
}

/** What each of SQLite's result codes means to an operator; the extended codes begin with the plain one. */
const MEANINGS: readonly (readonly [code: RegExp, kind: StorageErrorCode, message: string])[] = [
  [/^SQLITE_(CORRUPT|NOTADB)/, 'damaged-data', 'The database is damaged: stop the center and restore a backup.'],
  [/^SQLITE_FULL/, 'storage-unavailable', 'The disk is full: make room on it.'],
  [
    /^SQLITE_(READONLY|IOERR|CANTOPEN|PERM)/,
    'storage-unavailable',
    'The data folder cannot be written: look at the disk and at the rights of the folder.',
  ],
];

function storageError(cause: unknown): StorageError {
  const code = String((cause as { readonly code?: unknown } | null)?.code);
  const [, kind, message] = MEANINGS.find(([pattern]) => pattern.test(code)) ?? [];
  return new StorageError(message ?? 'The storage is unavailable: try again later.', { cause, code: kind });
}
