import type { Compiled, SkippedDocument } from '../flags/compile.js';
import type { ChangeSet, Difference, FlagStore } from '../flags/store.js';
import type { Log } from '../runtime/log.js';
import type { Commit } from './data-source.js';
import type { HeldDocuments } from './documents.js';

/** What a commit has done. */
export interface Committed {
  readonly commit: Commit;
  /** Whether it has changed what is held. */
  readonly isChanged: boolean;
  /** The flags that it may have changed. */
  readonly affected: Iterable<string>;
}

/** Puts what was compiled into the store in one step, together with the documents behind it. */
export class Committer {
  readonly #store: FlagStore;
  readonly #documents: HeldDocuments;
  readonly #log: Log;

  constructor(store: FlagStore, documents: HeldDocuments, log: Log) {
    this.#store = store;
    this.#documents = documents;
    this.#log = log;
  }

  /** @param isRepeated whether it answers a repeated request: only what differs is a change then. */
  commit({ changes, isEmpty, skipped, skippedCount }: Compiled, isRepeated: boolean): Committed {
    if (skippedCount > 0) this.#logSkipped(skipped, skippedCount);
    const { revision } = this.#store;
    const repeats = isRepeated && changes.eventType === 'patch' && isRepeat(changes, this.#store);
    let affected: Iterable<string>;
    let differences: readonly Difference[] = [];
    // A full message is compared as well, unless there is nothing to compare it with.
    const isCompared = isRepeated || (changes.eventType === 'full' && this.#store.held.flags.size > 0);
    if (isCompared) ({ affected, differences } = this.#store.commitCompared(changes));
    else affected = this.#store.commit(changes);
    this.#documents.remember(changes);
    return {
      commit: { changes, differences, isEmpty, repeats },
      isChanged: revision !== this.#store.revision,
      affected,
    };
  }

  #logSkipped(skipped: readonly SkippedDocument[], count: number): void {
    for (const { kind, key, problem } of skipped) {
      this.#log.write('error', 'entity-skipped', `${kind} "${key}" was skipped: ${problem}`, { kind, key });
    }
    if (count > skipped.length) {
      this.#log.write('error', 'entities-skipped', `${count - skipped.length} more flags and segments were skipped`);
    }
  }
}

/** Whether a document came again in the version that is held. */
function isRepeat({ flags, segments }: ChangeSet, { held }: FlagStore): boolean {
  return (
    flags.some(({ key, compiled }) => held.flags.get(key)?.version === compiled.version) ||
    segments.some(({ key, compiled }) => held.segments.get(key)?.version === compiled.version)
  );
}
