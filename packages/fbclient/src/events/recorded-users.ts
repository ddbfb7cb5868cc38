import { RecordedUser, snapshotOf } from '../users/recorded-user.js';
import { isUser } from '../users/user.js';

/** The most that remembered users may take together, in UTF-16 units; a thousand users or two. */
const MAX_REMEMBERED = 256 * 1024;

/**
 * Copies users for their events. An application asks for several flags and metrics of a user within a moment: to see that
 * the user is still the same takes a tenth of copying and encoding them again.
 */
export class RecordedUsers {
  readonly #remembered = new Map<string, RecordedUser>();
  #size = 0;

  /** @returns `undefined` when there is no user in it, or when it throws while it is read. */
  record(user: unknown): RecordedUser | undefined {
    const remembered = this.#find(user);
    if (remembered !== undefined) return remembered;
    const snapshot = snapshotOf(user);
    if (snapshot === undefined) return undefined;
    const recorded = new RecordedUser(snapshot);
    this.#size += recorded.size;
    if (this.#size > MAX_REMEMBERED) this.forget();
    this.#remembered.set(snapshot.key, recorded);
    return recorded;
  }

  /** Lets all go; nobody's data is kept for longer than it is of use. */
  forget(): void {
    this.#remembered.clear();
    this.#size = 0;
  }

  #find(user: unknown): RecordedUser | undefined {
    try {
      const remembered = isUser(user) ? this.#remembered.get(user.key) : undefined;
      return remembered?.isStill(user as typeof remembered.attributes) === true ? remembered : undefined;
    } catch {
      return undefined;
    }
  }
}
