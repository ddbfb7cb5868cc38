/**
 * Parts of Γ and the upper incomplete gamma function. Logarithms of Γ are never subtracted from each other: at a million,
 * that alone would cost seven digits.
 */

/** The first coefficients of Stirling's series of ln Γ, in powers x⁻¹, x⁻³, x⁻⁵ … (DLMF 5.11.1). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156] as const;

/** What Stirling's formula leaves of ln Γ(x), x > 0: ln Γ(x) − ((x − ½)·ln x − x + ½·ln 2π). */
export function stirlingRest(x: number): number {
  let above = 0;
  let at = x;
  for (; at < 10; at++) above += (at + 0.5) * Math.log1p(1 / at) - 1;
  const inverse = 1 / at;
  const square = inverse * inverse;
  return above + inverse * STIRLING.reduceRight((sum, coefficient) => sum * square + coefficient, 0);
}

/** The coefficients of Γ(a + ½) / (Γ(a)·√s) in powers of s⁻², with s = a − ¼ (Tricomi and Erdélyi 1951). */
const HALF_STEP = [1, 1 / 64, -19 / 8192, 631 / 524_288, -174_317 / 134_217_728, 20_491_783 / 8_589_934_592] as const;

/** Γ(a + ½) / Γ(a), a > 0. */
export function gammaHalfStep(a: number): number {
  let factor = 1;
  let at = a;
  for (; at < 20; at++) factor *= at / (at + 0.5);
  const s = at - 0.25;
  const inverseSquare = 1 / (s * s);
  return factor * Math.sqrt(s) * HALF_STEP.reduceRight((sum, coefficient) => sum * inverseSquare + coefficient, 0);
}

/** Smaller than any denominator of a continued fraction; takes the place of 0. */
const TINY = 1e-300;
const ROUNDING = 2 ** -53;

/** A continued fraction 1/(1 + c₁/(1 + c₂/(1 + …))), by the method of Lentz. Ends when it no longer changes. */
export function continuedFraction(coefficient: (index: number) => number): number {
  let upper = 1;
  let lower = 0;
  let value = 1;
  for (let index = 1; ; index++) {
    const c = coefficient(index);
    lower = 1 / avoidZero(1 + c * lower);
    upper = avoidZero(1 + c / upper);
    const change = upper * lower;
    value *= change;
    if (Math.abs(change - 1) <= ROUNDING || Number.isNaN(change)) return 1 / value;
  }
}

function avoidZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Γ(a, x)·eˣ·x⁻ᵃ, x ≥ a + 1 (DLMF 8.9.2). */
export function scaledUpperGamma(a: number, x: number): number {
  const fraction = continuedFraction((index) => {
    const half = index >> 1;
    return index % 2 === 1 ? (half + 1 - a) / x : half / x;
  });
  return fraction / x;
}

/** γ(a, x)·eˣ·x⁻ᵃ, x < a + 1 (DLMF 8.7.1). */
export function scaledLowerGamma(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = a + 1; term > sum * ROUNDING; n++) {
    term *= x / n;
    sum += term;
  }
  return sum;
}

/** Q(a, x) = Γ(a, x) / Γ(a), a > 0, x ≥ 0: the share of the gamma distribution above x. */
export function upperGamma(a: number, x: number): number {
  if (x === 0) return 1;
  // xᵃ·e⁻ˣ / Γ(a), without a large number less another one.
  const scale = Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * logRatioLess(x, a) - stirlingRest(a));
  return x < a + 1 ? 1 - scale * scaledLowerGamma(a, x) : scale * scaledUpperGamma(a, x);
}

/** ln(x/a) − (x − a)/a. */
function logRatioLess(x: number, a: number): number {
  const excess = (x - a) / a;
  return (Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(x / a)) - excess;
}
