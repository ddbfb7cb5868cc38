import type { Environment, Secret, SecretKind } from '../model/environment.js';

/** Whose a secret is: the environment that it opens, and which of its secrets it is. */
interface SecretOwner {
  readonly environment: Environment;
  readonly kind: SecretKind;
  readonly id: string;
}

/** What SDKs identify themselves by. The first one of each kind comes with its environment. */
export interface Secrets {
  /** Whose a secret is; `undefined` when it is nobody's. */
  byValue(value: string): Promise<SecretOwner | undefined>;
  /** Those of an environment, in the order in which they were added. */
  list(environmentId: string): Promise<readonly Secret[]>;
  /** @returns `undefined` when there is such a secret already, here or in another environment. */
  add(environmentId: string, secret: Pick<Secret, 'kind' | 'name' | 'value'>): Promise<Secret | undefined>;
  /** Removes a secret, unless it is the only one of its kind: an environment always has one to give to SDKs. */
  remove(environmentId: string, id: string): Promise<'removed' | 'only-one' | 'missing'>;
  /** Notes when secrets were used last, by their ids. A power cut may take the last notes. */
  used(times: ReadonlyMap<string, number>): Promise<void>;
}
