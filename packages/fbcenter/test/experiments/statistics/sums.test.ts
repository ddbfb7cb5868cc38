import fc from 'fast-check';
import { compare, type ExposureEvent, type MetricEvent, meanVariance, sumEvents, sumsOf } from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';
import { estimateMeans } from '../../../src/experiments/statistics/estimate.js';
import {
  addJointSums,
  addSums,
  covarianceOf,
  covariateParts,
  productDifference,
  ratioParts,
  residualVariance,
  varianceOf,
} from '../../../src/experiments/statistics/sums.js';
import { check } from '../../support/property.js';

describe('a difference of products', () => {
  it.each<[a: number, b: number, c: number, d: number, expected: number]>([
    [3, 4, 2, 5, 2],
    [0, 5, 0, 7, 0],
    [1e8 + 1, 1e8 - 1, 1e8, 1e8, -1],
    [134217729, 134217727, 134217728, 134217728, -1],
    // The rounded products are equal: all that is left is what rounding took.
    [94906267, 94906265, 94906266, 94906266, -1],
    [0.1, 0.1, 0.01, 1, 9.020562075079397e-19],
    [-3, 4, 2, -6, 0],
    [2 ** 60, 2 ** -59, 3, 0.5, 0.5],
  ])('%d·%d − %d·%d is %d', (a, b, c, d, expected) => {
    expect(Math.abs(productDifference(a, b, c, d) - expected)).toBeLessThanOrEqual(
      2e-16 * Math.max(Math.abs(expected), 1e-3),
    );
  });

  it('of whole numbers is right to the last digits, however much of it cancels', async () => {
    // Of these the products are whole numbers of 60 bits, of which a double holds 53.
    const whole = fc.integer({ min: -(2 ** 30), max: 2 ** 30 });
    await check(
      fc.property(whole, whole, whole, whole, (a, b, c, d) => {
        const exact = BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d);
        const actual = productDifference(a, b, c, d);
        expect(Math.abs(actual - Number(exact))).toBeLessThanOrEqual(2 ** -51 * Math.abs(Number(exact)));
      }),
      500,
    );
  });

  it('turns its sign when its products are exchanged', async () => {
    const value = fc.double({ min: -1e20, max: 1e20, noNaN: true });
    await check(
      fc.property(value, value, value, value, (a, b, c, d) => {
        expect(productDifference(a, b, c, d) + productDifference(c, d, a, b)).toBe(0);
      }),
      300,
    );
  });
});

describe('sums', () => {
  it.each<[values: number[], mean: number | null, variance: number | null]>([
    [[], null, null],
    [[5], 5, null],
    [[5, 5], 5, 0],
    [[0, 0, 0], 0, 0],
    [[1, 2, 3, 4], 2.5, 5 / 3],
    [[-1, 1], 0, 2],
    [[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 0.1, 0],
    [[1e6, 1e6 + 1, 1e6 + 2], 1e6 + 1, 1],
    [[1e-30, 3e-30], 2e-30, 2e-60],
    [[1e20, 3e20], 2e20, 2e40],
  ])('of %j have the mean %d and the variance %d', (values, mean, variance) => {
    for (const input of [{ values }, sumsOf(values)]) {
      const seen = meanVariance(input);
      expect(seen.n).toBe(values.length);
      if (mean === null) expect(seen.mean).toBeNull();
      else expect(Math.abs((seen.mean ?? NaN) - mean)).toBeLessThanOrEqual(1e-15 * Math.abs(mean));
      if (variance === null) expect(seen.variance).toBeNull();
      else expect(Math.abs((seen.variance ?? NaN) - variance)).toBeLessThanOrEqual(1e-9 * variance);
    }
  });

  it('of nobody together are nothing, and of one part are that part', () => {
    expect(addSums()).toEqual({ n: 0, sum: 0, sumSquares: 0 });
    const part = sumsOf([1, 2, 4]);
    expect(addSums(part)).toEqual(part);
    expect(addSums(part, sumsOf([]))).toEqual(part);
    expect(addSums(sumsOf([1, 2]), sumsOf([4]))).toEqual(part);
  });

  const pairs = [
    [1, 2],
    [2, 3],
    [4, 9],
    [0, 1],
  ] as const;
  const joint = () => {
    const [x, z] = [sumsOf(pairs.map(([first]) => first)), sumsOf(pairs.map(([, second]) => second))];
    return { x, z, sumProducts: pairs.reduce((sum, [first, second]) => sum + first * second, 0) };
  };

  it('of two things have the covariance that their values have', () => {
    const [meanX, meanZ] = [7 / 4, 15 / 4];
    const expected = pairs.reduce((sum, [first, second]) => sum + (first - meanX) * (second - meanZ), 0) / 3;
    expect(covarianceOf(joint())).toBeCloseTo(expected, 12);
  });

  it('leave the variance of what a factor does not explain', () => {
    for (const factor of [0, 0.3, 1, -2]) {
      const rest = sumsOf(pairs.map(([first, second]) => first - factor * second));
      expect(residualVariance(joint(), factor)).toBeCloseTo(varianceOf(rest), 10);
    }
  });

  it('that a factor explains whole leave none', () => {
    const z = sumsOf([1, 2, 3]);
    const x = sumsOf([2, 4, 6]);
    expect(residualVariance({ x, z, sumProducts: 28 }, 2)).toBe(0);
  });

  it('of both forms are the same two things, and add up thing by thing', () => {
    const { x, z, sumProducts } = joint();
    const ratio = { ...x, denominatorSum: z.sum, denominatorSumSquares: z.sumSquares, sumProducts };
    const covariate = { ...x, covariateSum: z.sum, covariateSumSquares: z.sumSquares, sumProducts };
    expect(ratioParts(ratio)).toEqual(joint());
    expect(covariateParts(covariate)).toEqual(joint());
    expect(addJointSums(joint(), joint())).toEqual({
      x: addSums(x, x),
      z: addSums(z, z),
      sumProducts: 2 * sumProducts,
    });
  });
});

describe('what cannot be compared yet', () => {
  const some = sumsOf([0, 1, 1, 0]);
  it.each<[string, number[], number[], string]>([
    ['nobody', [], [], 'no-users'],
    ['nobody in the treatment', [1, 2, 3], [], 'no-users'],
    ['nobody in the control', [], [1, 2, 3], 'no-users'],
    ['one user each', [1], [2], 'too-few-users'],
    ['one user in the treatment', [1, 2, 3], [2], 'too-few-users'],
    ['nobody who did anything', [0, 0, 0], [0, 0], 'no-variance'],
    ['everybody the same', [3, 3, 3], [3, 3], 'no-variance'],
    ['everybody the same in each', [3, 3, 3], [4, 4], 'no-variance'],
  ])('%s: %j and %j', (_, control, treatment, status) => {
    const pair = { control: sumsOf(control), treatment: sumsOf(treatment) };
    expect(estimateMeans(pair).status).toBe(status);
    for (const method of ['fixed', 'always-valid'] as const) expect(compare({ ...pair, method }).status).toBe(status);
  });

  it('one in which only one variation varies can', () => {
    expect(compare({ control: some, treatment: sumsOf([1, 1, 1]) }).status).toBe('ok');
  });
});

describe('what an experiment counts', () => {
  const experiment = {
    variations: ['a', 'b'],
    start: 100,
    end: 200,
    metrics: [
      { key: 'bought', event: 'buy', aggregation: 'conversion' as const },
      { key: 'times', event: 'buy', aggregation: 'count' as const },
      { key: 'spent', event: 'buy', aggregation: 'sum' as const },
      { key: 'soon', event: 'buy', aggregation: 'sum' as const, window: 10 },
      { key: 'capped', event: 'buy', aggregation: 'sum' as const, cap: 5 },
    ],
  };
  const exposure = (user: string, variation: string, at: number, inExperiment = true) =>
    ({ type: 'exposure', user, variation, at, inExperiment }) satisfies ExposureEvent;
  const buy = (user: string, value: number, at: number): MetricEvent => ({
    type: 'metric',
    user,
    event: 'buy',
    value,
    at,
  });
  const count = (...events: (ExposureEvent | MetricEvent)[]) => sumEvents({ experiment, batches: [events] });

  it.each<[string, (ExposureEvent | MetricEvent)[], object]>([
    ['nobody', [], { users: 0, bought: 0, times: 0, spent: 0, soon: 0, capped: 0 }],
    ['who was seen and did nothing', [exposure('u', 'a', 100)], { users: 1, bought: 0, times: 0, spent: 0 }],
    [
      'each purchase after the first exposure',
      [exposure('u', 'a', 110), buy('u', 2, 110), buy('u', 3, 150)],
      { users: 1, bought: 1, times: 2, spent: 5 },
    ],
    ['none before it', [exposure('u', 'a', 110), buy('u', 2, 109)], { users: 1, bought: 0, spent: 0 }],
    [
      'from the first of several exposures on',
      [exposure('u', 'a', 150), exposure('u', 'a', 110), buy('u', 2, 120)],
      { users: 1, spent: 2 },
    ],
    ['none before the start', [exposure('u', 'a', 99), buy('u', 2, 120)], { users: 0, spent: 0 }],
    ['the start itself', [exposure('u', 'a', 100), buy('u', 2, 100)], { users: 1, spent: 2 }],
    ['not the end itself', [exposure('u', 'a', 200)], { users: 0 }],
    ['no purchase at the end', [exposure('u', 'a', 199), buy('u', 2, 200)], { users: 1, spent: 0 }],
    ['within the window', [exposure('u', 'a', 110), buy('u', 2, 119), buy('u', 4, 125)], { soon: 2, spent: 6 }],
    ['up to the cap of a user', [exposure('u', 'a', 110), buy('u', 4, 120), buy('u', 4, 130)], { capped: 5, spent: 8 }],
    ['a refund', [exposure('u', 'a', 110), buy('u', 4, 120), buy('u', -1, 130)], { spent: 3, times: 2 }],
    ['not who does not count', [exposure('u', 'a', 110, false), buy('u', 2, 120)], { users: 0, spent: 0 }],
    ['no variation that is not compared', [exposure('u', 'c', 110), buy('u', 2, 120)], { users: 0, spent: 0 }],
    [
      'who was seen with one that is not compared too',
      [exposure('u', 'c', 105), exposure('u', 'a', 110), buy('u', 2, 120)],
      { users: 1, spent: 2 },
    ],
    [
      'no event of another name',
      [exposure('u', 'a', 110), { ...buy('u', 2, 120), event: 'look' }],
      { users: 1, spent: 0 },
    ],
    ['nothing of a stranger', [buy('x', 2, 120)], { users: 0, spent: 0 }],
    [
      'users whose names are those of every object',
      [exposure('__proto__', 'a', 110), buy('__proto__', 2, 120)],
      { users: 1, spent: 2 },
    ],
  ])('is %s', (_, events, expected) => {
    const { a } = count(...events).variations;
    const sums = Object.fromEntries(Object.entries(a?.metrics ?? {}).map(([key, { sum }]) => [key, sum]));
    expect({ users: a?.users, ...sums }).toMatchObject(expected);
  });

  it('leaves out who was seen with several variations, with everything', () => {
    const seen = count(
      exposure('u', 'a', 110),
      exposure('u', 'b', 120),
      exposure('u', 'a', 130),
      buy('u', 2, 140),
      exposure('v', 'b', 110),
    );
    expect(seen.usersWithSeveralVariations).toBe(1);
    expect([seen.variations.a?.users, seen.variations.b?.users]).toEqual([0, 1]);
  });

  it('has every user in n, and who did something in nonzero', () => {
    const seen = count(
      exposure('u', 'a', 110),
      exposure('v', 'a', 110),
      exposure('w', 'a', 110),
      buy('u', 3, 120),
      buy('v', 0, 120),
    );
    expect(seen.variations.a?.metrics.spent).toEqual({ n: 3, sum: 3, sumSquares: 9, nonzero: 1 });
    expect(seen.variations.a?.metrics.bought).toEqual({ n: 3, sum: 2, sumSquares: 2, nonzero: 2 });
  });

  it('takes a batch that was delivered twice once, and two equal events of one batch both', () => {
    const events = [exposure('u', 'a', 110), buy('u', 2, 120), buy('u', 2, 120)];
    for (const batches of [[events], [events, events], [[...events], [...events]]]) {
      expect(sumEvents({ experiment, batches }).variations.a?.metrics.spent?.sum).toBe(4);
    }
  });
});
