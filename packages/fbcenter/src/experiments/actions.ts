import { setImmediate } from 'node:timers/promises';
import { makeEdit } from '../documents/edit.js';
import type { Actor } from '../model/actor.js';
import type { AuditDraft, ChangeNote } from '../model/audit.js';
import type { Environment } from '../model/environment.js';
import type { Decision, Experiment, ExperimentSettings, Iteration } from '../model/experiment.js';
import type { JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import { type FlagTarget, letUsersIn, serveToAll } from './flag-edits.js';
import { readFlagAtHand } from './flags-at-hand.js';
import type { ExperimentIntake } from './intake/intake.js';
import { after, type ExperimentAction } from './life.js';
import type { Marking } from './marking.js';
import { type FlagAtHand, planOf } from './plan.js';
import { comparedIn, type ExperimentReading, type ExperimentWithIterations } from './reading.js';
import { readSettings } from './settings.js';

/** What an environment takes; each is read as a whole for a list. */
const MAX_EXPERIMENTS = 500;

/** Which experiment is meant, by whom, and on what condition. */
export interface ExperimentTarget {
  readonly environment: Pick<Environment, 'id' | 'key'>;
  readonly key: string;
  readonly by: Actor;
  /** Why, as the audit log keeps it. */
  readonly note?: ChangeNote | undefined;
  /** Whether it may be done to an experiment of this revision; `undefined` = to none yet. Absent = always. */
  readonly precondition?: ((revision: number | undefined) => boolean) | undefined;
}

export interface ExperimentActionsParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly intake: ExperimentIntake;
  readonly marking: Marking;
  readonly reading: ExperimentReading;
  /** Hears of each experiment that was changed. */
  changed(environmentId: string, key: string): void;
}

/** The one way in which experiments are made, started, stopped and decided. */
export class ExperimentActions {
  readonly #parts: ExperimentActionsParts;

  constructor(parts: ExperimentActionsParts) {
    this.#parts = parts;
  }

  /** Creates an experiment, or gives one that does not run other settings. */
  async put(
    target: ExperimentTarget,
    input: unknown,
  ): Promise<{ readonly experiment: Experiment; readonly isNew: boolean }> {
    const { storage, clock } = this.#parts;
    const environmentId = target.environment.id;
    const settings = await readSettings(input, target.key, async (key) => {
      const flag = await readFlagAtHand(storage.documents, environmentId, key);
      if (flag === undefined) return undefined;
      const { variations, disabledVariationId } = flag.document;
      return { variationIds: variations.map(({ id }) => id), disabledVariationId };
    });
    const before = await storage.experiments.get(environmentId, target.key);
    if (before !== undefined) {
      const experiment = await this.#change(target, before, 'edit', { settings });
      return { experiment, isNew: false };
    }
    if (target.precondition?.(undefined) === false) throw mismatch();
    if ((await storage.experiments.list(environmentId)).length >= MAX_EXPERIMENTS)
      throw new Refusal(
        'limit-reached',
        `An environment takes ${MAX_EXPERIMENTS} experiments: delete what is not needed.`,
      );
    const at = clock.now();
    const experiment: Experiment = {
      ...{ key: target.key, revision: 1, state: 'draft', settings, decision: null },
      ...{ createdAt: at, createdBy: target.by, updatedAt: at },
    };
    await storage.transact(async ({ experiments, audit }) => {
      if (!(await experiments.save(environmentId, experiment, 0))) throw mismatch();
      await audit.append({ ...auditOf(target, 'create'), after: { ...settings } });
    });
    this.#parts.changed(environmentId, target.key);
    return { experiment, isNew: true };
  }

  async delete(target: ExperimentTarget): Promise<void> {
    const { storage } = this.#parts;
    const { experiment } = await this.#targeted(target);
    after(experiment.state, 'delete');
    const environmentId = target.environment.id;
    await this.#parts.intake.exclusively(async () => {
      const others = this.#parts.intake
        .iterations(environmentId)
        .filter(({ experimentKey }) => experimentKey !== target.key);
      await this.#parts.intake.watch(environmentId, others);
    });
    // Written down first: what is half deleted is gone, and may be deleted again.
    await storage.audit.append({ ...auditOf(target, 'delete'), before: { ...experiment.settings } });
    while (!(await storage.experiments.delete(environmentId, target.key))) await setImmediate();
    this.#parts.changed(environmentId, target.key);
  }

  /**
   * Begins an iteration.
   *
   * @param adjustFlag whether the flag's experiment fields are set so that it can begin.
   * @throws Refusal `not-ready` with what speaks against it.
   */
  async start(
    target: ExperimentTarget,
    adjustFlag: boolean,
    action: 'start' | 'restart' = 'start',
  ): Promise<Experiment> {
    const { storage } = this.#parts;
    const environmentId = target.environment.id;
    const { experiment } = await this.#targeted(target);
    after(experiment.state, action);
    const { settings } = experiment;
    await this.#ready(environmentId, experiment, adjustFlag);
    if (adjustFlag) {
      await makeEdit(storage, letUsersIn(flagOf(target, settings), comparedIn(settings)));
    }
    await this.#parts.marking.settled();
    const flag = await this.#flagOf(environmentId, settings);
    const plan = planOf(settings, flag, await storage.experiments.metrics(environmentId));
    return this.#change(target, experiment, action, { decision: null }, async (repositories, start) => {
      await this.#end(target, start, repositories);
      await repositories.addIteration(environmentId, {
        ...{ experimentKey: experiment.key, plan, start, end: null, pauses: [], marks: [], isFrozen: false },
        ...{ startedBy: target.by, stoppedBy: null },
      });
    });
  }

  async pause(target: ExperimentTarget): Promise<Experiment> {
    return this.#changeIteration(target, 'pause', (iteration, from) => ({
      ...iteration,
      pauses: [...iteration.pauses, { from, to: null }],
    }));
  }

  async resume(target: ExperimentTarget): Promise<Experiment> {
    return this.#changeIteration(target, 'resume', (iteration, now) => ({
      ...iteration,
      pauses: iteration.pauses.map((pause) => ({ ...pause, to: pause.to ?? now })),
    }));
  }

  async stop(target: ExperimentTarget): Promise<Experiment> {
    const { experiment } = await this.#targeted(target);
    return this.#change(target, experiment, 'stop', {}, (repositories, now) => this.#end(target, now, repositories));
  }

  async archive(target: ExperimentTarget, action: 'archive' | 'restore'): Promise<Experiment> {
    const { experiment } = await this.#targeted(target);
    return this.#change(target, experiment, action, {});
  }

  /** Ends the experiment and serves one variation to everybody who was part of it: the winner, or the control. */
  async decide(target: ExperimentTarget, kind: Decision['kind'], wanted: string | undefined): Promise<Experiment> {
    const { storage, clock } = this.#parts;
    const { experiment, iterations } = await this.#targeted(target);
    after(experiment.state, 'decide');
    const { plan } = iterations.at(-1) ?? {};
    const compared = plan?.variations.map(({ id }) => id) ?? comparedIn(experiment.settings);
    const variation = kind === 'put-back' ? compared[0] : wanted;
    if (variation === undefined || !compared.includes(variation)) {
      throw new Refusal('invalid-request', `variation: Must be one of ${compared.join(', ')}.`);
    }
    const decision: Decision = { kind, variation, at: clock.now(), by: target.by };
    // Ended first: what the decision changes in the flag is no change while it ran.
    const changed = await this.#change(target, experiment, 'decide', { decision }, (repositories, now) =>
      this.#end(target, now, repositories),
    );
    await makeEdit(storage, serveToAll(flagOf(target, experiment.settings), compared, variation));
    return changed;
  }

  /** Counts an iteration anew from the single events that are kept. */
  async recount(target: ExperimentTarget): Promise<void> {
    const { storage } = this.#parts;
    const { experimentData } = storage;
    const { experiment, iterations } = await this.#targeted(target);
    after(experiment.state, 'recount');
    const iteration = iterations.at(-1);
    if (iteration === undefined || iteration.isFrozen) {
      throw new Refusal('wrong-state', 'The results are frozen: what they were counted from is gone.');
    }
    await this.#parts.intake.exclusively(async () => {
      let progress = await experimentData.rebuild(iteration);
      while (progress !== undefined) {
        await setImmediate();
        progress = await experimentData.rebuild(iteration, progress);
      }
    });
    await storage.audit.append(auditOf(target, 'recount'));
    this.#parts.changed(target.environment.id, target.key);
  }

  async #targeted(target: ExperimentTarget): Promise<ExperimentWithIterations> {
    const found = await this.#parts.reading.get(target.environment.id, target.key);
    if (target.precondition?.(found.experiment.revision) === false) throw mismatch();
    return found;
  }

  async #ready(environmentId: string, experiment: Experiment, adjustFlag: boolean): Promise<void> {
    const { checks, adjusted } = await this.#parts.reading.readiness(environmentId, experiment);
    const errors = (adjustFlag ? adjusted : checks).filter(({ level }) => level === 'error');
    if (errors.length === 0) return;
    const isAdjustable = !adjustFlag && adjusted.every(({ level }) => level !== 'error');
    const hint = isAdjustable ? ' Send "adjustFlag": true to have the flag set so.' : '';
    throw new Refusal('not-ready', `${errors.map(({ message }) => message).join(' ')}${hint}`);
  }

  async #flagOf(environmentId: string, { flagKey }: ExperimentSettings): Promise<FlagAtHand> {
    const flag = await readFlagAtHand(this.#parts.storage.documents, environmentId, flagKey);
    if (flag === undefined) throw new Refusal('not-ready', `There is no flag ${flagKey}.`);
    return flag;
  }

  async #changeIteration(
    target: ExperimentTarget,
    action: 'pause' | 'resume',
    change: (iteration: Iteration, now: number) => Iteration,
  ): Promise<Experiment> {
    const { experiment } = await this.#targeted(target);
    return this.#change(target, experiment, action, {}, async (repositories, now) => {
      const iteration = this.#runningOf(target.environment.id, experiment.key);
      if (iteration !== undefined) await repositories.saveIteration(change(iteration, now));
    });
  }

  /** Ends the iteration that runs, if there is one. */
  async #end(
    { environment, key, by }: ExperimentTarget,
    end: number,
    repositories: Storage['experiments'],
  ): Promise<void> {
    const iteration = this.#runningOf(environment.id, key);
    if (iteration === undefined) return;
    const pauses = iteration.pauses.map((pause) => ({ ...pause, to: pause.to ?? end }));
    await repositories.saveIteration({ ...iteration, end, pauses, stoppedBy: by });
  }

  #runningOf(environmentId: string, key: string): Iteration | undefined {
    return this.#parts.intake
      .iterations(environmentId)
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

  /** Changes an experiment, and its iterations, as one; nothing is counted meanwhile. */
  async #change(
    target: ExperimentTarget,
    before: Experiment,
    action: ExperimentAction,
    change: Partial<Experiment>,
    work: (experiments: Storage['experiments'], now: number) => Promise<void> = async () => {},
  ): Promise<Experiment> {
    const { environment, key } = target;
    if (target.precondition?.(before.revision) === false) throw mismatch();
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
      const now = await this.#momentFor(this.#runningOf(environment.id, key));
      await storage.transact(async ({ experiments, audit }) => {
        if (!(await experiments.save(environment.id, changed, before.revision))) throw mismatch();
        await work(experiments, now);
        await audit.append({ ...auditOf(target, ACTS[action]), before: saidOf(before), after: saidOf(changed) });
      });
      const open = (await storage.experiments.openIterations()).filter((one) => one.environmentId === environment.id);
      await this.#parts.intake.watch(
        environment.id,
        open.map(({ iteration }) => iteration),
      );
    });
    this.#parts.changed(environment.id, key);
    return changed;
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

/** The flag of an experiment, to be changed; the audit log of the flag says for which experiment. */
function flagOf({ environment, by, note, key }: ExperimentTarget, { flagKey }: ExperimentSettings): FlagTarget {
  return { environment, by, key: flagKey, note: { ...note, comment: note?.comment ?? `For the experiment ${key}` } };
}

/** What the audit log says about an experiment. */
function auditOf(
  { by: actor, note, environment, key }: ExperimentTarget,
  action: string,
): Omit<AuditDraft, 'before' | 'after'> {
  return { ...note, actor, action, subject: { kind: 'experiment', key, environment: environment.key } };
}

function mismatch(): Refusal {
  return new Refusal(
    'version-mismatch',
    'The experiment has changed meanwhile: read it again, then repeat the change.',
  );
}
