import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CenterError, StorageError } from '../errors.js';
import type { ChangeLog, Changes, Commit } from '../model/change-log.js';
import type { DocumentDraft, DocumentKind, DocumentQuery, StoredDocument } from '../model/document.js';
import type { Environment, SecretKind } from '../model/environment.js';
import type { InsightReport, Tally } from '../model/tally.js';
import { type Clock, systemClock } from '../runtime/clock.js';
import { Listeners } from '../runtime/listeners.js';
import { createPrivateFile, lockFolder } from './folder-lock.js';
import { migrate } from './migrations.js';
import { SqliteConnection } from './sqlite-connection.js';
import { readInsights, writeTally } from './sqlite-insights.js';
import { INSIGHT_LIMITS, type InsightLimits, KEPT_VERSIONS, type Storage, type Transaction } from './storage.js';

export interface SqliteOptions {
  /** The data folder, created when it is not there; none = in memory, gone with the process. */
  readonly folder?: string | undefined;
  readonly clock?: Clock;
  readonly insightLimits?: InsightLimits;
  /** @default KEPT_VERSIONS */
  readonly keptVersions?: number;
  /** Hears what a commit listener threw. */
  readonly onListenerError?: (error: unknown) => void;
}

/**
 * Opens the embedded storage: one SQLite database, in a folder that is this process's alone, or in memory.
 *
 * @throws CenterError when the folder is in use, not writable, or holds something else.
 */
export function openSqliteStorage(options: SqliteOptions = {}): Storage {
  if (options.folder === undefined) return openDatabase(':memory:', () => {}, options);
  const folder = resolve(options.folder);
  try {
    // The database holds secrets: whoever may not read them may not look into the folder.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    try {
      const path = join(folder, 'fbcenter.db');
      createPrivateFile(path);
      return openDatabase(path, unlock, options);
    } catch (error) {
      unlock();
      throw error;
    }
  } catch (error) {
    throw error instanceof CenterError ? error : cannotOpen(folder, error);
  }
}

function openDatabase(path: string, unlock: () => void, options: SqliteOptions): Storage {
  const connection = new SqliteConnection(path);
  try {
    return new SqliteStorage(connection, unlock, options);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function cannotOpen(folder: string, error: unknown): CenterError {
  const reason = error instanceof StorageError ? error.cause : error;
  return new CenterError(
    'storage_failed',
    `The data folder ${folder} cannot be opened (${reason instanceof Error ? reason.message : reason}): ` +
      'make it writable, put a backup in its place, or choose another data folder',
    { cause: error },
  );
}

class SqliteStorage implements Storage {
  readonly #connection: SqliteConnection;
  readonly #unlock: () => void;
  readonly #clock: Clock;
  readonly #insightLimits: InsightLimits;
  readonly #keptVersions: number;
  readonly #commits: Listeners<Commit>;
  /** The end of the queue of everything that was asked for; see {@link #inTurn}. */
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(connection: SqliteConnection, unlock: () => void, options: SqliteOptions) {
    this.#connection = connection;
    this.#unlock = unlock;
    this.#clock = options.clock ?? systemClock;
    this.#insightLimits = options.insightLimits ?? INSIGHT_LIMITS;
    this.#keptVersions = options.keptVersions ?? KEPT_VERSIONS;
    this.#commits = new Listeners(options.onListenerError ?? (() => {}));
    connection.exec('PRAGMA busy_timeout = 1000; PRAGMA foreign_keys = ON');
    // Before anything is changed in the file: it may turn out not to be ours.
    migrate(connection);
    connection.exec('PRAGMA journal_mode = WAL');
    this.#keepThroughPowerCuts(true);
  }

  readonly changes: ChangeLog = {
    everything: (environmentId) => this.#inTurn(() => this.#newerThan(environmentId, 0)),
    since: (environmentId, cursor) =>
      this.#inTurn(() => {
        const known = this.#connection.row(
          'SELECT 1 FROM versions WHERE environment_id = ? AND version = ?',
          environmentId,
          cursor,
        );
        return known === undefined ? undefined : this.#newerThan(environmentId, cursor);
      }),
    watch: (listener) => this.#commits.add(listener),
  };

  environments(): Promise<readonly Environment[]> {
    return this.#inTurn(() => this.#connection.rows<EnvironmentRow>(`${SELECT_ENVIRONMENT} ORDER BY key`).map(fromRow));
  }

  environment(key: string): Promise<Environment | undefined> {
    return this.#inTurn(() => {
      const row = this.#connection.row<EnvironmentRow>(`${SELECT_ENVIRONMENT} WHERE key = ?`, key);
      return row && fromRow(row);
    });
  }

  secretOwner(secret: string): Promise<{ readonly environment: Environment; readonly kind: SecretKind } | undefined> {
    return this.#inTurn(() => {
      const owner = this.#connection.row<{ readonly environment_id: string; readonly kind: SecretKind }>(
        'SELECT environment_id, kind FROM secrets WHERE secret = ?',
        secret,
      );
      if (owner === undefined) return undefined;
      const row = this.#connection.row<EnvironmentRow>(`${SELECT_ENVIRONMENT} WHERE id = ?`, owner.environment_id);
      return row && { environment: fromRow(row), kind: owner.kind };
    });
  }

  createEnvironment(environment: Environment, documents: readonly DocumentDraft[]): Promise<boolean> {
    return this.#inTurn(() =>
      this.#connection.transaction(() => {
        const { id, key, name, serverSecret, clientSecret } = environment;
        if (serverSecret === clientSecret) return false;
        const taken = this.#connection.row(
          `SELECT 1 FROM environments WHERE id = ? OR key = ?
           UNION ALL SELECT 1 FROM secrets WHERE secret IN (?, ?)`,
          id,
          key,
          serverSecret,
          clientSecret,
        );
        if (taken !== undefined) return false;
        // Documents that come with an environment are dated back, so that the versions do not run ahead of the clock.
        const version = Math.max(this.#clock.now() - documents.length, 0);
        this.#connection.run('INSERT INTO environments VALUES (?, ?, ?, ?)', id, key, name, version);
        this.#connection.run("INSERT INTO secrets VALUES (?, ?, 'server')", serverSecret, id);
        this.#connection.run("INSERT INTO secrets VALUES (?, ?, 'client')", clientSecret, id);
        for (const [index, draft] of documents.entries()) this.#write(id, draft, version + index + 1);
        // Nobody is ever given a part of them, so that only the last of their versions can be a cursor.
        if (documents.length > 0) this.#remember(id, version + documents.length);
        return true;
      }),
    );
  }

  replaceSecret(environmentId: string, kind: SecretKind, secret: string): Promise<boolean> {
    return this.#inTurn(
      () =>
        this.#connection.run(
          `UPDATE secrets SET secret = ?1 WHERE environment_id = ?2 AND kind = ?3
           AND NOT EXISTS (SELECT 1 FROM secrets WHERE secret = ?1 AND (environment_id <> ?2 OR kind <> ?3))`,
          secret,
          environmentId,
          kind,
        ) > 0,
    );
  }

  document(environmentId: string, kind: DocumentKind, key: string): Promise<StoredDocument | undefined> {
    return this.#inTurn(() => this.#document(environmentId, kind, key));
  }

  documents(environmentId: string, kind: DocumentKind, query: DocumentQuery): Promise<readonly StoredDocument[]> {
    return this.#inTurn(() => this.#documents(environmentId, kind, query));
  }

  transact<T>(environmentId: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const written: Omit<Commit, 'committedAt'>[] = [];
      let isOver = false;
      const within = async <Result>(action: () => Result): Promise<Result> => {
        if (isOver) throw new StorageError('The transaction is over');
        return action();
      };
      const transaction: Transaction = {
        document: (kind, key) => within(() => this.#document(environmentId, kind, key)),
        documents: (kind) => within(() => this.#documents(environmentId, kind, { limit: -1 })),
        write: (draft) =>
          within(() => {
            const { environmentKey, version } = this.#nextVersion(environmentId);
            const document = this.#write(environmentId, draft, version);
            this.#remember(environmentId, version);
            written.push({ ...document, environmentId, environmentKey });
            return document;
          }),
      };
      let result: T;
      this.#connection.begin();
      try {
        result = await work(transaction);
        isOver = true;
        this.#connection.commit();
      } catch (error) {
        isOver = true;
        this.#connection.rollback();
        throw error;
      }
      // After the commit nothing may reject: the change is durable, and whoever is told of a failure makes it again.
      const committedAt = this.#clock.precise();
      for (const document of written) this.#commits.emit({ ...document, committedAt });
      return result;
    });
  }

  recordInsights(tallies: ReadonlyMap<string, Tally>): Promise<void> {
    return this.#inTurn(() => {
      // A killed process loses none of these either; a power cut may cost the last of them, which is worth the many disk
      // syncs that are saved: insights come all the time, changes of flags do not.
      this.#keepThroughPowerCuts(false);
      try {
        this.#connection.transaction(() => {
          const now = this.#clock.now();
          for (const [environmentId, tally] of tallies) {
            writeTally(this.#connection, environmentId, tally, now, this.#insightLimits);
          }
        });
      } finally {
        this.#keepThroughPowerCuts(true);
      }
    });
  }

  insights(environmentId: string): Promise<InsightReport> {
    return this.#inTurn(() => readInsights(this.#connection, environmentId));
  }

  setting(name: string): Promise<string | undefined> {
    return this.#inTurn(
      () => this.#connection.row<{ readonly value: string }>('SELECT value FROM settings WHERE name = ?', name)?.value,
    );
  }

  saveSetting(name: string, value: string): Promise<void> {
    return this.#inTurn(() => {
      this.#connection.run('INSERT OR REPLACE INTO settings VALUES (?, ?)', name, value);
    });
  }

  ping(): Promise<void> {
    return this.#inTurn(() => {
      this.#connection.row('SELECT count(*) FROM environments');
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#inTurn(() => {
      try {
        this.#connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } finally {
        this.#connection.close();
        this.#unlock();
      }
    });
    return this.#closed;
  }

  /**
   * Runs one piece of work after another. A transaction spans several turns of the event loop on the one connection, and
   * nobody else may read what it has not committed.
   */
  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  #keepThroughPowerCuts(keep: boolean): void {
    this.#connection.exec(`PRAGMA synchronous = ${keep ? 'FULL' : 'NORMAL'}`);
  }

  #document(environmentId: string, kind: DocumentKind, key: string): StoredDocument | undefined {
    const row = this.#connection.row<DocumentRow>(
      `${SELECT_DOCUMENT} WHERE environment_id = ? AND kind = ? AND key = ?`,
      environmentId,
      kind,
      key,
    );
    return row && fromDocumentRow(row);
  }

  #documents(environmentId: string, kind: DocumentKind, query: DocumentQuery): readonly StoredDocument[] {
    const { archived, after, limit } = query;
    const rows = this.#connection.rows<DocumentRow>(
      `${SELECT_DOCUMENT} WHERE environment_id = ? AND kind = ? AND key > ? AND is_archived BETWEEN ? AND ?
       ORDER BY key LIMIT ?`,
      environmentId,
      kind,
      after ?? '',
      archived === true ? 1 : 0,
      archived === false ? 0 : 1,
      limit,
    );
    return rows.map(fromDocumentRow);
  }

  #newerThan(environmentId: string, version: number): Changes {
    const rows = this.#connection.rows<DocumentRow>(
      `${SELECT_DOCUMENT} WHERE environment_id = ? AND version > ? ORDER BY version`,
      environmentId,
      version,
    );
    const newest = this.#connection.row<{ readonly version: number | null }>(
      'SELECT max(version) AS version FROM documents WHERE environment_id = ?',
      environmentId,
    );
    return { cursor: newest?.version ?? 0, documents: rows.map(fromDocumentRow) };
  }

  /** Keeps a version as one that readers may have, and forgets the oldest. */
  #remember(environmentId: string, version: number): void {
    this.#connection.run('INSERT INTO versions VALUES (?, ?)', environmentId, version);
    this.#connection.run(
      `DELETE FROM versions WHERE environment_id = ?1 AND version <=
         (SELECT version FROM versions WHERE environment_id = ?1 ORDER BY version DESC LIMIT 1 OFFSET ?2)`,
      environmentId,
      this.#keptVersions,
    );
  }

  #nextVersion(environmentId: string): { readonly environmentKey: string; readonly version: number } {
    const row = this.#connection.row<{ readonly key: string; readonly version: number }>(
      'SELECT key, version FROM environments WHERE id = ?',
      environmentId,
    );
    if (row === undefined) throw new StorageError('The environment is gone');
    return { environmentKey: row.key, version: Math.max(this.#clock.now(), row.version + 1) };
  }

  #write(environmentId: string, draft: DocumentDraft, version: number): StoredDocument {
    const { kind, key, isArchived } = draft;
    const text = draft.text(version);
    this.#connection.run(
      `INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (environment_id, kind, key)
       DO UPDATE SET version = excluded.version, is_archived = excluded.is_archived, text = excluded.text`,
      environmentId,
      kind,
      key,
      version,
      isArchived ? 1 : 0,
      text,
    );
    this.#connection.run('UPDATE environments SET version = ? WHERE id = ?', version, environmentId);
    return { kind, key, version, isArchived, text };
  }
}

const SELECT_ENVIRONMENT = `
  SELECT id, key, name,
    (SELECT secret FROM secrets WHERE environment_id = id AND kind = 'server') AS server_secret,
    (SELECT secret FROM secrets WHERE environment_id = id AND kind = 'client') AS client_secret
  FROM environments`;

const SELECT_DOCUMENT = 'SELECT kind, key, version, is_archived, text FROM documents';

interface EnvironmentRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly server_secret: string;
  readonly client_secret: string;
}

interface DocumentRow {
  readonly kind: DocumentKind;
  readonly key: string;
  readonly version: number;
  readonly is_archived: number;
  readonly text: string;
}

function fromRow(row: EnvironmentRow): Environment {
  const { id, key, name } = row;
  return { id, key, name, serverSecret: row.server_secret, clientSecret: row.client_secret };
}

function fromDocumentRow({ kind, key, version, is_archived, text }: DocumentRow): StoredDocument {
  return { kind, key, version, isArchived: is_archived === 1, text };
}
