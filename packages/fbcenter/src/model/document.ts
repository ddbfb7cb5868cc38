/** What the center keeps versions of. A flag is found by its key, a segment by its id, in separate name spaces. */
export type DocumentKind = 'flag' | 'segment';

/** A flag or segment as it is kept. */
export interface StoredDocument {
  readonly kind: DocumentKind;
  /** The flag's key or the segment's id. */
  readonly key: string;
  /** Unix milliseconds; the `updatedAt` in the text says the same. No two documents of an environment share one. */
  readonly version: number;
  readonly isArchived: boolean;
  /** The whole document as JSON text, as it goes over the wire. */
  readonly text: string;
}

/** A document about to be kept. */
export interface DocumentDraft {
  readonly kind: DocumentKind;
  readonly key: string;
  readonly isArchived: boolean;
  /** Writes the document with the version that the storage has assigned. */
  text(version: number): string;
}

/** Which documents of a kind are listed. */
export interface DocumentQuery {
  /** Only archived ones, only active ones, or (absent) both. */
  readonly archived?: boolean | undefined;
  /** Only keys that come after this one. */
  readonly after?: string | undefined;
  /** At most this many; absent = all of them. */
  readonly limit?: number | undefined;
}

/** What the server alone decides in a document. `warnings` are of an answer to an earlier change, and no part of it at all. */
export const SERVER_FIELDS = ['id', 'envId', 'createdAt', 'creatorId', 'updatedAt', 'updatorId', 'warnings'] as const;
