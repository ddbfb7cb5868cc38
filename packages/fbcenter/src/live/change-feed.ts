import type { FlagChange } from './compiled-environment.js';
import { inSlices } from './slices.js';
import type { Reader } from './stream.js';

/** How many of the latest changes are kept; a reader that is further behind asks for everything that is newer. */
const MAX_RECENT = 1_000;

/**
 * Which flags have changed when, for those who are told values and not rules. As with the feed of documents a reader is only a cursor; what it
 * is sent is evaluated when it is its turn, so nothing is kept for anybody.
 */
export class ChangeFeed {
  readonly #readers = new Set<Reader>();
  readonly #wakeAll: () => void;
  readonly #recent: FlagChange[] = [];
  /** Every change after this version is among the recent ones. */
  #recentSince = 0;
  /** The version with which everything was last replaced. */
  #replacedAt = 0;

  constructor() {
    this.#wakeAll = inSlices(this.#readers, (reader) => reader.wake());
  }

  get readers(): number {
    return this.#readers.size;
  }

  join(reader: Reader): () => void {
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
    };
  }

  /** Takes a change in and wakes the readers. A change that concerns no flag is none. */
  publish(change: FlagChange): void {
    if (change.keys.length === 0) return;
    this.#recent.push(change);
    if (this.#recent.length > MAX_RECENT) this.#recentSince = this.#recent.shift()?.version ?? this.#recentSince;
    this.#wakeAll();
  }

  /** Everything is another: flags that a reader has been told of may be gone. */
  replace(version: number): void {
    this.#recent.length = 0;
    this.#recentSince = version;
    this.#replacedAt = version;
    this.#wakeAll();
  }

  /** The first change after a cursor. */
  next(cursor: number): FlagChange | 'behind' | 'replaced' | undefined {
    if (cursor < this.#replacedAt) return 'replaced';
    if (cursor < this.#recentSince) return 'behind';
    // Readers are almost always at the end or one before it.
    let index = this.#recent.length;
    while (index > 0 && (this.#recent[index - 1]?.version ?? 0) > cursor) index--;
    return this.#recent[index];
  }
}
