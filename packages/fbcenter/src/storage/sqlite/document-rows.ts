import { crc32 } from 'node:zlib';
import type { DocumentKind, StoredDocument } from '../../model/document.js';
import type { SqliteConnection } from './connection.js';

/** How documents stand in their table: what is read of a row, how it is written, and whether it is still what was written. */
export const SELECT = 'SELECT kind, key, version, is_archived, text, checksum FROM documents';

export interface DocumentRow {
  readonly kind: DocumentKind;
  readonly key: string;
  readonly version: number;
  readonly is_archived: number;
  readonly text: string;
  readonly checksum: number;
}

export function fromRow({ kind, key, version, is_archived, text }: DocumentRow): StoredDocument {
  return { kind, key, version, isArchived: is_archived === 1, text };
}

export function keepDocument(connection: SqliteConnection, environmentId: string, document: StoredDocument): void {
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

/** What is damaged is nobody's answer: it is left out, and the others are not disturbed. */
export function intact(rows: readonly DocumentRow[], environmentId: string): readonly StoredDocument[] {
  return rows.filter((row) => isIntact(row, environmentId)).map(fromRow);
}

export function isIntact(row: DocumentRow, environmentId: string): boolean {
  return documentChecksum(environmentId, fromRow(row)) === row.checksum;
}

/**
 * The checksum that a document is kept with. SQLite notices damage to its own structures only: a bit that flips inside a
 * value is a value to it. CRC-32 notices every damage to up to 32 bits in a row.
 */
function documentChecksum(environmentId: string, document: StoredDocument): number {
  const { kind, key, version, isArchived, text } = document;
  return crc32(text, crc32(JSON.stringify([environmentId, kind, key, version, isArchived])));
}

/** Gives the documents that were kept before there were checksums theirs. */
export function checksumAll(connection: SqliteConnection): void {
  const rows = connection.rows<DocumentRow & { readonly environment_id: string }>(
    'SELECT environment_id, kind, key, version, is_archived, text, checksum FROM documents WHERE checksum = 0',
  );
  for (const row of rows) keepDocument(connection, row.environment_id, fromRow(row));
}
