import type { AccessToken } from '../model/user.js';

/** The access tokens that were made. The tokens themselves are kept as digests only. */
export interface Tokens {
  /** The token of this digest, expired or not. */
  byDigest(digest: string): Promise<AccessToken | undefined>;
  /** In the order in which they were made. */
  list(): Promise<readonly AccessToken[]>;
  add(
    token: Pick<AccessToken, 'name' | 'start' | 'grants' | 'createdBy' | 'expiresAt'>,
    digest: string,
  ): Promise<AccessToken>;
  /** @returns `false` when there is none of this id. */
  remove(id: string): Promise<boolean>;
  /** Notes when tokens were used last, by their ids. A power cut may take the last notes. */
  used(times: ReadonlyMap<string, number>): Promise<void>;
}
