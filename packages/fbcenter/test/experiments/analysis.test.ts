import {
  type AnalysisComparison,
  type AnalysisInput,
  type AnalysisMetric,
  analyze,
  compare,
  holm,
  type MetricSums,
  type Verdict,
} from 'fbcenter/statistics';
import { describe, expect, it } from 'vitest';

/** Of `n` users, of whom `converted` have the value 1. */
const rate = (n: number, converted: number): MetricSums => ({
  n,
  sum: converted,
  sumSquares: converted,
  nonzero: converted,
});
const goal = (control: MetricSums, treatment: MetricSums, rest: Partial<AnalysisMetric> = {}): AnalysisMetric => ({
  key: 'bought',
  role: 'goal',
  sums: { a: control, b: treatment },
  ...rest,
});
const guardrail = (control: MetricSums, treatment: MetricSums, rest: Partial<AnalysisMetric> = {}): AnalysisMetric =>
  goal(control, treatment, { key: 'errors', role: 'guardrail', ...rest });

function experiment(metrics: readonly AnalysisMetric[], rest: Partial<AnalysisInput> = {}): AnalysisInput {
  const users = (key: string) => metrics[0]?.sums[key]?.n ?? 0;
  const variations = ['a', 'b'].map((key) => ({ key, users: users(key), weight: 1 }));
  return { control: 'a', variations, metrics, ...rest };
}

function only(input: AnalysisInput): AnalysisComparison {
  const [comparison, ...more] = analyze(input).metrics[0]?.comparisons ?? [];
  if (comparison === undefined || more.length > 0) throw new Error('not one comparison');
  return comparison;
}

const N = 20_000;

describe('the verdict', () => {
  const none = rate(0, 0);
  const zero = {
    n: 500,
    sum: 0,
    sumSquares: 0,
    denominatorSum: 0,
    denominatorSumSquares: 0,
    sumProducts: 0,
    nonzero: 0,
  };

  it.each<[title: string, metric: AnalysisMetric, verdict: Verdict, settings?: Partial<AnalysisInput>]>([
    ['without users', goal(none, none), 'no-users'],
    ['with one user', goal(rate(500, 50), rate(1, 1)), 'too-few-users', { variations: noWeights(500, 1) }],
    ['when nobody converts', goal(rate(500, 0), rate(500, 0)), 'no-variance'],
    ['of a ratio of nothing', goal(zero, zero), 'zero-denominator'],
    ['of 99 users', goal(rate(99, 60), rate(99, 30)), 'collecting'],
    ['of 24 conversions', goal(rate(1000, 24), rate(1000, 100)), 'collecting'],
    ['of 25 conversions', goal(rate(1000, 25), rate(1000, 100)), 'better'],
    ['of a clear gain', goal(rate(N, 1000), rate(N, 1300)), 'better'],
    ['of a clear loss', goal(rate(N, 1300), rate(N, 1000)), 'worse'],
    ['of a gain where lower is better', goal(rate(N, 1000), rate(N, 1300), { lowerIsBetter: true }), 'worse'],
    ['of a loss where lower is better', goal(rate(N, 1300), rate(N, 1000), { lowerIsBetter: true }), 'better'],
    ['of what Welch would call significant', goal(rate(10_000, 500), rate(10_000, 580)), 'undecided'],
    [
      'of the same at its planned size',
      goal(rate(10_000, 500), rate(10_000, 580)),
      'better',
      { method: 'fixed', plannedUsers: 20_000 },
    ],
    [
      'before the planned size',
      goal(rate(10_000, 500), rate(10_000, 700)),
      'collecting',
      { method: 'fixed', plannedUsers: 20_001 },
    ],
    ['of a stricter alpha', goal(rate(10_000, 500), rate(10_000, 620)), 'undecided', { alpha: 0.001 }],
    ['of a secondary metric', goal(rate(N, 1000), rate(N, 1300), { role: 'secondary' }), 'better'],
    ['of a guardrail that suffers', guardrail(rate(N, 1300), rate(N, 1000)), 'harm'],
    ['of a guardrail that gains', guardrail(rate(N, 1000), rate(N, 1300)), 'safe'],
    ['of a guardrail that stays', guardrail(rate(N, 1000), rate(N, 1000)), 'undecided'],
    ['of one that may lose 30 %', guardrail(rate(N, 1000), rate(N, 1000), { margin: 0.3 }), 'safe'],
    ['of one that may lose 10 %', guardrail(rate(N, 1000), rate(N, 1000), { margin: 0.1 }), 'undecided'],
    ['of errors that rise', guardrail(rate(N, 1000), rate(N, 1300), { lowerIsBetter: true }), 'harm'],
    ['of errors that fall', guardrail(rate(N, 1300), rate(N, 1000), { lowerIsBetter: true }), 'safe'],
    [
      'of errors that may rise by 30 %',
      guardrail(rate(N, 1000), rate(N, 1000), { lowerIsBetter: true, margin: 0.3 }),
      'safe',
    ],
    ['of a wrong split', goal(rate(N, 1000), rate(N + 1000, 1300)), 'wrong-split'],
    [
      'of a split that nobody planned',
      goal(rate(N, 1000), rate(N + 1000, 1400)),
      'better',
      { variations: noWeights(N, N + 1000) },
    ],
    ['of sums that cannot be', goal(rate(N, 1000), { ...rate(N, 1000), sumSquares: 1 }), 'invalid-data'],
    ['of a variation without sums', goal(rate(N, 1000), rate(N, 1000), { sums: { a: rate(N, 1000) } }), 'invalid-data'],
  ])('%s is %3$s', (_, metric, verdict, settings) => {
    expect(only(experiment([metric], settings)).verdict).toBe(verdict);
  });

  function noWeights(a: number, b: number) {
    return [
      { key: 'a', users: a },
      { key: 'b', users: b },
    ];
  }

  it('of one metric with damaged sums leaves the others as they are', () => {
    const damaged = goal(rate(N, 1000), { ...rate(N, 1000), sum: Number.NaN }, { key: 'damaged', role: 'secondary' });
    const [bad, good] = analyze(experiment([damaged, goal(rate(N, 1000), rate(N, 1300))])).metrics;
    expect(good?.comparisons[0]?.verdict).toBe('better');
    expect(bad?.comparisons[0]?.result).toEqual({
      status: 'invalid-data',
      problems: [{ input: 'treatment.sum', message: 'must be a number within ±1e50' }],
    });
  });
});

describe('several tests', () => {
  const [weak, strong] = [goal(rate(N, 1000), rate(N, 1160)), goal(rate(N, 1000), rate(N, 1300))];
  const many = (metric: AnalysisMetric, count: number) => Array.from({ length: count }, () => metric);
  const same = (role: AnalysisMetric['role']) => goal(rate(N, 1000), rate(N, 1000), { role });

  it('of goals have to pass Holm’s correction, over all variations', () => {
    expect(only(experiment([weak])).verdict).toBe('better');
    const [corrected] = analyze(experiment([weak, ...many(same('goal'), 4)])).metrics;
    expect(corrected?.comparisons[0]?.verdict).toBe('undecided');
    const three = {
      ...experiment([{ ...weak, sums: { ...weak.sums, c: rate(N, 1300) } }]),
      variations: ['a', 'b', 'c'].map((key) => ({ key, users: N, weight: 1 })),
    };
    const { comparisons = [] } = analyze(three).metrics[0] ?? {};
    expect(comparisons.map(({ variation }) => variation)).toEqual(['b', 'c']);
    const pValues = comparisons.map(({ result }) => (result.status === 'ok' ? result.pValue : NaN));
    expect(comparisons.map(({ adjustedPValue }) => adjustedPValue)).toEqual(holm({ pValues }).adjusted);
  });

  it('that are no goals do not make goals stricter', () => {
    const others = [...many(same('guardrail'), 4), ...many(same('secondary'), 4)];
    expect(analyze(experiment([weak, ...others])).metrics[0]?.comparisons[0]?.verdict).toBe('better');
  });

  it('that are secondary are corrected among themselves, by Benjamini and Hochberg', () => {
    const secondary = [...many({ ...strong, role: 'secondary' as const }, 2), same('secondary'), same('secondary')];
    const adjusted = analyze(experiment(secondary)).metrics.map(({ comparisons: [one] }) => one?.adjustedPValue ?? NaN);
    const p = compare({ control: rate(N, 1000), treatment: rate(N, 1300) });
    expect(adjusted[0]).toBeCloseTo(2 * (p.status === 'ok' ? p.pValue : NaN), 12);
    expect(adjusted.slice(2)).toEqual([1, 1]);
  });

  it('that cannot be made yet keep their place', () => {
    const unknown = goal(rate(N, 0), rate(N, 0));
    const [first, second] = analyze(experiment([weak, unknown])).metrics.map(({ comparisons: [one] }) => one);
    const alone = only(experiment([weak])).adjustedPValue ?? NaN;
    expect(first?.adjustedPValue).toBeCloseTo(2 * alone, 12);
    expect(second).toMatchObject({ verdict: 'no-variance', adjustedPValue: null, bayes: null, remaining: null });
  });
});

describe('beside the verdict', () => {
  it('is a second opinion that knows what better is', () => {
    const { bayes } = only(experiment([goal(rate(N, 1000), rate(N, 1300))]));
    expect(bayes?.chanceToWin).toBeGreaterThan(0.999);
    const lower = only(experiment([goal(rate(N, 1000), rate(N, 1300), { lowerIsBetter: true })]));
    expect(lower.bayes?.chanceToWin).toBeLessThan(0.001);
  });

  it('is the time left, for the planned effect and not for the one that is seen', () => {
    const left = (treatment: number, rest: Partial<AnalysisInput> = {}, plannedEffect: number | undefined = 0.1) =>
      only(experiment([goal(rate(N, 1000), rate(N, treatment), { plannedEffect })], { usersPerDay: 1000, ...rest }))
        .remaining;
    const { usersNeeded = 0, additionalUsers, days } = left(1000) ?? {};
    expect(additionalUsers).toBe(usersNeeded - 2 * N);
    expect(days).toBeCloseTo((usersNeeded - 2 * N) / 1000, 9);
    // A greater difference that is seen does not shorten it, and ends it only with a verdict.
    expect(left(1050)?.usersNeeded).toBeGreaterThan(usersNeeded);
    expect(left(1300)).toBeNull();
    expect(left(1000, { usersPerDay: undefined })?.days).toBeNull();
    expect(only(experiment([goal(rate(N, 1000), rate(N, 1000))])).remaining).toBeNull();
    expect(left(1000, {}, 1e-12)).toBeNull();
    const fixed = left(1000, { method: 'fixed', plannedUsers: 50_000 });
    expect(fixed).toEqual({ usersNeeded: 50_000, additionalUsers: 10_000, days: 10 });
  });

  it('is more time for several goals, and in a part of the traffic', () => {
    const one = goal(rate(N, 1000), rate(N, 1000), { plannedEffect: 0.1 });
    const leftOf = (metrics: readonly AnalysisMetric[], variations: AnalysisInput['variations']) =>
      analyze({ ...experiment(metrics), variations, usersPerDay: 900 }).metrics[0]?.comparisons[0]?.remaining;
    const [a, b, c] = ['a', 'b', 'c'].map((key) => ({ key, users: N }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three variations');
    const alone = leftOf([one], [a, b]);
    expect(leftOf([one, one], [a, b])?.usersNeeded).toBeGreaterThan(alone?.usersNeeded ?? NaN);
    const secondary = { ...one, role: 'secondary' as const };
    expect(leftOf([secondary, one], [a, b])?.usersNeeded).toBe(alone?.usersNeeded);
    // Two of three variations get two thirds of the new users.
    const third = leftOf([secondary], [a, b, c]);
    expect(third?.days).toBeCloseTo((third?.additionalUsers ?? NaN) / 600, 9);
  });

  it('is the split', () => {
    const { split } = analyze(experiment([goal(rate(N, 1000), rate(N, 1000))]));
    expect(split).toMatchObject({ status: 'ok', pValue: 1, alarm: false, expected: [N, N] });
  });
});

describe('settings that cannot be used', () => {
  const good = experiment([goal(rate(N, 1000), rate(N, 1000))]);

  it.each<[input: string, change: Partial<AnalysisInput>]>([
    ['control', { control: 'z' }],
    ['variations', { variations: [{ key: 'a', users: 1 }] }],
    ['variations', { variations: ['a', 'b', 'b'].map((key) => ({ key, users: 1 })) }],
    ['variations[1].users', { variations: ['a', 'b'].map((key, index) => ({ key, users: index / 2 })) }],
    ['method', { method: 'bayes' as 'fixed' }],
    ['alpha', { alpha: 5 }],
    ['power', { power: 1 }],
    ['plannedUsers', { plannedUsers: 0 }],
    ['usersPerDay', { usersPerDay: -1 }],
    ['metrics[0].plannedEffect', { metrics: [goal(rate(1, 1), rate(1, 1), { plannedEffect: 0 })] }],
    ['metrics[0].margin', { metrics: [goal(rate(1, 1), rate(1, 1), { margin: -0.1 })] }],
    ['weights', { variations: ['a', 'b'].map((key) => ({ key, users: 1, weight: 0 })) }],
  ])('are named: %s', (input, change) => {
    const problem = expect.objectContaining({ input });
    expect(() => analyze({ ...good, ...change })).toThrow(
      expect.objectContaining({ code: 'invalid-input', problems: expect.arrayContaining([problem]) }),
    );
  });
});
