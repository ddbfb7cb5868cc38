import { describe, expect, it } from 'vitest';
import type { ExperimentBody } from '../../../src/api/experiments.js';
import { chanceText, daysText, percent, pText, valueText } from '../../src/pages/experiments/plain-words.js';
import { usersFor } from '../../src/pages/experiments/planned-users.js';
import { scaleFor } from '../../src/pages/experiments/scale.js';
import { emptyDraft, missingIn, type SetupDraft, settingsOf } from '../../src/pages/experiments/setup-draft.js';

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
      { key: 'g', role: 'guardrail', margin: 0.02, plannedEffect: null },
      { key: 's', role: 'secondary', margin: null, plannedEffect: null },
    ],
    method: 'fixed',
    plannedUsers: 5_000,
    covariateDays: 14,
  } as unknown as ExperimentBody;

  it('are those of an experiment, and give its settings back', () => {
    const draft = emptyDraft(experiment);
    expect(draft.metrics.map(({ effect }) => effect)).toEqual(['7', '2', '']);
    expect(settingsOf(draft)).toEqual({
      name: 'E',
      hypothesis: 'h',
      flagKey: 'f',
      control: 'a',
      treatments: ['b'],
      excludedSegment: null,
      method: 'fixed',
      plannedUsers: 5_000,
      covariateDays: 14,
      metrics: [
        { key: 'm', role: 'goal', plannedEffect: 0.07 },
        { key: 'g', role: 'guardrail', margin: 0.02 },
        { key: 's', role: 'secondary', plannedEffect: null },
      ],
    });
  });

  it.each([
    ['', null],
    [' ', null],
    ['0', null],
    ['12,5', 0.125],
    ['-5', -0.05],
  ])('take %j per cent for %s', (effect, plannedEffect) => {
    const draft = { ...emptyDraft(undefined), metrics: [{ key: 'm', role: 'goal' as const, effect }] };
    expect(settingsOf(draft)).toMatchObject({ metrics: [{ plannedEffect }] });
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
    metrics: [{ key: 'bought', role: 'goal', effect: '' }],
  };

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
      { metrics: [{ key: 'bought', role: 'guardrail', effect: '1' }] },
      'Choose a metric as the goal: it decides.',
    ],
    [2, 'nothing', { plannedUsers: 100 }, undefined],
    [2, 'users', { plannedUsers: 99 }, 'Plan for at least 100 users.'],
    [2, 'a number of users', { plannedUsers: Number.NaN }, 'Plan for at least 100 users.'],
  ])('%d: %s', (step, _, draft, missing) => {
    expect(missingIn({ ...whole, ...draft }, step)).toBe(missing);
  });
});
