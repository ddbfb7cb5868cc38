import { GREATEST, InputCheck, SMALLEST } from './input.js';

/** What is kept of a metric's values in one variation: one value for each exposed user, 0 for who did nothing. */
export interface Sums {
  /** Exposed users. */
  readonly n: number;
  readonly sum: number;
  readonly sumSquares: number;
}

/** Of a ratio, numerator over denominator; the plain sums are the numerator's. */
export interface RatioSums extends Sums {
  readonly denominatorSum: number;
  readonly denominatorSumSquares: number;
  /** Of numerator × denominator of each user. */
  readonly sumProducts: number;
}

/** With what the same users did before they were exposed. */
export interface CovariateSums extends Sums {
  readonly covariateSum: number;
  readonly covariateSumSquares: number;
  /** Of value × covariate of each user. */
  readonly sumProducts: number;
}

/** Sums of two things of the same users. */
export interface JointSums {
  readonly x: Sums;
  readonly z: Sums;
  readonly sumProducts: number;
}

/**
 * The sums of a list of values, one a user.
 *
 * @throws InvalidInputError
 */
export function sumsOf(values: readonly number[]): Sums {
  checkValues(values);
  return sumUp(values);
}

function checkValues(values: readonly number[]): void {
  const check = new InputCheck().list('values', values, 0);
  check.done();
  for (const [index, value] of values.entries()) check.number(`values[${index}]`, value);
  check.done();
}

function sumUp(values: readonly number[]): Sums {
  let sum = 0;
  let sumSquares = 0;
  for (const value of values) {
    sum += value;
    sumSquares += value * value;
  }
  return { n: values.length, sum, sumSquares };
}

/**
 * The sums of different users together.
 *
 * @throws InvalidInputError
 */
export function addSums(...parts: readonly Sums[]): Sums {
  const check = new InputCheck();
  for (const [index, part] of parts.entries()) checkSums(check, `sums[${index}]`, part);
  check.done();
  return totalOf(parts);
}

function totalOf(parts: readonly Sums[]): Sums {
  const total = { n: 0, sum: 0, sumSquares: 0 };
  for (const { n, sum, sumSquares } of parts) {
    total.n += n;
    total.sum += sum;
    total.sumSquares += sumSquares;
  }
  return total;
}

export function ratioParts({ n, sum, sumSquares, sumProducts, ...rest }: RatioSums): JointSums {
  const z = { n, sum: rest.denominatorSum, sumSquares: rest.denominatorSumSquares };
  return { x: { n, sum, sumSquares }, z, sumProducts };
}

export function covariateParts({ n, sum, sumSquares, sumProducts, ...rest }: CovariateSums): JointSums {
  const z = { n, sum: rest.covariateSum, sumSquares: rest.covariateSumSquares };
  return { x: { n, sum, sumSquares }, z, sumProducts };
}

export function addJointSums(left: JointSums, right: JointSums): JointSums {
  return {
    x: totalOf([left.x, right.x]),
    z: totalOf([left.z, right.z]),
    sumProducts: left.sumProducts + right.sumProducts,
  };
}

/** Below this share of the sum of squares, a difference of sums is the rounding of the sums and no variance. */
const ROUNDING = 2 ** -50;

/** With n − 1 in the denominator, never negative; n ≥ 2. */
export function varianceOf({ n, sum, sumSquares }: Sums): number {
  const variance = productDifference(n, sumSquares, sum, sum) / n / (n - 1);
  return variance <= (ROUNDING * sumSquares) / (n - 1) ? 0 : variance;
}

/** With n − 1 in the denominator; n ≥ 2. */
export function covarianceOf({ x, z, sumProducts }: JointSums): number {
  return productDifference(x.n, sumProducts, x.sum, z.sum) / x.n / (x.n - 1);
}

/** The variance of x − factor·z, never negative; n ≥ 2. */
export function residualVariance(sums: JointSums, factor: number): number {
  const { x, z, sumProducts } = sums;
  const variance = varianceOf(x) - 2 * factor * covarianceOf(sums) + factor * factor * varianceOf(z);
  const scale = x.sumSquares + 2 * Math.abs(factor * sumProducts) + factor * factor * z.sumSquares;
  return variance <= (ROUNDING * scale) / (x.n - 1) ? 0 : variance;
}

/**
 * a·b − c·d with the error of a single rounding, however much of the products cancels (Dekker's exact products, Kahan's
 * difference). Values far from 0 that are close together have nothing else left of their variance.
 */
export function productDifference(a: number, b: number, c: number, d: number): number {
  const left = a * b;
  const right = c * d;
  return left - right + (productError(a, b, left) - productError(c, d, right));
}

/** What a·b is more than its rounded product. */
function productError(a: number, b: number, product: number): number {
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** In two halves of 26 bits. */
function split(value: number): readonly [high: number, low: number] {
  const spread = value * (2 ** 27 + 1);
  const high = spread - (spread - value);
  return [high, value - high];
}

export interface MeanVariance {
  readonly n: number;
  /** null without users. */
  readonly mean: number | null;
  /** With n − 1 in the denominator, never negative; null below two users. */
  readonly variance: number | null;
}

/**
 * Mean and variance of one variation, from sums or from `values`, one a user. From values no digit is lost, however far
 * from 0 they are.
 *
 * @throws InvalidInputError
 */
export function meanVariance(input: Sums | { readonly values: readonly number[] }): MeanVariance {
  if ('values' in input) {
    checkValues(input.values);
    return ofValues(input.values);
  }
  checkPlainSums(new InputCheck(), input, 'n', 'sum', 'sumSquares').done();
  const { n, sum } = input;
  return { n, mean: n === 0 ? null : sum / n, variance: n < 2 ? null : varianceOf(input) };
}

/** In two passes: the second one squares distances from the mean, which are small. */
function ofValues(values: readonly number[]): MeanVariance {
  const n = values.length;
  if (n === 0) return { n, mean: null, variance: null };
  const rough = sumUp(values).sum / n;
  const rest = sumUp(values.map((value) => value - rough));
  return { n, mean: rough + rest.sum / n, variance: n < 2 ? null : varianceOf(rest) };
}

/** How far sums may be from possible ones by the rounding of a long addition. */
const TOLERANCE = 1e-6;
/** Squares below it may be anything down to 0. */
const UNDERFLOW = SMALLEST ** 2;

/** Notes what is wrong with sums; whatever passes gives finite numbers. */
export function checkSums(check: InputCheck, input: string, sums: Sums): InputCheck {
  if (typeof sums !== 'object' || sums === null) return check.that(false, input, 'must be an object with sums');
  return checkPlainSums(check, sums, `${input}.n`, `${input}.sum`, `${input}.sumSquares`);
}

function checkPlainSums(check: InputCheck, sums: Sums, atN: string, atSum: string, atSquares: string): InputCheck {
  const { n, sum, sumSquares } = sums;
  check.count(atN, n).number(atSum, sum);
  check.within(atSquares, sumSquares, 0, GREATEST ** 2, 'must be a number from 0 to 1e100');
  return check.that(
    !(n * sumSquares < sum * sum * (1 - TOLERANCE) - UNDERFLOW) && !(n === 0 && sumSquares > 0),
    atSquares,
    'does not fit: no n values have this sum and this sum of squares',
  );
}

/** Notes what is wrong with joint sums; `name` is that of the second thing in the input. */
export function checkJointSums(
  check: InputCheck,
  input: string,
  sums: RatioSums | CovariateSums,
  name: 'denominator' | 'covariate',
): InputCheck {
  if (typeof sums !== 'object' || sums === null) return check.that(false, input, 'must be an object with sums');
  const { x, z, sumProducts } = 'denominatorSum' in sums ? ratioParts(sums) : covariateParts(sums);
  checkPlainSums(check, x, `${input}.n`, `${input}.sum`, `${input}.sumSquares`);
  checkPlainSums(check, { ...z, n: x.n }, `${input}.n`, `${input}.${name}Sum`, `${input}.${name}SumSquares`);
  const most = Math.sqrt(x.sumSquares) * Math.sqrt(z.sumSquares);
  return check.that(
    Math.abs(sumProducts) <= most * (1 + TOLERANCE) + UNDERFLOW &&
      !(x.n > 1 && correlatesBeyondOne({ x, z, sumProducts }, most)),
    `${input}.sumProducts`,
    'does not fit: no values have this sum of products and these sums of squares',
  );
}

function correlatesBeyondOne(sums: JointSums, most: number): boolean {
  const limit = Math.sqrt(varianceOf(sums.x)) * Math.sqrt(varianceOf(sums.z));
  return Math.abs(covarianceOf(sums)) > limit + (TOLERANCE * most + UNDERFLOW) / (sums.x.n - 1);
}
