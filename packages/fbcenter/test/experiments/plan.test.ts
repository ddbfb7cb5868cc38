import { describe, expect, it } from 'vitest';
import { countingOf, isOpenAt } from '../../src/experiments/counting/counting.js';
import { changedParts, isUnsound } from '../../src/experiments/fingerprints.js';
import { type FlagAtHand, fingerprintsOf, planOf } from '../../src/experiments/plan.js';
import { auditOf, demandRevision, mismatch } from '../../src/experiments/target.js';
import { aRollout, aRule, aServedFlag, HALVES, slice, someSettings } from '../support/experiment-situation.js';
import { aMetric, aPlan, SOMEBODY } from '../support/experiments.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const atHand = (document = aServedFlag(), segments: Readonly<Record<string, string>> = {}): FlagAtHand => ({
  ...{ document, version: 5 },
  segments: new Map(Object.entries(segments)),
});
const inSegment = (id: string) => ({
  ...aRule(aRollout()),
  conditions: [{ property: 'User is in segment', op: '', value: JSON.stringify([id]) }],
});

describe('the plan of an iteration', () => {
  it('freezes what was chosen, and what the flag serves', () => {
    const settings = someSettings({
      alpha: 0.01,
      power: 0.9,
      method: 'fixed',
      excludedSegment: 'bots',
      covariateDays: 7,
    });
    expect(planOf(settings, atHand(), [aMetric()])).toEqual(
      aPlan([aMetric()], {
        ...{ alpha: 0.01, power: 0.9, method: 'fixed', excludedSegment: 'bots', covariateDays: 7, flagVersion: 5 },
        variations: [
          { id: 'off', value: 'false', weight: 0.5 },
          { id: 'on', value: 'true', weight: 0.5 },
        ],
        fingerprints: fingerprintsOf(atHand()),
      }),
    );
  });

  it.each<[string, Parameters<typeof aServedFlag>[0], readonly (number | null)[]]>([
    ['halves', {}, [0.5, 0.5]],
    ['a tenth', { fallthrough: aRollout([slice('off', 0, 0.9), slice('on', 0.9, 1)]) }, [0.9, 0.1]],
    [
      'what is let in, not what is served',
      { fallthrough: aRollout([slice('off', 0, 0.75, 0.1), slice('on', 0.75, 1, 0.1)]) },
      [0.5, 0.5],
    ],
    ['nothing that could be expected', { fallthrough: aRollout(HALVES, false) }, [null, null]],
    [
      'nothing when rules contradict each other',
      { rules: [aRule(aRollout([slice('off', 0, 0.9), slice('on', 0.9, 1)]))] },
      [null, null],
    ],
    [
      'what the rules say that serve the compared ones',
      { rules: [aRule(aRollout([slice('other', 0, 1)]))] },
      [0.5, 0.5],
    ],
  ])('expects %s', (_, flag, weights) => {
    const { variations } = planOf(someSettings(), atHand(aServedFlag(flag)), [aMetric()]);
    expect(variations.map(({ weight }) => weight && Number(weight.toFixed(9)))).toEqual(weights);
  });

  it('has the control first, and a text for a variation that is gone', () => {
    const settings = someSettings({ control: 'on', treatments: ['off', 'gone'] });
    const { variations } = planOf(settings, atHand(), []);
    expect(variations.map(({ id, value }) => [id, value])).toEqual([
      ['on', 'true'],
      ['off', 'false'],
      ['gone', ''],
    ]);
  });

  it('has the definitions of its metrics as they are now, and none that is gone', () => {
    const metrics = ['a', 'gone', 'b'].map((key) => ({ key, role: 'goal' as const, margin: 0.1, plannedEffect: 0.2 }));
    const plan = planOf(someSettings({ metrics }), atHand(), [aMetric({ key: 'b', cap: 5 }), aMetric({ key: 'a' })]);
    expect(plan.metrics).toEqual([
      { ...{ key: 'a', role: 'goal', margin: 0.1, plannedEffect: 0.2 }, definition: aMetric({ key: 'a' }) },
      { ...{ key: 'b', role: 'goal', margin: 0.1, plannedEffect: 0.2 }, definition: aMetric({ key: 'b', cap: 5 }) },
    ]);
  });

  it('of settings that an older version has kept has no covariate', () => {
    const { covariateDays: _, ...older } = someSettings();
    expect(planOf(older, atHand(), []).covariateDays).toBeNull();
  });
});

describe('the fingerprints of a plan', () => {
  const withSegment = aServedFlag({ rules: [inSegment('beta')] });
  const segment = (text: string) => fingerprintsOf(atHand(withSegment, { beta: text }));

  it('are one of each part, and of each segment that is asked about', () => {
    const parts = ['variations', 'targets', 'rules', 'default rule', 'who is let in', 'switch'];
    expect(Object.keys(fingerprintsOf(atHand()))).toEqual(parts);
    expect(Object.keys(segment('{}'))).toEqual([...parts, 'segment beta']);
    for (const digest of Object.values(segment('{}'))) expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each<[string, string, readonly string[]]>([
    ['whoever is in it', '{"included":["a"]}', ['segment beta']],
    ['whoever is not', '{"excluded":["a"]}', ['segment beta']],
    ['its rules', '{"rules":[{"conditions":[]}]}', ['segment beta']],
    ['its name', '{"name":"Beta","updatedAt":"2026-01-01"}', []],
    ['parts that are empty', '{"included":[],"excluded":[],"rules":[]}', []],
  ])('tell of a segment %s', (_, text, changed) => {
    expect(changedParts(segment('{}'), segment(text))).toEqual(changed);
    expect(isUnsound(changed)).toBe(changed.length > 0);
  });

  it('take a segment that is not there for an empty one', () => {
    expect(fingerprintsOf(atHand(withSegment))).toEqual(segment('{}'));
  });

  it('tell of a segment that is asked about from now on', () => {
    const changed = changedParts(fingerprintsOf(atHand()), segment('{}'));
    expect(changed).toEqual(['rules', 'segment beta']);
  });
});

describe('what an iteration counts', () => {
  const counting = (metrics: Parameters<typeof aPlan>[0], covariateDays: number | null) =>
    countingOf({ start: 100 * DAY, end: null, pauses: [], plan: aPlan(metrics, { covariateDays }) });
  const sum = aMetric({ key: 'sum', type: 'sum', event: 'order', cap: 9, windowHours: 2 });
  const ratio = aMetric({
    ...{
      key: 'ratio',
      type: 'ratio',
      event: 'order',
      aggregation: 'sum',
      denominator: { event: 'visit', aggregation: 'count' },
    },
  });

  it('is one number of each metric when nothing is subtracted', () => {
    const { metrics, measures, since } = counting([aMetric(), sum], null);
    expect(metrics).toEqual([
      { value: 0, other: undefined },
      { value: 1, other: undefined },
    ]);
    expect(measures).toHaveLength(2);
    expect(since).toBe(100 * DAY);
  });

  it('is also what the users did before, in as many days and with the same cap', () => {
    const { metrics, measures, since } = counting([aMetric(), sum], 14);
    expect(metrics).toEqual([
      { value: 0, other: 1 },
      { value: 2, other: 3 },
    ]);
    expect(measures[1]).toEqual({
      ...{ event: 'purchase', aggregation: 'conversion', from: -14 * DAY, until: 0 },
      cap: null,
    });
    expect(measures[3]).toEqual({ event: 'order', aggregation: 'sum', from: -14 * DAY, until: 0, cap: 9 });
    expect(since).toBe(86 * DAY);
  });

  it('has a denominator, and never a covariate, of a ratio', () => {
    for (const days of [null, 14]) {
      const { metrics, measures, since } = counting([ratio], days);
      expect(metrics).toEqual([{ value: 0, other: 1 }]);
      expect(measures.map(({ event, aggregation }) => [event, aggregation])).toEqual([
        ['order', 'sum'],
        ['visit', 'count'],
      ]);
      expect(since).toBe(100 * DAY);
    }
  });

  it.each<[at: number, isOpen: boolean]>([
    [9, false],
    [10, true],
    [19, true],
    [20, false],
    [29, false],
    [30, true],
    [39, true],
    [40, false],
    [49, false],
    [50, false],
  ])('has who comes at %d: %s, between its start, its pauses and its end', (at, isOpen) => {
    const pauses = [
      { from: 20, to: 30 },
      { from: 40, to: null },
    ];
    expect(isOpenAt({ start: 10, end: 50, pauses }, at)).toBe(isOpen);
    expect(isOpenAt({ start: 10, end: null, pauses: [] }, at)).toBe(at >= 10);
  });
});

describe('the target of a change', () => {
  const target = { environment: { id: 'e', key: 'dev' }, key: 'x', by: SOMEBODY };

  it.each<[string, ((revision: number | undefined) => boolean) | undefined, boolean]>([
    ['no condition', undefined, true],
    ['one that holds', () => true, true],
    ['one that does not', () => false, false],
    ['that there is none yet', (revision) => revision === undefined, false],
  ])('with %s', (_, precondition, mayBe) => {
    const demand = () => demandRevision({ ...target, precondition }, 5);
    if (mayBe) expect(demand).not.toThrow();
    else expect(demand).toThrow(mismatch());
  });

  it('is written down with why, and where', () => {
    expect(auditOf({ ...target, note: { comment: 'c', group: 'g', source: 's' } }, 'stop')).toEqual({
      ...{ comment: 'c', group: 'g', source: 's', actor: SOMEBODY, action: 'stop' },
      subject: { kind: 'experiment', key: 'x', environment: 'dev' },
    });
  });
});
