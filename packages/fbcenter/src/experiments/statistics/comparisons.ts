import { type AnyPair, alphaOf, around, compare, type Level, type Tuned, tunedOf } from './compare.js';
import { studentQuantile } from './distributions.js';
import {
  type AdjustedEstimate,
  type Estimate,
  estimateAdjusted,
  estimateMeans,
  estimateRatios,
  type NoEstimate,
  type Pair,
} from './estimate.js';
import { InputCheck } from './input.js';
import { decideAlways, decideFixed, deltaStandardError, fieller, type Relative, rhoSquaredOf } from './intervals.js';
import type { CovariateSums, RatioSums, Sums } from './sums.js';

/** A test of the difference at 1 − alpha. */
interface Tested {
  readonly status: 'ok';
  /** Treatment − control. */
  readonly difference: number;
  readonly standardError: number;
  /** Of no difference, two-sided. */
  readonly pValue: number;
}

export interface Welch extends Tested {
  readonly t: number;
  readonly degreesOfFreedom: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Welch's test on the difference of two means; conversions are values 0 and 1 in the same formula. Right for one look at a
 * planned time: looked at again and again, it finds differences that are not there.
 *
 * @throws InvalidInputError
 */
export function welch(input: Pair<Sums> & Level): Welch | NoEstimate {
  const alpha = alphaOf(input);
  const estimate = estimateMeans(input);
  return estimate.status === 'ok' ? welchOf(estimate, alpha) : estimate;
}

function welchOf(estimate: Estimate, alpha: number): Welch {
  const { difference, standardError, degreesOfFreedom } = estimate;
  const { multiplier, pValue } = decideFixed(estimate, alpha);
  const t = difference / standardError;
  const ends = around(difference, multiplier * standardError);
  return { status: 'ok', difference, standardError, t, degreesOfFreedom, pValue, ...ends };
}

/**
 * The uplift with the interval that belongs to {@link welch}: all uplifts that its test does not refuse (Fieller 1954).
 *
 * @throws InvalidInputError
 */
export function relativeFieller(input: Pair<Sums> & Level): Relative | NoEstimate {
  const alpha = alphaOf(input);
  const estimate = estimateMeans(input);
  return estimate.status === 'ok' ? fieller(estimate, decideFixed(estimate, alpha).multiplier) : estimate;
}

export type RelativeDelta =
  | { readonly status: 'zero-baseline' }
  | {
      readonly status: 'ok';
      readonly uplift: number;
      readonly standardError: number;
      readonly low: number;
      readonly high: number;
    };

/**
 * The uplift with the usual interval by the delta method. For planning, and for comparison with other tools: it is too
 * narrow when there are few users, and has no width when nobody in the treatment converts.
 *
 * @throws InvalidInputError
 */
export function relativeDelta(input: Pair<Sums> & Level): RelativeDelta | NoEstimate {
  const alpha = alphaOf(input);
  const estimate = estimateMeans(input);
  if (estimate.status !== 'ok') return estimate;
  const standardError = deltaStandardError(estimate);
  if (standardError === undefined) return { status: 'zero-baseline' };
  const uplift = estimate.difference / Math.abs(estimate.control);
  const half = studentQuantile(alpha / 2, estimate.degreesOfFreedom) * standardError;
  return { status: 'ok', uplift, standardError, ...around(uplift, half) };
}

/** The uplift beside a comparison; fields are absent where `relativeStatus` says that there is no such number. */
interface Uplift {
  readonly relativeStatus: Relative['status'];
  readonly uplift?: number;
  /** By the delta method. */
  readonly upliftStandardError?: number;
  /** Fieller's interval. */
  readonly upliftLow?: number;
  readonly upliftHigh?: number;
}

export interface RatioComparison extends Welch, Uplift {
  readonly control: number;
  readonly treatment: number;
  /** Of one user's part in the ratio. */
  readonly controlVariance: number;
  readonly treatmentVariance: number;
}

/**
 * Compares ratios, such as revenue per order, of which both parts differ from user to user. Users stay what is counted,
 * because users were randomized.
 *
 * @throws InvalidInputError
 */
export function ratio(input: Pair<RatioSums> & Level): RatioComparison | NoEstimate {
  const alpha = alphaOf(input);
  const estimate = estimateRatios(input);
  if (estimate.status !== 'ok') return estimate;
  const { control, treatment, controlVariance, treatmentVariance } = estimate;
  const tested = welchOf(estimate, alpha);
  return { ...tested, control, treatment, controlVariance, treatmentVariance, ...upliftOf(estimate, alpha) };
}

export interface AdjustedComparison extends Welch, Uplift, Pick<AdjustedEstimate, 'theta' | 'varianceReduction'> {
  /** Unadjusted. */
  readonly control: number;
  /** Unadjusted. */
  readonly treatment: number;
}

/**
 * Compares means after taking out what users already did before (CUPED). The difference is that of the adjusted means; the
 * uplift is relative to the control's unadjusted mean.
 *
 * @throws InvalidInputError
 */
export function cuped(input: Pair<CovariateSums> & Level): AdjustedComparison | NoEstimate {
  const alpha = alphaOf(input);
  const estimate = estimateAdjusted(input);
  if (estimate.status !== 'ok') return estimate;
  const { control, treatment, theta, varianceReduction } = estimate;
  const tested = welchOf(estimate, alpha);
  return { ...tested, control, treatment, theta, varianceReduction, ...upliftOf(estimate, alpha) };
}

function upliftOf(estimate: Estimate, alpha: number): Uplift {
  const relative = fieller(estimate, decideFixed(estimate, alpha).multiplier);
  const upliftStandardError = deltaStandardError(estimate);
  if (relative.status === 'zero-baseline' || upliftStandardError === undefined)
    return { relativeStatus: 'zero-baseline' };
  const { status: relativeStatus, uplift } = relative;
  if (relative.status !== 'ok') return { relativeStatus, uplift, upliftStandardError };
  return { relativeStatus, uplift, upliftStandardError, upliftLow: relative.low, upliftHigh: relative.high };
}

export interface AlwaysValid {
  readonly rhoSquared: number;
  /** How many standard errors the interval goes to each side, in place of 1.96. */
  readonly multiplier: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
}

/**
 * An interval and a p-value for an estimate of any kind that may be looked at as often as one likes: an asymptotic
 * confidence sequence. `users` are those of both variations together, at least 1.
 *
 * @throws InvalidInputError
 */
export function alwaysValid(
  input: Tuned & { readonly estimate: number; readonly standardError: number; readonly users: number },
): AlwaysValid {
  const { estimate, standardError, users } = input;
  const { alpha, tuning } = tunedOf(input);
  new InputCheck()
    .number('estimate', estimate)
    .positive('standardError', standardError)
    .count('users', users, 1)
    .done();
  const { multiplier, pValue } = decideAlways({ difference: estimate, standardError, users }, alpha, tuning);
  return {
    rhoSquared: rhoSquaredOf(alpha, tuning),
    multiplier,
    ...around(estimate, multiplier * standardError),
    pValue,
  };
}

export interface AlwaysValidComparison extends Tested {
  readonly multiplier: number;
  readonly differenceLow: number;
  readonly differenceHigh: number;
  readonly relativeStatus: Relative['status'];
  /** The uplift; absent with a zero baseline. */
  readonly uplift?: number;
  readonly g?: number;
  /** Of the uplift; absent without a certain baseline. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * {@link compare} so that one may look as often as one likes and stop when one likes, in one flat object.
 *
 * @throws InvalidInputError
 */
export function alwaysValidComparison(input: AnyPair & Tuned): AlwaysValidComparison | NoEstimate {
  const compared = compare({ ...input, method: 'always-valid' });
  if (compared.status !== 'ok') return compared;
  const { status, difference, standardError, multiplier, pValue, low: differenceLow, high: differenceHigh } = compared;
  const { status: relativeStatus, ...relative } = compared.relative;
  const tested = { status, difference, standardError, multiplier, pValue, differenceLow, differenceHigh };
  return { ...tested, relativeStatus, ...relative };
}
