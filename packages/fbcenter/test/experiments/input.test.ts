import * as statistics from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';

const {
  alwaysValid,
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
  remainingTime,
  sampleSize,
  srm,
  srmSequential,
  sumEvents,
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
const withTreatment = (change: object) => ({ control: good, treatment: { ...good, ...change } });

describe('input that nothing can be made of', () => {
  it.each<[problem: string, run: () => unknown]>([
    ['treatment.n must be a whole number', () => welch(withTreatment({ n: 1.5 }))],
    ['treatment.n must be a whole number', () => welch(withTreatment({ n: -1 }))],
    ['treatment.n must be a whole number', () => welch(withTreatment({ n: undefined }))],
    ['treatment.sum must be a number', () => welch(withTreatment({ sum: Number.NaN }))],
    ['treatment.sum must be a number', () => welch(withTreatment({ sum: 1e60 }))],
    ['treatment.sumSquares must be a number', () => welch(withTreatment({ sumSquares: -1 }))],
    ['treatment.sumSquares does not fit', () => welch(withTreatment({ sumSquares: 0.5 }))],
    ['treatment.sumSquares does not fit', () => welch(withTreatment({ n: 0, sum: 0, sumSquares: 3 }))],
    ['treatment must be an object', () => welch({ control: good } as never)],
    ['alpha must be', () => welch({ ...withTreatment({}), alpha: 0 })],
    ['alpha must be', () => welch({ ...withTreatment({}), alpha: 1 })],
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
    ['standardError must be', () => alwaysValid({ ...estimate, standardError: 0 })],
    ['users must be', () => alwaysValid({ ...estimate, users: 0 })],
    ['priorStandardDeviation must be', () => bayes({ ...estimate, priorStandardDeviation: 0 })],
    ['level must be', () => bayes({ ...estimate, level: 95 })],
    ['variations must be a list of at least 1', () => bestOfN({ variations: [] })],
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
    ['experiment.end must be', () => sumEvents({ experiment: { ...experiment, end: -1 }, batches: [] })],
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
