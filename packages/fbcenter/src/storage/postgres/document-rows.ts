import type { DocumentKind, StoredDocument } from '../../model/document.js';

/** What is read of a document. */
export const DOCUMENT_COLUMNS = 'kind, key, version, is_archived, text';

export interface DocumentRow {
  readonly kind: DocumentKind;
  readonly key: string;
  readonly version: number;
  readonly is_archived: boolean;
  readonly text: string;
}

export function documentOf({ kind, key, version, is_archived, text }: DocumentRow): StoredDocument {
  return { kind, key, version, isArchived: is_archived, text };
}
