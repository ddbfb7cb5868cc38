import type {
  Experiment,
  Iteration,
  IterationSums,
  MetricDefinition,
  SeriesPoint,
  UncountedEvents,
} from '../model/experiment.js';

/** The experiments of environments, their metrics and their iterations: what was decided, not what was counted. */
export interface Experiments {
  /** The metrics of an environment, ordered by key. */
  metrics(environmentId: string): Promise<readonly MetricDefinition[]>;
  saveMetric(environmentId: string, metric: MetricDefinition): Promise<void>;
  /** @returns `false` when there is no such metric. */
  deleteMetric(environmentId: string, key: string): Promise<boolean>;

  /** Ordered by key. */
  list(environmentId: string): Promise<readonly Experiment[]>;
  get(environmentId: string, key: string): Promise<Experiment | undefined>;
  /**
   * Creates or replaces an experiment.
   *
   * @param revision the one that it must have now; 0 = there must be none yet.
   * @returns `false` when it has another one: somebody was faster. Nothing is changed then.
   */
  save(environmentId: string, experiment: Experiment, revision: number): Promise<boolean>;
  /** Forgets an experiment with everything that it has counted. Call it until it returns `true`: each call does a part. */
  delete(environmentId: string, key: string): Promise<boolean>;

  /** The iterations of an experiment in their order. */
  iterations(environmentId: string, key: string): Promise<readonly Iteration[]>;
  /** Every iteration of every environment that may still change, by the environment's id. */
  openIterations(): Promise<readonly { readonly environmentId: string; readonly iteration: Iteration }[]>;
  /** Adds an iteration, under the next number of its experiment. */
  addIteration(environmentId: string, iteration: Omit<Iteration, 'id' | 'number'>): Promise<Iteration>;
  /** Replaces an iteration, which is found by its id. */
  saveIteration(iteration: Iteration): Promise<void>;
}

/** An event that counts in experiments. Users are pseudonyms, as whole numbers below 2^53. */
export type CountedEvent = {
  readonly user: number;
  readonly at: number /** Its place in its request. */;
  readonly place: number;
} & (
  | {
      readonly kind: 'exposure';
      readonly iteration: number;
      /** A place in the iteration's plan, or why the user is left out: see counting/participant.ts. */
      readonly variation: number;
    }
  | { readonly kind: 'metric'; readonly event: string; readonly value: number }
);

/** What a request brings to the experiments of its environment, or a part of it. */
export interface CountedRequest {
  /** Tells it from every other request; the same for one that is delivered again. */
  readonly hash: string;
  /** In the order of their places. */
  readonly events: readonly CountedEvent[];
  /** The place after the last one of this part; `undefined` = the request is complete with it. */
  readonly next: number | undefined;
  /** By iteration. */
  readonly uncounted: ReadonlyMap<number, UncountedEvents>;
}

/** What experiments have counted. */
export interface ExperimentData {
  /** The key of an environment's pseudonyms, as hexadecimal text; made when there is none. */
  pseudonymKey(environmentId: string): Promise<string>;
  /** Forgets it: from then on nobody can tell whose the pseudonyms were. */
  dropPseudonymKey(environmentId: string): Promise<void>;
  /**
   * Counts requests, each event once however often its request is delivered, all in one transaction. A killed process loses none
   * of what was acknowledged; a power cut may take the last ones.
   *
   * Events of metrics are kept also when none of them counts them: an experiment that has not begun may look back to them.
   *
   * @param iterations all of the environment that may still change.
   */
  take(environmentId: string, requests: readonly CountedRequest[], iterations: readonly Iteration[]): Promise<void>;
  /** What an iteration has counted; `undefined` when it has counted nothing yet. */
  sums(iterationId: number): Promise<IterationSums | undefined>;
  /**
   * Makes the totals and sums of an iteration anew from the single events that are kept, a part of its users with each call.
   *
   * Nothing must be counted in between.
   *
   * @param progress what the last call has returned; absent = from the beginning.
   * @returns what to go on with, or `undefined` when it is done and the sums are replaced.
   */
  rebuild(iteration: Iteration, progress?: RebuildProgress): Promise<RebuildProgress | undefined>;
  /** Forgets what is kept of single users of an iteration that is frozen. Call it until it returns `true`: each call does a part. */
  forgetUsers(iterationId: number): Promise<boolean>;
  /**
   * Forgets single events that nobody needs, a part of them with each call.
   *
   * @param needed names of events that are needed, with the time from which on they are. Events of other names go altogether.
   * @param progress what the last call has returned; absent = from the beginning.
   * @returns what to go on with, or `undefined` when it is done.
   */
  forgetEvents(
    environmentId: string,
    needed: ReadonlyMap<string, number>,
    progress?: ForgettingProgress,
  ): Promise<ForgettingProgress | undefined>;
  /** Forgets requests that were taken before a time. Call it until it returns `true`. */
  forgetRequests(before: number): Promise<boolean>;
  /** In the order of time. */
  series(iterationId: number): Promise<readonly SeriesPoint[]>;
  /** Replaces the series of an iteration. */
  saveSeries(iterationId: number, series: readonly SeriesPoint[]): Promise<void>;
}

/** How far old events were looked for. */
export interface ForgettingProgress {
  /** The name that was looked at last. */
  readonly event: string;
  /** The last of its users; `undefined` = it is done. */
  readonly user: number | undefined;
}

export interface RebuildProgress {
  readonly after: number;
  readonly sums: IterationSums;
}
