/** How often a variation of a flag was served. */
export interface EvaluationCount {
  readonly flagKey: string;
  readonly variationId: string;
  readonly count: number;
  /** How many of them belong to an experiment. */
  readonly experimentCount: number;
}

/** What was measured under one event name; every number is finite. */
export interface MetricCount {
  readonly eventName: string;
  readonly count: number;
  /** Stays at the largest number, of either sign, when the values add up to more than that. */
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** Insights added up: what is left of a request once the users are gone. */
export interface Tally {
  /** One for each flag and variation. */
  readonly evaluations: readonly EvaluationCount[];
  /** One for each event name. */
  readonly metrics: readonly MetricCount[];
  /** Users that were identified without an evaluation or a metric. */
  readonly identifications: number;
  /** Items that could not be understood. */
  readonly rejected: number;
}

/** Everything that insights have added up to in an environment. */
export interface InsightReport {
  readonly evaluations: readonly (EvaluationCount & { readonly lastAt: number })[];
  readonly metrics: readonly (MetricCount & { readonly lastAt: number })[];
  readonly identifications: number;
  readonly rejected: number;
  /** Counted in no entry of its own, because the environment had no room for another entry. */
  readonly overflow: { readonly evaluations: number; readonly metrics: number };
}

/** How often a variation was served in one bucket of time. */
export interface BucketCount {
  readonly variationId: string;
  /** The bucket's number, see buckets.ts. */
  readonly bucket: number;
  readonly count: number;
}

/** How a flag was used, whatever it served. */
export interface FlagUsage {
  readonly flagKey: string;
  /** Evaluations since they are counted. */
  readonly count: number;
  /** The last one, in Unix milliseconds. */
  readonly lastAt: number;
  /** Evaluations by the number of the hour; without hours of none. */
  readonly hours: ReadonlyMap<number, number>;
}
