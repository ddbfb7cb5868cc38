import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  continuedFraction,
  gammaHalfStep,
  scaledLowerGamma,
  scaledUpperGamma,
  stirlingRest,
  upperGamma,
} from '../../../src/experiments/statistics/gamma.js';
import { check } from '../../support/property.js';

// Expected values were computed with 60 digits from the definitions, with mpmath, and rounded.

/** How far a value is from the right one, as a part of it. */
const errorOf = (actual: number, expected: number) => Math.abs(actual / expected - 1);

describe('what Stirling’s formula leaves', () => {
  it.each([
    [1e-8, 8.29140202720616],
    [1e-3, 2.5422704679670947],
    [0.1, 0.512740081331915],
    [0.5, 0.15342640972002736],
    [1, 0.08106146679532726],
    [2, 0.0413406959554093],
    [3.7, 0.022468770580143144],
    [9.999, 0.008331396020466343],
    [10, 0.00833056343336287],
    [10.001, 0.008329731012595083],
    [25, 0.003333155636728093],
    [1e3, 8.333333055555635e-5],
    [1e6, 8.333333333333056e-8],
    [1e12, 8.333333333333334e-14],
  ])('at %d is %d', (x, expected) => {
    expect(errorOf(stirlingRest(x), expected)).toBeLessThan(1e-12);
  });

  it('is between the bounds of its series, and falls', async () => {
    const at = fc.double({ min: 0.01, max: 1e9, noNaN: true });
    await check(
      fc.property(at, fc.double({ min: 1.001, max: 3, noNaN: true }), (x, factor) => {
        const rest = stirlingRest(x);
        // DLMF 5.11(ii): the error is smaller than the first term that is left out, and of its sign.
        expect(rest).toBeLessThanOrEqual((1 / (12 * x)) * (1 + 1e-12));
        expect(rest).toBeGreaterThanOrEqual((1 / (12 * x) - 1 / (360 * x ** 3)) * (1 - 1e-12));
        expect(stirlingRest(x * factor)).toBeLessThan(rest);
      }),
      300,
    );
  });

  it('gives factorials back', () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      factorial *= n;
      const x = n + 1;
      const log = (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + stirlingRest(x);
      expect(errorOf(Math.exp(log), factorial), `${n}!`).toBeLessThan(1e-13);
    }
  });
});

describe('half a step of Γ', () => {
  it.each([
    [1e-8, 1.7724538263340885e-8],
    [1e-3, 0.0017700013177859826],
    [0.25, 0.33798912003364234],
    [0.5, 0.5641895835477563],
    [1, 0.886226925452758],
    [1.5, 1.1283791670955126],
    [2, 1.329340388179137],
    [7.3, 2.6560158534804774],
    [19.9, 4.433011363891179],
    [20, 4.444275161239915],
    [20.1, 4.455510492210346],
    [100, 9.987507861262518],
    [1e4, 99.99875000781299],
    [1e8, 9999.9999875],
    [1e15, 31_622_776.601683788],
  ])('at %d is %d', (a, expected) => {
    expect(errorOf(gammaHalfStep(a), expected)).toBeLessThan(1e-14);
  });

  it('and the next half are a whole one: the factor a', async () => {
    await check(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (a) => {
        expect(errorOf(gammaHalfStep(a) * gammaHalfStep(a + 0.5), a)).toBeLessThan(1e-13);
      }),
      300,
    );
  });
});

describe('the upper incomplete gamma function', () => {
  it.each([
    [0.5, 0.0001, 0.9887165844441503],
    [0.5, 0.5, 0.3173105078629141],
    [0.5, 2, 0.04550026389635842],
    [0.5, 50, 1.523970604832105e-23],
    [0.5, 600, 6.0995688148084334e-263],
    [1, 1, 0.36787944117144233],
    [1, 20, 2.061153622438558e-9],
    [2.5, 0.1, 0.9991138612111876],
    [2.5, 3.4, 0.2359445376945214],
    [2.5, 3.6, 0.20618591970955588],
    [10, 9, 0.5874082443319414],
    [10, 30, 7.121750862815577e-6],
    [100, 80, 0.9828916869648668],
    [100, 100, 0.48670120172085135],
    [100, 150, 5.924540335483916e-6],
    [1000, 900, 0.9994500977342882],
    [1000, 1000, 0.4957947558197845],
    [1000, 1200, 1.2881606086281433e-9],
    [100_000, 100_000, 0.4995794778896348],
    [100_000, 101_000, 0.0008084215129255907],
    [1e6, 1.003e6, 0.0013617406462175915],
  ])('Q(%d, %d) is %d', (a, x, expected) => {
    expect(errorOf(upperGamma(a, x), expected)).toBeLessThan(2e-11);
  });

  it('is 1 at 0, falls with x, grows with a, and is never outside of 0 to 1', async () => {
    const positive = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
    await check(
      fc.property(positive, positive, fc.double({ min: 1.01, max: 2, noNaN: true }), (a, x, factor) => {
        expect(upperGamma(a, 0)).toBe(1);
        const q = upperGamma(a, x);
        expect(q).toBeGreaterThanOrEqual(0);
        expect(q).toBeLessThanOrEqual(1 + 1e-12);
        expect(upperGamma(a, x * factor)).toBeLessThanOrEqual(q + 1e-12);
        expect(upperGamma(a * factor, x)).toBeGreaterThanOrEqual(q - 1e-12);
      }),
      300,
    );
  });

  it('obeys its recurrence: Q(a + 1, x) = Q(a, x) + xᵃe⁻ˣ/Γ(a + 1)', () => {
    for (let a = 1; a <= 15; a++) {
      for (const x of [0.1, 1, a, a + 1, 2 * a + 3]) {
        let factorial = 1;
        for (let n = 2; n <= a; n++) factorial *= n;
        const term = (x ** a * Math.exp(-x)) / factorial;
        expect(Math.abs(upperGamma(a + 1, x) - upperGamma(a, x) - term), `${a} ${x}`).toBeLessThan(1e-13);
      }
    }
  });

  it('is the same by the series and by the fraction where both hold', () => {
    for (const a of [0.5, 1, 3, 10]) {
      for (const x of [a + 1, a + 1.5, a + 3]) {
        const gamma = scaledUpperGamma(a, x) + scaledLowerGamma(a, x);
        // Together they are Γ(a)·eˣ·x⁻ᵃ, which is known for these.
        const whole = { 0.5: Math.sqrt(Math.PI), 1: 1, 3: 2, 10: 362_880 }[a] ?? NaN;
        expect(errorOf(gamma, whole * Math.exp(x) * x ** -a), `${a} ${x}`).toBeLessThan(1e-13);
      }
    }
  });
});

describe('a continued fraction', () => {
  it('of ones is the golden ratio, of twos the half', () => {
    expect(continuedFraction(() => 1)).toBeCloseTo((Math.sqrt(5) - 1) / 2, 14);
    expect(continuedFraction(() => 2)).toBeCloseTo(0.5, 14);
  });

  it('that ends is a fraction', () => {
    // 1/(1 + 1/(1 + 2/1))
    expect(continuedFraction((index) => [1, 2][index - 1] ?? 0)).toBeCloseTo(3 / 4, 15);
  });

  it('is that of the logarithm', () => {
    // ln(1 + z)/z = 1/(1 + (1²z/2)/(1 + (1²z/6)/(1 + (2²z·2/12 …; DLMF 4.9.1 in this form.
    const z = 0.7;
    const coefficient = (index: number) => {
      const half = Math.ceil(index / 2);
      return (half * half * z) / ((index === 1 ? 1 : index) * (index + 1));
    };
    expect(continuedFraction(coefficient)).toBeCloseTo(Math.log1p(z) / z, 12);
  });

  it('that meets a zero goes around it, and one of no numbers ends', () => {
    expect(Number.isFinite(continuedFraction((index) => (index === 1 ? -1 : 1)))).toBe(true);
    expect(continuedFraction(() => NaN)).toBeNaN();
  });
});
