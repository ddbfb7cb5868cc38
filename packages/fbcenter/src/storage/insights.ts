import type { InsightReport, Tally } from '../model/tally.js';

/** How many distinct entries insights may make in an environment, so that made-up names cannot fill the disk. */
export interface InsightLimits {
  readonly evaluationEntries: number;
  readonly metricEntries: number;
}

export const INSIGHT_LIMITS: InsightLimits = { evaluationEntries: 20_000, metricEntries: 2_000 };

/** What SDKs have reported, added up. */
export interface Insights {
  /**
   * Adds tallies to what environments have, by their ids. A killed process loses none of them; a power cut may take the
   * last ones, unless they are part of a transaction that writes something else.
   */
  record(tallies: ReadonlyMap<string, Tally>): Promise<void>;
  report(environmentId: string): Promise<InsightReport>;
  /**
   * Forgets what was reported.
   *
   * @param flagKey the flag whose evaluations are forgotten; absent = everything of the environment.
   */
  forget(environmentId: string, flagKey?: string): Promise<void>;
}
