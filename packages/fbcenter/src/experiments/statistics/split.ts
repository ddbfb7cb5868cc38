import { chiSquareUpperTail } from './distributions.js';
import { stirlingRest } from './gamma.js';
import { InputCheck } from './input.js';
import { productDifference } from './sums.js';

export interface SplitInput {
  /** Users of each variation. */
  readonly observed: readonly number[];
  /** What was planned for each, in any scale; a variation with weight 0 is left out. At least two are above 0. */
  readonly weights: readonly number[];
}

export type Split =
  | { readonly status: 'no-users' }
  | {
      readonly status: 'ok';
      readonly chiSquare: number;
      readonly degreesOfFreedom: number;
      readonly pValue: number;
      /** Users that the weights promise each variation, in the order of the input. */
      readonly expected: readonly number[];
      /** The split is wrong, and no result of the experiment can be trusted: p < 0.001 with 5 expected users or more. */
      readonly alarm: boolean;
    };

/** Low, because it is looked at daily: over 28 days it is a false alarm in less than 1 % of experiments. */
const ALARM_BELOW = 0.001;
/** Below it, the χ² distribution does not fit. */
const LEAST_EXPECTED = 5;

/**
 * Whether users were split as planned (sample ratio mismatch): Pearson's χ². When they were not, something loses users of
 * one variation, and the others are no fair sample (Fabijan and others 2019).
 *
 * @throws InvalidInputError
 */
export function srm(input: SplitInput): Split {
  checkSplit(new InputCheck(), input).done();
  const total = usersOf(input);
  if (total === 0) return { status: 'no-users' };
  const parts = partsOf(input);
  const chiSquare = parts.reduce((sum, part) => sum + excessOf(part, parts) ** 2 / (total * part.share), 0);
  const degreesOfFreedom = parts.length - 1;
  const pValue = chiSquareUpperTail(chiSquare, degreesOfFreedom);
  const alarm = pValue < ALARM_BELOW && parts.every(({ share }) => total * share >= LEAST_EXPECTED);
  const scale = total / totalOf(input.weights);
  const expected = input.weights.map((weight) => weight * scale);
  return { status: 'ok', chiSquare, degreesOfFreedom, pValue, expected, alarm };
}

export interface SequentialSplit {
  /** Of "some other split" over "as planned". */
  readonly logBayesFactor: number;
  /** min(1, 1 / Bayes factor): may be looked at after every user. */
  readonly pValue: number;
}

/**
 * The same question for looks without end (Lindon and Malek 2020): the Bayes factor of a Dirichlet prior around the planned
 * split. It never gives a false alarm more often than p says, and finds small mismatches much later than {@link srm}.
 *
 * @throws InvalidInputError
 */
export function srmSequential(
  input: SplitInput & {
    /** How near to the plan other splits are thought to be, above 0. @default 10000 */
    readonly concentration?: number | undefined;
  },
): SequentialSplit {
  const { concentration = 10_000 } = input;
  checkSplit(new InputCheck(), input).positive('concentration', concentration).done();
  const logBayesFactor = usersOf(input) <= FEW ? factorOfFew(input, concentration) : factorOfMany(input, concentration);
  return { logBayesFactor, pValue: Math.min(1, Math.exp(-logBayesFactor)) };
}

/** Up to here every user has a factor of the product. */
const FEW = 200;

/** ln of Γ(c)/Γ(c + N)·Π Γ(cᵢ + nᵢ)/(Γ(cᵢ)·wᵢ^nᵢ), factor by factor: of a single user it is 0. */
function factorOfFew(input: SplitInput, concentration: number): number {
  let sum = -risingLog(usersOf(input), concentration);
  for (const { n, share } of partsOf(input)) sum += risingLog(n, concentration * share);
  return sum;
}

/** ln of Π (1 + j/c) for j < n. */
function risingLog(n: number, c: number): number {
  let sum = 0;
  for (let j = 1; j < n; j++) sum += Math.log1p(j / c);
  return sum;
}

/** The same by Stirling's formula, of which the large parts are left out where they cancel. */
function factorOfMany(input: SplitInput, concentration: number): number {
  const parts = partsOf(input);
  const ratio = usersOf(input) / concentration;
  let sum = Math.log1p(ratio) / 2 - stirlingGrowth(concentration, usersOf(input));
  for (const part of parts) {
    const own = concentration * part.share;
    const excess = excessOf(part, parts) / own / (1 + ratio);
    sum += own * (1 + ratio) * divergence(excess) - Math.log1p(part.n / own) / 2 + stirlingGrowth(own, part.n);
  }
  return sum;
}

/** (1 + e)·ln(1 + e) − e, for e ≥ −1: what differs from the plan, without the part that adds up to 0 over the variations. */
function divergence(e: number): number {
  if (e <= -1) return 1;
  if (Math.abs(e) > 0.1) return (1 + e) * Math.log1p(e) - e;
  let sum = 0;
  for (let k = 16; k >= 2; k--) sum = 1 / (k * (k - 1)) - e * sum;
  return e * e * sum;
}

function stirlingGrowth(from: number, by: number): number {
  return stirlingRest(from + by) - stirlingRest(from);
}

/** The users of a part beyond those that were expected, also where there are thousands of millions of both. */
function excessOf(part: Part, parts: readonly Part[]): number {
  let [sum, all] = [0, 0];
  for (const { n, weight } of parts) {
    sum += productDifference(part.n, weight, n, part.weight);
    all += weight;
  }
  return sum / all;
}

interface Part {
  readonly n: number;
  readonly weight: number;
  /** Of 1. */
  readonly share: number;
}

function partsOf({ observed, weights }: SplitInput): readonly Part[] {
  const total = totalOf(weights);
  return weights.flatMap((weight, index) =>
    weight > 0 ? [{ n: observed[index] ?? 0, weight, share: weight / total }] : [],
  );
}

function usersOf(input: SplitInput): number {
  return totalOf(partsOf(input).map(({ n }) => n));
}

function totalOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function checkSplit(check: InputCheck, { observed, weights }: SplitInput): InputCheck {
  check.list('observed', observed, 2).list('weights', weights, 2).done();
  check.that(observed.length === weights.length, 'weights', 'must be as many as observed');
  for (const [index, users] of observed.entries()) check.count(`observed[${index}]`, users);
  for (const [index, weight] of weights.entries()) {
    check.notNegative(`weights[${index}]`, weight);
  }
  return check.that(weights.filter((weight) => weight > 0).length >= 2, 'weights', 'must be above 0 for at least two');
}
