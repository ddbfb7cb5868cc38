import type { Experiment, Iteration } from '../model/experiment.js';
import type { JsonObject } from '../model/json.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import type { ExperimentIntake } from './intake/intake.js';
import { after, type ExperimentAction } from './life.js';
import { watchAnew } from './needed-events.js';
import { auditOf, demandRevision, type ExperimentTarget, mismatch } from './target.js';

export interface TransitionParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly intake: ExperimentIntake;
  /** Hears of each experiment that was changed. */
  changed(environmentId: string, key: string): void;
}

/** How an experiment gets from one state to the next: it, its iterations and the audit log change as one. */
export class Transitions {
  readonly #parts: TransitionParts;

  constructor(parts: TransitionParts) {
    this.#parts = parts;
  }

  /**
   * Changes an experiment; nothing is counted meanwhile.
   *
   * @param before the experiment as it was read.
   * @param work what is done to its iterations.
   * @throws Refusal `wrong-state` when the action cannot be done now, `version-mismatch` when somebody else was quicker.
   */
  async make(
    target: ExperimentTarget,
    before: Experiment,
    action: ExperimentAction,
    change: Partial<Experiment>,
    work: (experiments: Storage['experiments'], now: number) => Promise<void> = async () => {},
  ): Promise<Experiment> {
    const { environment, key } = target;
    demandRevision(target, before.revision);
    const state = after(before.state, action);
    if (state === 'deleted') return before;
    const { storage, clock } = this.#parts;
    const changed: Experiment = {
      ...before,
      ...change,
      state,
      revision: before.revision + 1,
      updatedAt: clock.now(),
    };
    await this.#parts.intake.exclusively(async () => {
      const now = await this.#momentFor(this.#running(target));
      await storage.transact(async ({ experiments, audit }) => {
        if (!(await experiments.save(environment.id, changed, before.revision))) throw mismatch();
        await work(experiments, now);
        await audit.append({ ...auditOf(target, ACTS[action]), before: saidOf(before), after: saidOf(changed) });
      });
      await watchAnew(storage, this.#parts.intake, environment.id);
    });
    this.#parts.changed(environment.id, key);
    return changed;
  }

  /** The same with a change of the iteration that runs, if there is one. */
  makeWithin(
    target: ExperimentTarget,
    before: Experiment,
    action: ExperimentAction,
    change: (iteration: Iteration, now: number) => Iteration,
  ): Promise<Experiment> {
    return this.make(target, before, action, {}, async (repositories, now) => {
      const iteration = this.#running(target);
      if (iteration !== undefined) await repositories.saveIteration(change(iteration, now));
    });
  }

  /** Ends the iteration that runs, if there is one. */
  async end(target: ExperimentTarget, end: number, repositories: Storage['experiments']): Promise<void> {
    const iteration = this.#running(target);
    if (iteration === undefined) return;
    const pauses = iteration.pauses.map((pause) => ({ ...pause, to: pause.to ?? end }));
    await repositories.saveIteration({ ...iteration, end, pauses, stoppedBy: target.by });
  }

  #running({ environment, key }: ExperimentTarget): Iteration | undefined {
    return this.#parts.intake
      .iterations(environment.id)
      .find(({ experimentKey, end }) => experimentKey === key && end === null);
  }

  /**
   * Now, or just after the newest event that counts: clocks of SDKs may be ahead by minutes, and what is counted already must lie
   * before.
   */
  async #momentFor(iteration: Iteration | undefined): Promise<number> {
    const now = this.#parts.clock.now();
    const sums = iteration && (await this.#parts.storage.experimentData.sums(iteration.id));
    return Math.max(now, (sums?.newest ?? 0) + 1);
  }
}

/** What the audit log calls an action. */
const ACTS: Readonly<Record<ExperimentAction, string>> = {
  edit: 'update',
  start: 'start',
  pause: 'pause',
  resume: 'resume',
  restart: 'restart',
  stop: 'stop',
  decide: 'decide',
  recount: 'recount',
  archive: 'archive',
  restore: 'restore',
  delete: 'delete',
};

/** What the audit log keeps of an experiment: what people have chosen. */
function saidOf({ state, settings, decision }: Experiment): JsonObject {
  return { state, ...settings, ...(decision === null ? {} : { decision: decision.kind, served: decision.variation }) };
}
