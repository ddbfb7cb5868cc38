import type { User } from 'fbclient/core';
import type { Clock } from '../runtime/clock.js';
import { userOf } from './wire-user.js';

/** A user that an SDK has reported, as an application passes it. */
export interface LatestUser {
  readonly user: User;
  /** When it was reported last, in Unix milliseconds. */
  readonly seenAt: number;
}

/** Users that are remembered of an environment. */
const MOST_USERS = 100;
/** Environments that have any: the one that has been quiet the longest gives way. */
const MOST_ENVIRONMENTS = 50;
/** A user with more than this as JSON is not remembered, in UTF-16 units. */
const LARGEST_USER = 8 * 1024;
/** Users that are looked at of one request. */
const MOST_OF_REQUEST = 100;

/** The users that SDKs have reported lately: in memory only, never in the storage or a log. */
export class LatestUsers {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #environments = new Map<string, Map<string, LatestUser>>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** @param body what SDKs send to `insight/track`. */
  note(environmentId: string, body: readonly unknown[]): void {
    const users = this.#environments.get(environmentId) ?? new Map<string, LatestUser>();
    const seenAt = this.#clock.now();
    for (const item of body.slice(-MOST_OF_REQUEST)) {
      const user = userOf((item as { readonly user?: unknown } | null)?.user);
      if (user === undefined || JSON.stringify(user).length > LARGEST_USER) continue;
      // The newest stands at the end of the map.
      users.delete(user.key);
      users.set(user.key, { user, seenAt });
    }
    dropOldest(users, MOST_USERS);
    this.#environments.delete(environmentId);
    this.#environments.set(environmentId, users);
    dropOldest(this.#environments, MOST_ENVIRONMENTS);
  }

  /** The latest first. */
  of(environmentId: string): readonly LatestUser[] {
    return [...(this.#environments.get(environmentId)?.values() ?? [])].reverse();
  }

  forget(environmentId: string): void {
    this.#environments.delete(environmentId);
  }
}

/** Keeps so many entries of a map, those that were set last. */
function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
