import { BEYOND, normalDensity, normalQuantile, upperNormal } from './distributions.js';
import { InputCheck } from './input.js';

export interface BayesInput {
  /** Of the difference (or of anything that is about normal). */
  readonly estimate: number;
  readonly standardError: number;
  /** What was thought before. @default 0 */
  readonly priorMean?: number | undefined;
  /** How sure one was; absent or null is a flat prior: nothing was thought before. */
  readonly priorStandardDeviation?: number | null | undefined;
  /** Of the interval, between 0 and 1. @default 0.95 */
  readonly level?: number | undefined;
  /** @default false */
  readonly lowerIsBetter?: boolean | undefined;
}

export interface Bayes {
  /** Of the posterior, as are the next three. */
  readonly mean: number;
  readonly standardDeviation: number;
  readonly low: number;
  readonly high: number;
  /** That the treatment is better. */
  readonly chanceToWin: number;
  /** Expected loss when the treatment is shipped, in units of the estimate. */
  readonly riskOfTreatment: number;
  /** Expected loss when the control stays. */
  readonly riskOfControl: number;
}

/**
 * The posterior of a difference with a normal prior. A second opinion beside the verdict, and no rule for stopping: stopped
 * when the chance to win is high, it finds a winner in every third experiment that has none.
 *
 * @throws InvalidInputError
 */
export function bayes(input: BayesInput): Bayes {
  const { estimate, standardError, priorMean = 0, priorStandardDeviation, level = 0.95, lowerIsBetter = false } = input;
  const check = new InputCheck().number('estimate', estimate).positive('standardError', standardError);
  check.number('priorMean', priorMean).share('level', level);
  const prior = priorStandardDeviation ?? undefined;
  if (prior !== undefined) check.positive('priorStandardDeviation', prior);
  check.done();
  // Weights as quotients: squares of small errors would be 0.
  const data = prior === undefined ? 1 : prior / Math.hypot(prior, standardError);
  const mean = data * data * estimate + (1 - data * data) * priorMean;
  const standardDeviation = data * standardError;
  const half = normalQuantile((1 - level) / 2) * standardDeviation;
  const gain = lowerIsBetter ? -mean : mean;
  return {
    mean,
    standardDeviation,
    low: mean - half,
    high: mean + half,
    chanceToWin: upperNormal(-gain / standardDeviation),
    riskOfTreatment: expectedShortfall(gain, standardDeviation),
    riskOfControl: expectedShortfall(-gain, standardDeviation),
  };
}

/** The mean of max(0, −X) for a normal X. */
function expectedShortfall(mean: number, standardDeviation: number): number {
  const z = mean / standardDeviation;
  return Math.max(0, standardDeviation * normalDensity(z) - mean * upperNormal(z));
}

export interface NormalPosterior {
  readonly mean: number;
  readonly standardError: number;
}

/** Nodes and weights of Gauss and Legendre with 16 points, of one half of −1 … 1. */
const GAUSS = [
  [0.09501250983763744, 0.1894506104550685],
  [0.2816035507792589, 0.18260341504492358],
  [0.45801677765722737, 0.16915651939500254],
  [0.6178762444026438, 0.14959598881657674],
  [0.755404408355003, 0.12462897125553388],
  [0.8656312023878318, 0.09515851168249279],
  [0.9445750230732326, 0.062253523938647894],
  [0.9894009349916499, 0.027152459411754096],
] as const;

/** Over pieces of this many standard deviations, sixteen points are exact to the last digits. */
const PIECE = 1.5;

/**
 * The chance of each variation to have the greatest mean, for independent normal posteriors.
 *
 * @throws InvalidInputError
 */
export function bestOfN(input: { readonly variations: readonly NormalPosterior[] }): {
  readonly probabilities: readonly number[];
} {
  const { variations } = input;
  const check = new InputCheck().objects('variations', variations, 1);
  for (const [index, { mean, standardError }] of variations.entries()) {
    check.number(`variations[${index}].mean`, mean).positive(`variations[${index}].standardError`, standardError);
  }
  check.done();
  return { probabilities: variations.map((one, index) => chanceToBeBest(one, variations.toSpliced(index, 1))) };
}

/** ∫ density of the one × Π chance of every other to be below it. */
function chanceToBeBest(one: NormalPosterior, rivals: readonly NormalPosterior[]): number {
  const others = rivals.map(({ mean, standardError }) => ({
    at: (mean - one.mean) / standardError,
    slope: one.standardError / standardError,
  }));
  const value = (u: number): number =>
    others.reduce((product, { at, slope }) => product * upperNormal(at - slope * u), normalDensity(u));
  // Every step of a factor lies in pieces of its own, however narrow it is beside the density.
  const ends = new Set(stepsAround(0, 1));
  for (const { at, slope } of others) for (const end of stepsAround(at / slope, 1 / slope)) ends.add(end);
  let sum = 0;
  let left = -BEYOND;
  for (const right of [...ends].filter((end) => end > -BEYOND && end <= BEYOND).sort((a, b) => a - b)) {
    const half = (right - left) / 2;
    const middle = left + half;
    for (const [node, weight] of GAUSS)
      sum += half * weight * (value(middle - half * node) + value(middle + half * node));
    left = right;
  }
  return Math.min(1, sum);
}

function stepsAround(centre: number, unit: number): readonly number[] {
  const steps = Math.ceil(BEYOND / PIECE);
  return Array.from({ length: 2 * steps + 1 }, (_, index) => centre + (index - steps) * PIECE * unit);
}
