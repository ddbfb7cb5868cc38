import { setImmediate } from 'node:timers/promises';
import { makeEdit, tryEdit } from '../documents/edit.js';
import type { Decision, Experiment, ExperimentSettings } from '../model/experiment.js';
import { Refusal } from '../model/refusal.js';
import { type FlagTarget, letUsersIn, serveToAll } from './flag-edits.js';
import { readFlagAtHand } from './flags-at-hand.js';
import { after } from './life.js';
import type { Marking } from './marking.js';
import { watchAnew } from './needed-events.js';
import { type FlagAtHand, planOf } from './plan.js';
import { comparedIn, type ExperimentReading, type ExperimentWithIterations } from './reading.js';
import { readSettings } from './settings.js';
import { auditOf, demandRevision, type ExperimentTarget, mismatch } from './target.js';
import { type TransitionParts, Transitions } from './transitions.js';

/** What an environment takes; each is read as a whole for a list. */
const MAX_EXPERIMENTS = 500;

export interface ExperimentActionsParts extends TransitionParts {
  readonly marking: Marking;
  readonly reading: ExperimentReading;
}

/** The one way in which experiments are made, started, stopped and decided. */
export class ExperimentActions {
  readonly #parts: ExperimentActionsParts;
  readonly #transitions: Transitions;

  constructor(parts: ExperimentActionsParts) {
    this.#parts = parts;
    this.#transitions = new Transitions(parts);
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
      const experiment = await this.#transitions.make(target, before, 'edit', { settings });
      return { experiment, isNew: false };
    }
    demandRevision(target, undefined);
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
    await this.#watchAnew(environmentId);
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
    await this.#watchAnew(environmentId);
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
      await makeEdit(storage, letUsersIn(flagOf(target, settings.flagKey), comparedIn(settings)));
    }
    await this.#parts.marking.settled();
    const flag = await this.#flagOf(environmentId, settings);
    const plan = planOf(settings, flag, await storage.experiments.metrics(environmentId));
    return this.#transitions.make(target, experiment, action, { decision: null }, async (repositories, start) => {
      await this.#transitions.end(target, start, repositories);
      await repositories.addIteration(environmentId, {
        ...{ experimentKey: experiment.key, plan, start, end: null, pauses: [], marks: [], isFrozen: false },
        ...{ startedBy: target.by, stoppedBy: null },
      });
    });
  }

  async pause(target: ExperimentTarget): Promise<Experiment> {
    const { experiment } = await this.#targeted(target);
    return this.#transitions.makeWithin(target, experiment, 'pause', (iteration, from) => ({
      ...iteration,
      pauses: [...iteration.pauses, { from, to: null }],
    }));
  }

  async resume(target: ExperimentTarget): Promise<Experiment> {
    const { experiment } = await this.#targeted(target);
    return this.#transitions.makeWithin(target, experiment, 'resume', (iteration, now) => ({
      ...iteration,
      pauses: iteration.pauses.map((pause) => ({ ...pause, to: pause.to ?? now })),
    }));
  }

  async stop(target: ExperimentTarget): Promise<Experiment> {
    const { experiment } = await this.#targeted(target);
    return this.#transitions.make(target, experiment, 'stop', {}, (repositories, now) =>
      this.#transitions.end(target, now, repositories),
    );
  }

  async archive(target: ExperimentTarget, action: 'archive' | 'restore'): Promise<Experiment> {
    const { experiment } = await this.#targeted(target);
    return this.#transitions.make(target, experiment, action, {});
  }

  /**
   * Ends the experiment and serves one variation to everybody who was part of it: the winner, or the control.
   *
   * @throws Refusal when the flag cannot be changed so; then nothing has ended.
   */
  async decide(target: ExperimentTarget, kind: Decision['kind'], wanted: string | undefined): Promise<Experiment> {
    const { storage, clock } = this.#parts;
    const { experiment, iterations } = await this.#targeted(target);
    after(experiment.state, 'decide');
    const { plan } = iterations.at(-1) ?? {};
    // One that has stopped may have been given another flag for its next iteration.
    const flagKey = plan?.flagKey ?? experiment.settings.flagKey;
    const compared = plan?.variations.map(({ id }) => id) ?? comparedIn(experiment.settings);
    const variation = kind === 'put-back' ? compared[0] : wanted;
    if (variation === undefined || !compared.includes(variation)) {
      throw new Refusal('invalid-request', `variation: Must be one of ${compared.join(', ')}.`);
    }
    const edit = serveToAll(flagOf(target, flagKey), compared, variation);
    await tryEdit(storage, edit);
    const decision: Decision = { kind, variation, at: clock.now(), by: target.by };
    // Ended first: what the decision changes in the flag is no change while it ran.
    const changed = await this.#transitions.make(target, experiment, 'decide', { decision }, (repositories, now) =>
      this.#transitions.end(target, now, repositories),
    );
    await makeEdit(storage, edit);
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

  #watchAnew(environmentId: string): Promise<void> {
    const { storage, intake } = this.#parts;
    return intake.exclusively(() => watchAnew(storage, intake, environmentId));
  }

  async #targeted(target: ExperimentTarget): Promise<ExperimentWithIterations> {
    const found = await this.#parts.reading.get(target.environment.id, target.key);
    demandRevision(target, found.experiment.revision);
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
}

/** The flag of an experiment, to be changed; the audit log of the flag says for which experiment. */
function flagOf({ environment, by, note, key }: ExperimentTarget, flagKey: string): FlagTarget {
  return { environment, by, key: flagKey, note: { ...note, comment: note?.comment ?? `For the experiment ${key}` } };
}
