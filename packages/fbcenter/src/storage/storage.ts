import type { ChangeLog } from '../model/change-log.js';
import type { Audit } from './audit.js';
import type { Documents } from './documents.js';
import type { Environments } from './environments.js';
import type { ExperimentData, Experiments } from './experiments.js';
import type { Insights } from './insights.js';
import type { Links } from './links.js';
import type { Secrets } from './secrets.js';
import type { Sessions } from './sessions.js';
import type { Settings } from './settings.js';
import type { Tokens } from './tokens.js';
import type { Triggers } from './triggers.js';
import type { Users } from './users.js';
import type { Webhooks } from './webhooks.js';

/**
 * How many versions an environment remembers that it has had, the latest ones. A reader that is further behind than that
 * is given everything. More would be felt in every write: the oldest is found by walking over them.
 */
export const KEPT_VERSIONS = 1_000;

/** The state, by what it is about. Each call happens whole or not at all. */
export interface Repositories {
  readonly environments: Environments;
  readonly secrets: Secrets;
  readonly documents: Documents;
  readonly insights: Insights;
  readonly experiments: Experiments;
  readonly experimentData: ExperimentData;
  readonly settings: Settings;
  readonly audit: Audit;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly links: Links;
  readonly tokens: Tokens;
  readonly webhooks: Webhooks;
  readonly triggers: Triggers;
}

/** The same repositories within one transaction: all of its calls happen or no one does, and nothing else in between. */
export interface Transaction extends Repositories {}

/**
 * Something besides documents that another process has changed: a secret is gone; sessions, tokens or users may have changed; so may experiments or
 * insights of an environment. `missed` = any of it, because the notifications were not heard for a while.
 */
export type ForeignChange =
  | { readonly kind: 'secret-removed'; readonly id: string }
  | { readonly kind: 'access' | 'missed' }
  | { readonly kind: 'experiments' | 'insights'; readonly environmentId: string };

/**
 * Where the center's state lives. Implementations are held to test/storage/contract. Every method rejects with
 * `StorageError` when the storage cannot do its work; then nothing of that call was kept.
 */
export interface Storage extends Repositories {
  /**
   * What changes. Each commit is reported after it has become durable and, when it was made by this process, before the
   * call that made it fulfils. The {@link KEPT_VERSIONS} latest versions of an environment are remembered as cursors.
   */
  readonly changes: ChangeLog;
  /**
   * Runs work as one transaction. What it wrote is durable when the promise is fulfilled and undone when the work rejects.
   *
   * @param work must await nothing but the transaction it is given, because others wait for it.
   */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * Reports what another process that works on the same data has changed besides documents. A storage that is one process's alone has
   * nothing to report.
   *
   * @returns a function that ends the subscription.
   */
  watchOthers(listener: (change: ForeignChange) => void): () => void;
  /** Runs work while no other process on the same data does the same: what must be made once when several start together. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Fulfils when a write would succeed; asked again within a second it may give the same answer. */
  ping(): Promise<void>;
  /** Finishes what is running and lets go of everything; what is called afterwards rejects. Idempotent. */
  close(): Promise<void>;
}
