import type { ChangeLog } from '../model/change-log.js';
import type { DocumentDraft, DocumentKind, DocumentQuery, StoredDocument } from '../model/document.js';
import type { Environment, SecretKind } from '../model/environment.js';
import type { InsightReport, Tally } from '../model/tally.js';

/**
 * How many versions an environment remembers that it has had, the latest ones. A reader that is further behind than that
 * is given everything. More would be felt in every write: the oldest is found by walking over them.
 */
export const KEPT_VERSIONS = 1_000;

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
  /**
   * Runs work on an environment. What it wrote is durable when the promise is fulfilled and undone when the work rejects.
   *
   * @param work must await nothing but the transaction it is given, because others wait for it.
   */
  transact<T>(environmentId: string, work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /**
   * What changes. Each commit is reported after it has become durable and, when it was made by this process, before
   * {@link transact} fulfils. The {@link KEPT_VERSIONS} latest versions of an environment are remembered as cursors.
   */
  readonly changes: ChangeLog;

  recordInsights(tallies: ReadonlyMap<string, Tally>): Promise<void>;
  insights(environmentId: string): Promise<InsightReport>;

  setting(name: string): Promise<string | undefined>;
  saveSetting(name: string, value: string): Promise<void>;

  /** Fulfils when the storage can be read. */
  ping(): Promise<void>;
  /** Finishes what is running and lets go of everything; what is called afterwards rejects. Idempotent. */
  close(): Promise<void>;
}
