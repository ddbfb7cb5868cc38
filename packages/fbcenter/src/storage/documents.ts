import type { DocumentDraft, DocumentKind, DocumentQuery, StoredDocument } from '../model/document.js';

/** What the documents of an environment amount to, archived ones included. */
export interface Usage {
  readonly documents: number;
  /** Of their text. */
  readonly bytes: number;
}

/** The flags and segments of all environments. */
export interface Documents {
  /** Rejects with `damaged-data` when the document is not what was written. */
  get(environmentId: string, kind: DocumentKind, key: string): Promise<StoredDocument | undefined>;
  /** The version of a document, without its text; `undefined` also when it is damaged. */
  version(environmentId: string, kind: DocumentKind, key: string): Promise<number | undefined>;
  /** Whether a document is there, without its text. */
  state(environmentId: string, kind: DocumentKind, key: string): Promise<'active' | 'archived' | undefined>;
  usage(environmentId: string): Promise<Usage>;
  /** Ordered by key, without those that are damaged; when there are fewer than the limit, there are no more. */
  list(environmentId: string, kind: DocumentKind, query: DocumentQuery): Promise<readonly StoredDocument[]>;
  /**
   * Creates or replaces a document under the environment's next version: the time in milliseconds, or one more than the
   * last version if the clock has not got past it.
   */
  write(environmentId: string, draft: DocumentDraft): Promise<StoredDocument>;
  /** Forgets a document for good, and every version before it as a cursor: readers there may hold it unarchived. */
  delete(environmentId: string, kind: DocumentKind, key: string): Promise<void>;
}
