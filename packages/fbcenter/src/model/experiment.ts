import type { Actor } from './actor.js';

/** What is made of one user's events of a name: 1 for at least one, how many, the sum of their values. */
type Aggregation = 'conversion' | 'count' | 'sum';

/** A number that is made of one user's events. Times are milliseconds after the user's first exposure. */
export interface Measure {
  /** The name of the events that count. */
  readonly event: string;
  readonly aggregation: Aggregation;
  /** From when on they count; below 0 = before the exposure. */
  readonly from: number;
  /** Until when they count, excluded; null = until the end of the experiment. */
  readonly until: number | null;
  /** The greatest value of one user; null = no bound. */
  readonly cap: number | null;
}

export type MetricType = Aggregation | 'ratio' | 'retention';

/** One side of a ratio. */
export interface RatioPart {
  readonly event: string;
  readonly aggregation: 'count' | 'sum';
}

/** Something that an environment measures: what the events of a name say about a user. */
export interface MetricDefinition {
  readonly key: string;
  /** What people call it. */
  readonly name: string;
  readonly type: MetricType;
  /** The name of the events; of a ratio that of the numerator. */
  readonly event: string;
  /** Of a ratio: what of the events is divided. */
  readonly aggregation: 'count' | 'sum' | null;
  /** Of a ratio: what it is divided by. */
  readonly denominator: RatioPart | null;
  readonly lowerIsBetter: boolean;
  /** The greatest value of one user, fixed before the start; null = no bound. */
  readonly cap: number | null;
  /** For how many hours events count; null = until the end. */
  readonly windowHours: number | null;
  /** Of a retention: after how many days the window begins. */
  readonly delayDays: number | null;
}

/** Goals decide, guardrails warn of harm, secondary metrics are explored. */
export type MetricRole = 'goal' | 'guardrail' | 'secondary';

/** What a metric is to an experiment. */
export interface MetricUse {
  /** Of a metric of the environment. */
  readonly key: string;
  readonly role: MetricRole;
  /** Of a guardrail: the relative loss that would be accepted. */
  readonly margin: number | null;
  /** The smallest relative effect that would matter. */
  readonly plannedEffect: number | null;
}

/** What is chosen before the start. */
export interface ExperimentSettings {
  readonly name: string;
  /** What is believed, in the words of whoever believes it. */
  readonly hypothesis: string;
  readonly flagKey: string;
  /** The id of the variation that the others are compared with. */
  readonly control: string;
  /** The ids of those that are compared with it. */
  readonly treatments: readonly string[];
  readonly metrics: readonly MetricUse[];
  readonly method: 'always-valid' | 'fixed';
  readonly alpha: number;
  readonly power: number;
  /** Users of two compared variations together. */
  readonly plannedUsers: number;
  /** The id of a segment whose users are left out; null = nobody. */
  readonly excludedSegment: string | null;
  /**
   * For how many days before the exposure users' own values are subtracted (CUPED); null, and absent in what older versions have kept =
   * they are not.
   */
  readonly covariateDays?: number | null;
}

export type ExperimentState = 'draft' | 'running' | 'paused' | 'stopped' | 'archived';

/** What was decided at the end. */
export interface Decision {
  readonly kind: 'roll-out' | 'put-back';
  /** The id of the variation that everybody is served now. */
  readonly variation: string;
  readonly at: number;
  readonly by: Actor;
}

/** An experiment as it is kept, without what it has counted. */
export interface Experiment {
  readonly key: string;
  /** Grows with each change. */
  readonly revision: number;
  readonly state: ExperimentState;
  readonly settings: ExperimentSettings;
  readonly createdAt: number;
  readonly createdBy: Actor;
  readonly updatedAt: number;
  readonly decision: Decision | null;
}

/** A variation as it was when an iteration began. */
interface PlannedVariation {
  readonly id: string;
  readonly value: string;
  /** Its expected share of the users, in any scale; null = rules that serve different shares feed the experiment. */
  readonly weight: number | null;
}

/** What is frozen when an iteration begins. */
export interface Plan {
  readonly flagKey: string;
  /** The version of the flag. */
  readonly flagVersion: number;
  /** The compared ones, the control first. */
  readonly variations: readonly PlannedVariation[];
  readonly metrics: readonly (MetricUse & { readonly definition: MetricDefinition })[];
  readonly method: 'always-valid' | 'fixed';
  readonly alpha: number;
  readonly power: number;
  readonly plannedUsers: number;
  readonly excludedSegment: string | null;
  /** As in the settings. */
  readonly covariateDays?: number | null;
  /** Of each part of the flag that decides who gets what, and of each segment that it asks about: a digest. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** A change of the flag, or of a segment that it uses, while an iteration ran. */
export interface Mark {
  readonly at: number;
  /** What was changed, such as `rules`, `fallthrough` or `segment beta-users`. */
  readonly what: readonly string[];
  /** The version of the flag that has the change. */
  readonly flagVersion: number;
  /** Who changed it, as the flag says it. */
  readonly by: string;
}

/** A time in which nobody enters an iteration; `to` is null while it lasts. */
export interface Pause {
  readonly from: number;
  readonly to: number | null;
}

/** One run of an experiment, which counts from its own start. */
export interface Iteration {
  /** Of all environments. */
  readonly id: number;
  readonly experimentKey: string;
  /** 1 for the first one of the experiment. */
  readonly number: number;
  readonly plan: Plan;
  /** Milliseconds since 1970, included. */
  readonly start: number;
  /** Excluded; null while it runs. */
  readonly end: number | null;
  readonly pauses: readonly Pause[];
  readonly marks: readonly Mark[];
  readonly startedBy: Actor;
  readonly stoppedBy: Actor | null;
  /** Nothing changes any more, and what was kept of single users is gone. */
  readonly isFrozen: boolean;
}

/** What was added up of a metric in a variation, over its users. */
export interface MetricSums {
  /** Users whose value is not 0. */
  readonly nonzero: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Of a ratio's denominator, or of what the users did before when that is subtracted; otherwise 0. */
  readonly denominatorSum: number;
  readonly denominatorSumSquares: number;
  /** Of each user's value × the other one. */
  readonly sumProducts: number;
  /** What each of the five sums, in this order, is more than the number that it is rounded to. */
  readonly rests: readonly number[];
  /** The greatest amount of one user that was seen, of either sign. */
  readonly largest: number;
}

/** Events that are about an iteration and count for nothing. */
export interface UncountedEvents {
  /** Events that came more than 72 hours after their time. */
  readonly late: number;
  /** Metric events whose value is too large to be anything but a mistake. */
  readonly oversized: number;
  /** Evaluations by an SDK that does not say whether they count; FeatBit takes that for no. */
  readonly undeclared: number;
}

/** What an iteration has counted. */
export interface IterationSums extends UncountedEvents {
  /** In the order of the plan. */
  readonly variations: readonly { readonly users: number; readonly metrics: readonly MetricSums[] }[];
  /** Users who are left out. */
  readonly excluded: {
    /** Seen with several variations. */
    readonly several: number;
    /** Targets of the flag: nobody has thrown a die for them. */
    readonly targeted: number;
    /** Of the segment that is left out. */
    readonly segment: number;
  };
  /** Requests that were delivered again. */
  readonly replays: number;
  /** The time of the newest event that counts, in milliseconds since 1970; null without one. */
  readonly newest: number | null;
}

/** A look at an experiment's results at some time. */
export interface SeriesPoint {
  readonly at: number;
  readonly users: number;
  readonly intervals: readonly {
    readonly metric: string;
    readonly variation: string;
    /** Relative to the control; null where there is no such number yet. */
    readonly uplift: number | null;
    readonly low: number | null;
    readonly high: number | null;
  }[];
}
