import { GREATEST, InputCheck, SMALLEST } from './input.js';
import {
  addJointSums,
  type CovariateSums,
  checkJointSums,
  checkSums,
  covarianceOf,
  covariateParts,
  type JointSums,
  productDifference,
  type RatioSums,
  ratioParts,
  residualVariance,
  type Sums,
  varianceOf,
} from './sums.js';

/** A control and a treatment of the same metric. */
export interface Pair<S extends Sums> {
  readonly control: S;
  readonly treatment: S;
}

/** Why two variations cannot be compared yet. */
export type NoEstimate =
  | {
      /** `no-users`: a variation has nobody. `too-few-users`: one has a single user. `zero-denominator`: of a ratio. */
      readonly status: 'no-users' | 'too-few-users' | 'zero-denominator';
    }
  | {
      /** All values are the same: there is a difference, and no test of it. */
      readonly status: 'no-variance';
      readonly control: number;
      readonly treatment: number;
      readonly difference: number;
    };

/** A difference with what is known of its error, before a method decides what may be concluded. */
export interface Estimate {
  readonly status: 'ok';
  /** Of both variations. */
  readonly users: number;
  /** The value of each variation. */
  readonly control: number;
  readonly treatment: number;
  /** Treatment − control; with a covariate, of the adjusted values. */
  readonly difference: number;
  readonly standardError: number;
  /** Welch and Satterthwaite. */
  readonly degreesOfFreedom: number;
  readonly levels: Levels;
}

/**
 * The two values of which the uplift is a quotient less 1: the control's y, and y + difference; with their variances and
 * covariance. Without a covariate they are independent.
 */
interface Levels {
  readonly controlVariance: number;
  readonly treatmentVariance: number;
  readonly covariance: number;
}

/** One variation's value, as a quotient, and the variance of that value. */
interface Level {
  readonly n: number;
  readonly numerator: number;
  readonly denominator: number;
  readonly variance: number;
}

function quotientOf({ numerator, denominator }: Level): number {
  return numerator / denominator;
}

/** @throws InvalidInputError */
export function estimateMeans({ control, treatment }: Pair<Sums>): Estimate | NoEstimate {
  checkSums(checkSums(new InputCheck(), 'control', control), 'treatment', treatment).done();
  return tooFew(control, treatment) ?? estimateOf(meanOf(control), meanOf(treatment));
}

function meanOf(sums: Sums): Level {
  return { n: sums.n, numerator: sums.sum, denominator: sums.n, variance: varianceOf(sums) / sums.n };
}

export interface RatioEstimate extends Estimate {
  /** Of one user's part in the ratio. */
  readonly controlVariance: number;
  readonly treatmentVariance: number;
}

/**
 * Numerator over denominator. The variance is by the delta method, because both vary from user to user (Deng, Knoblich, Lu
 * 2018).
 *
 * @throws InvalidInputError
 */
export function estimateRatios({ control, treatment }: Pair<RatioSums>): RatioEstimate | NoEstimate {
  const check = checkJointSums(new InputCheck(), 'control', control, 'denominator');
  checkJointSums(check, 'treatment', treatment, 'denominator').done();
  const few = tooFew(control, treatment);
  if (few !== undefined) return few;
  if (control.denominatorSum === 0 || treatment.denominatorSum === 0) return { status: 'zero-denominator' };
  const [c, t] = [ratioOf(control), ratioOf(treatment)];
  const estimate = estimateOf(c, t);
  if (estimate.status !== 'ok') return estimate;
  return { ...estimate, controlVariance: c.variance * c.n, treatmentVariance: t.variance * t.n };
}

function ratioOf(sums: RatioSums): Level {
  const { n, sum: numerator, denominatorSum: denominator } = sums;
  const perUser = denominator / n;
  const variance = residualVariance(ratioParts(sums), numerator / denominator) / perUser / perUser / n;
  return { n, numerator, denominator, variance };
}

export interface AdjustedEstimate extends Estimate {
  /** How much the metric grows with a unit of the covariate. */
  readonly theta: number;
  /** How much smaller the squared standard error is than without the covariate; below 0 when it is larger, as of a few users. */
  readonly varianceReduction: number;
}

/**
 * CUPED (Deng, Xu, Kohavi, Walker 2013): what users did before is subtracted as far as it foretells the metric. The uplift
 * is relative to the control's unadjusted mean.
 *
 * @throws InvalidInputError
 */
export function estimateAdjusted({ control, treatment }: Pair<CovariateSums>): AdjustedEstimate | NoEstimate {
  const check = checkJointSums(new InputCheck(), 'control', control, 'covariate');
  checkJointSums(check, 'treatment', treatment, 'covariate').done();
  const few = tooFew(control, treatment);
  if (few !== undefined) return few;
  const [c, t] = [covariateParts(control), covariateParts(treatment)];
  const theta = thetaOf(addJointSums(c, t));
  const [plainC, plainT] = [meanOf(c.x), meanOf(t.x)];
  const [adjustedC, adjustedT] = [adjustedMean(c, theta), adjustedMean(t, theta)];
  const estimate = estimateOf(adjustedC, adjustedT, {
    control: quotientOf(plainC),
    treatment: quotientOf(plainT),
    controlVariance: plainC.variance,
    treatmentVariance: adjustedT.variance + (theta * theta * varianceOf(c.z)) / control.n,
    covariance: (theta * covarianceOf(c)) / control.n,
  });
  if (estimate.status !== 'ok') return estimate;
  const before = plainC.variance + plainT.variance;
  const after = adjustedC.variance + adjustedT.variance;
  return { ...estimate, theta, varianceReduction: theta === 0 ? 0 : 1 - after / before };
}

/** Over both variations together; 0 when there is nothing that could be foretold or that could foretell. */
function thetaOf(both: JointSums): number {
  const variance = varianceOf(both.z);
  return variance === 0 || varianceOf(both.x) === 0 ? 0 : covarianceOf(both) / variance;
}

function adjustedMean(sums: JointSums, theta: number): Level {
  const { n } = sums.x;
  const numerator = sums.x.sum - theta * sums.z.sum;
  return { n, numerator, denominator: n, variance: residualVariance(sums, theta) / n };
}

function tooFew(control: Sums, treatment: Sums): NoEstimate | undefined {
  const least = Math.min(control.n, treatment.n);
  if (least >= 2) return undefined;
  return { status: least === 0 ? 'no-users' : 'too-few-users' };
}

interface Shown extends Levels {
  readonly control: number;
  readonly treatment: number;
}

/** A standard error below so many roundings of the values is none. */
const ROUNDINGS = 10 * 2 ** -52;

/** The comparison of two values; `shown` when others are to be seen, and to be the base of the uplift. */
function estimateOf(
  control: Level,
  treatment: Level,
  shown: Shown = asThey(control, treatment),
): Estimate | NoEstimate {
  const difference = differenceOf(control, treatment);
  const square = control.variance + treatment.variance;
  const standardError = Math.sqrt(square);
  const values = { control: shown.control, treatment: shown.treatment, difference };
  const fit = [...Object.values(values), standardError].every((value) => Math.abs(value) <= GREATEST);
  new InputCheck().that(fit, 'sums', TOO_FAR).done();
  if (standardError <= Math.max(SMALLEST, ROUNDINGS * Math.max(Math.abs(shown.control), Math.abs(shown.treatment)))) {
    return { status: 'no-variance', ...values };
  }
  const share = control.variance / square;
  const degreesOfFreedom = 1 / (share ** 2 / (control.n - 1) + (1 - share) ** 2 / (treatment.n - 1));
  const { controlVariance, treatmentVariance, covariance } = shown;
  const levels = { controlVariance, treatmentVariance, covariance };
  return { status: 'ok', users: control.n + treatment.n, ...values, standardError, degreesOfFreedom, levels };
}

/** Treatment − control over a common denominator: large values that are close together lose no digit. */
function differenceOf(control: Level, treatment: Level): number {
  const difference = productDifference(
    treatment.numerator,
    control.denominator,
    control.numerator,
    treatment.denominator,
  );
  return difference / (control.denominator * treatment.denominator);
}

const TOO_FAR = 'are too far apart for the arithmetic of doubles: divide the values by a constant';

function asThey(control: Level, treatment: Level): Shown {
  return {
    control: quotientOf(control),
    treatment: quotientOf(treatment),
    controlVariance: control.variance,
    treatmentVariance: treatment.variance,
    covariance: 0,
  };
}
