import type { Commit } from '../model/change-log.js';
import type { Iteration, Mark } from '../model/experiment.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { Storage } from '../storage/storage.js';
import { changedParts, isUnsound } from './fingerprints.js';
import { readFlagAtHand } from './flags-at-hand.js';
import type { ExperimentIntake } from './intake/intake.js';
import { fingerprintsOf } from './plan.js';

/** Who changes more than this does not hear of each of the changes any more. */
const MAX_MARKS = 50;

export interface MarkingParts {
  readonly storage: Pick<Storage, 'documents' | 'experiments' | 'changes'>;
  readonly intake: ExperimentIntake;
  readonly log: Logger;
  /** Hears of an iteration that was marked. */
  onMarked(environmentId: string, iteration: Iteration): void;
}

/** Sees when the flag of a running iteration is changed, or a segment that it uses, and marks the iteration. */
export class Marking {
  readonly #parts: MarkingParts;
  /** What each running iteration's flag was when it was last looked at. */
  readonly #known = new Map<number, Readonly<Record<string, string>>>();
  #last: Promise<unknown> = Promise.resolve();
  readonly #stop: () => void;

  constructor(parts: MarkingParts) {
    this.#parts = parts;
    this.#stop = parts.storage.changes.watch((commit) => this.#commit(commit));
  }

  /** Looks at the flags of the iterations that run: they may have been changed just before the center was killed. */
  async load(): Promise<void> {
    for (const { environmentId, iteration } of await this.#parts.storage.experiments.openIterations()) {
      await this.#look(environmentId, iteration, undefined);
    }
  }

  /** Fulfils when every change so far is dealt with. */
  async settled(): Promise<void> {
    await this.#last;
  }

  close(): void {
    this.#stop();
  }

  #commit(commit: Commit): void {
    const { environmentId, kind, key, isForeign = false } = commit;
    // The center that has made it marks the iteration.
    if (isForeign) return;
    const iterations = this.#parts.intake.iterations(environmentId).filter(({ end, plan }) => {
      if (end !== null) return false;
      return kind === 'flag' ? plan.flagKey === key : `segment ${key}` in plan.fingerprints;
    });
    for (const iteration of iterations) {
      this.#last = this.#last
        .then(() => this.#look(environmentId, iteration, commit))
        .catch((error) => this.#parts.log.error('an experiment could not be marked', { error: errorText(error) }));
    }
  }

  async #look(environmentId: string, { id, plan }: Iteration, commit: Commit | undefined): Promise<void> {
    const { storage, intake } = this.#parts;
    const flag = await readFlagAtHand(storage.documents, environmentId, plan.flagKey);
    if (flag === undefined) return;
    const now = fingerprintsOf(flag);
    await intake.exclusively(async () => {
      const iteration = intake.iterations(environmentId).find((one) => one.id === id);
      if (iteration === undefined || iteration.end !== null) return;
      const what = changedParts(this.#known.get(id) ?? plan.fingerprints, now);
      this.#known.set(id, now);
      // Without a commit it is the look at the start, which must not repeat what an earlier run has noted.
      const isNoted = commit === undefined && iteration.marks.some(({ flagVersion }) => flagVersion === flag.version);
      if (what.length === 0 || isNoted) return;
      const mark: Mark = {
        at: Math.floor(commit?.committedAt ?? flag.version),
        what,
        flagVersion: flag.version,
        by: authorIn(commit?.text),
      };
      const marked = { ...iteration, marks: withMark(iteration.marks, mark) };
      await storage.experiments.saveIteration(marked);
      await intake.replace(environmentId, marked);
      this.#parts.onMarked(environmentId, marked);
    });
  }
}

/**
 * Marks with one more: the latest ones, and the first of those that make the iteration unsound, because it stays so whatever comes
 * after.
 */
export function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  const all = [...marks, mark];
  const latest = all.slice(-MAX_MARKS);
  const unsound = all.find(({ what }) => isUnsound(what));
  return unsound === undefined || latest.includes(unsound) ? latest : [unsound, ...latest.slice(1)];
}

function authorIn(text: string | undefined): string {
  const { updatorId } = JSON.parse(text ?? '{}') as { readonly updatorId?: unknown };
  return typeof updatorId === 'string' ? updatorId : 'unknown';
}
