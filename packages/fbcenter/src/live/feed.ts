import type { ChangeLog, Removal } from '../model/change-log.js';
import type { StoredDocument } from '../model/document.js';
import { Turns } from '../runtime/turns.js';
import { inSlices } from './slices.js';
import type { Push, Reader, SyncAnswer, SyncStream } from './stream.js';
import { dataSyncMessage, SyncDocuments } from './sync-message.js';
import { WireEnvironment } from './wire-environment.js';

/** How much of the latest pushes a feed keeps; a reader that is further behind asks the storage. */
const MAX_RECENT = 1_000;
const MAX_RECENT_BYTES = 8 * 1024 * 1024;
/** Answers to different cursors that are kept: many clients reconnect with the same one. */
const MAX_ANSWERS = 4;
/** How long answers are kept that nobody asks for, in milliseconds: longer than a wave of clients, not as long as it is quiet. */
const ANSWERS_KEPT = 5_000;
/** Documents of a patch that are put together before the event loop may get a turn. */
const PATCH_STEP = 16;

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
  /** What everybody gets who has nothing; held as long as it is asked for. */
  #everything: WireEnvironment | undefined;
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
  publish(commit: StoredDocument & Pick<Push, 'committedAt'>): void {
    const { version, committedAt } = commit;
    const push = { version, message: dataSyncMessage('patch', [commit]), committedAt };
    this.#recent.push(push);
    this.#recentBytes += push.message.length;
    while (this.#recent.length > MAX_RECENT || this.#recentBytes > MAX_RECENT_BYTES) this.#forgetOldest();
    this.#answers.clear();
    this.#everything?.take(commit);
    this.#wakeAll();
  }

  /** Leaves a document out that was deleted. */
  remove(removal: Removal): void {
    this.#answers.clear();
    this.#everything?.remove(removal);
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
    if (cursor <= 0) return this.#whole();
    const known = this.#answers.get(cursor);
    if (known !== undefined) return known;
    const answer = this.#since(cursor);
    this.#keep(cursor, answer);
    return answer;
  }

  async #since(cursor: number): Promise<SyncAnswer> {
    const changes = await this.#changes.since(this.#environmentId, cursor);
    if (changes === undefined) return this.answer(0);
    const patch = new SyncDocuments();
    const turns = new Turns();
    for (let at = 0; at < changes.documents.length; at += PATCH_STEP) {
      patch.add(changes.documents.slice(at, at + PATCH_STEP));
      if (turns.isDue) await turns.next();
    }
    return { cursor: changes.cursor, message: patch.message('patch'), isEmpty: changes.documents.length === 0 };
  }

  async #whole(): Promise<SyncAnswer> {
    const everything = this.#everything ?? new WireEnvironment(this.#environmentId, this.#changes);
    this.#everything = everything;
    this.#forgetSoon();
    try {
      const answer = await everything.current();
      this.#fullBytes = answer.message.length;
      return answer;
    } catch (error) {
      if (this.#everything === everything) this.#everything = undefined;
      throw error;
    }
  }

  /** Kept as a promise: of a thousand clients that reconnect at once, the first asks the storage. */
  #keep(cursor: number, answer: Promise<SyncAnswer>): void {
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#answers.set(cursor, answer);
    answer.catch(() => {
      if (this.#answers.get(cursor) === answer) this.#answers.delete(cursor);
    });
    this.#forgetSoon();
  }

  #forgetSoon(): void {
    this.#forgetting ??= setTimeout(() => this.forgetAnswers(), ANSWERS_KEPT).unref();
    this.#forgetting.refresh();
  }

  /** What was answered is not how it is any more. */
  forgetAnswers(): void {
    this.#answers.clear();
    this.#everything = undefined;
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
