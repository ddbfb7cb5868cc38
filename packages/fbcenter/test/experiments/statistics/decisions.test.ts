import fc from 'fast-check';
import {
  bayes,
  benjaminiHochberg,
  bestOfN,
  chiSquareUpperTail,
  holm,
  sampleSize,
  srm,
  srmSequential,
} from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';
import { decideAlways, multiplierOf, rhoSquaredOf } from '../../../src/experiments/statistics/intervals.js';
import { isOpen, type Verdict, verdictOf } from '../../../src/experiments/statistics/verdict.js';
import { check } from '../../support/property.js';

// Expected values were computed with 60 digits from the published formulas, with mpmath, and rounded.

const expectNear = (actual: number, expected: number, relative = 1e-11) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected) + 1e-300);

describe('an always-valid interval', () => {
  it.each([
    [1, 0.05, 10_000, 86.9285528427718],
    [100, 0.05, 10_000, 9.08437943731058],
    [10_000, 0.05, 10_000, 3.035208990376253],
    [1_000_000, 0.05, 10_000, 3.5616410409189],
    [5_000, 0.01, 2_000, 3.6115353765107363],
    [5_000, 0.5, 2_000, 1.9649091669566368],
    [123, 1e-10, 77, 7.146706506203131],
  ])('of %d users at alpha %d, tuned for %d, goes %d errors to each side', (users, alpha, tuning, expected) => {
    expectNear(multiplierOf(users, alpha, rhoSquaredOf(alpha, tuning)), expected);
  });

  it.each([
    [0, 100, 100, 1],
    [1, 100, 100, 1],
    [2, 100, 100, 0.5060410918018465],
    [3, 1_000, 100, 0.10532176572684523],
    [5, 1_000, 10_000, 0.005307048332094756],
    [-5, 1_000, 10_000, 0.005307048332094756],
    [10, 50, 10_000, 0.15124437564552848],
    [40, 50_000, 10_000, 0],
  ])('of a difference of %d errors at %d users, tuned for %d, has p = %d', (difference, users, tuning, expected) => {
    expectNear(decideAlways({ difference, standardError: 1, users }, 0.05, tuning).pValue, expected);
  });

  it('holds 0 exactly when p says so, at every alpha', async () => {
    const input = fc.record({
      difference: fc.double({ min: -20, max: 20, noNaN: true }),
      users: fc.integer({ min: 2, max: 1e6 }),
      alpha: fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
    });
    await check(
      fc.property(input, ({ difference, users, alpha }) => {
        const { multiplier, pValue } = decideAlways({ difference, standardError: 1, users }, alpha, 5_000);
        if (Math.abs(pValue / alpha - 1) < 1e-9) return;
        expect(pValue < alpha).toBe(Math.abs(difference) > multiplier);
      }),
      300,
    );
  });
});

describe('the χ² distribution', () => {
  // The 5 %, 1 % and 0.1 % points of every table.
  it.each([
    [3.841458820694124, 1, 0.05],
    [6.634896601021213, 1, 0.01],
    [10.827566170662733, 1, 0.001],
    [5.991464547107979, 2, 0.05],
    [7.814727903251179, 3, 0.05],
    [11.070497693516351, 5, 0.05],
    [18.307038053275146, 10, 0.05],
    [1000, 10, 1.8702907209159498e-208],
  ])('is above %d, with %i degrees of freedom, with probability %d', (x, df, expected) => {
    expectNear(chiSquareUpperTail(x, df), expected);
  });
});

describe('the split', () => {
  it.each<[observed: number[], weights: number[], concentration: number, expected: number]>([
    [[0, 0], [1, 1], 10_000, 0],
    [[50, 50], [1, 1], 10_000, -0.004975412951335291],
    [[100, 0], [1, 1], 1, 66.43851802528397],
    [[5_000, 5_000], [1, 1], 10_000, -0.3465860902799362],
    [[5_500, 5_000], [1, 1], 10_000, 5.739530515151415],
    [[5_200, 5_000], [1, 1], 10_000, 0.6386028263917901],
    [[900, 100], [9, 1], 100, -1.2066048002142975],
    [[1_000_000, 1_001_000], [1, 1], 10_000, -2.4032933690562532],
    [[300, 300, 400], [3, 3, 4], 10, -4.6822626597390595],
  ])(
    'of %j, planned as %j, has at concentration %d the log Bayes factor %d',
    (observed, weights, concentration, expected) => {
      const { logBayesFactor, pValue } = srmSequential({ observed, weights, concentration });
      expect(Math.abs(logBayesFactor - expected)).toBeLessThan(1e-9);
      expect(pValue).toBeCloseTo(Math.min(1, Math.exp(-expected)), 9);
    },
  );

  it.each<[observed: number[], weights: number[], chiSquare: number, alarm: boolean]>([
    [[500, 500], [1, 1], 0, false],
    [[540, 460], [1, 1], 6.4, false],
    [[560, 440], [1, 1], 14.4, true],
    [[9_000, 1_000], [9, 1], 0, false],
    [[60, 20, 20], [1, 1, 1], 32, true],
    // Of so few users nothing can be said.
    [[9, 0], [1, 1], 9, false],
    [[30, 0], [1, 1], 30, true],
    [[4, 20], [0.0001, 1], 0, false],
  ])('of %j, planned as %j, has χ² = %d, and is an alarm: %s', (observed, weights, chiSquare, alarm) => {
    const split = srm({ observed, weights });
    if (split.status !== 'ok') throw new Error(split.status);
    if (observed[0] !== 4) expect(split.chiSquare).toBeCloseTo(chiSquare, 9);
    expect(split.alarm).toBe(alarm);
    expect(split.expected.reduce((sum, one) => sum + one, 0)).toBeCloseTo(observed.reduce((sum, one) => sum + one, 0));
  });

  it('of a single user says nothing, to the last digit, wherever it went', () => {
    for (const concentration of [1, 10, 10_000, 1e8]) {
      expect(srmSequential({ observed: [1, 0, 0], weights: [50, 0.1, 0.001], concentration })).toEqual({
        logBayesFactor: 0,
        pValue: 1,
      });
    }
  });

  it.each<[observed: number[], weights: number[], concentration: number, expected: number]>([
    // Computed with 60 digits. What is left is a millionth of a millionth of the parts.
    [[2, 0, 0, 0], [50, 0.5, 1, 0.1], 1e6, 3.199996748803304e-8],
    [[100, 100], [1, 1], 10_000, -0.00990180384416588],
    [[101, 100], [1, 1], 10_000, -0.00990180384416588],
  ])(
    'of %j, planned as %j, has at concentration %d a factor that is right to ten digits',
    (observed, weights, c, factor) => {
      const { logBayesFactor } = srmSequential({ observed, weights, concentration: c });
      expect(Math.abs(logBayesFactor / factor - 1)).toBeLessThan(1e-10);
    },
  );

  it('of thousands of millions differs by a third of a user, and is seen to', () => {
    const split = srm({ observed: [166_666_666, 833_333_333], weights: [0.1, 0.5] });
    if (split.status !== 'ok') throw new Error(split.status);
    expect(Math.abs(split.chiSquare / 1.8000000573111517e-9 - 1)).toBeLessThan(1e-9);
  });

  it('of nobody says nothing', () => {
    expect(srm({ observed: [0, 0], weights: [1, 1] })).toEqual({ status: 'no-users' });
    expect(srm({ observed: [0, 5, 0], weights: [1, 0, 1] })).toEqual({ status: 'no-users' });
  });
});

describe('the Bayesian view', () => {
  it.each<[estimate: number, error: number, priorMean: number, prior: number | undefined, expected: number[]]>([
    [0.1, 0.05, 0, undefined, [0.1, 0.05, 0.9772498680518208, 0.0004245351308414819]],
    [0.1, 0.05, 0, 0.3, [0.0972972972972973, 0.04931969619160719, 0.9757401308598747, 0.00045029569283381953]],
    [0.1, 0.05, 0.05, 0.01, [0.051923076923076926, 0.009805806756909202, 0.9999999405359525, 1.0338511588848427e-10]],
    [-2, 1, 0, 1, [-1, Math.SQRT1_2, 0.07864960352514257, 1.025127270830006]],
    [0, 1, 0, undefined, [0, 1, 0.5, 0.3989422804014327]],
  ])(
    'of %d ± %d with the prior %d ± %s is mean, deviation, chance and risk %j',
    (estimate, standardError, priorMean, prior, expected) => {
      const seen = bayes({ estimate, standardError, priorMean, priorStandardDeviation: prior });
      const actual = [seen.mean, seen.standardDeviation, seen.chanceToWin, seen.riskOfTreatment];
      for (const [index, value] of expected.entries()) expectNear(actual[index] ?? NaN, value, 1e-9);
      expect(seen.riskOfTreatment - seen.riskOfControl).toBeCloseTo(-seen.mean, 12);
    },
  );

  it('of a difference far beyond its error has no risk below 0, and a chance of 1', () => {
    const { riskOfTreatment, chanceToWin } = bayes({ estimate: 30, standardError: 1 });
    expect(riskOfTreatment).toBeGreaterThanOrEqual(0);
    expect(riskOfTreatment).toBeLessThan(1e-190);
    expect(chanceToWin).toBe(1);
  });

  it('of one variation alone is certain, of equal ones the same for each, of one far ahead its own', () => {
    const one = { mean: 1, standardError: 0.1 };
    expect(bestOfN({ variations: [one] }).probabilities[0]).toBeCloseTo(1, 12);
    for (const count of [2, 3, 5, 8]) {
      for (const chance of bestOfN({
        variations: Array<typeof one>(count)
          .fill(one)
          .map((same) => ({ ...same })),
      }).probabilities) {
        expect(chance).toBeCloseTo(1 / count, 10);
      }
    }
    const ahead = bestOfN({ variations: [one, { ...one, mean: 3 }, { ...one, mean: 0 }] }).probabilities;
    expect(ahead.map((chance) => Math.round(chance))).toEqual([0, 1, 0]);
  });
});

describe('corrections for several tests', () => {
  // R: p.adjust(p, 'holm') and p.adjust(p, 'BH').
  it.each<[p: number[], holm: number[], bh: number[]]>([
    [[], [], []],
    [[0.03], [0.03], [0.03]],
    [
      [0.01, 0.02, 0.03, 0.04, 0.05],
      [0.05, 0.08, 0.09, 0.09, 0.09],
      [0.05, 0.05, 0.05, 0.05, 0.05],
    ],
    [
      [0.05, 0.01, 0.03],
      [0.06, 0.03, 0.06],
      [0.05, 0.03, 0.045],
    ],
    [
      [0.001, 0.5, 0.9],
      [0.003, 1, 1],
      [0.003, 0.75, 0.9],
    ],
    [
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ],
    [
      [0, 0.5],
      [0, 0.5],
      [0, 0.5],
    ],
    [
      [0.04, 0.04, 0.04],
      [0.12, 0.12, 0.12],
      [0.04, 0.04, 0.04],
    ],
    [
      [0.0001, 0.0004, 0.0019, 0.0095, 0.0201],
      [0.0005, 0.0016, 0.0057, 0.019, 0.0201],
      [0.0005, 0.001, 0.0031666666666666666, 0.011875, 0.0201],
    ],
  ])('of %j are %j by Holm and %j by Benjamini and Hochberg', (pValues, byHolm, byHochberg) => {
    for (const [actual, expected] of [
      [holm({ pValues }).adjusted, byHolm],
      [benjaminiHochberg({ pValues }).adjusted, byHochberg],
    ] as const) {
      expect(actual).toHaveLength(expected.length);
      for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 12);
    }
  });
});

describe('the users that are needed', () => {
  it.each([
    [0.1, 0.1, 0.05, 0.8, 1, 14748.045020841937],
    [0.05, 0.2, 0.05, 0.9, 1, 10917.212560836804],
    [0.5, -0.1, 0.01, 0.8, 1, 2324.1146665611623],
    [0.1, 0.1, 0.05, 0.8, 0.25, 37800.20480062521],
    [0.001, 0.5, 0.1, 0.95, 2, 75663.22823723234],
  ])(
    'for a rate of %d and an effect of %d, at alpha %d with power %d and ratio %d, are %d',
    (rate, effect, alpha, power, ratio, exact) => {
      const size = sampleSize({ rate, effect, alpha, power, ratio });
      if (size.status !== 'ok') throw new Error(size.status);
      expectNear(size.exact, exact);
      expect([size.control, size.treatment]).toEqual([Math.ceil(exact), Math.ceil(ratio * exact)]);
    },
  );

  it.each([
    [{ rate: 0, effect: 0.1 }, 'zero-baseline'],
    [{ rate: 0.6, effect: 1 }, 'impossible-effect'],
    [{ rate: 0.6, effect: -1.1 }, 'impossible-effect'],
    [{ mean: 0, variance: 1, effect: 0.1 }, 'zero-baseline'],
  ])('for %j are none: %s', (input, status) => {
    expect(sampleSize(input).status).toBe(status);
  });

  it('of a metric that never varies are none, and of one whose mean is negative as many as of its mirror image', () => {
    expect(sampleSize({ mean: 5, variance: 0, effect: 0.1 })).toEqual({
      status: 'ok',
      control: 0,
      treatment: 0,
      exact: 0,
    });
    expect(sampleSize({ mean: -5, variance: 3, effect: 0.1 })).toEqual(
      sampleSize({ mean: 5, variance: 3, effect: 0.1 }),
    );
  });
});

describe('a verdict', () => {
  const result = {
    status: 'ok' as const,
    control: 1,
    treatment: 1.1,
    users: 2_000,
    difference: 0.1,
    standardError: 0.01,
    multiplier: 3,
    pValue: 0.001,
    low: 0.07,
    high: 0.13,
    relative: { status: 'ok' as const, uplift: 0.1, g: 0.01, low: 0.07, high: 0.13 },
    upliftStandardError: 0.01,
    varianceReduction: null,
  };
  const evidence = {
    role: 'goal' as const,
    result,
    adjustedPValue: 0.001,
    least: { n: 1_000, nonzero: 100 },
    wrongSplit: false,
    method: 'always-valid' as const,
    plannedUsers: 10_000,
    alpha: 0.05,
  };
  const guardrail = { ...evidence, role: 'guardrail' as const };
  const negative = {
    ...result,
    difference: -0.1,
    low: -0.13,
    high: -0.07,
    relative: { ...result.relative, uplift: -0.1, low: -0.13, high: -0.07 },
  };
  const about = { ...result, low: -0.01, high: 0.03, relative: { ...result.relative, low: -0.01, high: 0.03 } };

  it.each<[string, Parameters<typeof verdictOf>[0], Verdict]>([
    ['that is more', evidence, 'better'],
    ['that is more where less is better', { ...evidence, lowerIsBetter: true }, 'worse'],
    ['that is less', { ...evidence, result: negative }, 'worse'],
    ['that is less where less is better', { ...evidence, result: negative, lowerIsBetter: true }, 'better'],
    ['whose p is just alpha', { ...evidence, adjustedPValue: 0.05 }, 'undecided'],
    ['that has no p', { ...evidence, adjustedPValue: null }, 'undecided'],
    ['of a wrong split', { ...evidence, wrongSplit: true }, 'wrong-split'],
    [
      'of damaged data in a wrong split',
      { ...evidence, result: { status: 'invalid-data' }, wrongSplit: true },
      'invalid-data',
    ],
    ['of nobody', { ...evidence, result: { status: 'no-users' } }, 'no-users'],
    ['of a hundred users less one', { ...evidence, least: { n: 99, nonzero: 99 } }, 'collecting'],
    ['of a hundred users', { ...evidence, least: { n: 100, nonzero: 25 } }, 'better'],
    ['of too few who did anything', { ...evidence, least: { n: 1_000, nonzero: 24 } }, 'collecting'],
    ['at a fixed size that is not reached', { ...evidence, method: 'fixed' }, 'collecting'],
    ['at a fixed size that is reached', { ...evidence, method: 'fixed', plannedUsers: 2_000 }, 'better'],
    ['of a guardrail that is more', guardrail, 'safe'],
    ['of a guardrail that is more where less is better', { ...guardrail, lowerIsBetter: true }, 'harm'],
    ['of a guardrail that is less', { ...guardrail, result: negative }, 'harm'],
    ['of a guardrail that is about the same', { ...guardrail, result: about }, 'undecided'],
    ['of a guardrail that is about the same, within its margin', { ...guardrail, result: about, margin: 0.02 }, 'safe'],
    ['of a guardrail just at its margin', { ...guardrail, result: about, margin: 0.01 }, 'undecided'],
    [
      'of a guardrail where less is better, beyond its margin',
      { ...guardrail, result: about, margin: 0.02, lowerIsBetter: true },
      'undecided',
    ],
    [
      'of a guardrail where less is better, within its margin',
      { ...guardrail, result: about, margin: 0.04, lowerIsBetter: true },
      'safe',
    ],
    [
      'of a guardrail without a baseline',
      { ...guardrail, result: { ...about, relative: { status: 'zero-baseline' } }, margin: 1 },
      'undecided',
    ],
  ])('%s', (_, given, expected) => {
    expect(verdictOf(given)).toBe(expected);
  });

  it('is open when more users may change it', () => {
    const all: readonly Verdict[] = [
      'invalid-data',
      'wrong-split',
      'collecting',
      'better',
      'worse',
      'undecided',
      'harm',
      'safe',
    ];
    expect(all.filter(isOpen)).toEqual(['collecting', 'undecided']);
  });
});
