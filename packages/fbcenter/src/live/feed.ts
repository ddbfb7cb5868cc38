import type { ChangeLog } from '../model/change-log.js';
import type { StoredDocument } from '../model/document.js';
import { inSlices } from './slices.js';
import type { Push, Reader, SyncAnswer, SyncStream } from './stream.js';
import { DataSyncWriter, dataSyncMessage, largeDataSyncMessage } from './sync-message.js';

/** How much of the latest pushes a feed keeps; a reader that is further behind asks the storage. */
const MAX_RECENT = 1_000;
const MAX_RECENT_BYTES = 8 * 1024 * 1024;
/** Answers to different cursors that are kept: many clients reconnect with the same one. */
const MAX_ANSWERS = 4;
/** How long answers are kept if no commit comes, in milliseconds: longer than a wave of clients, not as long as it is quiet. */
const ANSWERS_KEPT = 5_000;

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
  #forgetting: NodeJS.Timeout | undefined;
  /** The reading of everything that is under way, or was the last. */
  #lastFull: Promise<unknown> = Promise.resolve();
  /** The reading of everything that waits for that one. It holds every commit up to when it begins, so all who ask share it. */
  #nextFull: Promise<SyncAnswer> | undefined;
  #fullBytes = 0;
  readonly #wakeAll: () => void;
  /** The latest pushes without a gap, oldest first: every commit after `#recentSince`. */
  #recent: Push[] = [];
  #recentBytes = 0;
  #recentSince = 0;
  /** The version with which everything was last replaced. */
  #replacedAt = 0;

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
    this.forgetAnswers();
    this.#wakeAll();
  }

  /** Everything is another: whoever has something needs everything. */
  replace(version: number): void {
    this.#recent = [];
    this.#recentBytes = 0;
    this.#recentSince = version;
    this.#replacedAt = version;
    this.forgetAnswers();
    this.#wakeAll();
  }

  next(cursor: number): Push | 'behind' | 'replaced' | undefined {
    if (cursor < this.#replacedAt) return 'replaced';
    if (cursor < this.#recentSince) return 'behind';
    // Readers are almost always at the end or one before it.
    let index = this.#recent.length;
    while (index > 0 && (this.#recent[index - 1]?.version ?? 0) > cursor) index--;
    return this.#recent[index];
  }

  /** How many changes come after a cursor; `undefined` when that takes more than the latest pushes. */
  pending(cursor: number | undefined): number | undefined {
    if (cursor === undefined || cursor < this.#recentSince) return undefined;
    let count = 0;
    while (count < this.#recent.length && (this.#recent[this.#recent.length - 1 - count]?.version ?? 0) > cursor)
      count++;
    return count;
  }

  expectedBytes(cursor: number): number {
    if (cursor <= 0 || cursor < this.#recentSince) return this.#fullBytes;
    let bytes = 0;
    for (let index = this.#recent.length - 1; index >= 0; index--) {
      const push = this.#recent[index];
      if (push === undefined || push.version <= cursor) break;
      bytes += push.message.length;
    }
    return bytes;
  }

  answer(cursor: number): Promise<SyncAnswer> {
    const known = this.#answers.get(cursor);
    if (known !== undefined) return known;
    if (cursor <= 0) return this.#everything();
    const answer = this.#since(cursor);
    this.#keep(cursor, answer);
    return answer;
  }

  async #since(cursor: number): Promise<SyncAnswer> {
    const changes = await this.#changes.since(this.#environmentId, cursor);
    if (changes === undefined) return this.answer(0);
    const { documents } = changes;
    const message = await largeDataSyncMessage('patch', documents);
    return { cursor: changes.cursor, message, isEmpty: documents.length === 0 };
  }

  /** One reading at a time, however many ask and however often there are commits meanwhile: each is megabytes of work. */
  #everything(): Promise<SyncAnswer> {
    this.#nextFull ??= this.#lastFull.then(() => {
      const answer = this.#readEverything();
      this.#nextFull = undefined;
      this.#lastFull = answer.catch(() => {});
      this.#keep(0, answer);
      return answer;
    });
    return this.#nextFull;
  }

  async #readEverything(): Promise<SyncAnswer> {
    const writer = new DataSyncWriter('full');
    const cursor = await this.#changes.pages(this.#environmentId, (page) => writer.add(page));
    const message = await writer.finish();
    this.#fullBytes = message.length;
    return { cursor, message, isEmpty: false };
  }

  /** Kept as a promise: of a thousand clients that reconnect at once, the first asks the storage. */
  #keep(cursor: number, answer: Promise<SyncAnswer>): void {
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#answers.set(cursor, answer);
    answer.catch(() => {
      if (this.#answers.get(cursor) === answer) this.#answers.delete(cursor);
    });
    this.#forgetting ??= setTimeout(() => this.forgetAnswers(), ANSWERS_KEPT).unref();
  }

  /** What was answered is not how it is any more. */
  forgetAnswers(): void {
    this.#answers.clear();
    clearTimeout(this.#forgetting);
    this.#forgetting = undefined;
  }

  #forgetOldest(): void {
    const oldest = this.#recent.shift();
    if (oldest === undefined) return;
    this.#recentBytes -= oldest.message.length;
    this.#recentSince = oldest.version;
  }
}
