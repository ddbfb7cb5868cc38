import { compileDataSyncNow, FlagStore } from 'fbclient/core';
import type { ChangeLog, Removal } from '../model/change-log.js';
import type { StoredDocument } from '../model/document.js';
import { Turns } from '../runtime/turns.js';

/** What a compiled flag does not keep. */
export interface FlagFacts {
  readonly version: number;
  readonly type: string;
  readonly tags: readonly string[];
  readonly variationIds: ReadonlySet<string>;
  /** Of the document's text, in UTF-16 units. */
  readonly length: number;
}

/** The flags of an environment, ready to be evaluated. */
export interface CompiledFlags {
  readonly store: FlagStore;
  /** By the flag's key, archived flags included. */
  readonly facts: ReadonlyMap<string, FlagFacts>;
}

/**
 * The compiled flags of one environment. They are read when they are first asked for and follow the commits from then on.
 * Commits may come while the reading is under way, and may be older than what was read: a document replaces another one
 * only if its version is greater, so the order does not matter.
 */
export class CompiledEnvironment {
  readonly #environmentId: string;
  readonly #changes: ChangeLog;
  readonly #store = new FlagStore();
  readonly #facts = new Map<string, FlagFacts>();
  /** The reading of everything; absent while nobody has asked, and after it has failed. */
  #reading: Promise<CompiledFlags> | undefined;
  #isReading = false;
  /** The flags that were removed during a reading, with their versions. */
  readonly #removed = new Map<string, number>();

  constructor(environmentId: string, changes: ChangeLog) {
    this.#environmentId = environmentId;
    this.#changes = changes;
  }

  /**
   * The flags as they are now; the object follows the commits.
   *
   * @throws StorageError when they cannot be read; the next call reads again.
   */
  current(): Promise<CompiledFlags> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** Takes a commit in. */
  take(commit: StoredDocument): void {
    // Nobody has asked yet: whoever does reads this commit with everything else.
    if (this.#reading === undefined) return;
    this.#compile(commit);
  }

  /** Forgets an archived document. Evaluation does not know it any more in any case. */
  remove({ kind, key, version }: Removal): void {
    if (kind !== 'flag') return;
    this.#facts.delete(key);
    // A reading that is under way may have it before itself.
    if (this.#isReading) this.#removed.set(key, version);
  }

  async #read(): Promise<CompiledFlags> {
    this.#isReading = true;
    try {
      const { documents } = await this.#changes.everything(this.#environmentId);
      const turns = new Turns();
      // Segments first: one that comes after the flags makes the store look through all of them.
      for (const wanted of ['segment', 'flag'] as const) {
        for (const document of documents) {
          if (document.kind !== wanted) continue;
          this.#compile(document);
          if (turns.isDue) await turns.next();
        }
      }
      return { store: this.#store, facts: this.#facts };
    } catch (error) {
      this.#reading = undefined;
      throw error;
    } finally {
      this.#isReading = false;
      this.#removed.clear();
    }
  }

  #compile({ kind, key, version, text }: StoredDocument): void {
    const document = JSON.parse(text);
    const isFlag = kind === 'flag';
    if (isFlag && version > (this.#facts.get(key)?.version ?? this.#removed.get(key) ?? 0)) {
      const variationIds = new Set<string>(document.variations.map(({ id }: { readonly id: string }) => id));
      this.#facts.set(key, {
        version,
        type: document.variationType,
        tags: document.tags,
        variationIds,
        length: text.length,
      });
    }
    const patch = { featureFlags: isFlag ? [document] : [], segments: isFlag ? [] : [document] };
    this.#store.commit(compileDataSyncNow({ eventType: 'patch', ...patch }, 'no-match').changes);
  }
}
