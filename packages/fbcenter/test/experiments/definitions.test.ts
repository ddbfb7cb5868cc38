import { describe, expect, it } from 'vitest';
import { measuresOf } from '../../src/experiments/counting/counting.js';
import { readMetric } from '../../src/experiments/metric-definition.js';
import { readSettings } from '../../src/experiments/settings.js';
import { aMetric } from '../support/experiments.js';

describe('a metric as it is sent', () => {
  it('needs no more than its type', () => {
    expect(readMetric({ type: 'conversion' }, 'purchase')).toEqual(
      aMetric({ key: 'purchase', name: 'purchase', event: 'purchase' }),
    );
  });

  it.each([
    [
      { type: 'sum', event: 'order', cap: 500, windowHours: 72, name: 'Revenue' },
      { name: 'Revenue', cap: 500, windowHours: 72 },
    ],
    [
      { type: 'count', lowerIsBetter: true },
      { lowerIsBetter: true, aggregation: null, denominator: null },
    ],
    [{ type: 'retention' }, { delayDays: 1, windowHours: null }],
    [
      { type: 'retention', delayDays: 7, windowHours: 24 },
      { delayDays: 7, windowHours: 24 },
    ],
    [
      { type: 'ratio', event: 'order', denominator: { event: 'visit' } },
      { aggregation: 'sum', denominator: { event: 'visit', aggregation: 'count' }, delayDays: null },
    ],
    [
      { type: 'ratio', aggregation: 'count', denominator: { event: 'v', aggregation: 'sum' } },
      { aggregation: 'count' },
    ],
  ])('%j is read', (input, expected) => {
    expect(readMetric(input, 'm')).toMatchObject(expected);
  });

  it.each<[unknown, string, string]>([
    [undefined, '', 'wrong-type'],
    [{}, 'type', 'missing'],
    [{ type: 'mean' }, 'type', 'invalid-value'],
    [{ type: 'sum', key: 'other' }, 'key', 'key-mismatch'],
    [{ type: 'sum', event: ' ' }, 'event', 'blank'],
    [{ type: 'sum', event: 'a\u0000' }, 'event', 'invalid-value'],
    [{ type: 'sum', event: 'x'.repeat(257) }, 'event', 'invalid-value'],
    [{ type: 'sum', cap: 0 }, 'cap', 'invalid-value'],
    [{ type: 'sum', cap: '5' }, 'cap', 'wrong-type'],
    [{ type: 'conversion', cap: 5 }, 'cap', 'invalid-value'],
    [{ type: 'sum', windowHours: -1 }, 'windowHours', 'invalid-value'],
    [{ type: 'sum', windowHours: 366 * 24 + 1 }, 'windowHours', 'invalid-value'],
    [{ type: 'retention', delayDays: 400 }, 'delayDays', 'invalid-value'],
    [{ type: 'ratio' }, 'denominator', 'missing'],
    [{ type: 'ratio', denominator: {} }, 'denominator.event', 'missing'],
    [{ type: 'ratio', aggregation: 'mean', denominator: { event: 'v' } }, 'aggregation', 'invalid-value'],
    [{ type: 'sum', name: 'two\nlines' }, 'name', 'invalid-value'],
    [{ type: 'sum', windowHour: 5 }, 'windowHour', 'invalid-key'],
  ])('%j is refused at %s as %s', (input, path, code) => {
    expect(() => readMetric(input, 'm')).toThrow(
      expect.objectContaining({ faults: expect.arrayContaining([expect.objectContaining({ path, code })]) }),
    );
  });

  it.each([
    [
      aMetric({ type: 'conversion', windowHours: 1 }),
      [{ aggregation: 'conversion', from: 0, until: 3_600_000, cap: null }],
    ],
    [aMetric({ type: 'count', cap: 3 }), [{ aggregation: 'count', from: 0, until: null, cap: 3 }]],
    [aMetric({ type: 'retention', delayDays: 2 }), [{ aggregation: 'conversion', from: 172_800_000, until: null }]],
    [
      aMetric({ type: 'retention', delayDays: 2, windowHours: 24 }),
      [{ aggregation: 'conversion', from: 172_800_000, until: 259_200_000 }],
    ],
    [
      aMetric({ type: 'ratio', aggregation: 'sum', cap: 9, denominator: { event: 'v', aggregation: 'count' } }),
      [
        { event: 'purchase', aggregation: 'sum', cap: 9 },
        { event: 'v', aggregation: 'count', cap: null },
      ],
    ],
  ])('of %j is added up', (metric, measures) => {
    expect(measuresOf(metric)).toMatchObject(measures);
    expect(measuresOf(metric)).toHaveLength(measures.length);
  });
});

describe('the settings of an experiment as they are sent', () => {
  const flagOf = async (key: string) =>
    key === 'checkout' ? { variationIds: ['off', 'a', 'b'], disabledVariationId: 'off' } : undefined;
  const read = (input: unknown) => readSettings(input, 'e', flagOf);

  it('need no more than the flag', async () => {
    expect(await read({ flagKey: 'checkout' })).toEqual({
      name: 'e',
      hypothesis: '',
      flagKey: 'checkout',
      control: 'off',
      treatments: ['a', 'b'],
      metrics: [],
      method: 'always-valid',
      alpha: 0.05,
      power: 0.8,
      plannedUsers: 10_000,
      excludedSegment: null,
      covariateDays: null,
    });
  });

  it('take the first metric for the goal, and others for secondary', async () => {
    const metrics = [{ key: 'a' }, { key: 'b' }, { key: 'c', role: 'guardrail', margin: 0.02 }];
    expect((await read({ flagKey: 'checkout', metrics })).metrics).toEqual([
      { key: 'a', role: 'goal', margin: null, plannedEffect: null },
      { key: 'b', role: 'secondary', margin: null, plannedEffect: null },
      { key: 'c', role: 'guardrail', margin: 0.02, plannedEffect: null },
    ]);
  });

  it.each<[object, string, string]>([
    [{ flagKey: '' }, 'flagKey', 'blank'],
    [{ flagKey: 'nope' }, 'flagKey', 'invalid-value'],
    [{ control: 'x' }, 'control', 'unknown-variation'],
    [{ treatments: ['x'] }, 'treatments[0]', 'unknown-variation'],
    [{ treatments: ['off'] }, 'treatments[0]', 'invalid-value'],
    [{ treatments: ['a', 'a'] }, 'treatments[1]', 'duplicate-id'],
    [{ treatments: [] }, 'treatments', 'missing'],
    [{ metrics: [{}] }, 'metrics[0].key', 'missing'],
    [{ metrics: [{ key: 'm', role: 'king' }] }, 'metrics[0].role', 'invalid-value'],
    [{ metrics: [{ key: 'm' }, { key: 'm' }] }, 'metrics[1].key', 'duplicate-id'],
    [{ metrics: [{ key: 'm', plannedEffect: 0 }] }, 'metrics[0].plannedEffect', 'invalid-value'],
    [{ metrics: [{ key: 'm', margin: -1 }] }, 'metrics[0].margin', 'invalid-value'],
    [{ metrics: Array.from({ length: 21 }, (_, index) => ({ key: `m${index}` })) }, 'metrics', 'too-many'],
    [{ method: 'bayes' }, 'method', 'invalid-value'],
    [{ alpha: 0 }, 'alpha', 'invalid-value'],
    [{ alpha: 0.6 }, 'alpha', 'invalid-value'],
    [{ power: 1 }, 'power', 'invalid-value'],
    [{ plannedUsers: 10 }, 'plannedUsers', 'invalid-value'],
    [{ hypothesis: 'x'.repeat(2_001) }, 'hypothesis', 'invalid-value'],
    [{ plannedUser: 5_000 }, 'plannedUser', 'invalid-key'],
  ])('%j are refused at %s as %s', async (input, path, code) => {
    await expect(read({ flagKey: 'checkout', ...input })).rejects.toMatchObject({
      faults: expect.arrayContaining([expect.objectContaining({ path, code })]),
    });
  });
});
