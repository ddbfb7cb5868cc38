import { normalQuantile } from './distributions.js';
import {
  DEFAULT_ALPHA,
  DEFAULT_POWER,
  DEFAULT_TUNING,
  InputCheck,
  type InputProblem,
  InvalidInputError,
} from './input.js';
import { multiplierOf, rhoSquaredOf } from './intervals.js';

interface Certainty {
  /** Two-sided. @default 0.05 */
  readonly alpha?: number | undefined;
  /** The chance to find the effect if it is there. @default 0.8 */
  readonly power?: number | undefined;
}

interface PlannedEffect {
  /**
   * Relative to the control, not 0: −0.1 is a tenth less. The smallest one that would matter, chosen before; never the one
   * that is observed.
   */
  readonly effect: number;
}

export type SampleSizeInput = Certainty &
  PlannedEffect & {
    /** Users in the treatment for each one in the control. @default 1 */
    readonly ratio?: number | undefined;
  } & (
    | {
        /** The control's conversion rate, 0 to 1. */
        readonly rate: number;
      }
    | {
        /** The control's mean, and the variance of its values. */
        readonly mean: number;
        readonly variance: number;
      }
  );

export type SampleSize =
  | {
      /** `impossible-effect`: a rate would leave 0 to 1. `zero-baseline`: nothing is a part of 0. */
      readonly status: 'impossible-effect' | 'zero-baseline';
    }
  | {
      readonly status: 'ok';
      /** Users, rounded up. */
      readonly control: number;
      readonly treatment: number;
      /** The control's users before they are rounded. */
      readonly exact: number;
    };

/**
 * How many users a test at a planned size needs.
 *
 * @throws InvalidInputError
 */
export function sampleSize(input: SampleSizeInput): SampleSize {
  const { effect, ratio = 1 } = input;
  const check = checkEffect(new InputCheck(), effect).positive('ratio', ratio);
  if ('rate' in input) check.within('rate', input.rate, 0, 1, 'must be a number from 0 to 1');
  else check.number('mean', input.mean).notNegative('variance', input.variance);
  checkCertainty(check, input).done();
  const mean = 'rate' in input ? input.rate : input.mean;
  const treated = mean * (1 + effect);
  if (mean === 0) return { status: 'zero-baseline' };
  if ('rate' in input && (treated < 0 || treated > 1)) return { status: 'impossible-effect' };
  const varianceAt = (level: number): number => ('rate' in input ? level * (1 - level) : input.variance);
  const exact = (certaintyOf(input) / (effect * mean)) ** 2 * (varianceAt(mean) + varianceAt(treated) / ratio);
  const control = Math.ceil(exact);
  const treatment = Math.ceil(ratio * exact);
  if (!(Math.max(control, treatment) <= MOST_USERS)) throw new InvalidInputError([OUT_OF_REACH]);
  return { status: 'ok', control, treatment, exact };
}

/**
 * The smallest effect that is found with the given power, in units of the standard error's.
 *
 * @throws InvalidInputError
 */
export function minimumDetectableEffect(input: Certainty & { readonly standardError: number }): {
  readonly effect: number;
} {
  checkCertainty(new InputCheck().notNegative('standardError', input.standardError), input).done();
  return { effect: certaintyOf(input) * input.standardError };
}

export interface RemainingTimeInput extends Certainty, PlannedEffect {
  /** Of the relative difference now, above 0. */
  readonly standardError: number;
  /** Users of both variations now. */
  readonly users: number;
  /** New ones, of both variations. */
  readonly usersPerDay: number;
  /** @default 'fixed' */
  readonly method?: 'fixed' | 'always-valid' | undefined;
  /** Of the method `always-valid`: users at which its intervals are narrowest. @default 10000 */
  readonly tuning?: number | undefined;
}

export interface RemainingTime {
  /** Of both variations, in all. */
  readonly usersNeeded: number;
  readonly additionalUsers: number;
  /** null when nobody comes any more. */
  readonly days: number | null;
}

/**
 * How long it will take until an effect of the planned size is found with the given power, if users go on as now.
 *
 * @throws InvalidInputError
 */
export function remainingTime(input: RemainingTimeInput): RemainingTime {
  const { standardError, users, effect, usersPerDay, method = 'fixed', tuning = DEFAULT_TUNING } = input;
  const check = checkEffect(new InputCheck(), effect)
    .positive('standardError', standardError)
    .count('users', users, 1)
    .notNegative('usersPerDay', usersPerDay)
    .positive('tuning', tuning)
    .that(method === 'fixed' || method === 'always-valid', 'method', 'must be fixed or always-valid');
  checkCertainty(check, input).done();
  const time = timeUntil(input);
  if (time === null) throw new InvalidInputError([OUT_OF_REACH]);
  return time;
}

/** {@link remainingTime} for values that are known to be possible; null when no number of users would be enough. */
export function timeUntil(input: RemainingTimeInput): RemainingTime | null {
  const { standardError, users, effect, usersPerDay, method = 'fixed', tuning = DEFAULT_TUNING } = input;
  // Standard errors shrink with the root of the users.
  const error = (standardError * Math.sqrt(users)) / Math.abs(effect);
  const usersNeeded =
    method === 'fixed' ? Math.ceil((certaintyOf(input) * error) ** 2) : alwaysValidUsers(input, error, tuning);
  if (!(usersNeeded <= MOST_USERS)) return null;
  return timeTo(usersNeeded, users, usersPerDay);
}

export function timeTo(usersNeeded: number, users: number, usersPerDay: number): RemainingTime {
  const additionalUsers = Math.max(0, usersNeeded - users);
  if (additionalUsers === 0) return { usersNeeded, additionalUsers, days: 0 };
  return { usersNeeded, additionalUsers, days: usersPerDay === 0 ? null : additionalUsers / usersPerDay };
}

/** The smallest whole N with (q(N) + z_power)·error ≤ √N. */
function alwaysValidUsers({ alpha = DEFAULT_ALPHA, power = DEFAULT_POWER }: Certainty, error: number, tuning: number) {
  const rhoSquared = rhoSquaredOf(alpha, tuning);
  const zPower = -normalQuantile(power);
  const isEnough = (n: number): boolean => (multiplierOf(n, alpha, rhoSquared) + zPower) * error <= Math.sqrt(n);
  let enough = 1;
  while (!isEnough(enough) && enough <= MOST_USERS) enough *= 2;
  let few = enough / 2;
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

const MOST_USERS = Number.MAX_SAFE_INTEGER;

const OUT_OF_REACH: InputProblem = {
  input: 'effect',
  message: 'is so small that no number of users would be enough: plan a larger one',
};

function checkEffect(check: InputCheck, effect: number): InputCheck {
  return check.number('effect', effect).that(effect !== 0, 'effect', 'must not be 0');
}

function checkCertainty(check: InputCheck, { alpha = DEFAULT_ALPHA, power = DEFAULT_POWER }: Certainty): InputCheck {
  return check.alpha(alpha).power(power, alpha);
}

/** z_{1 − α/2} + z_{power}. */
function certaintyOf({ alpha = DEFAULT_ALPHA, power = DEFAULT_POWER }: Certainty): number {
  return normalQuantile(alpha / 2) - normalQuantile(power);
}
