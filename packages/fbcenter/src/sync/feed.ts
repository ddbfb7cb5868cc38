import type { Commit } from '../model/change-log.js';
import type { Storage } from '../storage/storage.js';
import { dataSyncMessage } from './envelope.js';
import { inSlices } from './slices.js';

/** What brings a reader up to date. The bytes are shared by all readers and must not be changed. */
export interface Answer {
  /** Where it leaves the reader: the environment's greatest version when it was read. */
  readonly version: number;
  readonly message: Buffer;
  /** Nothing is newer than the cursor: the message is a patch without entities. */
  readonly isEmpty: boolean;
}

/** One commit, ready to be pushed. */
export interface Push {
  readonly version: number;
  readonly message: Buffer;
}

/** Somebody who wants to hear that there is something new. */
export interface Reader {
  /** Called after commits, in slices of all readers; asks the feed what is new and must not throw. */
  wake(): void;
}

/** How much of the latest pushes a feed keeps; a reader that is further behind asks the storage. */
const MAX_RECENT = 1_000;
const MAX_RECENT_BYTES = 8 * 1024 * 1024;
/** Answers to different cursors that are kept until the next commit: many clients reconnect with the same one. */
const MAX_ANSWERS = 4;

/**
 * The stream of changes of one environment. A reader is nothing but a position, the version it has got to: it takes an
 * answer to begin with, then every push after its position. Since versions only grow and every commit passes through here,
 * a commit is in the answer or among the pushes after it, and never in both.
 */
export class Feed {
  readonly #environmentId: string;
  readonly #storage: Storage;
  readonly #readers = new Set<Reader>();
  readonly #answers = new Map<number, Promise<Answer>>();
  readonly #wakeAll: () => void;
  /** The latest pushes without a gap, oldest first: every commit after `#recentSince`. */
  #recent: Push[] = [];
  #recentBytes = 0;
  #recentSince = 0;

  constructor(environmentId: string, storage: Storage) {
    this.#environmentId = environmentId;
    this.#storage = storage;
    this.#wakeAll = inSlices(this.#readers, (reader) => reader.wake());
  }

  get readers(): number {
    return this.#readers.size;
  }

  /**
   * Joins a reader. It must join before it asks for its first {@link answer}.
   *
   * @returns a function that lets it leave.
   */
  join(reader: Reader): () => void {
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
    };
  }

  /** Takes a commit in and wakes the readers. */
  publish(commit: Commit): void {
    const push = { version: commit.version, message: dataSyncMessage('patch', [commit]) };
    this.#recent.push(push);
    this.#recentBytes += push.message.length;
    while (this.#recent.length > MAX_RECENT || this.#recentBytes > MAX_RECENT_BYTES) this.#forgetOldest();
    this.#answers.clear();
    this.#wakeAll();
  }

  /** The first push after a position; nothing when there is none; `'behind'` when an {@link answer} is needed instead. */
  next(position: number): Push | 'behind' | undefined {
    if (position < this.#recentSince) return 'behind';
    // Readers are almost always at the end or one before it.
    let index = this.#recent.length;
    while (index > 0 && (this.#recent[index - 1]?.version ?? 0) > position) index--;
    return this.#recent[index];
  }

  /**
   * What brings a reader with a cursor up to date: what is newer, archived included, or everything when it holds nothing
   * or what it holds is not known to come from here.
   *
   * @param cursor the greatest version that the reader holds; 0 or less for none.
   * @throws StorageError
   */
  answer(cursor: number): Promise<Answer> {
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

  async #read(cursor: number): Promise<Answer> {
    if (cursor <= 0) {
      const { version, documents } = await this.#storage.snapshot(this.#environmentId);
      return { version, message: dataSyncMessage('full', documents), isEmpty: false };
    }
    const changes = await this.#storage.changesSince(this.#environmentId, cursor);
    // Everything is the same for all who need it, so it is read for them together.
    if (changes === undefined) return this.answer(0);
    const { version, documents } = changes;
    return { version, message: dataSyncMessage('patch', documents), isEmpty: documents.length === 0 };
  }

  #forgetOldest(): void {
    const oldest = this.#recent.shift();
    if (oldest === undefined) return;
    this.#recentBytes -= oldest.message.length;
    this.#recentSince = oldest.version;
  }
}

/** The feeds of all environments, each made when it is first asked for. */
export class Feeds {
  readonly #storage: Storage;
  readonly #feeds = new Map<string, Feed>();

  constructor(storage: Storage) {
    this.#storage = storage;
    storage.onCommit((commit) => this.#feeds.get(commit.environmentId)?.publish(commit));
  }

  of(environmentId: string): Feed {
    const feed = this.#feeds.get(environmentId) ?? new Feed(environmentId, this.#storage);
    this.#feeds.set(environmentId, feed);
    return feed;
  }
}
