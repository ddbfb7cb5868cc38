import { describe, expect, it } from 'vitest';
import { readMetric } from '../../src/experiments/metric-definition.js';
import { readSettings } from '../../src/experiments/settings.js';
import { Refusal } from '../../src/model/refusal.js';

const flagOf = async (key: string) =>
  key === 'checkout' ? { variationIds: ['off', 'a', 'b'], disabledVariationId: 'off' } : undefined;

/** The faults of what is refused, each as `path: sentence`. */
function faultsOf(error: unknown): readonly string[] {
  if (!(error instanceof Refusal)) throw error;
  const faults = error.faults ?? [];
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  expect(error.message).toBe(`The document has ${count} and was not stored.`);
  return faults.map(({ path, message }) => `${path}: ${message}`);
}

const settingsFaults = (input: unknown) => readSettings(input, 'e', flagOf).then(() => [], faultsOf);

function metricFaults(input: unknown): readonly string[] {
  try {
    readMetric(input, 'm');
    return [];
  } catch (error) {
    return faultsOf(error);
  }
}

describe('the settings of an experiment are refused with a sentence', () => {
  it.each<[object, readonly string[]]>([
    [{ flagKey: 'nope' }, ['flagKey: There is no flag of this key.']],
    [{ flagKey: ' ' }, ['flagKey: Must not be blank.', 'flagKey: There is no flag of this key.']],
    [{ flagKey: undefined }, ['flagKey: Required: a string.']],
    [
      { flagKey: undefined, flagkey: 'x' },
      [
        'flagKey: Required: a string; "flagkey" may be meant to be it.',
        'flagkey: There is no such field: did you mean "flagKey"?',
      ],
    ],
    [{ key: 'other' }, ['key: Differs from the one in the address: leave it out, or make them the same.']],
    [{ control: 'x' }, ['control: No variation of the flag has this id: there are off, a, b.']],
    [{ treatments: [] }, ['treatments: Required: a variation to compare with the control.']],
    [{ treatments: ['x'] }, ['treatments[0]: No variation of the flag has this id: there are off, a, b.']],
    [{ treatments: ['off'] }, ['treatments[0]: This is the control.']],
    [{ treatments: ['a', 'a'] }, ['treatments[1]: Another one before it is the same.']],
    [{ method: 'bayes' }, ['method: Expected always-valid or fixed.']],
    [{ alpha: 0.6 }, ['alpha: Must be from 0.000001 to 0.5.']],
    [{ alpha: -1 }, ['alpha: Must be from 0.000001 to 0.5.']],
    [{ power: 0.4 }, ['power: Must be from 0.5 to 0.999.']],
    [{ plannedUsers: 99 }, ['plannedUsers: Must be from 100 to 10000000000.']],
    [{ covariateDays: 0 }, ['covariateDays: Must be from 1 to 28.']],
    [{ covariateDays: 29 }, ['covariateDays: Must be from 1 to 28.']],
    [{ covariateDays: 1.5 }, ['covariateDays: Must be a whole number of days.']],
    [{ hypothesis: 'x'.repeat(2_001) }, ['hypothesis: Must not be longer than 2000 characters.']],
    [{ name: '' }, ['name: Must not be blank.']],
    [{ name: 'x'.repeat(257) }, ['name: Must not be longer than 256 characters.']],
    [{ excludedSegment: 5 }, ['excludedSegment: Expected a string or null, got a number.']],
    [{ metrics: 'all' }, ['metrics: Expected an array, got a string.']],
    [{ metrics: [5] }, ['metrics[0]: Expected an object, got a number.']],
    [{ metrics: [{}] }, ['metrics[0].key: Required: a string.']],
    [{ metrics: [{ key: 'm', role: 'king' }] }, ['metrics[0].role: Expected one of goal, guardrail, secondary.']],
    [{ metrics: [{ key: 'm' }, { key: 'm' }] }, ['metrics[1].key: Another one before it has the same key.']],
    [{ metrics: [{ key: 'm', margin: 11 }] }, ['metrics[0].margin: Must be from 0 to 10.']],
    [{ metrics: [{ key: 'm', plannedEffect: 0 }] }, ['metrics[0].plannedEffect: Must not be 0.']],
    [{ metrics: [{ key: 'm', plannedEffect: -11 }] }, ['metrics[0].plannedEffect: Must be from -10 to 10.']],
    [{ metrics: [{ key: 'm', margins: 1 }] }, ['metrics[0].margins: There is no such field: did you mean "margin"?']],
    [{ metrics: Array.from({ length: 21 }, (_, index) => ({ key: `m${index}` })) }, ['metrics: At most 20.']],
    [{ plannedUser: 5 }, ['plannedUser: There is no such field: did you mean "plannedUsers"?']],
    [
      { alpha: 1, power: 1, method: 'x' },
      [
        'method: Expected always-valid or fixed.',
        'alpha: Must be from 0.000001 to 0.5.',
        'power: Must be from 0.5 to 0.999.',
      ],
    ],
  ])('%j', async (input, sentences) => {
    const sent = JSON.parse(JSON.stringify({ flagKey: 'checkout', ...input }));
    expect(await settingsFaults(sent)).toEqual(sentences);
  });

  it.each<[string, unknown, string]>([
    ['alpha', 'x', 'Expected a number, got a string.'],
    ['power', [], 'Expected a number, got an array.'],
    ['plannedUsers', {}, 'Expected a number, got an object.'],
    ['covariateDays', true, 'Expected a number, got a boolean.'],
    ['method', 5, 'Expected a string, got a number.'],
    ['control', true, 'Expected a string, got a boolean.'],
    ['hypothesis', 5, 'Expected a string, got a number.'],
  ])('of %s once when its type is wrong', async (name, value, sentence) => {
    expect(await settingsFaults({ flagKey: 'checkout', [name]: value })).toEqual([`${name}: ${sentence}`]);
  });

  it.each(['margin', 'plannedEffect', 'role'])('of the %s of a metric once when its type is wrong', async (name) => {
    const expected = name === 'role' ? 'a string' : 'a number';
    expect(await settingsFaults({ flagKey: 'checkout', metrics: [{ key: 'm', [name]: [] }] })).toEqual([
      `metrics[0].${name}: Expected ${expected}, got an array.`,
    ]);
  });

  it.each([null, undefined])('and what is %s is not given', async (nothing) => {
    const names = [
      'name',
      'hypothesis',
      'control',
      'treatments',
      'metrics',
      'method',
      'alpha',
      'power',
      'plannedUsers',
    ];
    const input = Object.fromEntries([...names, 'excludedSegment', 'covariateDays'].map((name) => [name, nothing]));
    expect(await readSettings({ ...input, flagKey: 'checkout' }, 'e', flagOf)).toEqual(
      await readSettings({ flagKey: 'checkout' }, 'e', flagOf),
    );
  });

  it('that take the bounds themselves', async () => {
    const bounds = [
      { alpha: 1e-6, power: 0.5, plannedUsers: 100, covariateDays: 1 },
      { alpha: 0.5, power: 0.999, plannedUsers: 1e10, covariateDays: 28 },
    ];
    for (const bound of bounds) expect(await settingsFaults({ flagKey: 'checkout', ...bound })).toEqual([]);
  });
});

describe('a metric is refused with a sentence', () => {
  it.each<[unknown, readonly string[]]>([
    [[], [': Expected an object, got an array.']],
    [{}, ['type: Required: a string.']],
    [{ type: 'mean' }, ['type: Expected one of conversion, count, sum, ratio, retention.']],
    [{ type: 5 }, ['type: Expected a string, got a number.']],
    [{ type: 'sum', event: '' }, ['event: Must not be blank.']],
    [{ type: 'sum', event: 'a\nb' }, ["event: An event's name has up to 256 characters and no control characters."]],
    [{ type: 'sum', cap: 0 }, ['cap: Must be above 0.']],
    [{ type: 'sum', cap: '5' }, ['cap: Expected a number, got a string.']],
    [{ type: 'conversion', cap: 5 }, ['cap: A conversion is 0 or 1: leave the cap out.']],
    [{ type: 'retention', cap: 5 }, ['cap: A retention is 0 or 1: leave the cap out.']],
    [{ type: 'count', windowHours: 0 }, ['windowHours: Must be above 0, and at most 8784.']],
    [{ type: 'count', windowHours: 8_785 }, ['windowHours: Must be above 0, and at most 8784.']],
    [{ type: 'retention', delayDays: 367 }, ['delayDays: Must be above 0, and at most 366.']],
    [{ type: 'ratio' }, ['denominator: Required: an object.']],
    [{ type: 'ratio', denominator: 'visit' }, ['denominator: Expected an object, got a string.']],
    [
      { type: 'ratio', denominator: { event: 'v', aggregation: 'mean' } },
      ['denominator.aggregation: Expected count or sum.'],
    ],
    [{ type: 'ratio', denominator: { event: 'v', events: 'x' } }, []],
    [
      { type: 'ratio', denominator: { event: 'v', agregation: 'sum' } },
      ['denominator.agregation: There is no such field: did you mean "aggregation"?'],
    ],
    [{ type: 'ratio', aggregation: 5, denominator: { event: 'v' } }, ['aggregation: Expected a string, got a number.']],
    [{ type: 'sum', lowerIsBetter: 'yes' }, ['lowerIsBetter: Expected true or false, got a string.']],
    [{ type: 'sum', lowerIsbetter: true }, ['lowerIsbetter: There is no such field: did you mean "lowerIsBetter"?']],
    [{ type: 'sum', delayDay: 1 }, ['delayDay: There is no such field: did you mean "delayDays"?']],
    [{ type: 'sum', delayDays: 3, aggregation: 'mean', denominator: 5 }, []],
  ])('%j', (input, sentences) => {
    expect(metricFaults(input)).toEqual(sentences);
  });
});
