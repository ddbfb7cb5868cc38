import type { Bytes } from '../runtime/bytes.js';

/** What brings a reader up to date: the answer to its request. The bytes are shared by all readers and must not be changed. */
export interface SyncAnswer {
  /** Where it leaves the reader: the environment's greatest version when it was read. */
  readonly cursor: number;
  readonly message: Bytes;
  /** Nothing is newer than the reader's cursor: the message is a patch without documents. */
  readonly isEmpty: boolean;
}

/** One commit, ready to be sent to everybody who is up to date but for it. */
export interface Push {
  readonly version: number;
  readonly message: Buffer;
  /** When it was committed, by this machine's clock, in Unix milliseconds with a fraction; absent where nobody knows. */
  readonly committedAt?: number | undefined;
}

/** Somebody who is to be woken when there is something new. */
export interface Reader {
  /** Called after commits, in slices of all readers; asks the stream what is new and must not throw. */
  wake(): void;
}

/** What a connection sends: first the answer to a request, then every push after the answer's cursor. */
export interface SyncStream {
  /**
   * Joins a reader. It must join before it asks for its first {@link answer}.
   *
   * @returns a function that lets it leave.
   */
  join(reader: Reader): () => void;
  /**
   * The first push after a cursor; `undefined` when the reader has them all; `'behind'` when an {@link answer} is needed instead;
   * `'replaced'` when that must be the one to 0, because documents that the reader has may be gone.
   */
  next(cursor: number): Push | 'behind' | 'replaced' | undefined;
  /** How many bytes the {@link answer} to a cursor is likely to have: an answer that is large is not read before there is room for it. */
  expectedBytes(cursor: number): number;
  /**
   * What brings a reader up to date: what is newer than its cursor, archived documents included, or everything when it
   * holds nothing or its cursor is not known to come from here.
   *
   * @param cursor the greatest version that the reader holds; 0 or less when it holds nothing.
   * @throws StorageError
   */
  answer(cursor: number): Promise<SyncAnswer>;
}
