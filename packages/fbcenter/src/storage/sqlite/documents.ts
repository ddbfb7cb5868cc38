import { StorageError } from '../../errors.js';
import type { Changes } from '../../model/change-log.js';
import type { DocumentDraft, DocumentKind, StoredDocument } from '../../model/document.js';
import type { Documents } from '../documents.js';
import { documentChecksum } from './checksum.js';
import type { SqliteConnection } from './connection.js';
import type { Session } from './session.js';
import type { Versions } from './versions.js';

export function sqliteDocuments({ connection, read, write }: Session, versions: Versions): Documents {
  return {
    get: (environmentId, kind, key) =>
      read(() => {
        const sql = `${SELECT} WHERE environment_id = ? AND kind = ? AND key = ?`;
        const row = connection.row<DocumentRow>(sql, environmentId, kind, key);
        if (row === undefined || isIntact(row, environmentId)) return row && fromRow(row);
        throw new StorageError(`The ${kind} ${key} is damaged on the disk: restore a backup.`, {
          code: 'damaged-data',
        });
      }),
    list: (environmentId, kind, { archived, after = '', limit }) =>
      read(() => {
        const rows = connection.rows<DocumentRow>(
          `${SELECT} WHERE environment_id = ? AND kind = ? AND key > ? AND is_archived BETWEEN ? AND ?
           ORDER BY key LIMIT ?`,
          environmentId,
          kind,
          after,
          archived === true ? 1 : 0,
          archived === false ? 0 : 1,
          // A negative limit means no limit to SQLite.
          limit ?? -1,
        );
        return intact(rows, environmentId);
      }),
    write: (environmentId, draft) =>
      write((changed) => {
        const { version, environmentKey } = versions.next(environmentId);
        const document = writeDocument(connection, environmentId, draft, version);
        versions.remember(environmentId, version);
        changed({ ...document, environmentId, environmentKey });
        return document;
      }),
  };
}

/** Writes a document under a version that the environment has not had yet; call it inside a transaction. */
export function writeDocument(
  connection: SqliteConnection,
  environmentId: string,
  draft: DocumentDraft,
  version: number,
): StoredDocument {
  const { kind, key, isArchived } = draft;
  const document = { kind, key, version, isArchived, text: draft.text(version) };
  keepDocument(connection, environmentId, document);
  connection.run('UPDATE environments SET version = ? WHERE id = ?', version, environmentId);
  return document;
}

function keepDocument(connection: SqliteConnection, environmentId: string, document: StoredDocument): void {
  const { kind, key, version, isArchived, text } = document;
  connection.run(
    `INSERT INTO documents (environment_id, kind, key, version, is_archived, text, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (environment_id, kind, key) DO UPDATE SET
       version = excluded.version, is_archived = excluded.is_archived, text = excluded.text, checksum = excluded.checksum`,
    environmentId,
    kind,
    key,
    version,
    isArchived ? 1 : 0,
    text,
    documentChecksum(environmentId, document),
  );
}

/** The documents of an environment that are newer than a version, and where they leave the reader. */
export function documentsAfter(connection: SqliteConnection, environmentId: string, version: number): Changes {
  const rows = connection.rows<DocumentRow>(
    `${SELECT} WHERE environment_id = ? AND version > ? ORDER BY version`,
    environmentId,
    version,
  );
  const newest = connection.row<{ readonly version: number | null }>(
    'SELECT max(version) AS version FROM documents WHERE environment_id = ?',
    environmentId,
  );
  return { cursor: newest?.version ?? 0, documents: intact(rows, environmentId) };
}

/** The damaged documents of all environments. */
export function damagedDocuments(connection: SqliteConnection): readonly DamagedDocument[] {
  const damaged: DamagedDocument[] = [];
  // A few at a time: all of them together may be larger than what one wants in memory.
  for (let last = -1; ; ) {
    const rows = connection.rows<DocumentRow & DamagedDocument & { readonly row: number }>(
      `SELECT documents.rowid AS row, environment_id AS environmentId, environments.key AS environment,
         kind, documents.key AS key, documents.version AS version, is_archived, text, checksum
       FROM documents LEFT JOIN environments ON environments.id = environment_id
       WHERE documents.rowid > ? ORDER BY documents.rowid LIMIT 500`,
      last,
    );
    for (const row of rows) {
      const { environment, environmentId, kind, key } = row;
      if (!isIntact(row, environmentId)) damaged.push({ environment, environmentId, kind, key });
      last = row.row;
    }
    if (rows.length === 0) return damaged;
  }
}

/** Where a damaged document is, as far as that can still be read. */
export interface DamagedDocument {
  readonly environmentId: string;
  /** The environment's key. */
  readonly environment: string;
  readonly kind: DocumentKind;
  readonly key: string;
}

/** Gives the documents that were kept before there were checksums theirs. */
export function checksumAll(connection: SqliteConnection): void {
  const rows = connection.rows<DocumentRow & { readonly environment_id: string }>(
    'SELECT environment_id, kind, key, version, is_archived, text, checksum FROM documents WHERE checksum = 0',
  );
  for (const row of rows) keepDocument(connection, row.environment_id, fromRow(row));
}

/**
 * Gives all documents of an environment new versions, after a given one. They are always sent together then, so only the
 * last of their versions is remembered as a cursor.
 */
export function renewVersions(connection: SqliteConnection, environmentId: string, after: number): void {
  let version = after;
  for (const old of documentsAfter(connection, environmentId, 0).documents) {
    version += 1;
    keepDocument(connection, environmentId, { ...old, version, text: withTime(old.text, version) });
  }
  connection.run('DELETE FROM versions WHERE environment_id = ?', environmentId);
  if (version > after) connection.run('INSERT INTO versions VALUES (?, ?)', environmentId, version);
  connection.run('UPDATE environments SET version = ? WHERE id = ?', version, environmentId);
}

/** A document's text with another `updatedAt`; everything else keeps its spelling, numbers of any size too. */
function withTime(text: string, version: number): string {
  const { updatedAt } = JSON.parse(text);
  const member = (time: unknown) => `"updatedAt":${JSON.stringify(time)}`;
  const time = new Date(version).toISOString();
  const parts = text.split(member(updatedAt));
  if (parts.length === 2) return parts.join(member(time));
  return JSON.stringify({ ...JSON.parse(text), updatedAt: time });
}

/** What is damaged is nobody's answer: it is left out, and the others are not disturbed. */
function intact(rows: readonly DocumentRow[], environmentId: string): readonly StoredDocument[] {
  return rows.filter((row) => isIntact(row, environmentId)).map(fromRow);
}

function isIntact(row: DocumentRow, environmentId: string): boolean {
  return documentChecksum(environmentId, fromRow(row)) === row.checksum;
}

const SELECT = 'SELECT kind, key, version, is_archived, text, checksum FROM documents';

interface DocumentRow {
  readonly kind: DocumentKind;
  readonly key: string;
  readonly version: number;
  readonly is_archived: number;
  readonly text: string;
  readonly checksum: number;
}

function fromRow({ kind, key, version, is_archived, text }: DocumentRow): StoredDocument {
  return { kind, key, version, isArchived: is_archived === 1, text };
}
