import {
  type AdjustedEstimate,
  type Estimate,
  estimateAdjusted,
  estimateMeans,
  estimateRatios,
  type NoEstimate,
  type Pair,
} from './estimate.js';
import { DEFAULT_ALPHA, DEFAULT_TUNING, InputCheck } from './input.js';
import { decideAlways, decideFixed, deltaStandardError, fieller, type Relative } from './intervals.js';
import type { CovariateSums, RatioSums, Sums } from './sums.js';

/**
 * `always-valid`: may be looked at as often as one likes, and stopped when one likes. `fixed`: Welch's test, right for one
 * look at a planned time.
 */
export type Method = 'always-valid' | 'fixed';

export interface Level {
  /** The share of false alarms that is accepted where there is no difference; two-sided, 1e-100 to 1. @default 0.05 */
  readonly alpha?: number | undefined;
}

export interface Tuned extends Level {
  /**
   * Users of both variations together at which always-valid intervals are narrowest: the planned number. It is fixed before
   * the start; one that follows the data makes the intervals wrong. @default 10000
   */
  readonly tuning?: number | undefined;
}

/** What is to be compared: means, ratios, or means adjusted by a covariate, as the sums of both variations say. */
export type AnyPair = Pair<Sums | RatioSums | CovariateSums>;

/** A two-sided interval at 1 − alpha, and the p-value of no difference. They never contradict each other. */
export interface Compared {
  readonly status: 'ok';
  /** The value of each variation; with a covariate, unadjusted. */
  readonly control: number;
  readonly treatment: number;
  /** Users of both variations together. */
  readonly users: number;
  /** Treatment − control; with a covariate, of the adjusted values. */
  readonly difference: number;
  readonly standardError: number;
  /** How many standard errors the interval goes to each side. */
  readonly multiplier: number;
  readonly pValue: number;
  readonly low: number;
  readonly high: number;
  /** The same as a part of the control. */
  readonly relative: Relative;
  /** Of the uplift, by the delta method, for planning; null when the control is 0. */
  readonly upliftStandardError: number | null;
  /** How much smaller the squared standard error is than without the covariate, at most 1; null when there is none. */
  readonly varianceReduction: number | null;
}

/**
 * Compares two variations in one metric. Whatever the method and the kind of metric, interval, relative interval and
 * p-value belong to one test, and swapping the variations changes signs only.
 *
 * @throws InvalidInputError
 */
export function compare(
  input: AnyPair & Tuned & { /** @default 'always-valid' */ readonly method?: Method | undefined },
): Compared | NoEstimate {
  const { method = 'always-valid' } = input;
  const { alpha, tuning } = tunedOf(input);
  new InputCheck()
    .that(method === 'always-valid' || method === 'fixed', 'method', 'must be always-valid or fixed')
    .done();
  const estimate = estimateAny(input);
  if (estimate.status !== 'ok') return estimate;
  const decision = method === 'fixed' ? decideFixed(estimate, alpha) : decideAlways(estimate, alpha, tuning);
  const { users, control, treatment, difference, standardError } = estimate;
  return {
    status: 'ok',
    users,
    control,
    treatment,
    difference,
    standardError,
    ...decision,
    ...around(difference, decision.multiplier * standardError),
    relative: fieller(estimate, decision.multiplier),
    upliftStandardError: deltaStandardError(estimate) ?? null,
    varianceReduction: 'varianceReduction' in estimate ? estimate.varianceReduction : null,
  };
}

function estimateAny(pair: AnyPair): Estimate | AdjustedEstimate | NoEstimate {
  if (isPairWith(pair, 'denominatorSum')) return estimateRatios(pair);
  if (isPairWith(pair, 'covariateSum')) return estimateAdjusted(pair);
  return estimateMeans(pair);
}

/** Sums of which only one has the field are of different metrics; the check of the other one says so. */
function isPairWith(pair: AnyPair, field: 'denominatorSum'): pair is Pair<RatioSums>;
function isPairWith(pair: AnyPair, field: 'covariateSum'): pair is Pair<CovariateSums>;
function isPairWith({ control, treatment }: AnyPair, field: string): boolean {
  return [control, treatment].some((sums) => typeof sums === 'object' && sums !== null && field in sums);
}

/** The ends of an interval. */
export function around(middle: number, half: number): { readonly low: number; readonly high: number } {
  return { low: middle - half, high: middle + half };
}

export function alphaOf({ alpha = DEFAULT_ALPHA }: Level): number {
  new InputCheck().alpha(alpha).done();
  return alpha;
}

export function tunedOf({ alpha = DEFAULT_ALPHA, tuning = DEFAULT_TUNING }: Tuned): {
  readonly alpha: number;
  readonly tuning: number;
} {
  new InputCheck().alpha(alpha).positive('tuning', tuning).done();
  return { alpha, tuning };
}
