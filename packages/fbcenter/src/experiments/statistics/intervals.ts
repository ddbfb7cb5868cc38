import { student, studentQuantile } from './distributions.js';
import type { Estimate } from './estimate.js';
import { SMALLEST } from './input.js';

/** What a method says of an estimate: the interval is `multiplier` standard errors to both sides. */
export interface Decision {
  readonly multiplier: number;
  readonly pValue: number;
}

/** Welch's test: right for one look at a time that was fixed before. */
export function decideFixed({ difference, standardError, degreesOfFreedom }: Estimate, alpha: number): Decision {
  return {
    multiplier: studentQuantile(alpha / 2, degreesOfFreedom),
    pValue: student(Math.abs(difference / standardError), degreesOfFreedom),
  };
}

/** ρ² with which the intervals are narrowest at `tuning` users, for 0 < alpha < 1. */
export function rhoSquaredOf(alpha: number, tuning: number): number {
  const logAlpha = Math.log(alpha);
  return (-2 * logAlpha + Math.log1p(-2 * logAlpha)) / tuning;
}

/** How many standard errors an always-valid interval goes to each side. */
export function multiplierOf(users: number, alpha: number, rhoSquared: number): number {
  const x = users * rhoSquared;
  return Math.sqrt(((x + 1) / x) * (Math.log1p(x) - 2 * Math.log(alpha)));
}

/** Right at every look, however many there are (Waudby-Smith and others, Theorem 2.2). */
export function decideAlways(
  { difference, standardError, users }: Pick<Estimate, 'difference' | 'standardError' | 'users'>,
  alpha: number,
  tuning: number,
): Decision {
  const rhoSquared = rhoSquaredOf(alpha, tuning);
  const x = users * rhoSquared;
  const z = difference / standardError;
  return {
    multiplier: multiplierOf(users, alpha, rhoSquared),
    pValue: Math.min(1, Math.sqrt(x + 1) * Math.exp((-x / (x + 1) / 2) * z * z)),
  };
}

/** The difference as a part of |control|: 0.1 is 10 % more than the control. */
export type Relative =
  | {
      /** The control is 0, and nothing is a part of it. */
      readonly status: 'zero-baseline';
    }
  | {
      /** The control cannot be told from 0 (`g` ≥ 1): no interval of finite length would be right. */
      readonly status: 'uncertain-baseline';
      readonly uplift: number;
      readonly g: number;
    }
  | {
      readonly status: 'ok';
      readonly uplift: number;
      /** How uncertain the control is; the smaller, the nearer is the interval to the delta method's. */
      readonly g: number;
      readonly low: number;
      readonly high: number;
    };

/**
 * All uplifts r that the test of difference − r·control does not refuse (Fieller 1954). It holds 0 exactly when the
 * interval of the difference does.
 */
export function fieller({ control, difference, levels }: Estimate, multiplier: number): Relative {
  if (Math.abs(control) < SMALLEST) return { status: 'zero-baseline' };
  const { controlVariance, treatmentVariance, covariance } = levels;
  const size = Math.abs(control);
  const uplift = difference / size;
  const q2 = multiplier * multiplier;
  const g = (q2 * controlVariance) / control / control;
  if (!(g < 1)) return { status: 'uncertain-baseline', uplift, g };
  // Everything in units of |control|; a negative control turns the axis.
  const sign = Math.sign(control);
  const v = controlVariance / size / size;
  const w = treatmentVariance / size / size;
  const c = covariance / size / size;
  const level = 1 + sign * uplift;
  // β² − α₂·γ, written so that nothing cancels: independent values have c = 0.
  const spread = w - 2 * level * c + level * level * v - q2 * (v * w - c * c);
  const centre = sign * uplift + q2 * (v - c);
  const width = multiplier * Math.sqrt(Math.max(0, spread));
  const ends = [(centre - width) / (1 - g), (centre + width) / (1 - g)] as const;
  const [low, high] = sign > 0 ? ends : [-ends[1], -ends[0]];
  return { status: 'ok', uplift, g, low, high };
}

/**
 * The standard error of difference / |control| by the delta method; undefined when the control is 0. For planning: as an
 * interval it is too narrow when the control is uncertain.
 */
export function deltaStandardError({ control, treatment, levels }: Estimate): number | undefined {
  if (Math.abs(control) < SMALLEST) return undefined;
  const { controlVariance, treatmentVariance, covariance } = levels;
  const level = treatment / control;
  const variance = treatmentVariance - 2 * level * covariance + level * level * controlVariance;
  return Math.sqrt(Math.max(0, variance)) / Math.abs(control);
}
