import { setImmediate } from 'node:timers/promises';
import { StorageError } from '../../errors.js';
import type { Changes } from '../../model/change-log.js';
import type { DocumentDraft, DocumentKind, StoredDocument } from '../../model/document.js';
import type { Documents, Usage } from '../documents.js';
import type { SqliteConnection } from './connection.js';
import { type DocumentRow, fromRow, intact, isIntact, keepDocument, SELECT } from './document-rows.js';
import type { Session } from './session.js';
import type { Versions } from './versions.js';

export function sqliteDocuments({ connection, read, write }: Session, versions: Versions): Documents {
  const glance = (environmentId: string, kind: DocumentKind, key: string) =>
    connection.row<{ readonly version: number; readonly is_archived: number }>(
      `SELECT version, is_archived FROM documents WHERE ${ONE}`,
      environmentId,
      kind,
      key,
    );
  return {
    get: (environmentId, kind, key) =>
      read(() => {
        const row = connection.row<DocumentRow>(`${SELECT} WHERE ${ONE}`, environmentId, kind, key);
        if (row === undefined || isIntact(row, environmentId)) return row && fromRow(row);
        throw new StorageError(`The ${kind} ${key} is damaged on the disk: put it anew, or restore a backup.`, {
          code: 'damaged-data',
        });
      }),
    version: (environmentId, kind, key) =>
      read(() => {
        const row = connection.row<DocumentRow>(`${SELECT} WHERE ${ONE}`, environmentId, kind, key);
        return row !== undefined && isIntact(row, environmentId) ? row.version : undefined;
      }),
    state: (environmentId, kind, key) =>
      read(() => {
        const row = glance(environmentId, kind, key);
        return row && (row.is_archived === 1 ? 'archived' : 'active');
      }),
    usage: (environmentId) =>
      read(() => {
        const sql = 'SELECT documents, bytes FROM usage WHERE environment_id = ?';
        const row = connection.row<Usage>(sql, environmentId);
        return { documents: row?.documents ?? 0, bytes: row?.bytes ?? 0 };
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
    delete: (environmentId, kind, key) =>
      write((_, removed) => {
        const row = glance(environmentId, kind, key);
        if (row === undefined) return;
        connection.run(
          'DELETE FROM documents WHERE environment_id = ? AND kind = ? AND key = ?',
          environmentId,
          kind,
          key,
        );
        versions.forgetBefore(environmentId, row.version);
        removed({ environmentId, kind, key, version: row.version });
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

const ONE = 'environment_id = ? AND kind = ? AND key = ?';

/** How much is read at a time: as many rows as are likely to have so many characters. */
const PAGE_LENGTH = 256 * 1024;
const MAX_PAGE = 64;
const FIRST_PAGE = 4;

/** The documents of an environment that are newer than a version, and where they leave the reader. */
export async function documentsAfter(
  connection: SqliteConnection,
  environmentId: string,
  version: number,
): Promise<Changes> {
  const documents: StoredDocument[] = [];
  const cursor = await pagesAfter(connection, environmentId, version, (page) => void documents.push(...page));
  return { cursor, documents };
}

/**
 * The same in pages. Megabytes are read in turns of the event loop: call it where nothing changes meanwhile.
 *
 * @returns where they leave the reader.
 */
export async function pagesAfter(
  connection: SqliteConnection,
  environmentId: string,
  version: number,
  take: (documents: readonly StoredDocument[]) => void,
): Promise<number> {
  const sql = `${SELECT} WHERE environment_id = ? AND version > ? ORDER BY version LIMIT ?`;
  let page = FIRST_PAGE;
  for (let after = version; ; ) {
    const rows = connection.rows<DocumentRow>(sql, environmentId, after, page);
    take(intact(rows, environmentId));
    after = rows.at(-1)?.version ?? after;
    if (rows.length < page) break;
    const length = rows.reduce((sum, { text }) => sum + text.length, 0) / rows.length;
    page = Math.max(1, Math.min(MAX_PAGE, Math.round(PAGE_LENGTH / length)));
    // After each page, a millisecond or two: a change on its way to the disk needs several turns.
    await setImmediate();
  }
  const newest = connection.row<{ readonly version: number | null }>(
    // Not of the documents: the newest of them may have been deleted.
    'SELECT max(version) AS version FROM versions WHERE environment_id = ?',
    environmentId,
  );
  return newest?.version ?? 0;
}
