import type { ChangeLog, Removal } from '../model/change-log.js';
import type { StoredDocument } from '../model/document.js';
import type { SyncAnswer } from './stream.js';
import { SyncDocuments } from './sync-message.js';

/**
 * All of an environment as it goes over the wire. It is read when it is first asked for and follows the commits from then on, so
 * thousands who want everything, with commits in between, cost one reading. As with the compiled flags a document replaces another
 * one only if its version is greater: commits may come while the reading is under way, and may be older than what was read.
 */
export class WireEnvironment {
  readonly #environmentId: string;
  readonly #changes: Pick<ChangeLog, 'pages'>;
  readonly #documents = new SyncDocuments();
  #cursor = 0;
  #reading: Promise<void> | undefined;
  #isRead = false;
  /** Documents that were removed during the reading: it may have them before itself. */
  readonly #removed = new Map<string, number>();
  #answer: SyncAnswer | undefined;

  constructor(environmentId: string, changes: Pick<ChangeLog, 'pages'>) {
    this.#environmentId = environmentId;
    this.#changes = changes;
  }

  /**
   * Everything as it is now; the same object until the next change.
   *
   * @throws StorageError when it cannot be read; then it is of no more use.
   */
  async current(): Promise<SyncAnswer> {
    this.#reading ??= this.#read();
    await this.#reading;
    this.#answer ??= { cursor: this.#cursor, message: this.#documents.message('full'), isEmpty: false };
    return this.#answer;
  }

  take(commit: StoredDocument): void {
    this.#cursor = Math.max(this.#cursor, commit.version);
    this.#documents.add([commit]);
    this.#answer = undefined;
  }

  remove({ kind, key, version }: Removal): void {
    this.#documents.remove(kind, key);
    if (!this.#isRead) this.#removed.set(`${kind} ${key}`, version);
    this.#answer = undefined;
  }

  async #read(): Promise<void> {
    const cursor = await this.#changes.pages(this.#environmentId, (page) => {
      const removed = ({ kind, key }: StoredDocument) => this.#removed.get(`${kind} ${key}`) ?? 0;
      this.#documents.add(page.filter((document) => document.version > removed(document)));
    });
    this.#cursor = Math.max(this.#cursor, cursor);
    this.#isRead = true;
    this.#removed.clear();
  }
}
