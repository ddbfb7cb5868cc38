import fc from 'fast-check';
import {
  addSums,
  alwaysValid,
  bayes,
  benjaminiHochberg,
  bestOfN,
  type CovariateSums,
  chiSquareUpperTail,
  compare,
  holm,
  type Method,
  meanVariance,
  minimumDetectableEffect,
  normalUpperQuantile,
  normalUpperTail,
  type RatioSums,
  remainingTime,
  type Sums,
  sampleSize,
  srm,
  srmSequential,
  sumEvents,
  sumsOf,
  tTwoSided,
  tUpperQuantile,
} from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';
import { check } from '../support/property.js';

const holds = <Values extends [unknown, ...unknown[]]>(
  ...[arbitraries, property]: [
    arbitraries: { [I in keyof Values]: fc.Arbitrary<Values[I]> },
    property: (...values: Values) => void,
  ]
): Promise<void> => check(fc.property(...arbitraries, property), 300);

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true });
/** What a metric is made of: many zeros, some amounts in cents, refunds. */
const value = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: -500, max: 50_000 }).map((cents) => cents / 100) },
);
const values = fc.array(value, { minLength: 2, maxLength: 40 });
const pairs = fc.array(fc.tuple(value, fc.nat(20)), { minLength: 2, maxLength: 40 });
const method = fc.constantFrom<Method>('always-valid', 'fixed');
const alpha = number(1e-6, 0.5);
const pValues = fc.array(fc.oneof(number(0, 1), fc.constantFrom(0, 1, 0.05, 1e-200)), { maxLength: 12 });

function jointSums(users: readonly (readonly [number, number])[]): RatioSums & CovariateSums {
  const x = sumsOf(users.map(([first]) => first));
  const z = sumsOf(users.map(([, second]) => second));
  const sumProducts = users.reduce((sum, [first, second]) => sum + first * second, 0);
  const denominator = { denominatorSum: z.sum, denominatorSumSquares: z.sumSquares };
  return { ...x, ...denominator, covariateSum: z.sum, covariateSumSquares: z.sumSquares, sumProducts };
}

/** Of so many groups of users who did the same. */
function times<S extends Sums>(groups: number, sums: S): S {
  return Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, groups * sum])) as unknown as S;
}

const groups = fc.constantFrom(1, 3, 50, 1000);
/** Sums of each kind of metric, of one variation. */
const kinds = {
  mean: fc.tuple(groups, values).map(([groups, list]): Sums => times(groups, sumsOf(list))),
  ratio: fc.tuple(groups, pairs).map(([groups, users]): RatioSums => {
    const { covariateSum: _, covariateSumSquares: __, ...sums } = jointSums(users);
    return times(groups, sums);
  }),
  adjusted: fc.tuple(groups, pairs).map(([groups, users]): CovariateSums => {
    const { denominatorSum: _, denominatorSumSquares: __, ...sums } = jointSums(users);
    return times(groups, sums);
  }),
};
const anyPair = fc.oneof(
  fc.record({ control: kinds.mean, treatment: kinds.mean }),
  fc.record({ control: kinds.ratio, treatment: kinds.ratio }),
  fc.record({ control: kinds.adjusted, treatment: kinds.adjusted }),
);

function expectClose(actual: number, expected: number, relative = 1e-9, absolute = 1e-9): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.max(absolute, relative * Math.abs(expected)));
}

function numbersIn(result: unknown): readonly number[] {
  if (typeof result === 'number') return [result];
  return typeof result === 'object' && result !== null ? Object.values(result).flatMap(numbersIn) : [];
}

describe('sums', () => {
  it('are the same in any order and split', async () => {
    const shuffled = values.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.nat(list.length)),
    );
    await holds([shuffled], ([list, other, cut]) => {
      const whole = meanVariance(sumsOf(list));
      const parts = meanVariance(addSums(sumsOf(other.slice(0, cut)), sumsOf(other.slice(cut))));
      expect(parts.n).toBe(whole.n);
      expectClose(parts.mean ?? NaN, whole.mean ?? NaN);
      expectClose(parts.variance ?? NaN, whole.variance ?? NaN);
    });
  });

  it('of whole numbers are the same to the bit', async () => {
    await holds([fc.array(fc.integer({ min: -1000, max: 1000 })), fc.nat(20)], (list, cut) => {
      const parts = addSums(sumsOf(list.slice(cut).reverse()), sumsOf(list.slice(0, cut)));
      expect(parts).toEqual(sumsOf(list));
    });
  });

  it('give the variance that the values have', async () => {
    await holds([values], (list) => {
      const fromValues = meanVariance({ values: list });
      expectClose(meanVariance(sumsOf(list)).variance ?? NaN, fromValues.variance ?? NaN, 1e-7);
    });
  });

  it('of equal values have no variance, however their squares were rounded', async () => {
    await holds([number(0.001, 1e6), fc.integer({ min: 2, max: 1000 })], (value, n) => {
      const same = sumsOf(new Array<number>(n).fill(value));
      expect(meanVariance(same).variance ?? NaN).toBeLessThan(1e-11 * value * value);
      const exact = { n, sum: n * value, sumSquares: n * value * value };
      expect(compare({ control: exact, treatment: exact }).status).toBe('no-variance');
    });
  });

  it('of events do not depend on their order, their batches, or a second delivery', async () => {
    const user = fc.constantFrom('u1', 'u2', 'u3', 'u4');
    const at = fc.integer({ min: 0, max: 30 });
    const event = fc.oneof(
      fc.record({
        type: fc.constant('exposure' as const),
        user,
        variation: fc.constantFrom('a', 'b', 'c'),
        at,
        inExperiment: fc.boolean(),
      }),
      fc.record({
        type: fc.constant('metric' as const),
        user,
        event: fc.constantFrom('buy', 'other'),
        value: fc.integer({ min: -9, max: 9 }),
        at,
      }),
    );
    const experiment = {
      variations: ['a', 'b'],
      start: 3,
      end: 28,
      metrics: [
        { key: 'bought', event: 'buy', aggregation: 'conversion' },
        { key: 'orders', event: 'buy', aggregation: 'count', window: 10 },
        { key: 'revenue', event: 'buy', aggregation: 'sum', cap: 12 },
      ],
    } as const;
    const shuffled = fc
      .array(event, { maxLength: 30 })
      .chain((events) =>
        fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }), fc.nat(30)),
      );
    await holds([shuffled], ([events, other, cut]) => {
      // Different batches that happen to be equal would be a replay: each has a mark of its own.
      const marked = (batch: typeof events, mark: string) => [
        { type: 'metric' as const, user: mark, event: 'mark', value: 0, at: 0 },
        ...batch,
      ];
      const parts = [marked(other.slice(0, cut), '1'), marked(other.slice(cut), '2')];
      const expected = sumEvents({ experiment, batches: [events] });
      expect(sumEvents({ experiment, batches: [...parts, ...parts.toReversed()] })).toEqual(expected);
    });
  });
});

describe('a comparison', () => {
  it('of swapped variations has the same p-value and interval, with other signs', async () => {
    await holds([anyPair, method, alpha], ({ control, treatment }, method, alpha) => {
      const one = compare({ control, treatment, method, alpha });
      const other = compare({ control: treatment, treatment: control, method, alpha });
      expect(other.status).toBe(one.status);
      if (one.status !== 'ok' || other.status !== 'ok') return;
      expect([-other.difference, other.standardError, other.users]).toEqual([
        one.difference,
        one.standardError,
        one.users,
      ]);
      expectClose(other.pValue, one.pValue, 1e-9, 0);
      expectClose(-other.high, one.low);
      expectClose(-other.low, one.high);
    });
  });

  it('has a p-value below alpha exactly when the interval does not hold 0, and the relative interval says the same', async () => {
    let decided = 0;
    await holds([anyPair, method, alpha], (pair, method, alpha) => {
      const result = compare({ ...pair, method, alpha });
      if (result.status !== 'ok' || Math.abs(result.pValue / alpha - 1) < 1e-9) return;
      expect(result.low > 0 || result.high < 0).toBe(result.pValue < alpha);
      if (result.relative.status !== 'ok') return;
      expect(result.relative.low > 0 || result.relative.high < 0).toBe(result.pValue < alpha);
      decided++;
    });
    expect(decided).toBeGreaterThan(20);
  });

  it('has a relative interval that holds the uplifts which its own test does not refuse', async () => {
    let tried = 0;
    await holds([kinds.mean, kinds.mean, number(-3, 3), alpha], (control, treatment, r, alpha) => {
      const result = compare({ control, treatment, method: 'always-valid', alpha });
      if (result.status !== 'ok' || result.relative.status !== 'ok' || result.control < 0) return;
      const [a, b] = [control, treatment].map((sums) => (meanVariance(sums).variance ?? NaN) / sums.n);
      // Of treatment − (1 + r)·control, 0 when r is true.
      const error = Math.sqrt((b ?? NaN) + (1 + r) ** 2 * (a ?? NaN));
      const t = Math.abs(result.treatment - (1 + r) * result.control) / error;
      if (Math.abs(t / result.multiplier - 1) < 1e-6) return;
      expect(r >= result.relative.low && r <= result.relative.high).toBe(t < result.multiplier);
      tried++;
    });
    expect(tried).toBeGreaterThan(5);
  });

  it('is the same in other units', async () => {
    await holds(
      [kinds.mean, kinds.mean, method, fc.constantFrom(0.01, 100, 3, -1)],
      (control, treatment, method, unit) => {
        const scaled = ({ n, sum, sumSquares }: Sums) => ({ n, sum: unit * sum, sumSquares: unit * unit * sumSquares });
        const one = compare({ control, treatment, method });
        const other = compare({ control: scaled(control), treatment: scaled(treatment), method });
        if (one.status !== 'ok' || other.status !== 'ok') return;
        expectClose(other.pValue, one.pValue, 1e-6);
        if (one.relative.status !== 'ok' || other.relative.status !== 'ok') return;
        const [low, high] =
          unit > 0 ? [other.relative.low, other.relative.high] : [-other.relative.high, -other.relative.low];
        expectClose(low, one.relative.low, 1e-5, 1e-6);
        expectClose(high, one.relative.high, 1e-5, 1e-6);
      },
    );
  });

  it('with a denominator of 1 for everybody, or a covariate of 0, is that of the means', async () => {
    await holds([values, values, method], (left, right, method) => {
      const pairOf = (z: number) => ({
        control: jointSums(left.map((x) => [x, z] as const)),
        treatment: jointSums(right.map((x) => [x, z] as const)),
      });
      const strip = ({ n, sum, sumSquares }: Sums) => ({ n, sum, sumSquares });
      const means = compare({ control: sumsOf(left), treatment: sumsOf(right), method });
      const { control, treatment } = pairOf(1);
      const ratios = compare({
        control: {
          ...strip(control),
          denominatorSum: control.denominatorSum,
          denominatorSumSquares: control.denominatorSumSquares,
          sumProducts: control.sumProducts,
        },
        treatment: {
          ...strip(treatment),
          denominatorSum: treatment.denominatorSum,
          denominatorSumSquares: treatment.denominatorSumSquares,
          sumProducts: treatment.sumProducts,
        },
        method,
      });
      const none = { covariateSum: 0, covariateSumSquares: 0, sumProducts: 0 };
      const adjusted = compare({
        control: { ...sumsOf(left), ...none },
        treatment: { ...sumsOf(right), ...none },
        method,
      });
      expect(adjusted).toEqual(means.status === 'ok' ? { ...means, varianceReduction: 0 } : means);
      if (means.status !== 'ok' || ratios.status !== 'ok') return;
      expectClose(ratios.pValue, means.pValue, 1e-6);
      expectClose(ratios.low, means.low, 1e-7, 1e-7);
    });
  });

  it('has a wider interval for a smaller alpha', async () => {
    await holds([anyPair, method, alpha, alpha], (pair, method, one, other) => {
      const [strict, loose] = [Math.min(one, other), Math.max(one, other)].map((alpha) =>
        compare({ ...pair, method, alpha }),
      );
      if (strict?.status !== 'ok' || loose?.status !== 'ok') return;
      const rounding = 1e-12 * strict.standardError * strict.multiplier;
      expect(strict.low).toBeLessThanOrEqual(loose.low + rounding);
      expect(strict.high).toBeGreaterThanOrEqual(loose.high - rounding);
    });
  });

  it('that is always valid is never sooner sure than a fixed one', async () => {
    await holds([anyPair, number(0.001, 0.5), number(100, 1e6)], (pair, alpha, tuning) => {
      const always = compare({ ...pair, alpha, tuning });
      const fixed = compare({ ...pair, alpha, method: 'fixed' });
      // Of a few users, Student's distribution is even more careful.
      if (always.status !== 'ok' || fixed.status !== 'ok' || Math.min(pair.control.n, pair.treatment.n) < 300) return;
      expect(always.multiplier).toBeGreaterThan(fixed.multiplier);
    });
  });

  it('gives finite numbers or says what is wrong, whatever sums come', async () => {
    const any = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1, -1, 1e-300, 1e300, 1e49, Number.NaN));
    const sums = fc.record({ n: fc.oneof(fc.nat(1000), any), sum: any, sumSquares: any });
    const joint = fc.record({
      n: fc.nat(10),
      sum: any,
      sumSquares: any,
      denominatorSum: any,
      denominatorSumSquares: any,
      sumProducts: any,
    });
    await holds(
      [fc.oneof(fc.tuple(sums, sums), fc.tuple(joint, joint)), method, fc.oneof(alpha, any)],
      ([control, treatment], method, alpha) => {
        try {
          const result = numbersIn(compare({ control, treatment, method, alpha }));
          expect(result.filter((one) => !Number.isFinite(one))).toEqual([]);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidInputError', code: 'invalid-input' });
        }
      },
    );
  });
});

describe('tails and quantiles', () => {
  it('are each other’s inverse', async () => {
    await holds([fc.oneof(number(1e-12, 0.999), number(1e-300, 1e-290)), number(0.5, 1e7)], (p, df) => {
      expectClose(normalUpperTail(normalUpperQuantile(p)), p, 1e-11, 0);
      const t = tUpperQuantile(p, df);
      if (t < 1e49) expectClose(t > 0 ? tTwoSided(t, df) / 2 : 1 - tTwoSided(t, df) / 2, p, 1e-11, 0);
    });
  });

  it('fall with what they are the tail of', async () => {
    await holds([number(0, 38), number(0, 38), number(0.5, 1e7)], (one, other, df) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      // Neighbours may differ by their rounding.
      const rounding = 1 + 1e-12;
      expect(normalUpperTail(high)).toBeLessThanOrEqual(normalUpperTail(low) * rounding);
      expect(tTwoSided(high, df)).toBeLessThanOrEqual(tTwoSided(low, df) * rounding);
      expect(chiSquareUpperTail(high, df)).toBeLessThanOrEqual(chiSquareUpperTail(low, df) * rounding);
    });
  });

  it('are continuous where one formula takes over from another', () => {
    for (const edge of [20, 40]) {
      for (const t of [0.1, 1, 2, 5, 5.86, 5.87, 9]) {
        expectClose(tTwoSided(t, edge - 1e-12), tTwoSided(t, edge), 1e-11, 0);
      }
    }
    for (const z of [Math.sqrt(3), 1.5]) expectClose(normalUpperTail(z - 1e-14), normalUpperTail(z), 1e-12, 0);
  });

  it('of Student’s distribution become those of the normal one', async () => {
    await holds([number(0, 30)], (t) => expectClose(tTwoSided(t, 1e40), 2 * normalUpperTail(t), 1e-12, 0));
  });

  it('are numbers far out', () => {
    expect(tTwoSided(30.3, 1e9)).toBeLessThan(1e-200);
    expect(tTwoSided(30.3, 1e9)).toBeGreaterThan(1e-203);
    expect(tTwoSided(1e40, 1)).toBeGreaterThan(0);
    expect(normalUpperTail(50)).toBe(0);
  });
});

describe('always-valid intervals', () => {
  const input = { estimate: number(-1, 1), standardError: number(0.001, 1), users: fc.integer({ min: 1, max: 1e8 }) };

  it('and p agree', async () => {
    await holds([fc.record(input), alpha, number(100, 1e6)], (estimated, alpha, tuning) => {
      const { low, high, pValue } = alwaysValid({ ...estimated, alpha, tuning });
      if (Math.abs(pValue / alpha - 1) < 1e-9) return;
      expect(low > 0 || high < 0).toBe(pValue < alpha);
    });
  });

  it('are narrowest near the tuned number of users', async () => {
    await holds([fc.integer({ min: 100, max: 1e6 }), number(0.001, 0.2)], (tuning, alpha) => {
      const width = (users: number) => alwaysValid({ estimate: 0, standardError: 1, users, alpha, tuning }).multiplier;
      expect(width(tuning)).toBeLessThan(width(tuning * 3));
      expect(width(tuning)).toBeLessThan(width(Math.ceil(tuning / 3)));
    });
  });
});

describe('the Bayesian view', () => {
  it('turns with the sign of the estimate, and with what is better', async () => {
    await holds(
      [number(-2, 2), number(0.01, 2), fc.option(number(0.01, 2), { nil: undefined })],
      (estimate, standardError, priorStandardDeviation) => {
        const one = bayes({ estimate, standardError, priorStandardDeviation });
        const turned = bayes({ estimate: -estimate, standardError, priorStandardDeviation });
        const lower = bayes({ estimate, standardError, priorStandardDeviation, lowerIsBetter: true });
        expectClose(one.chanceToWin + turned.chanceToWin, 1, 1e-12);
        expect(turned.riskOfControl).toBe(one.riskOfTreatment);
        expect(lower.chanceToWin).toBe(turned.chanceToWin);
        // The two losses differ by the mean.
        expectClose(one.riskOfControl - one.riskOfTreatment, one.mean, 1e-9, 1e-12);
      },
    );
  });

  it('gives all chances together 1, however different the errors are', async () => {
    const posterior = fc.record({ mean: number(-5, 5), standardError: fc.constantFrom(1e-6, 0.001, 0.1, 1, 30) });
    await holds([fc.array(posterior, { minLength: 1, maxLength: 5 })], (variations) => {
      const { probabilities } = bestOfN({ variations });
      expectClose(
        probabilities.reduce((sum, p) => sum + p, 0),
        1,
        1e-9,
      );
    });
  });

  it('of two is the chance to win', async () => {
    await holds([number(-5, 5), number(0.001, 3), number(0.001, 3)], (mean, one, other) => {
      const variations = [
        { mean: 0, standardError: one },
        { mean, standardError: other },
      ];
      const expected = bayes({ estimate: mean, standardError: Math.hypot(one, other) }).chanceToWin;
      const [, chance = NaN] = bestOfN({ variations }).probabilities;
      // Beyond 1e-12, what is far from both means is left out.
      expectClose(chance, expected, 1e-9, 1e-14);
    });
  });
});

describe('the split', () => {
  const split = fc
    .array(fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 100 })), { minLength: 2, maxLength: 5 })
    .map((rows) => ({ observed: rows.map(([users]) => users), weights: rows.map(([, weight]) => weight) }));

  it('does not depend on the scale of the weights or the order of the variations', async () => {
    await holds([split], ({ observed, weights }) => {
      const one = srm({ observed, weights });
      const other = srm({ observed: observed.toReversed(), weights: weights.toReversed().map((weight) => weight * 7) });
      expect(other.status).toBe(one.status);
      if (one.status === 'ok' && other.status === 'ok') expectClose(other.pValue, one.pValue, 1e-9, 0);
    });
  });

  it('of a variation without weight does not count', async () => {
    await holds([split, fc.nat(500)], ({ observed, weights }, users) => {
      const one = srm({ observed, weights });
      const other = srm({ observed: [...observed, users], weights: [...weights, 0] });
      if (one.status === 'ok' && other.status === 'ok') expect(other.pValue).toBe(one.pValue);
    });
  });

  it('has a Bayes factor that is 1 before anybody comes, and grows with the mismatch', async () => {
    await holds([fc.integer({ min: 100, max: 1e6 }), number(0, 0.4), number(0, 0.4)], (users, one, other) => {
      const factor = (off: number) => {
        const first = Math.round(users * (0.5 + off));
        return srmSequential({ observed: [first, users - first], weights: [1, 1] }).logBayesFactor;
      };
      expect(factor(Math.min(one, other))).toBeLessThanOrEqual(factor(Math.max(one, other)) + 1e-9);
      expectClose(srmSequential({ observed: [0, 0], weights: [1, 1] }).logBayesFactor, 0);
    });
  });
});

describe('corrections for several tests', () => {
  it('never make a p-value smaller, keep the order, and Holm is the stricter one', async () => {
    await holds([pValues], (pValues) => {
      const strict = holm({ pValues }).adjusted;
      const loose = benjaminiHochberg({ pValues }).adjusted;
      for (const [index, p] of pValues.entries()) {
        expect(loose[index]).toBeGreaterThanOrEqual(p);
        expect(strict[index]).toBeGreaterThanOrEqual((loose[index] ?? NaN) * (1 - 1e-12));
        for (const [other, q] of pValues.entries()) {
          if (p <= q) expect(strict[index]).toBeLessThanOrEqual(strict[other] ?? NaN);
          if (p <= q) expect(loose[index]).toBeLessThanOrEqual(loose[other] ?? NaN);
        }
      }
    });
  });
});

describe('planning', () => {
  it('needs more users for a smaller effect, a smaller alpha and a greater power', async () => {
    await holds(
      [number(0.01, 0.3), number(0.01, 0.5), number(0.01, 0.4), number(0.6, 0.95)],
      (rate, effect, alpha, power) => {
        const size = (change: object) => sampleSize({ rate, effect, alpha, power, ...change });
        const exact = (change: object) => {
          const result = size(change);
          return result.status === 'ok' ? result.exact : NaN;
        };
        expect(exact({ effect: effect / 2 })).toBeGreaterThan(exact({}));
        expect(exact({ alpha: alpha / 2 })).toBeGreaterThan(exact({}));
        expect(exact({ power: power + 0.04 })).toBeGreaterThan(exact({}));
      },
    );
  });

  it('rounds the users of both variations up, and no further', async () => {
    await holds([number(0.01, 0.5), number(0.05, 0.5), number(0.1, 10)], (rate, effect, ratio) => {
      const size = sampleSize({ rate, effect, ratio });
      if (size.status !== 'ok') throw new Error(size.status);
      expect([size.control, size.treatment]).toEqual([Math.ceil(size.exact), Math.ceil(ratio * size.exact)]);
    });
  });

  it('with the planned users can detect the planned effect', async () => {
    await holds([number(0.5, 50), number(0.1, 1000), number(0.01, 0.5)], (mean, variance, effect) => {
      const size = sampleSize({ mean, variance, effect });
      if (size.status !== 'ok') throw new Error(size.status);
      const standardError = Math.sqrt((2 * variance) / size.exact) / mean;
      expectClose(minimumDetectableEffect({ standardError }).effect, effect);
    });
  });

  it('takes longer with always-valid intervals, for a smaller effect, and with fewer users a day', async () => {
    const now = fc.record({
      standardError: number(0.01, 0.3),
      users: fc.integer({ min: 100, max: 1e5 }),
      effect: number(0.02, 0.5),
      usersPerDay: number(1, 1e4),
    });
    await holds([now], (now) => {
      const fixed = remainingTime(now);
      const always = remainingTime({ ...now, method: 'always-valid' });
      expect(always.usersNeeded).toBeGreaterThanOrEqual(fixed.usersNeeded);
      expect(remainingTime({ ...now, effect: now.effect / 2 }).usersNeeded).toBeGreaterThanOrEqual(fixed.usersNeeded);
      expect(remainingTime({ ...now, usersPerDay: now.usersPerDay / 2 }).days).toBeGreaterThanOrEqual(
        fixed.days ?? NaN,
      );
    });
  });
});
