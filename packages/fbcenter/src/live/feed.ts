import type { ChangeLog } from '../model/change-log.js';
import type { StoredDocument } from '../model/document.js';
import { inSlices } from './slices.js';
import type { Push, Reader, SyncAnswer, SyncStream } from './stream.js';
import { dataSyncMessage } from './sync-message.js';

/** How much of the latest pushes a feed keeps; a reader that is further behind asks the storage. */
const MAX_RECENT = 1_000;
const MAX_RECENT_BYTES = 8 * 1024 * 1024;
/** Answers to different cursors that are kept until the next commit: many clients reconnect with the same one. */
const MAX_ANSWERS = 4;

/**
 * The stream of one environment for those who may have all of it. A reader is only a cursor, the version it has got to: it
 * takes an answer first, then every push after its cursor. Versions only grow and every commit passes through here, so a
 * commit is in the answer or among the pushes after it, and never in both.
 */
export class Feed implements SyncStream {
  readonly #environmentId: string;
  readonly #changes: ChangeLog;
  readonly #readers = new Set<Reader>();
  readonly #answers = new Map<number, Promise<SyncAnswer>>();
  readonly #wakeAll: () => void;
  /** The latest pushes without a gap, oldest first: every commit after `#recentSince`. */
  #recent: Push[] = [];
  #recentBytes = 0;
  #recentSince = 0;

  constructor(environmentId: string, changes: ChangeLog) {
    this.#environmentId = environmentId;
    this.#changes = changes;
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

  /** Takes a commit in and wakes the readers. */
  publish(commit: StoredDocument): void {
    const push = { version: commit.version, message: dataSyncMessage('patch', [commit]) };
    this.#recent.push(push);
    this.#recentBytes += push.message.length;
    while (this.#recent.length > MAX_RECENT || this.#recentBytes > MAX_RECENT_BYTES) this.#forgetOldest();
    this.#answers.clear();
    this.#wakeAll();
  }

  next(cursor: number): Push | 'behind' | undefined {
    if (cursor < this.#recentSince) return 'behind';
    // Readers are almost always at the end or one before it.
    let index = this.#recent.length;
    while (index > 0 && (this.#recent[index - 1]?.version ?? 0) > cursor) index--;
    return this.#recent[index];
  }

  answer(cursor: number): Promise<SyncAnswer> {
    const known = this.#answers.get(cursor);
    if (known !== undefined) return known;
    const answer = this.#read(cursor);
    // Kept as a promise: of a thousand clients that reconnect at once, the first asks the storage.
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#answers.set(cursor, answer);
    answer.catch(() => {
      if (this.#answers.get(cursor) === answer) this.#answers.delete(cursor);
    });
    return answer;
  }

  async #read(cursor: number): Promise<SyncAnswer> {
    if (cursor <= 0) {
      const everything = await this.#changes.everything(this.#environmentId);
      return { cursor: everything.cursor, message: dataSyncMessage('full', everything.documents), isEmpty: false };
    }
    const changes = await this.#changes.since(this.#environmentId, cursor);
    // The full answer is shared: read it once for all.
    if (changes === undefined) return this.answer(0);
    const { documents } = changes;
    return { cursor: changes.cursor, message: dataSyncMessage('patch', documents), isEmpty: documents.length === 0 };
  }

  #forgetOldest(): void {
    const oldest = this.#recent.shift();
    if (oldest === undefined) return;
    this.#recentBytes -= oldest.message.length;
    this.#recentSince = oldest.version;
  }
}
