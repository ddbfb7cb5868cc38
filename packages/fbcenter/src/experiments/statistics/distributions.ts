/**
 * Tails and quantiles of the normal, Student's and the χ² distribution. Tails are computed as such, never as 1 less the
 * other one: a p-value of 1e-200 is a number, and 0 only what is below the smallest double.
 *
 * Their errors, against 50-digit values, are in docs/experiments.md and are held by its test.
 */
import { continuedFraction, gammaHalfStep, scaledLowerGamma, scaledUpperGamma, upperGamma } from './gamma.js';
import { InputCheck } from './input.js';

const SQRT_PI = Math.sqrt(Math.PI);
/** From here on the normal density and its tail are below the smallest double. */
export const BEYOND = 39;

/** The density of the standard normal distribution at z. */
export function normalDensity(z: number): number {
  return halfSquareExp(z) / Math.sqrt(2 * Math.PI);
}

/** e^(−z²/2). The square of z is taken in two parts, because an error of it counts z² times in the result. */
function halfSquareExp(z: number): number {
  if (Math.abs(z) > BEYOND) return 0;
  const rough = Math.fround(z);
  return Math.exp((-rough * rough) / 2) * Math.exp((-(z - rough) * (z + rough)) / 2);
}

/** P(Z > z) of the standard normal distribution; any z. */
export function normalUpperTail(z: number): number {
  new InputCheck().number('z', z).done();
  return upperNormal(z);
}

/** {@link normalUpperTail} for a z that is known to be a number. */
export function upperNormal(z: number): number {
  if (z < 0) return 1 - upperNormal(-z);
  const u = (z * z) / 2;
  const scale = (z * halfSquareExp(z)) / (2 * Math.sqrt(2) * SQRT_PI);
  if (u < 1.5) return 0.5 - scale * scaledLowerGamma(0.5, u);
  return z > BEYOND ? 0 : scale * scaledUpperGamma(0.5, u);
}

/** The z that a standard normal variable exceeds with probability p; 0 < p < 1. */
export function normalUpperQuantile(p: number): number {
  new InputCheck().share('p', p).done();
  return normalQuantile(p);
}

/** {@link normalUpperQuantile} for a p that is known to be between 0 and 1. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0.5) return 0;
  return solveTail(p, roughNormalQuantile(p), upperNormal, (z) => z * normalDensity(z));
}

/** Right to 4.5e-4 for p ≤ ½ (Hastings 1955, Abramowitz and Stegun 26.2.23). */
function roughNormalQuantile(p: number): number {
  const w = Math.sqrt(-2 * Math.log(p));
  return w - (2.515517 + w * (0.802853 + w * 0.010328)) / (1 + w * (1.432788 + w * (0.189269 + w * 0.001308)));
}

/** P(|T| > |t|) of Student's distribution with df > 0 degrees of freedom, which need not be whole. */
export function tTwoSided(t: number, df: number): number {
  new InputCheck().number('t', t).positive('df', df).done();
  return student(Math.abs(t), df);
}

/** From here on the expansion for many degrees of freedom is exact to the last digits, if t is not extreme. */
const MANY_DEGREES = 20;
const EXTREME = 1;

/** {@link tTwoSided} for t ≥ 0 and df > 0. */
export function student(t: number, df: number): number {
  const log = logOfSquare(t, df);
  // So near to 0, roots and squares would leave the range of doubles; p is 1 to the last digit.
  if (log < 1e-200) return 1;
  const a = df / 2;
  if (df >= MANY_DEGREES && log <= EXTREME) return studentOfMany(a, log);
  const x = Math.exp(-log);
  const y = -Math.expm1(-log);
  // xᵃ·√y / B(a, ½)
  const scale = (Math.exp(-a * log) * Math.sqrt(y) * gammaHalfStep(a)) / SQRT_PI;
  if (x < (a + 1) / (a + 2.5)) return (scale / a) * betaFraction(a, 0.5, x);
  return 1 - 2 * scale * betaFraction(0.5, a, y);
}

/** ln(1 + t²/df), where t² may be too large for a double. */
function logOfSquare(t: number, df: number): number {
  const root = t / Math.sqrt(df);
  return root > 1e8 ? 2 * (Math.log(t) - Math.log(df) / 2) : Math.log1p(root * root);
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22). */
function betaFraction(a: number, b: number, x: number): number {
  return continuedFraction((index) => {
    const m = index >> 1;
    if (index % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  });
}

/** The coefficients pₙ of DiDonato and Morris, n ≥ 1, for b = ½. */
const SMALL_B = [
  -0.08333333333333333, 0.00625, -0.0005042989417989418, 4.343722442680776e-5, -3.896385732323232e-6,
  3.5833354634507906e-7, -3.349747072060578e-8, 3.1675854343161146e-9, -3.0210368517370963e-10, 2.900415787669253e-11,
  -2.799396748375269e-12, 2.713639320017204e-13,
] as const;

/**
 * I_x(a, ½), x = e^(−log), by its expansion around the normal tail (DiDonato and Morris 1992, BGRAT). The effort does not
 * grow with a, as that of the continued fraction does.
 */
function studentOfMany(a: number, log: number): number {
  const s = a - 0.25;
  const u = s * log;
  const scale = Math.sqrt(u / s / Math.PI) * Math.exp(-u) * gammaHalfStep(a);
  let part = u < 1.5 ? (SQRT_PI * Math.exp(u)) / Math.sqrt(u) - scaledLowerGamma(0.5, u) : scaledUpperGamma(0.5, u);
  let sum = part;
  let power = 1;
  let b = 0.5;
  for (const coefficient of SMALL_B) {
    part = (b * (b + 1) * part + (u + b + 1) * power) / (4 * s * s);
    sum += coefficient * part;
    power *= (log / 2) ** 2;
    b += 2;
  }
  return scale * sum;
}

/** The t that a variable of Student's distribution exceeds with probability p; 0 < p < 1, df > 0. */
export function tUpperQuantile(p: number, df: number): number {
  new InputCheck().share('p', p).positive('df', df).done();
  return studentQuantile(p, df);
}

/** {@link tUpperQuantile} for values that are known to be possible. */
export function studentQuantile(p: number, df: number): number {
  if (p > 0.5) return -studentQuantile(1 - p, df);
  if (p === 0.5) return 0;
  const z = normalQuantile(p);
  const guess = Math.sqrt(df * Math.expm1((z * z) / Math.max(df - 0.5, df / 2)));
  const peak = gammaHalfStep(df / 2) / (SQRT_PI * Math.sqrt(df));
  const weight = (t: number): number => peak * Math.exp(Math.log(t) - ((df + 1) / 2) * logOfSquare(t, df));
  return solveTail(p, guess, (t) => student(t, df) / 2, weight);
}

/** P(X > x) of the χ² distribution with df > 0 degrees of freedom; x ≥ 0. */
export function chiSquareUpperTail(x: number, df: number): number {
  new InputCheck().notNegative('x', x).positive('df', df).done();
  return upperGamma(df / 2, x / 2);
}

const MAX_STEPS = 200;

/**
 * The place > 0 at which a tail has the value p < ½: Newton's method on the logarithm of the tail, which is nearly
 * straight where the tail itself is flat, kept between a place that is too low and one that is too high. `weight` is the
 * density times the place.
 */
function solveTail(p: number, guess: number, tail: (at: number) => number, weight: (at: number) => number): number {
  let low = 0;
  let high = Number.MAX_VALUE;
  let at = Math.min(guess, high);
  const logP = Math.log(p);
  for (let step = 0; step < MAX_STEPS; step++) {
    const value = tail(at);
    if (value > p) low = at;
    else high = at;
    const wanted = ((Math.log(value) - logP) * value) / weight(at);
    // Tails of few degrees of freedom are straight in ln t; near the middle, every tail is straight in t.
    let next = p > 0.25 ? at * (1 + wanted) : at * Math.exp(wanted);
    if (Math.abs(next - at) <= 2 ** -52 * at) return next;
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    at = next;
  }
  return at;
}
