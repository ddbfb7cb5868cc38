import type { Session, User } from '../model/user.js';

/** The stays of users. What a session is known by is kept as a digest only. */
export interface Sessions {
  /** The session of this digest with its user, ended by time or not. */
  byDigest(digest: string): Promise<{ readonly session: Session; readonly user: User } | undefined>;
  /** Those of a user, the newest first. */
  ofUser(userId: string): Promise<readonly Session[]>;
  /** Adds a session that begins now; of more than `most` of the user the oldest are removed. */
  add(session: Pick<Session, 'userId' | 'agent'>, digest: string, most: number): Promise<Session>;
  /** @returns `false` when the user has no such session. */
  remove(userId: string, id: string): Promise<boolean>;
  /** Removes those of a user. @param except the id of the one that goes on. */
  removeAll(userId: string, except?: string): Promise<void>;
  /** Removes what began, or was last used, before these times. */
  removeOld(times: { readonly createdBefore: number; readonly usedBefore: number }): Promise<void>;
  /** Notes when sessions were used last, by their ids. A power cut may take the last notes. */
  used(times: ReadonlyMap<string, number>): Promise<void>;
}
