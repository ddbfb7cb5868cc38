import { setImmediate } from 'node:timers/promises';
import { StorageError } from '../../errors.js';
import type { Changes } from '../../model/change-log.js';
import type { DocumentDraft, DocumentKind, StoredDocument } from '../../model/document.js';
import { FIRST_PAGE, nextPage } from '../document-pages.js';
import type { Documents, Usage } from '../documents.js';
import type { SqliteConnection } from './connection.js';
import { type DocumentRow, fromRow, intact, isIntact, keepDocument, SELECT } from './document-rows.js';
import type { Session } from './session.js';
import { isRemembered, type Versions } from './versions.js';

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
        const documents: StoredDocument[] = [];
        for (let from = after; ; ) {
          // A negative limit means no limit to SQLite.
          const wanted = limit === undefined ? -1 : limit - documents.length;
          const rows = connection.rows<DocumentRow>(
            `${SELECT} WHERE environment_id = ? AND kind = ? AND key > ? AND is_archived BETWEEN ? AND ?
             ORDER BY key LIMIT ?`,
            environmentId,
            kind,
            from,
            archived === true ? 1 : 0,
            archived === false ? 0 : 1,
            wanted,
          );
          documents.push(...intact(rows, environmentId));
          // Others take the places of those that are left out: a list that is short of its limit says that there are no more.
          from = rows.at(-1)?.key ?? from;
          if (rows.length === 0 || rows.length !== wanted || documents.length === limit) return documents;
        }
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

/** @returns `undefined` when the version is not known any more. */
export async function changesSince(
  connection: SqliteConnection,
  environmentId: string,
  version: number,
): Promise<Changes | undefined> {
  return isRemembered(connection, environmentId, version)
    ? documentsAfter(connection, environmentId, version)
    : undefined;
}

/** The same when it is little, as after a short absence; `undefined` when it is more: that is read where it keeps nobody waiting. */
export function fewAfter(connection: SqliteConnection, environmentId: string, version: number): Changes | undefined {
  const rows = connection.rows<DocumentRow>(AFTER, environmentId, version, FIRST_PAGE);
  if (rows.length === FIRST_PAGE) return undefined;
  return { cursor: newestVersion(connection, environmentId), documents: intact(rows, environmentId) };
}

const AFTER = `${SELECT} WHERE environment_id = ? AND version > ? ORDER BY version LIMIT ?`;

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
  let page = FIRST_PAGE;
  for (let after = version; ; ) {
    const rows = connection.rows<DocumentRow>(AFTER, environmentId, after, page);
    take(intact(rows, environmentId));
    after = rows.at(-1)?.version ?? after;
    if (rows.length < page) break;
    page = nextPage(rows);
    // After each page, a millisecond or two: a change on its way to the disk needs several turns.
    await setImmediate();
  }
  return newestVersion(connection, environmentId);
}

/** Not of the documents: the newest of them may have been deleted. */
function newestVersion(connection: SqliteConnection, environmentId: string): number {
  const sql = 'SELECT max(version) AS version FROM versions WHERE environment_id = ?';
  return connection.row<{ readonly version: number | null }>(sql, environmentId)?.version ?? 0;
}
