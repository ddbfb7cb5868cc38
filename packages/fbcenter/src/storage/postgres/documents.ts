import type { DocumentDraft, DocumentKind, StoredDocument } from '../../model/document.js';
import type { Documents, Usage } from '../documents.js';
import type { PostgresConnection } from './connection.js';
import { DOCUMENT_COLUMNS, type DocumentRow, documentOf } from './document-rows.js';
import type { Scope, Session } from './session.js';
import type { Versions } from './versions.js';

/** Removals that an environment remembers: whoever has missed more of them reads everything anew. */
const KEPT_REMOVALS = 1_000;

export function postgresDocuments({ read, write }: Session, versions: Versions): Documents {
  const of = (environmentId: string): Scope => ({ kind: 'environment', environmentId });
  const glance = (connection: PostgresConnection, environmentId: string, kind: DocumentKind, key: string) =>
    connection.row<{ readonly version: number; readonly is_archived: boolean }>(
      `SELECT version, is_archived FROM documents WHERE ${ONE}`,
      environmentId,
      kind,
      key,
    );
  return {
    get: (environmentId, kind, key) =>
      read(async (connection) => {
        const sql = `${SELECT} WHERE ${ONE}`;
        const row = await connection.row<DocumentRow>(sql, environmentId, kind, key);
        return row && documentOf(row);
      }, of(environmentId)),
    version: (environmentId, kind, key) =>
      read(async (connection) => (await glance(connection, environmentId, kind, key))?.version, of(environmentId)),
    state: (environmentId, kind, key) =>
      read(async (connection) => {
        const row = await glance(connection, environmentId, kind, key);
        return row && (row.is_archived ? 'archived' : 'active');
      }, of(environmentId)),
    usage: (environmentId) =>
      read(async (connection) => {
        const sql =
          'SELECT count(*) AS documents, coalesce(sum(octet_length(text)), 0) AS bytes FROM documents WHERE environment_id = $1';
        return (await connection.row<Usage>(sql, environmentId)) ?? { documents: 0, bytes: 0 };
      }, of(environmentId)),
    list: (environmentId, kind, { archived, after = '', limit }) =>
      read(async (connection) => {
        const rows = await connection.rows<DocumentRow>(
          `${SELECT} WHERE environment_id = $1 AND kind = $2 AND key > $3 AND ($4::boolean IS NULL OR is_archived = $4)
           ORDER BY key LIMIT $5`,
          environmentId,
          kind,
          after,
          archived ?? null,
          limit ?? null,
        );
        return rows.map(documentOf);
      }, of(environmentId)),
    write: (environmentId, draft) =>
      write(async (connection, { changed }) => {
        const { version, previous, environmentKey } = await versions.next(connection, environmentId);
        const document = await writeDocument(connection, environmentId, draft, version);
        await versions.remember(connection, environmentId, version);
        changed({ ...document, environmentId, environmentKey, previous });
        return document;
      }),
    delete: (environmentId, kind, key) =>
      write(async (connection, { removed }) => {
        const row = await glance(connection, environmentId, kind, key);
        if (row === undefined) return;
        await connection.run(`DELETE FROM documents WHERE ${ONE}`, environmentId, kind, key);
        await versions.forgetBefore(connection, environmentId, row.version);
        const number = await noteRemoval(connection, environmentId, { kind, key, version: row.version });
        removed({ environmentId, kind, key, version: row.version, number });
      }, of(environmentId)),
  };
}

/** Writes a document under a version that the environment has not had yet; call it inside a transaction. */
export async function writeDocument(
  connection: PostgresConnection,
  environmentId: string,
  draft: DocumentDraft,
  version: number,
): Promise<StoredDocument> {
  const { kind, key, isArchived } = draft;
  const document = { kind, key, version, isArchived, text: draft.text(version) };
  await keepDocument(connection, environmentId, document);
  return document;
}

/** Puts a document in the place of the one of the same name. */
async function keepDocument(
  connection: PostgresConnection,
  environmentId: string,
  { kind, key, version, isArchived, text }: StoredDocument,
): Promise<void> {
  await connection.run(
    `INSERT INTO documents (environment_id, kind, key, version, is_archived, text) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (environment_id, kind, key) DO UPDATE SET
       version = excluded.version, is_archived = excluded.is_archived, text = excluded.text`,
    environmentId,
    kind,
    key,
    version,
    isArchived,
    text,
  );
}

/** Other centers hear of a removal by its number, for it has no version. */
async function noteRemoval(
  connection: PostgresConnection,
  environmentId: string,
  { kind, key, version }: Pick<StoredDocument, 'kind' | 'key' | 'version'>,
): Promise<number> {
  const row = await connection.row<{ readonly number: number }>(
    'UPDATE environments SET removals = removals + 1 WHERE id = $1 RETURNING removals AS number',
    environmentId,
  );
  const number = row?.number ?? 0;
  await connection.run('INSERT INTO removals VALUES ($1, $2, $3, $4, $5)', environmentId, number, kind, key, version);
  const sql = 'DELETE FROM removals WHERE environment_id = $1 AND number <= $2';
  await connection.run(sql, environmentId, number - KEPT_REMOVALS);
  return number;
}

const ONE = 'environment_id = $1 AND kind = $2 AND key = $3';

const SELECT = `SELECT ${DOCUMENT_COLUMNS} FROM documents`;
