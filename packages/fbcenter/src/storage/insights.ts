import type { BucketUnit } from '../model/buckets.js';
import type { BucketCount, FlagUsage, InsightReport, Tally } from '../model/tally.js';

/** How many distinct entries insights may make in an environment, so that made-up names cannot fill the disk. */
export interface InsightLimits {
  readonly evaluationEntries: number;
  readonly metricEntries: number;
}

export const INSIGHT_LIMITS: InsightLimits = { evaluationEntries: 20_000, metricEntries: 2_000 };

/** The users of a flag on a day, as a sketch that knows none of them. */
export interface DayOfUsers {
  readonly environmentId: string;
  readonly flagKey: string;
  /** The number of the day, counted from 1970. */
  readonly day: number;
  readonly text: string;
}

/** What SDKs have reported, added up. */
export interface Insights {
  /**
   * Adds tallies to what environments have, by their ids. A killed process loses none of them; a power cut may take the
   * last ones, unless they are part of a transaction that writes something else.
   */
  record(tallies: ReadonlyMap<string, Tally>): Promise<void>;
  report(environmentId: string): Promise<InsightReport>;
  /**
   * Evaluations of a flag over time, by variation and bucket, as far as they are kept, without buckets of none. Buckets add up to what was recorded, whatever the
   * clock did.
   *
   * @param from the first bucket's number, and `to` the last one's.
   */
  history(
    environmentId: string,
    flagKey: string,
    unit: BucketUnit,
    from: number,
    to: number,
  ): Promise<readonly BucketCount[]>;
  /**
   * How flags were used; those without an evaluation are left out.
   *
   * @param sinceHour the first hour's number that is of interest; at most two days ago.
   * @param flagKeys the flags that are asked for; absent = all of the environment.
   */
  usage(environmentId: string, sinceHour: number, flagKeys?: readonly string[]): Promise<readonly FlagUsage[]>;
  /**
   * Keeps how many different users flags had: for each day a sketch that knows none of them, in the place of an earlier one of the day.
   * A power cut may take the last ones.
   *
   * @param oldest the first day that is of interest: older ones of the same flags are forgotten.
   */
  saveReach(days: readonly DayOfUsers[], oldest: number): Promise<void>;
  /** The sketches of a flag from a day on, in their order. */
  reach(environmentId: string, flagKey: string, from: number): Promise<readonly Pick<DayOfUsers, 'day' | 'text'>[]>;
  /**
   * Forgets what was reported.
   *
   * @param flagKey the flag whose evaluations are forgotten; absent = everything of the environment.
   */
  forget(environmentId: string, flagKey?: string): Promise<void>;
}
