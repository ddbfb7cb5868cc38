import type { FlagDocument } from 'fbclient/core';
import { bucketAt } from '../model/buckets.js';
import type { Experiment, ExperimentSettings, Iteration, IterationSums, SeriesPoint } from '../model/experiment.js';
import { Refusal } from '../model/refusal.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import { type Check, checksOf, type PlannedTime, plannedTime } from './checks.js';
import { countingOf } from './counting/counting.js';
import { emptySums } from './counting/sums.js';
import { lettingIn } from './flag-shares.js';
import { readFlagAtHand } from './flags-at-hand.js';
import type { ExperimentIntake } from './intake/intake.js';
import type { Counted } from './results.js';
import { usersPerDay } from './series.js';
import { REACH_DAYS, type ReachRecorder } from './traffic/reach.js';
import { trafficIn } from './traffic/traffic.js';

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
  /** How long it takes, once the flag lets its users in. */
  readonly time: PlannedTime | undefined;
}

export interface ExperimentReadingParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly intake: Pick<ExperimentIntake, 'iterations'>;
  readonly reach: Pick<ReachRecorder, 'write'>;
}

/** What there is to know of experiments. */
export class ExperimentReading {
  readonly #parts: ExperimentReadingParts;

  constructor(parts: ExperimentReadingParts) {
    this.#parts = parts;
  }

  async get(environmentId: string, key: string): Promise<ExperimentWithIterations> {
    const { experiments } = this.#parts.storage;
    const experiment = await experiments.get(environmentId, key);
    if (experiment === undefined) throw missing();
    return { experiment, iterations: await experiments.iterations(environmentId, key) };
  }

  /** What speaks against a start now. */
  async readiness(
    environmentId: string,
    experiment: Pick<Experiment, 'key' | 'settings' | 'createdAt'>,
  ): Promise<Readiness> {
    const { storage } = this.#parts;
    const { settings } = experiment;
    const flag = await readFlagAtHand(storage.documents, environmentId, settings.flagKey);
    const { metrics: seen } = await storage.insights.report(environmentId);
    const perDay = await this.#usersPerDay(environmentId, settings.flagKey);
    const now = this.#parts.clock.now();
    const today = bucketAt('day', now);
    await this.#parts.reach.write();
    const rows = await storage.insights.reach(environmentId, settings.flagKey, today - REACH_DAYS);
    const others = this.#parts.intake
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
      ...{ keptSince: experiment.createdAt, now, traffic: trafficIn(rows, today) },
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
      time: plannedTime({ ...situation, flag: adjusted }),
    };
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
}

/** The ids of the variations that are compared, the control first. */
export function comparedIn({
  control,
  treatments,
}: Pick<ExperimentSettings, 'control' | 'treatments'>): readonly string[] {
  return [control, ...treatments];
}

function usersIn({ variations }: IterationSums): number {
  return variations.reduce((sum, { users }) => sum + users, 0);
}

function missing(): Refusal {
  return new Refusal('not-found', 'There is no such experiment in this environment.');
}
