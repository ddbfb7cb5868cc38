import type { Sums } from 'fbcenter/statistics';
import * as statistics from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';

const {
  addSums,
  alwaysValid,
  alwaysValidComparison,
  analyze,
  bayes,
  benjaminiHochberg,
  bestOfN,
  chiSquareUpperTail,
  compare,
  cuped,
  holm,
  InvalidInputError,
  meanVariance,
  minimumDetectableEffect,
  normalUpperQuantile,
  normalUpperTail,
  ratio,
  relativeDelta,
  relativeFieller,
  remainingTime,
  sampleSize,
  srm,
  srmSequential,
  sumEvents,
  sumsOf,
  tTwoSided,
  tUpperQuantile,
  welch,
} = statistics;

const good = { n: 100, sum: 10, sumSquares: 10 };
const joint = { ...good, denominatorSum: 100, denominatorSumSquares: 100, sumProducts: 10 };
const covariate = { ...good, covariateSum: 5, covariateSumSquares: 5, sumProducts: 5 };
const estimate = { estimate: 0.1, standardError: 0.05, users: 1000 };
const now = { standardError: 0.05, users: 1000, effect: 0.1, usersPerDay: 10 };
const experiment = { variations: ['a', 'b'], start: 0, end: null, metrics: [] };
const event = { type: 'metric', user: 'u', event: 'buy', value: 1, at: 5 } as const;
const bought = { key: 'bought', event: 'buy', aggregation: 'sum' } as const;
const goal = {
  key: 'bought',
  role: 'goal',
  sums: { a: { ...good, nonzero: 10 }, b: { ...good, sum: 20, sumSquares: 20, nonzero: 20 } },
} as const;
const whole = {
  control: 'a',
  variations: [
    { key: 'a', users: 100 },
    { key: 'b', users: 100 },
  ],
  metrics: [goal],
};
const withTreatment = (change: object) => ({ control: good, treatment: { ...good, ...change } });

describe('input that nothing can be made of', () => {
  it.each<[problem: string, run: () => unknown]>([
    ['treatment.n must be a whole number', () => welch(withTreatment({ n: 1.5 }))],
    ['treatment.n must be a whole number', () => welch(withTreatment({ n: -1 }))],
    ['treatment.n must be a whole number', () => welch(withTreatment({ n: undefined }))],
    ['treatment.sum must be a number', () => welch(withTreatment({ sum: Number.NaN }))],
    ['treatment.sum must be a number', () => welch(withTreatment({ sum: 1e60 }))],
    ['treatment.sum must be a number', () => welch(withTreatment({ sum: '10' }))],
    ['treatment.sum must be a number', () => welch(withTreatment({ sum: null }))],
    ['treatment.sumSquares must be a number', () => welch(withTreatment({ sumSquares: '10' }))],
    ['treatment.sumSquares must be a number', () => welch(withTreatment({ sumSquares: -1 }))],
    ['treatment.sumSquares does not fit', () => welch(withTreatment({ sumSquares: 0.5 }))],
    ['treatment.sumSquares does not fit', () => welch(withTreatment({ n: 0, sum: 0, sumSquares: 3 }))],
    ['treatment must be an object', () => welch({ control: good } as never)],
    ['alpha must be', () => welch({ ...withTreatment({}), alpha: 0 })],
    ['alpha must be', () => welch({ ...withTreatment({}), alpha: 1 })],
    ['alpha must be', () => welch({ ...withTreatment({}), alpha: '5%' as never })],
    ['method must be', () => compare({ ...withTreatment({}), method: 'both' as 'fixed' })],
    ['tuning must be', () => compare({ ...withTreatment({}), tuning: 0 })],
    ['treatment.denominatorSum must be', () => compare({ control: joint, treatment: good })],
    ['control.sumProducts does not fit', () => ratio({ control: { ...joint, sumProducts: 500 }, treatment: joint })],
    [
      'control.covariateSum must be',
      () => cuped({ control: { ...covariate, covariateSum: Number.NaN }, treatment: covariate }),
    ],
    [
      'control.sumProducts does not fit',
      () => cuped({ control: { ...covariate, sumProducts: 7.5 }, treatment: covariate }),
    ],
    ['sums are too far apart', () => ratio({ control: { ...joint, denominatorSum: 1e-90 }, treatment: joint })],
    ['values[1] must be a number', () => meanVariance({ values: [1, Number.NaN] })],
    ['values must be a list', () => meanVariance({ values: 3 as never })],
    ['values[0] must be a number', () => sumsOf([Number.NaN])],
    ['values must be a list', () => sumsOf(undefined as never)],
    ['sums[1].sum must be a number', () => addSums(good, { ...good, sum: '10' as never })],
    ['standardError must be', () => alwaysValid({ ...estimate, standardError: 0 })],
    ['users must be a whole number, at least 1', () => alwaysValid({ ...estimate, users: 0 })],
    ['users must be a whole number, at least 1', () => remainingTime({ ...now, users: 0.5 })],
    ['priorStandardDeviation must be', () => bayes({ ...estimate, priorStandardDeviation: 0 })],
    ['level must be', () => bayes({ ...estimate, level: 95 })],
    ['variations must be a list of at least 1', () => bestOfN({ variations: [] })],
    ['variations[1] must be an object', () => bestOfN({ variations: [{ mean: 1, standardError: 1 }, null as never] })],
    ['variations[0].standardError must be', () => bestOfN({ variations: [{ mean: 1, standardError: -1 }] })],
    ['pValues[0] must be', () => holm({ pValues: [1.1] })],
    ['pValues[1] must be', () => benjaminiHochberg({ pValues: [0.5, Number.NaN] })],
    ['weights must be as many', () => srm({ observed: [1, 2], weights: [1, 1, 1] })],
    ['weights must be above 0', () => srm({ observed: [1, 2], weights: [1, 0] })],
    ['observed[0] must be', () => srm({ observed: [-1, 2], weights: [1, 1] })],
    ['concentration must be', () => srmSequential({ observed: [1, 2], weights: [1, 1], concentration: 0 })],
    ['effect must not be 0', () => sampleSize({ rate: 0.1, effect: 0 })],
    ['rate must be', () => sampleSize({ rate: 5, effect: 0.1 })],
    ['variance must be', () => sampleSize({ mean: 1, variance: -1, effect: 0.1 })],
    ['power must be', () => sampleSize({ rate: 0.1, effect: 0.1, power: 0.01 })],
    ['effect is so small', () => sampleSize({ rate: 0.1, effect: 1e-9 })],
    ['standardError must be', () => minimumDetectableEffect({ standardError: -1 })],
    ['effect is so small', () => remainingTime({ ...now, effect: 1e-12 })],
    ['effect is so small', () => remainingTime({ ...now, effect: 1e-12, method: 'always-valid' })],
    ['method must be', () => remainingTime({ ...now, method: 'never' as 'fixed' })],
    ['usersPerDay must be', () => remainingTime({ ...now, usersPerDay: -1 })],
    ['batches[0][0].value must be', () => sumEvents({ experiment, batches: [[{ ...event, value: Number.NaN }]] })],
    ['batches[0][0].at must be', () => sumEvents({ experiment, batches: [[{ ...event, at: Number.NaN }]] })],
    [
      'batches[0][0].type must be',
      () => sumEvents({ experiment, batches: [[{ ...event, type: 'purchase' as never }]] }),
    ],
    ['batches[0][0] must be an object', () => sumEvents({ experiment, batches: [[null as never]] })],
    ['batches must be a list', () => sumEvents({ experiment, batches: undefined as never })],
    ['experiment must be an object', () => sumEvents({ batches: [] } as never)],
    ['experiment.end must be', () => sumEvents({ experiment: { ...experiment, end: -1 }, batches: [] })],
    [
      'experiment.metrics[0].aggregation must be one of conversion, count, sum',
      () =>
        sumEvents({
          experiment: { ...experiment, metrics: [{ ...bought, aggregation: 'mean' as 'sum' }] },
          batches: [],
        }),
    ],
    ['metrics[0].role must be one of', () => analyze({ ...whole, metrics: [{ ...goal, role: 'king' as 'goal' }] })],
    ['metrics[0].sums must be an object', () => analyze({ ...whole, metrics: [{ ...goal, sums: null as never }] })],
    ['t must be', () => tTwoSided(Number.NaN, 1)],
    ['df must be', () => tTwoSided(1, 0)],
    ['p must be', () => tUpperQuantile(1, 5)],
    ['p must be', () => normalUpperQuantile(0)],
    ['z must be', () => normalUpperTail(Number.POSITIVE_INFINITY)],
    ['x must be', () => chiSquareUpperTail(-1, 1)],
  ])('is named: %s', (problem, run) => {
    expect(run).toThrow(InvalidInputError);
    expect(run).toThrow(problem);
  });

  it('is named all at once', () => {
    const problems = ['control.n', 'control.sum', 'treatment.sumSquares'].map((input) =>
      expect.objectContaining({ input }),
    );
    const control = { n: -1, sum: Number.NaN, sumSquares: 1 };
    expect(() => welch({ control, treatment: { ...good, sumSquares: -1 } })).toThrow(
      expect.objectContaining({ problems }),
    );
  });
});

describe('what is null instead of left out', () => {
  const exposure = { type: 'exposure', user: 'u', variation: 'a', at: 1, inExperiment: true } as const;
  const sumWith = (metric: object, more: object = {}) =>
    sumEvents({
      experiment: { ...experiment, metrics: [{ ...bought, ...metric }] },
      batches: [[exposure, { ...event, ...more }]],
    });
  const variations = whole.variations.map((one) => ({ ...one, weight: null }));

  it.each<[what: string, withNull: () => unknown, without: () => unknown]>([
    ['a prior', () => bayes({ ...estimate, priorStandardDeviation: null }), () => bayes(estimate)],
    ['a cap', () => sumWith({ cap: null }), () => sumWith({})],
    [
      'an end',
      () => sumEvents({ experiment: { ...experiment, end: undefined }, batches: [] }),
      () => sumEvents({ experiment, batches: [] }),
    ],
    ['a window', () => sumWith({ window: null }), () => sumWith({})],
    ['the value of an event', () => sumWith({}, { value: undefined }), () => sumWith({}, { value: 1 })],
    [
      'what an analysis need not be given',
      () =>
        analyze({ ...whole, variations, usersPerDay: null, metrics: [{ ...goal, margin: null, plannedEffect: null }] }),
      () => analyze(whole),
    ],
  ])('is not given: %s', (_, withNull, without) => {
    expect(withNull()).toEqual(without());
  });
});

describe('numbers that there are not', () => {
  const none = { n: 100, sum: 0, sumSquares: 0 };
  const treatment = { ...good, sum: 20, sumSquares: 20 };
  const nothing = { ...joint, ...none, sumProducts: 0 };

  it.each<[status: string, run: () => object, names: readonly string[]]>([
    [
      'zero-baseline',
      () => ratio({ control: nothing, treatment: joint }),
      ['uplift', 'upliftStandardError', 'upliftLow', 'upliftHigh'],
    ],
    ['uncertain-baseline', () => ratio({ control: joint, treatment: joint, alpha: 1e-9 }), ['upliftLow', 'upliftHigh']],
    [
      'zero-baseline',
      () => cuped({ control: { ...covariate, ...none, sumProducts: 0 }, treatment: covariate }),
      ['uplift', 'upliftStandardError', 'upliftLow', 'upliftHigh'],
    ],
    ['zero-baseline', () => alwaysValidComparison({ control: none, treatment }), ['uplift', 'g', 'low', 'high']],
    ['uncertain-baseline', () => alwaysValidComparison({ control: good, treatment }), ['low', 'high']],
  ])('are absent beside %s', (status, run, names) => {
    const result = run();
    expect(result).toMatchObject({ status: 'ok', relativeStatus: status });
    for (const name of names) expect(result).not.toHaveProperty(name);
    expect(Object.values(result)).not.toContain(null);
  });
});

describe('the same object twice', () => {
  it('is two variations, of which each is as likely the best', () => {
    const one = { mean: 1, standardError: 0.1 };
    const { probabilities } = bestOfN({ variations: [one, one, one] });
    for (const probability of probabilities) expect(probability).toBeCloseTo(1 / 3, 12);
  });

  it('is two metrics, each with its own comparisons', () => {
    const { metrics } = analyze({ ...whole, metrics: [goal, goal] });
    expect(metrics.map(({ comparisons }) => comparisons.length)).toEqual([1, 1]);
    expect(metrics[0]).toEqual(metrics[1]);
  });
});

/** Inputs of every function that are as they should be. */
const RIGHT: readonly (readonly [name: string, run: (input: never) => unknown, input: object])[] = [
  ['meanVariance', meanVariance, good],
  ['meanVariance of values', meanVariance, { values: [1, 2] }],
  ['welch', welch, { ...withTreatment({}), alpha: 0.05 }],
  ['relativeFieller', relativeFieller, { ...withTreatment({}), alpha: 0.05 }],
  ['relativeDelta', relativeDelta, { ...withTreatment({}), alpha: 0.05 }],
  ['ratio', ratio, { control: joint, treatment: joint, alpha: 0.05 }],
  ['cuped', cuped, { control: covariate, treatment: covariate, alpha: 0.05 }],
  ['compare', compare, { ...withTreatment({}), alpha: 0.05, tuning: 500, method: 'always-valid' }],
  ['alwaysValid', alwaysValid, { ...estimate, alpha: 0.05, tuning: 500 }],
  ['alwaysValidComparison', alwaysValidComparison, { ...withTreatment({}), alpha: 0.05, tuning: 500 }],
  ['bayes', bayes, { ...estimate, priorMean: 0, priorStandardDeviation: 1, level: 0.9, lowerIsBetter: false }],
  [
    'bestOfN',
    bestOfN,
    {
      variations: [
        { mean: 1, standardError: 1 },
        { mean: 2, standardError: 1 },
      ],
    },
  ],
  ['sumsOf', ({ values }: { values: readonly number[] }) => sumsOf(values), { values: [1, 2] }],
  ['addSums', ({ one, other }: { one: Sums; other: Sums }) => addSums(one, other), { one: good, other: good }],
  ['srm', srm, { observed: [5, 6], weights: [1, 1] }],
  ['srmSequential', srmSequential, { observed: [5, 6], weights: [1, 1], concentration: 100 }],
  ['holm', holm, { pValues: [0.1, 0.2] }],
  ['benjaminiHochberg', benjaminiHochberg, { pValues: [0.1, 0.2] }],
  ['sampleSize', sampleSize, { rate: 0.1, effect: 0.1, alpha: 0.05, power: 0.8, ratio: 1 }],
  ['sampleSize of a mean', sampleSize, { mean: 3, variance: 2, effect: 0.1 }],
  ['minimumDetectableEffect', minimumDetectableEffect, { standardError: 0.1, alpha: 0.05, power: 0.8 }],
  ['remainingTime', remainingTime, { ...now, alpha: 0.05, power: 0.8, method: 'always-valid', tuning: 500 }],
  [
    'sumEvents',
    sumEvents,
    {
      experiment: { ...experiment, end: 100, metrics: [{ ...bought, cap: 5, window: 50 }] },
      batches: [[{ type: 'exposure', user: 'u', variation: 'a', at: 1, inExperiment: true }, event]],
    },
  ],
  [
    'analyze',
    analyze,
    {
      ...whole,
      variations: whole.variations.map((one) => ({ ...one, weight: 1 })),
      metrics: [{ ...goal, margin: 0.1, plannedEffect: 0.1, lowerIsBetter: false }],
      ...{ method: 'always-valid', alpha: 0.05, power: 0.8, plannedUsers: 500, usersPerDay: 5 },
    },
  ],
];

/** The input with each of its parts, at any depth, replaced by something else. */
function* spoiled(input: unknown, wrong: unknown): Generator<unknown> {
  if (Array.isArray(input)) {
    for (const [index, part] of input.entries()) {
      for (const other of [wrong, ...spoiled(part, wrong)]) yield input.with(index, other);
    }
  } else if (typeof input === 'object' && input !== null) {
    for (const [name, part] of Object.entries(input)) {
      for (const other of [wrong, ...spoiled(part, wrong)]) yield { ...input, [name]: other };
    }
  }
}

const WRONG = [undefined, null, '', '5', '5%', true, NaN, Infinity, -Infinity, -1, 0, 0.5, 1e300, 1e-300, [], {}, [1]];

const textOf = (value: unknown) => JSON.stringify(value, (_, part) => (Number.isNaN(part) ? 'NaN' : part));

/** Whether there is anything in a result that is neither a number nor said not to be one. */
function hasNaN(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasNaN);
  return typeof value === 'number' && !Number.isFinite(value);
}

describe('input of which one part is wrong', () => {
  it.each(RIGHT)('of %s is a result without NaN, or is named', (_, run, input) => {
    const outcomes = WRONG.flatMap((wrong) =>
      [...spoiled(input, wrong)].flatMap((one) => {
        try {
          const result = run(one as never);
          return hasNaN(result) ? [`${textOf(one)} gives ${textOf(result)}`] : [];
        } catch (error) {
          return error instanceof InvalidInputError ? [] : [`${textOf(one)} throws ${error}`];
        }
      }),
    );
    expect(outcomes).toEqual([]);
  });

  it('is none of these inputs as they are', () => {
    for (const [, run, input] of RIGHT) expect(hasNaN(run(input as never))).toBe(false);
  });
});

describe('the public names', () => {
  it('are these', () => {
    expect(Object.keys(statistics).sort()).toEqual([
      'InvalidInputError',
      'addSums',
      'alwaysValid',
      'alwaysValidComparison',
      'analyze',
      'bayes',
      'benjaminiHochberg',
      'bestOfN',
      'chiSquareUpperTail',
      'compare',
      'cuped',
      'holm',
      'meanVariance',
      'minimumDetectableEffect',
      'normalUpperQuantile',
      'normalUpperTail',
      'ratio',
      'relativeDelta',
      'relativeFieller',
      'remainingTime',
      'sampleSize',
      'srm',
      'srmSequential',
      'sumEvents',
      'sumsOf',
      'tTwoSided',
      'tUpperQuantile',
      'welch',
    ]);
  });
});
