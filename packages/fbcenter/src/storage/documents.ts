import type { DocumentDraft, DocumentKind, DocumentQuery, StoredDocument } from '../model/document.js';

/** The flags and segments of all environments. */
export interface Documents {
  get(environmentId: string, kind: DocumentKind, key: string): Promise<StoredDocument | undefined>;
  /** Ordered by key. */
  list(environmentId: string, kind: DocumentKind, query: DocumentQuery): Promise<readonly StoredDocument[]>;
  /**
   * Creates or replaces a document under the environment's next version: the time in milliseconds, or one more than the
   * last version if the clock has not got past it.
   */
  write(environmentId: string, draft: DocumentDraft): Promise<StoredDocument>;
}
