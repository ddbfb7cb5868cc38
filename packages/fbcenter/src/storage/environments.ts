import type { DocumentDraft } from '../model/document.js';
import type { Environment } from '../model/environment.js';

/** The environments. */
export interface Environments {
  /** All environments, ordered by key. */
  list(): Promise<readonly Environment[]>;
  /** The greatest version that each environment has had, by its key. */
  versions(): Promise<ReadonlyMap<string, number>>;
  byKey(key: string): Promise<Environment | undefined>;
  /**
   * Adds an environment with its first secrets and documents, all at once; no commits are reported for them.
   *
   * @returns `false` when the key or one of the secrets is taken.
   */
  create(environment: Environment, documents: readonly DocumentDraft[]): Promise<boolean>;
  /** Gives an environment another name, or takes its protection away; its key stays what it is. */
  describe(id: string, description: Pick<Environment, 'name' | 'isProtected'>): Promise<void>;
}
