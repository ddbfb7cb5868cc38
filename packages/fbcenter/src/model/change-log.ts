import type { DocumentKind, StoredDocument } from './document.js';

/** A change that has become durable. */
export interface Commit extends StoredDocument {
  readonly environmentId: string;
  readonly environmentKey: string;
  /** When it became durable, by the center's clock, in Unix milliseconds with a fraction. */
  readonly committedAt: number;
  /** Whether another center on the same data has made it. */
  readonly isForeign?: boolean;
}

/** An archived document that is gone for good. */
export interface Removal {
  readonly environmentId: string;
  readonly kind: DocumentKind;
  readonly key: string;
  /** The version that it had. */
  readonly version: number;
}

/** An environment that was exchanged as a whole: documents may be gone, or older than they were. */
export interface Replacement {
  readonly environmentId: string;
  /** Greater than every version that was reported of it before. */
  readonly version: number;
}

/** Documents of an environment, all or those that are newer than a cursor. */
export interface Changes {
  /** Where they leave the reader: the environment's greatest version when it was read, archived documents included; 0 when it has no document. */
  readonly cursor: number;
  /** In the order of their versions. */
  readonly documents: readonly StoredDocument[];
}

/**
 * What it takes to follow environments: read one, then receive its changes. A storage offers it; anything else that knows
 * the documents of environments can offer it too.
 */
export interface ChangeLog {
  /** All documents of an environment, archived ones included. */
  everything(environmentId: string): Promise<Changes>;
  /**
   * The same in pages, of which none is kept: an environment may be larger than what one wants in memory as strings.
   *
   * @param take receives the documents in the order of their versions; what it throws, the result rejects with.
   * @returns the cursor where they leave the reader.
   */
  pages(environmentId: string, take: (documents: readonly StoredDocument[]) => void): Promise<number>;
  /**
   * The documents with a greater version than a cursor.
   *
   * A patch is enough only for a reader whose data came from this environment. Its cursor proves it: it is a version that
   * this environment has had. A cursor from before a restart in memory, or from after the backup that was put back, is no
   * such version, however it compares with the newest.
   *
   * @returns `undefined` when the cursor is not among the versions that are remembered: the reader needs {@link everything}.
   */
  since(environmentId: string, cursor: number): Promise<Changes | undefined>;
  /**
   * Reports every commit once, for each environment in the order of versions. A commit that is reported can be read; one
   * that can be read may be reported later. Of what another center has changed several times in a row, only the last change may be reported.
   *
   * @returns a function that ends the subscription.
   */
  watch(listener: (commit: Commit) => void): () => void;
  /**
   * Reports every removal once it is durable. Readers need not hear of it: they hold the document as archived, or their cursor
   * is not known any more.
   *
   * @returns a function that ends the subscription.
   */
  watchRemovals(listener: (removal: Removal) => void): () => void;
  /**
   * Reports every replacement, in the order of versions with the commits; readers of earlier versions need {@link everything}. Absent
   * where no environment is ever replaced.
   *
   * @returns a function that ends the subscription.
   */
  watchReplacements?(listener: (replacement: Replacement) => void): () => void;
}
