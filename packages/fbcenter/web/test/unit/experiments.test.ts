import { describe, expect, it } from 'vitest';
import type { ExperimentBody } from '../../../src/api/experiments.js';
import {
  amountIn,
  asksFor,
  emptyMetric,
  type MetricDraft,
  metricOf,
} from '../../src/pages/experiments/metric-draft.js';
import { chanceText, daysText, percent, pText, valueText } from '../../src/pages/experiments/plain-words.js';
import { usersFor } from '../../src/pages/experiments/planned-users.js';
import { scaleFor } from '../../src/pages/experiments/scale.js';
import {
  emptyDraft,
  missingIn,
  type SetupDraft,
  settingsOf,
  shareIn,
} from '../../src/pages/experiments/setup-draft.js';

describe('numbers in words', () => {
  it.each([
    [percent(0.118), '+12 %'],
    [percent(0.0812), '+8.1 %'],
    [percent(-0.5), '−50 %'],
    [percent(0), '+0.0 %'],
    [percent(0.118, 1), '+11.8 %'],
    [valueText(0.0501, 'conversion'), '5.01 %'],
    [valueText(0.0501, 'retention'), '5.01 %'],
    [valueText(12.34567, 'sum'), '12.35'],
    [valueText(123_456, 'count'), '123,500'],
    [valueText(null, 'ratio'), '–'],
    [pText(0.0213), '0.021'],
    [pText(1e-9), '< 0.001'],
    [pText(null), '–'],
    [chanceText(0.99999), '> 99.9 %'],
    [chanceText(0.00001), '< 0.1 %'],
    [chanceText(0.973), '97.3 %'],
    [daysText(0.2), 'less than a day'],
    [daysText(1), 'about a day'],
    [daysText(12.1), 'about 13 days'],
  ])('%s is %s', (actual, expected) => {
    expect(actual).toBe(expected);
  });
});

describe('the scale of a picture', () => {
  it.each([
    [[], 0.01],
    [[0.004], 0.01],
    [[-0.03, 0.01], 0.05],
    [[0.5, -0.2], 0.5],
    [[0.51], 1],
    [[12], 5],
  ])('of %j is %d', (values, scale) => {
    expect(scaleFor(values)).toBe(scale);
  });
});

describe('the users that are needed', () => {
  it.each([
    [0.05, 0.1, 'fixed', 62_462],
    [0.05, 0.1, 'always-valid', 109_309],
  ] as const)('for a rate of %d and an effect of %d, %s: %d', (rate, effect, method, users) => {
    expect(usersFor(rate, effect, method)).toBe(users);
  });

  it.each([
    [0, 0.1],
    [1, 0.1],
    [Number.NaN, 0.1],
    [0.05, 0],
    [0.05, Number.NaN],
    [0.6, 0.9],
  ])('are unknown for %d and %d', (rate, effect) => {
    expect(usersFor(rate, effect, 'fixed')).toBeUndefined();
  });
});

const aUse: SetupDraft['metrics'][number] = { key: 'bought', role: 'goal', margin: '', plannedEffect: '' };

describe('the fields of the assistant', () => {
  const experiment = {
    key: 'e',
    name: 'E',
    hypothesis: 'h',
    flagKey: 'f',
    control: 'a',
    treatments: ['b'],
    excludedSegment: null,
    metrics: [
      { key: 'm', role: 'goal', margin: null, plannedEffect: 0.07 },
      { key: 'g', role: 'guardrail', margin: 0.02, plannedEffect: 0.3 },
      { key: 's', role: 'secondary', margin: null, plannedEffect: null },
    ],
    method: 'fixed',
    plannedUsers: 5_000,
    alpha: 0.01,
    power: 0.9,
    covariateDays: 14,
  } as unknown as ExperimentBody;

  it('are those of an experiment, and give its settings back', () => {
    const draft = emptyDraft(experiment);
    expect(draft.metrics.map(({ margin, plannedEffect }) => [margin, plannedEffect])).toEqual([
      ['', '7'],
      ['2', '30'],
      ['', ''],
    ]);
    expect(settingsOf(draft)).toEqual({
      name: 'E',
      hypothesis: 'h',
      flagKey: 'f',
      control: 'a',
      treatments: ['b'],
      excludedSegment: null,
      method: 'fixed',
      plannedUsers: 5_000,
      alpha: 0.01,
      power: 0.9,
      covariateDays: 14,
      metrics: experiment.metrics,
    });
  });

  it.each([
    ['', null],
    [' ', null],
    ['0', null],
    ['12,5', 0.125],
    ['-5', -0.05],
    ['10 %', 0.1],
  ])('take %j per cent for %s', (text, plannedEffect) => {
    const draft = { ...emptyDraft(undefined), metrics: [{ ...aUse, plannedEffect: text }] };
    expect(settingsOf(draft)).toMatchObject({ metrics: [{ plannedEffect }] });
  });

  it.each(['ten', '10 users', '1.2.3'])('take %j for no share', (text) => {
    expect(shareIn(text)).toBeNaN();
  });

  it('are empty for a new one, with the defaults of the center', () => {
    expect(emptyDraft(undefined)).toMatchObject({
      method: 'always-valid',
      plannedUsers: 10_000,
      hasOwnKey: false,
      metrics: [],
    });
  });
});

describe('what is missing in a step', () => {
  const whole: SetupDraft = {
    ...emptyDraft(undefined),
    ...{ name: 'Button', key: 'button', flagKey: 'buy-button', control: 'a', treatments: ['b'] },
    metrics: [aUse],
  };
  const wrong = 'What is said of bought is not a number: write 10 or 2.5.';

  it.each<[step: number, what: string, draft: Partial<SetupDraft>, missing: string | undefined]>([
    [0, 'nothing', {}, undefined],
    [0, 'a name', { name: '  ' }, 'Give the experiment a name.'],
    [0, 'a key', { key: '' }, 'Give the experiment a key.'],
    [0, 'a flag', { flagKey: '' }, 'Choose a flag.'],
    [0, 'what is compared', { treatments: [] }, 'Choose at least one variation to compare with the control.'],
    [0, 'what a later step asks for', { metrics: [], plannedUsers: 0 }, undefined],
    [1, 'nothing', {}, undefined],
    [1, 'a metric', { metrics: [] }, 'Choose a metric as the goal: it decides.'],
    [
      1,
      'a goal among the metrics',
      { metrics: [{ ...aUse, role: 'guardrail', margin: '1' }] },
      'Choose a metric as the goal: it decides.',
    ],
    [1, 'a number', { metrics: [{ ...aUse, plannedEffect: 'ten' }] }, wrong],
    [
      1,
      'a number of a guardrail',
      {
        metrics: [
          { ...aUse, key: 'm' },
          { ...aUse, role: 'guardrail', margin: 'x' },
        ],
      },
      wrong,
    ],
    [1, 'a number that is not asked for', { metrics: [{ ...aUse, margin: 'x' }] }, undefined],
    [2, 'nothing', { plannedUsers: 100 }, undefined],
    [2, 'users', { plannedUsers: 99 }, 'Plan for at least 100 users.'],
    [2, 'a number of users', { plannedUsers: Number.NaN }, 'Plan for at least 100 users.'],
  ])('%d: %s', (step, _, draft, missing) => {
    expect(missingIn({ ...whole, ...draft }, step)).toBe(missing);
  });
});

describe('the fields of a metric', () => {
  const draft: MetricDraft = { ...emptyMetric('purchase'), name: 'Été sales' };
  const common = { name: 'Été sales', event: 'purchase', lowerIsBetter: false, windowHours: null };
  const denominator = { event: 'visit', aggregation: 'count' };

  it.each<[change: Partial<MetricDraft>, metric: object]>([
    [{}, { type: 'conversion' }],
    [{ cap: '5', delayDays: '3', divisor: 'visit' }, { type: 'conversion' }],
    [
      { lowerIsBetter: true, windowHours: '24' },
      { type: 'conversion', lowerIsBetter: true, windowHours: 24 },
    ],
    [{ type: 'count' }, { type: 'count', cap: null }],
    [
      { type: 'sum', cap: '12,5' },
      { type: 'sum', cap: 12.5 },
    ],
    [
      { type: 'retention', delayDays: '7' },
      { type: 'retention', delayDays: 7 },
    ],
    [
      { type: 'ratio', divisor: 'visit' },
      { type: 'ratio', cap: null, aggregation: 'sum', denominator },
    ],
    [
      { type: 'ratio', divisor: 'visit', aggregation: 'count', divisorAggregation: 'sum' },
      { type: 'ratio', cap: null, aggregation: 'count', denominator: { event: 'visit', aggregation: 'sum' } },
    ],
  ])('%j are the metric that the center takes', (change, metric) => {
    expect(metricOf({ ...draft, ...change }, ['other'])).toEqual({
      key: 'ete-sales',
      metric: { ...common, ...metric },
    });
  });

  it.each<[change: Partial<MetricDraft>, problem: string]>([
    [{ name: ' ' }, 'Give the metric a name.'],
    [{ name: '!' }, 'Give the metric a name.'],
    [{ name: 'Taken' }, 'There is a metric with the key taken already: choose another name.'],
    [{ event: ' ' }, 'Say which events count.'],
    [{ type: 'ratio' }, 'Say which events it is divided by.'],
    [{ type: 'sum', cap: '500 €' }, 'Write amounts, hours and days as numbers: 24 or 2.5.'],
    [{ windowHours: 'a day' }, 'Write amounts, hours and days as numbers: 24 or 2.5.'],
    [{ type: 'retention', delayDays: 'x' }, 'Write amounts, hours and days as numbers: 24 or 2.5.'],
  ])('%j are none yet', (change, problem) => {
    expect(metricOf({ ...draft, ...change }, ['taken'])).toEqual({ problem });
  });

  it.each<[MetricDraft['type'], readonly string[]]>([
    ['conversion', []],
    ['count', ['cap']],
    ['sum', ['cap']],
    ['ratio', ['cap', 'ratio']],
    ['retention', ['delay']],
  ])('of a %s are these: %j', (type, asked) => {
    expect(Object.entries(asksFor({ ...draft, type })).flatMap(([name, is]) => (is ? [name] : []))).toEqual(asked);
  });

  it.each([
    ['', null],
    [' 2,5 ', 2.5],
    ['1e3', 1_000],
  ])('take %j for %s', (text, amount) => {
    expect(amountIn(text)).toBe(amount);
  });
});
