import type { EvaluationCount, MetricCount, Tally } from '../insights/tally.js';
import type { SecretKind } from '../secrets.js';

/** What the center keeps versions of. Flags are identified by their key, segments by their id, in separate name spaces. */
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

/** A change that has become durable. */
export interface Commit extends StoredDocument {
  readonly environmentId: string;
  readonly environmentKey: string;
  /** When it became durable, by the center's clock, in Unix milliseconds with a fraction. */
  readonly committedAt: number;
}

/** An environment: a set of flags and segments with the secrets that open it. */
export interface Environment {
  /** A GUID. */
  readonly id: string;
  /** What the management API calls it by. */
  readonly key: string;
  readonly name: string;
  readonly serverSecret: string;
  readonly clientSecret: string;
}

/** Documents of an environment, all or those that are newer than a cursor, and where they leave the reader. */
export interface Changes {
  /** The environment's greatest version at the moment of reading, archived documents included; 0 when it has none. */
  readonly version: number;
  /** In the order of their versions. */
  readonly documents: readonly StoredDocument[];
}

/**
 * How many versions an environment remembers that it has had, the latest ones. A reader that is further behind than that
 * is given everything. More would be felt in every write: the oldest is found by walking over them.
 */
export const KEPT_VERSIONS = 1_000;

export interface DocumentQuery {
  /** Only archived ones, only active ones, or (absent) both. */
  readonly archived?: boolean | undefined;
  /** Only keys that come after this one. */
  readonly after?: string | undefined;
  /** At most this many. */
  readonly limit: number;
}

/** Everything that insights have added up to in an environment. */
export interface InsightReport {
  readonly evaluations: readonly (EvaluationCount & { readonly lastAt: number })[];
  readonly metrics: readonly (MetricCount & { readonly lastAt: number })[];
  readonly identifications: number;
  readonly rejected: number;
  /** Counted in no entry of its own, because {@link InsightLimits} was reached. */
  readonly overflow: { readonly evaluations: number; readonly metrics: number };
}

/** How many distinct entries insights may make in an environment, so that made-up names cannot fill the disk. */
export interface InsightLimits {
  readonly evaluationEntries: number;
  readonly metricEntries: number;
}

export const INSIGHT_LIMITS: InsightLimits = { evaluationEntries: 20_000, metricEntries: 2_000 };

/** Reads and writes of one environment that happen together: all of them or none, and nothing else in between. */
export interface Transaction {
  document(kind: DocumentKind, key: string): Promise<StoredDocument | undefined>;
  /** Every document of a kind, ordered by key. */
  documents(kind: DocumentKind): Promise<readonly StoredDocument[]>;
  /**
   * Creates or replaces a document under the environment's next version: the time in milliseconds, or one more than the
   * last version if the clock has not got past it.
   */
  write(draft: DocumentDraft): Promise<StoredDocument>;
}

/**
 * Where the center's state lives. Implementations are held to test/support/storage-contract.ts. Every method rejects with
 * `StorageError` when the storage cannot do its work; then nothing of that call was kept.
 */
export interface Storage {
  environments(): Promise<readonly Environment[]>;
  environment(key: string): Promise<Environment | undefined>;
  /** The environment that a secret opens, and which of its secrets it is. */
  secretOwner(secret: string): Promise<{ readonly environment: Environment; readonly kind: SecretKind } | undefined>;
  /**
   * Adds an environment with its first documents, all at once; no commits are told for them.
   *
   * @returns `false` when the key or one of the secrets is taken.
   */
  createEnvironment(environment: Environment, documents: readonly DocumentDraft[]): Promise<boolean>;
  /** @returns `false` when the secret is taken by another environment or is its secret of the other kind. */
  replaceSecret(environmentId: string, kind: SecretKind, secret: string): Promise<boolean>;

  document(environmentId: string, kind: DocumentKind, key: string): Promise<StoredDocument | undefined>;
  /** Ordered by key. */
  documents(environmentId: string, kind: DocumentKind, query: DocumentQuery): Promise<readonly StoredDocument[]>;
  /** All documents of an environment. */
  snapshot(environmentId: string): Promise<Changes>;
  /**
   * The documents with a greater version than a cursor.
   *
   * A reader lacks those and nothing else only if what it holds comes from this very environment. Its cursor tells: it is
   * one of the versions that the environment has had. One that comes from before a restart in memory, or from after the
   * backup that was put back, is none of them, however it compares with the newest.
   *
   * @returns `undefined` when the cursor is none of the {@link KEPT_VERSIONS}: the reader needs the {@link snapshot}.
   */
  changesSince(environmentId: string, cursor: number): Promise<Changes | undefined>;
  /**
   * Runs work on an environment. What it wrote is durable when the promise is fulfilled and undone when the work rejects.
   *
   * @param work must await nothing but the transaction it is given, because others wait for it.
   */
  transact<T>(environmentId: string, work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * Tells of every commit exactly once: after it has become durable, before {@link transact} fulfils, and for each
   * environment in the order of versions.
   *
   * @returns a function that ends the subscription.
   */
  onCommit(listener: (commit: Commit) => void): () => void;

  recordInsights(tallies: ReadonlyMap<string, Tally>): Promise<void>;
  insights(environmentId: string): Promise<InsightReport>;

  setting(name: string): Promise<string | undefined>;
  saveSetting(name: string, value: string): Promise<void>;

  /** Fulfils when the storage can be read. */
  ping(): Promise<void>;
  /** Finishes what is running and lets go of everything; what is called afterwards rejects. Idempotent. */
  close(): Promise<void>;
}
