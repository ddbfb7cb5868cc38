import type { BucketUnit } from '../model/buckets.js';

/** How flags of an environment were used; those that were never evaluated are left out. */
export interface UsageBody {
  readonly items: readonly FlagUsageBody[];
  /** Keys that server SDKs have asked for since the center started and that no flag has, the latest first. */
  readonly unknown: readonly UnknownFlagBody[];
}

export interface UnknownFlagBody {
  readonly key: string;
  readonly count: number;
  /** As ISO 8601. */
  readonly lastAt: string;
}

export interface FlagUsageBody {
  readonly key: string;
  /** Evaluations since they are counted. */
  readonly count: number;
  /** As ISO 8601. */
  readonly lastAt: string;
  /** Evaluations in each of the last 24 hours, the current one at the end; absent when there was none. */
  readonly hours?: readonly number[];
}

/** The data of an event `usage`: the flags that were evaluated since the one before. */
export interface UsageEventBody {
  readonly items: readonly FlagUsageBody[];
  /** There is more than an event takes, or everything has changed: read all of it again. */
  readonly isPartial: boolean;
}

/** Evaluations of a flag over time. */
export interface EvaluationsBody {
  readonly bucket: BucketUnit;
  /** When the first bucket begins, as ISO 8601. */
  readonly from: string;
  /** How long each is, in milliseconds. */
  readonly length: number;
  /** The variations that were served, each with its evaluations in every bucket. */
  readonly variations: readonly { readonly id: string; readonly counts: readonly number[] }[];
}
