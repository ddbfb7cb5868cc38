import type { DocumentDraft } from '../model/document.js';
import type { Environment, SecretKind } from '../model/environment.js';

/** Whose a secret is: the environment that it opens, and which of its secrets it is. */
interface SecretOwner {
  readonly environment: Environment;
  readonly kind: SecretKind;
}

/** The environments and their secrets. */
export interface Environments {
  /** All environments, ordered by key. */
  list(): Promise<readonly Environment[]>;
  byKey(key: string): Promise<Environment | undefined>;
  bySecret(secret: string): Promise<SecretOwner | undefined>;
  /**
   * Adds an environment with its first documents, all at once; no commits are reported for them.
   *
   * @returns `false` when the key or one of the secrets is taken.
   */
  create(environment: Environment, documents: readonly DocumentDraft[]): Promise<boolean>;
  /** @returns `false` when the secret is taken by another environment or is its secret of the other kind. */
  replaceSecret(environmentId: string, kind: SecretKind, secret: string): Promise<boolean>;
}
