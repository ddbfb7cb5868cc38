import { setImmediate } from 'node:timers/promises';
import type { FlagDocument } from 'fbclient/core';
import { makeEdit } from '../documents/edit.js';
import type { Actor } from '../model/actor.js';
import type { Caller } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import type {
  Decision,
  Experiment,
  ExperimentSettings,
  Iteration,
  IterationSums,
  MetricDefinition,
  SeriesPoint,
} from '../model/experiment.js';
import { Refusal } from '../model/refusal.js';
import type { Clock } from '../runtime/clock.js';
import { Listeners } from '../runtime/listeners.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { Storage } from '../storage/storage.js';
import { type Check, checksOf } from './checks.js';
import { countingOf } from './counting/counting.js';
import { emptySums } from './counting/sums.js';
import { letUsersIn, serveToAll } from './flag-edits.js';
import { lettingIn } from './flag-shares.js';
import { readFlagAtHand } from './flags-at-hand.js';
import { ExperimentIntake } from './intake/intake.js';
import { after, type ExperimentAction } from './life.js';
import { Marking } from './marking.js';
import { type FlagAtHand, planOf } from './plan.js';
import type { Counted } from './results.js';
import { usersPerDay } from './series.js';
import { readSettings } from './settings.js';
import { Upkeep } from './upkeep.js';

/** What an environment takes; each is read as a whole for a list. */
const MAX_EXPERIMENTS = 500;
const MAX_METRICS = 500;

/** Something new about an experiment. */
export interface ExperimentChange {
  readonly environmentId: string;
  readonly key: string;
}

export interface ExperimentServiceParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Which experiment is meant, by whom, and on what condition. */
export interface ExperimentTarget {
  readonly environment: Pick<Environment, 'id'>;
  readonly key: string;
  readonly by: Caller;
  /** Whether it may be done to an experiment of this revision; `undefined` = to none yet. Absent = always. */
  readonly precondition?: ((revision: number | undefined) => boolean) | undefined;
}

/** An experiment with its iterations. */
export interface ExperimentWithIterations {
  readonly experiment: Experiment;
  readonly iterations: readonly Iteration[];
}

/** What was found before a start. */
export interface Readiness {
  readonly checks: readonly Check[];
  /** The same if the flag's experiment fields were set. */
  readonly adjusted: readonly Check[];
  readonly usersPerDay: number | undefined;
}

/** The experiments of all environments: the one way in which they are made, started, stopped and read. */
export class ExperimentService {
  readonly intake: ExperimentIntake;
  readonly #parts: ExperimentServiceParts;
  readonly #marking: Marking;
  readonly #upkeep: Upkeep;
  readonly #changes: Listeners<ExperimentChange>;

  constructor(parts: ExperimentServiceParts) {
    this.#parts = parts;
    const { storage, clock, log } = parts;
    this.#changes = new Listeners((error) => log.error('a listener failed', { error: errorText(error) }));
    this.intake = new ExperimentIntake({
      experiments: storage.experiments,
      data: storage.experimentData,
      clock,
      onCounted: (environmentId, iterations) => this.#upkeep.counted(environmentId, iterations),
    });
    const { intake } = this;
    const changed = (environmentId: string, key: string) => this.#changes.emit({ environmentId, key });
    this.#upkeep = new Upkeep({ storage, intake, clock, log, onResults: changed });
    this.#marking = new Marking({
      ...{ storage, intake, log },
      onMarked: (environmentId, { experimentKey }) => changed(environmentId, experimentKey),
    });
  }

  /** Goes on with what ran when the center was stopped. */
  async open(): Promise<void> {
    await this.intake.load();
    await this.#marking.load();
    this.#upkeep.start();
  }

  async close(): Promise<void> {
    this.#marking.close();
    await this.#upkeep.close();
    await this.#marking.settled();
  }

  /** @returns a function that ends the subscription. */
  onChange(listener: (change: ExperimentChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Fulfils when every change of flags so far was looked at. */
  settled(): Promise<void> {
    return this.#marking.settled();
  }

  async saveMetric(environmentId: string, metric: MetricDefinition): Promise<'created' | 'replaced'> {
    const { experiments } = this.#parts.storage;
    const known = await experiments.metrics(environmentId);
    const isKnown = known.some(({ key }) => key === metric.key);
    if (!isKnown && known.length >= MAX_METRICS) throw full('metrics', MAX_METRICS);
    await experiments.saveMetric(environmentId, metric);
    return isKnown ? 'replaced' : 'created';
  }

  async deleteMetric(environmentId: string, key: string): Promise<void> {
    const { experiments } = this.#parts.storage;
    const users = (await experiments.list(environmentId)).filter(
      ({ state, settings }) => state !== 'archived' && settings.metrics.some((use) => use.key === key),
    );
    if (users.length > 0) {
      const names = users.map((one) => one.key).join(', ');
      throw new Refusal('metric-in-use', `It is a metric of ${names}: take it out there, or archive them.`);
    }
    if (await experiments.deleteMetric(environmentId, key)) return;
    throw new Refusal('not-found', 'There is no such metric in this environment.');
  }

  async get(environmentId: string, key: string): Promise<ExperimentWithIterations> {
    const { experiments } = this.#parts.storage;
    const experiment = await experiments.get(environmentId, key);
    if (experiment === undefined) throw missing();
    return { experiment, iterations: await experiments.iterations(environmentId, key) };
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
      throw full('experiments', MAX_EXPERIMENTS);
    const at = clock.now();
    const experiment: Experiment = {
      ...{ key: target.key, revision: 1, state: 'draft', settings, decision: null },
      ...{ createdAt: at, createdBy: actorOf(target.by), updatedAt: at },
    };
    if (!(await storage.experiments.save(environmentId, experiment, 0))) throw mismatch();
    this.#changes.emit({ environmentId, key: target.key });
    return { experiment, isNew: true };
  }

  async delete(target: ExperimentTarget): Promise<void> {
    const { experiments } = this.#parts.storage;
    const { experiment } = await this.#targeted(target);
    after(experiment.state, 'delete');
    const environmentId = target.environment.id;
    await this.intake.exclusively(async () => {
      const others = this.intake.iterations(environmentId).filter(({ experimentKey }) => experimentKey !== target.key);
      await this.intake.watch(environmentId, others);
    });
    while (!(await experiments.delete(environmentId, target.key))) await setImmediate();
    this.#changes.emit({ environmentId, key: target.key });
  }

  /** What speaks against a start now. */
  async readiness(environmentId: string, experiment: Pick<Experiment, 'key' | 'settings'>): Promise<Readiness> {
    const { storage } = this.#parts;
    const { settings } = experiment;
    const flag = await readFlagAtHand(storage.documents, environmentId, settings.flagKey);
    const { metrics: seen } = await storage.insights.report(environmentId);
    const perDay = await this.#usersPerDay(environmentId, settings.flagKey);
    const others = this.intake
      .iterations(environmentId)
      .filter(
        ({ plan, end, experimentKey }) =>
          end === null && plan.flagKey === settings.flagKey && experimentKey !== experiment.key,
      );
    const hasExcludedSegment =
      settings.excludedSegment === null ||
      (await storage.documents.state(environmentId, 'segment', settings.excludedSegment)) === 'active';
    const situation = {
      ...{ settings, hasExcludedSegment, usersPerDay: perDay },
      metrics: await storage.experiments.metrics(environmentId),
      seen: new Map(seen.map(({ eventName, lastAt }) => [eventName, lastAt])),
      others: others.map(({ experimentKey }) => experimentKey),
    };
    const adjusted: FlagDocument | undefined = flag && {
      ...flag.document,
      ...lettingIn(flag.document, comparedIn(settings)),
    };
    return {
      checks: checksOf({ ...situation, flag: flag?.document }),
      adjusted: checksOf({ ...situation, flag: adjusted }),
      usersPerDay: perDay,
    };
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
      const { environment, by } = target;
      await makeEdit(storage, letUsersIn({ environment, key: settings.flagKey, by }, comparedIn(settings)));
    }
    await this.#marking.settled();
    const flag = await this.#flagOf(environmentId, settings);
    const plan = planOf(settings, flag, await storage.experiments.metrics(environmentId));
    return this.#change(target, experiment, action, { decision: null }, async (repositories, start) => {
      await this.#end(target, start, repositories);
      await repositories.addIteration(environmentId, {
        ...{ experimentKey: experiment.key, plan, start, end: null, pauses: [], marks: [], isFrozen: false },
        ...{ startedBy: actorOf(target.by), stoppedBy: null },
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
    const by = actorOf(target.by);
    const decision: Decision = { kind, variation, at: clock.now(), by };
    // Ended first: what the decision changes in the flag is no change while it ran.
    const changed = await this.#change(target, experiment, 'decide', { decision }, (repositories, now) =>
      this.#end(target, now, repositories),
    );
    const { environment } = target;
    const edit = serveToAll({ environment, key: experiment.settings.flagKey, by: target.by }, compared, variation);
    await makeEdit(storage, edit);
    return changed;
  }

  /** Counts an iteration anew from the single events that are kept. */
  async recount(target: ExperimentTarget): Promise<void> {
    const { experimentData } = this.#parts.storage;
    const { experiment, iterations } = await this.#targeted(target);
    after(experiment.state, 'recount');
    const iteration = iterations.at(-1);
    if (iteration === undefined || iteration.isFrozen) {
      throw new Refusal('wrong-state', 'The results are frozen: what they were counted from is gone.');
    }
    await this.intake.exclusively(async () => {
      let progress = await experimentData.rebuild(iteration);
      while (progress !== undefined) {
        await setImmediate();
        progress = await experimentData.rebuild(iteration, progress);
      }
    });
    this.#changes.emit({ environmentId: target.environment.id, key: target.key });
  }

  /** Forgets the key of an environment's pseudonyms: what is kept of users is nobody's from then on. */
  async forgetPseudonyms(environmentId: string): Promise<void> {
    if (this.intake.iterations(environmentId).length > 0) {
      const message = 'An experiment still counts, up to 72 hours after its end: its users would all be new ones.';
      throw new Refusal('wrong-state', message);
    }
    await this.#parts.storage.experimentData.dropPseudonymKey(environmentId);
  }

  /** What an iteration has counted. */
  async counted(iteration: Iteration): Promise<Counted> {
    const { experimentData } = this.#parts.storage;
    const sums = (await experimentData.sums(iteration.id)) ?? emptySums(countingOf(iteration));
    const series = await experimentData.series(iteration.id);
    return { iteration, sums, usersPerDay: this.#perDay(iteration, sums, series) };
  }

  series(iteration: Iteration): Promise<readonly SeriesPoint[]> {
    return this.#parts.storage.experimentData.series(iteration.id);
  }

  #perDay(iteration: Iteration, sums: IterationSums, series: readonly SeriesPoint[]): number | undefined {
    const at = Math.min(this.#parts.clock.now(), iteration.end ?? Number.POSITIVE_INFINITY);
    return usersPerDay(series, { at, users: usersIn(sums) }, iteration.start);
  }

  /** Of the latest iteration of any experiment on a flag. */
  async #usersPerDay(environmentId: string, flagKey: string): Promise<number | undefined> {
    const { experiments } = this.#parts.storage;
    const onFlag = (await experiments.list(environmentId)).filter(({ settings }) => settings.flagKey === flagKey);
    let latest: Iteration | undefined;
    for (const { key } of onFlag) {
      const last = (await experiments.iterations(environmentId, key)).at(-1);
      if (last !== undefined && last.start > (latest?.start ?? 0)) latest = last;
    }
    return latest && (await this.counted(latest)).usersPerDay;
  }

  async #targeted(target: ExperimentTarget): Promise<ExperimentWithIterations> {
    const found = await this.get(target.environment.id, target.key);
    if (target.precondition?.(found.experiment.revision) === false) throw mismatch();
    return found;
  }

  async #ready(environmentId: string, experiment: Experiment, adjustFlag: boolean): Promise<void> {
    const { checks, adjusted } = await this.readiness(environmentId, experiment);
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
    await repositories.saveIteration({ ...iteration, end, pauses, stoppedBy: actorOf(by) });
  }

  #runningOf(environmentId: string, key: string): Iteration | undefined {
    return this.intake
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
    { environment, precondition, key }: ExperimentTarget,
    before: Experiment,
    action: ExperimentAction,
    change: Partial<Experiment>,
    work: (experiments: Storage['experiments'], now: number) => Promise<void> = async () => {},
  ): Promise<Experiment> {
    if (precondition?.(before.revision) === false) throw mismatch();
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
    await this.intake.exclusively(async () => {
      const now = await this.#momentFor(this.#runningOf(environment.id, key));
      await storage.transact(async ({ experiments }) => {
        if (!(await experiments.save(environment.id, changed, before.revision))) throw mismatch();
        await work(experiments, now);
      });
      const open = (await storage.experiments.openIterations()).filter((one) => one.environmentId === environment.id);
      await this.intake.watch(
        environment.id,
        open.map(({ iteration }) => iteration),
      );
    });
    this.#changes.emit({ environmentId: environment.id, key });
    return changed;
  }
}

/** The ids of the variations that are compared, the control first. */
function comparedIn({ control, treatments }: ExperimentSettings): readonly string[] {
  return [control, ...treatments];
}

function usersIn({ variations }: IterationSums): number {
  return variations.reduce((sum, { users }) => sum + users, 0);
}

function actorOf(caller: Caller): Actor {
  return caller.kind === 'admin' ? caller.actor : { kind: 'center', id: 'center', name: 'fbcenter' };
}

function missing(): Refusal {
  return new Refusal('not-found', 'There is no such experiment in this environment.');
}

function mismatch(): Refusal {
  return new Refusal(
    'version-mismatch',
    'The experiment has changed meanwhile: read it again, then repeat the change.',
  );
}

function full(what: string, most: number): Refusal {
  return new Refusal('limit-reached', `An environment takes ${most} ${what}: delete what is not needed.`);
}
