import type { StoredDocument } from './document.js';

/** A change that has become durable. */
export interface Commit extends StoredDocument {
  readonly environmentId: string;
  readonly environmentKey: string;
  /** When it became durable, by the center's clock, in Unix milliseconds with a fraction. */
  readonly committedAt: number;
}

/** Documents of an environment, all or those that are newer than a cursor, and where they leave the reader. */
export interface Changes {
  /** The environment's greatest version at the moment of reading, archived documents included; 0 when it has none. */
  readonly version: number;
  /** In the order of their versions. */
  readonly documents: readonly StoredDocument[];
}
