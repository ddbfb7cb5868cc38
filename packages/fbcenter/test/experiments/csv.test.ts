import { describe, expect, it } from 'vitest';
import type { ExperimentResultsBody } from '../../src/api/experiment-results.js';
import { csvOf } from '../../src/experiments/csv.js';
import { pointOf, resultsOf } from '../../src/experiments/results.js';
import type { Iteration, IterationSums, MetricDefinition, Plan } from '../../src/model/experiment.js';
import { aMetric, anIteration, aPlan, sumsOfUsers } from '../support/experiments.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

/** The values of so many users, of whom so many have done something. */
const users = (all: number, active: number, value = 1) =>
  Array.from({ length: all }, (_, user) => [user < active ? value : 0] as const);

type Users = readonly (readonly [value: number, denominator?: number])[];

function sumsOf(byVariation: readonly Users[], more: Partial<IterationSums> = {}, largest = 1): IterationSums {
  return {
    variations: byVariation.map((values) => ({
      users: values.length,
      metrics: [{ ...sumsOfUsers(values), rests: [0, 0, 0, 0, 0], largest }],
    })),
    excluded: { several: 0, targeted: 0, segment: 0 },
    ...{ late: 0, oversized: 0, undeclared: 0, replays: 0, newest: START + HOUR },
    ...more,
  };
}

function results(sums: IterationSums, plan: Plan = aPlan(), iteration: Partial<Iteration> = {}): ExperimentResultsBody {
  const whole = { ...anIteration(START, plan), id: 1, number: 1, ...iteration };
  const part = resultsOf({ iteration: whole, sums, usersPerDay: undefined });
  return { key: 'e', name: 'E', state: 'running', hypothesis: '', decision: null, refusedRequests: 0, ...part };
}

const rowsOf = (csv: string) => csv.split('\r\n').map((row) => row.split(','));

describe('results as a table', () => {
  it('have a row for each metric and variation, and a line of names', () => {
    const [names, control, treatment, ...rest] = rowsOf(csvOf(results(sumsOf([users(1_000, 50), users(1_000, 90)]))));
    expect(names).toEqual([
      ...['metric', 'role', 'variation', 'is control', 'users', 'users with a value', 'total', 'value', 'verdict'],
      ...['difference', 'low', 'high', 'uplift', 'uplift low', 'uplift high', 'p value', 'adjusted p value'],
      ...['chance to win', 'variance reduction'],
    ]);
    expect(control).toEqual(['purchases', 'goal', 'off', 'true', '1000', '50', '50', '0.05', ...Array(11).fill('')]);
    expect(treatment?.slice(0, 8)).toEqual(['purchases', 'goal', 'on', 'false', '1000', '90', '90', '0.09']);
    expect(rest).toEqual([['']]);
  });

  it('have the numbers of the comparison, as exactly as they are known', () => {
    const body = results(sumsOf([users(1_000, 50), users(1_000, 90)]));
    const result = body.metrics[0]?.comparisons[0]?.result;
    if (result?.status !== 'ok' || result.relative.status !== 'ok') throw new Error('There is a test.');
    const [, , row = []] = rowsOf(csvOf(body));
    const { uplift, low, high } = result.relative;
    expect(row.slice(9, 16).map(Number)).toEqual([
      result.difference,
      result.low,
      result.high,
      uplift,
      low,
      high,
      result.pValue,
    ]);
    expect(Number(row[9])).toBeCloseTo(0.04, 12);
    expect(Number(row[12])).toBeCloseTo(0.8, 12);
  });

  it.each<[string, readonly Users[], string]>([
    ['nobody', [[], []], 'no-users'],
    ['one user each', [users(1, 1), users(1, 0)], 'too-few-users'],
    ['users who do nothing', [users(100, 0), users(100, 0)], 'no-variance'],
    ['many to one', [users(5_000, 50), users(500, 5)], 'wrong-split'],
  ])('leave cells empty that nothing is known for: %s', (_, byVariation, verdict) => {
    const [, , row = []] = rowsOf(csvOf(results(sumsOf(byVariation))));
    expect(row[8]).toBe(verdict);
    if (verdict !== 'wrong-split') expect(row.slice(9, 16)).toEqual(Array(7).fill(''));
    expect(row.join()).not.toMatch(/NaN|undefined|null|Infinity/);
  });

  it.each<[string, string]>([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@a', "'@a"],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['=a,b', `"'=a,b"`],
    ['plain', 'plain'],
    ['a=b', 'a=b'],
  ])('take no text for a formula, and quote what has to be: %j', (key, cell) => {
    const csv = csvOf(results(sumsOf([users(10, 1), users(10, 2)]), aPlan([aMetric({ key })])));
    expect(csv.split('\r\n')[1]).toMatch(/./);
    expect(csv.startsWith(`${cell},goal,off,`, csv.indexOf('\r\n') + 2)).toBe(true);
  });
});

describe('the warnings of results', () => {
  const revenue = aPlan([aMetric({ key: 'revenue', name: 'Revenue', type: 'sum', event: 'order' })]);
  const warningsOf = (sums: IterationSums, plan?: Plan) =>
    results(sums, plan).warnings.map(({ code, message }) => [code, message]);
  const excluded = (several: number) => ({ excluded: { several, targeted: 0, segment: 0 } });

  it.each<[several: number, of: number, share: string | undefined]>([
    [0, 100, undefined],
    [9, 10, undefined],
    [10, 90, '10.0'],
    [10, 990, '1.0'],
    [10, 991, undefined],
  ])('tell of %d users with several variations beside %d others: %s %%', (several, of, share) => {
    const message = `${share} % of the users were seen with several variations and are left out. Is the user's key the same everywhere, and was the flag changed?`;
    expect(warningsOf(sumsOf([users(of, 1), []], excluded(several)))).toEqual(
      share === undefined ? [] : [['several-variations', message]],
    );
  });

  it('tell that no split is expected', () => {
    const plan = aPlan(undefined, { variations: aPlan().variations.map((one) => ({ ...one, weight: null })) });
    expect(warningsOf(sumsOf([users(10, 1), users(10, 1)]), plan)).toEqual([
      [
        'no-expected-split',
        'Rules let users in with different shares, so there is no split to compare the users with.',
      ],
    ]);
  });

  it.each<[active: number, largest: number, plan: Plan, isSaid: boolean]>([
    [500, 11, revenue, true],
    [500, 10, revenue, false],
    [499, 1_000, revenue, false],
    [500, 11, aPlan(), false],
  ])(
    'tell of one user who makes more than a hundredth: %d users, %d of the greatest one',
    (active, largest, plan, isSaid) => {
      // Their amounts add up to 1,000, however many they are.
      const sums = sumsOf([users(1_000, active, 1_000 / active), []], {}, largest);
      const message =
        'Revenue: one user alone makes more than 1 % of the sum. A cap on what a user can come to would make the result steadier.';
      expect(warningsOf(sums, plan)).toEqual(isSaid ? [['one-user', message]] : []);
    },
  );

  it('tell of evaluations that do not say whether they count', () => {
    expect(warningsOf(sumsOf([users(10, 1), users(10, 1)], { undeclared: 3 }))).toEqual([
      [
        'undeclared',
        "3 evaluations came from an SDK that does not say whether they count, so they do not. FeatBit's SDKs for Python from 1.2.1 on are such ones.",
      ],
    ]);
  });

  it('tell of values that were taken for mistakes', () => {
    expect(warningsOf(sumsOf([users(10, 1), users(10, 1)], { oversized: 3 }))).toEqual([
      ['oversized', '3 events had values above a million million, which were taken for mistakes.'],
    ]);
  });
});

describe('results', () => {
  const sums = sumsOf([users(1_000, 50), users(1_000, 90)]);

  it('say when an iteration is frozen: 72 hours after its end', () => {
    expect(results(sums).iteration).toMatchObject({ end: null, frozenAt: null, isFrozen: false });
    expect(results(sums, aPlan(), { end: START + HOUR }).iteration).toMatchObject({
      end: '2026-01-01T01:00:00.000Z',
      frozenAt: '2026-01-04T01:00:00.000Z',
    });
  });

  it.each<[what: readonly string[], isSound: boolean]>([
    [['switch'], true],
    [['switch', 'rules'], false],
    [['segment beta'], false],
  ])('are sound after a change of %j: %s', (what, isSound) => {
    const marks = [{ at: START, what, flagVersion: 2, by: 'ada' }];
    const { iteration, verdict } = results(sums, aPlan(), { marks });
    expect(iteration.isSound).toBe(isSound);
    expect(iteration.marks).toEqual([{ ...marks[0], at: '2026-01-01T00:00:00.000Z', isUnsound: !isSound }]);
    expect(verdict === 'unsound').toBe(!isSound);
  });

  it.each<[string, Partial<MetricDefinition>, Users, number | null]>([
    ['the mean of the users', { type: 'sum' }, [[4], [0], [0], [0]], 1],
    [
      'the quotient of both sums',
      { type: 'ratio' },
      [
        [4, 2],
        [2, 1],
        [0, 0],
      ],
      2,
    ],
    ['nothing without a denominator', { type: 'ratio' }, [[4, 0]], null],
    ['nothing without users', { type: 'sum' }, [], null],
  ])('have as the value of a variation %s', (_, metric, values, value) => {
    const { metrics } = results(sumsOf([values, values], {}, 4), aPlan([aMetric(metric)]));
    expect(metrics[0]?.values.map((one) => one.value)).toEqual([value, value]);
  });

  it('leave a point of the series that has the same uplift, and none where there is no test', () => {
    const iteration = { ...anIteration(START), id: 1, number: 1 };
    const point = pointOf({ iteration, sums, usersPerDay: 5 }, START + HOUR);
    expect(point).toMatchObject({
      at: START + HOUR,
      users: 2_000,
      intervals: [{ metric: 'purchases', variation: 'on' }],
    });
    expect(point.intervals[0]?.uplift).toBeCloseTo(0.8, 9);
    const none = pointOf({ iteration, sums: sumsOf([[], []]), usersPerDay: undefined }, START);
    expect(none.intervals).toEqual([{ metric: 'purchases', variation: 'on', uplift: null, low: null, high: null }]);
  });
});
