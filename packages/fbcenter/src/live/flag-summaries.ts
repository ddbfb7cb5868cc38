import type { ChangeLog, Removal } from '../model/change-log.js';
import type { StoredDocument } from '../model/document.js';
import { Turns } from '../runtime/turns.js';
import { summarize } from './summarize.js';

/** The summaries of an environment's flags as the bytes of one answer. */
export interface SummaryList {
  /** Names exactly these summaries: another list of the environment has another tag, also after a restart. */
  readonly tag: string;
  /** A `FlagSummariesBody`. */
  readonly text: Buffer;
}

/**
 * The summaries of one environment's flags. As the compiled flags they are read when they are first asked for and follow the
 * commits from then on, so that a list of thousands of flags costs no reading and no parsing.
 */
export class FlagSummaries {
  readonly #environmentId: string;
  readonly #changes: ChangeLog;
  readonly #flags = new Map<string, { readonly version: number; readonly text: string }>();
  #version = 0;
  #list: SummaryList | undefined;
  /** The reading of everything; absent while nobody has asked, and after it has failed. */
  #reading: Promise<void> | undefined;
  #isReading = false;
  /** The flags that were removed during a reading, with their versions. */
  readonly #removed = new Map<string, number>();

  constructor(environmentId: string, changes: ChangeLog) {
    this.#environmentId = environmentId;
    this.#changes = changes;
  }

  /**
   * The summaries as they are now.
   *
   * @throws StorageError when they cannot be read; the next call reads again.
   */
  async current(): Promise<SummaryList> {
    this.#reading ??= this.#read();
    await this.#reading;
    this.#list ??= this.#write();
    return this.#list;
  }

  /** Takes a commit in. */
  take(commit: StoredDocument): void {
    // Nobody has asked yet: whoever does reads this commit with everything else.
    if (this.#reading !== undefined) this.#note(commit);
  }

  /** Leaves out a flag that was deleted. */
  remove({ kind, key, version }: Removal): void {
    if (kind !== 'flag') return;
    this.#flags.delete(key);
    this.#list = undefined;
    // A reading that is under way may have it before itself.
    if (this.#isReading) this.#removed.set(key, version);
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      const { documents, cursor } = await this.#changes.everything(this.#environmentId);
      const turns = new Turns();
      for (const document of documents) {
        this.#note(document);
        if (turns.isDue) await turns.next();
      }
      this.#version = Math.max(this.#version, cursor);
    } catch (error) {
      this.#reading = undefined;
      throw error;
    } finally {
      this.#isReading = false;
      this.#removed.clear();
    }
  }

  #note({ kind, key, version, text }: StoredDocument): void {
    this.#version = Math.max(this.#version, version);
    this.#list = undefined;
    const known = this.#flags.get(key)?.version ?? this.#removed.get(key) ?? 0;
    if (kind !== 'flag' || version <= known) return;
    this.#flags.set(key, { version, text: JSON.stringify(summarize(JSON.parse(text), version)) });
  }

  #write(): SummaryList {
    const keys = [...this.#flags.keys()].sort();
    const items = keys.map((key) => this.#flags.get(key)?.text).join(',');
    // A deletion has no version of its own; but it leaves one flag less, and a new flag comes with a new version.
    return {
      tag: `${this.#version}-${keys.length}`,
      text: Buffer.from(`{"version":${this.#version},"items":[${items}]}`),
    };
  }
}
