import { describe, expect, it } from 'vitest';
import type { ExperimentMetricBody } from '../../src/api/experiment-results.js';
import { conclusionOf, overallOf, percent } from '../../src/experiments/conclusions.js';
import type { AnalysisComparison } from '../../src/experiments/statistics/analysis.js';
import type { Verdict } from '../../src/experiments/statistics/verdict.js';
import type { Mark, MetricRole } from '../../src/model/experiment.js';
import { aMetric, anIteration, aPlan } from '../support/experiments.js';

const OK: Extract<AnalysisComparison['result'], { readonly status: 'ok' }> = {
  status: 'ok',
  ...{ control: 0.05, treatment: 0.056, users: 20_000, difference: 0.006, standardError: 0.002 },
  ...{ multiplier: 3, pValue: 0.01, low: 0.0001, high: 0.0119, upliftStandardError: 0.04, varianceReduction: null },
  relative: { status: 'ok', uplift: 0.12, g: 0, low: 0.002, high: 0.24 },
};

/** Its interval holds 0. */
const OPEN = { ...OK, low: -0.0001, relative: { status: 'ok', uplift: 0.12, g: 0, low: -0.002, high: 0.24 } } as const;

function aComparison(verdict: Verdict, more: Partial<AnalysisComparison> = {}): AnalysisComparison {
  const result = verdict === 'undecided' ? OPEN : OK;
  return { variation: 'on', verdict, result, adjustedPValue: 0.01, bayes: null, remaining: null, ...more };
}

const RANGE = '+12 %, between +0.2 % and +24 %';
const OPEN_RANGE = '+12 %, between −0.2 % and +24 %';
const SENTENCES: Readonly<Record<Verdict, string>> = {
  better: `“true” is better in Purchases: ${RANGE}. By exactly how much is not known, nor whether for every group of users.`,
  worse: `“true” is worse in Purchases: ${RANGE}. Another form of the idea may do better.`,
  harm: `“true” does harm to Purchases: ${RANGE}.`,
  safe: `Purchases loses less with “true” than would be accepted: ${RANGE}. That it is untouched is not said.`,
  undecided: `Not decided yet: ${OPEN_RANGE}. What is outside of that is ruled out; “no difference” is not what this says.`,
  collecting: 'Nothing may be concluded yet, however clear it looks.',
  'wrong-split':
    'The users did not come in the planned shares, so the groups are different people. Nothing may be concluded: find the cause first.',
  'no-users': 'A variation has no users yet.',
  'too-few-users': 'A variation has a single user.',
  'no-variance': 'All users have the same value of Purchases; mostly nobody has done anything yet.',
  'zero-denominator': 'What Purchases is divided by is 0 in a variation.',
  'invalid-data': 'The sums of Purchases contradict themselves: have them counted anew.',
};
const VERDICTS = Object.keys(SENTENCES) as readonly Verdict[];
const say = (verdict: Verdict, more?: Partial<AnalysisComparison>, plan = aPlan()) =>
  conclusionOf(aComparison(verdict, more), aMetric(), plan);

describe('the sentence of a verdict', () => {
  it.each(VERDICTS)('%s', (verdict) => {
    expect(say(verdict)).toBe(SENTENCES[verdict]);
  });

  it.each(VERDICTS)('%s is told without numbers when there are none', (verdict) => {
    const sentence = say(verdict, { result: { status: 'no-users' } });
    expect(sentence).toBe(SENTENCES[verdict].replace(RANGE, 'no numbers yet').replace(OPEN_RANGE, 'no numbers yet'));
  });

  it.each<[end: string, ends: { readonly low: number; readonly high: number }]>([
    ['below', { low: -0.0119, high: -0.0001 }],
    ['above', { low: 0.0001, high: 0.0119 }],
  ])('undecided says why when its own interval lies %s 0', (_, ends) => {
    const result = { ...OK, ...ends };
    expect(say('undecided', { result })).toBe(
      `Not decided yet: ${RANGE}, taken alone. Of several metrics and variations that are judged together, one is like that by chance too often.`,
    );
  });

  it.each<[value: string, shown: string]>([
    ['blue', '“blue”'],
    ['', '“”'],
  ])('names the value that a variation serves: %j', (value, shown) => {
    const plan = aPlan(undefined, { variations: [{ id: 'on', value, weight: 1 }] });
    expect(say('harm', {}, plan)).toBe(`${shown} does harm to Purchases: ${RANGE}.`);
  });

  it('of a value as long as a document is still one that can be read', () => {
    const plan = aPlan(undefined, { variations: [{ id: 'on', value: 'x'.repeat(5_000), weight: 1 }] });
    expect(say('harm', {}, plan)).toBe(`“${'x'.repeat(40)}…” does harm to Purchases: ${RANGE}.`);
  });

  it('cuts a long value between characters', () => {
    const plan = aPlan(undefined, {
      variations: [{ id: 'on', value: `${'x'.repeat(39)}${'🙂'.repeat(9)}`, weight: 1 }],
    });
    expect(say('harm', {}, plan)).toBe(`“${'x'.repeat(39)}…” does harm to Purchases: ${RANGE}.`);
  });

  it.each<[relative: number, low: number, high: number, text: string]>([
    [-0.031, -0.05, -0.012, '−3.1 %, between −5.0 % and −1.2 %'],
    [2.5, 1, 4, '+250 %, between +100 % and +400 %'],
    [0.1, 0.099, 0.101, '+10 %, between +9.9 % and +10 %'],
  ])('has an uplift of %d', (uplift, low, high, text) => {
    const relative = { status: 'ok', uplift, g: 0, low, high } as const;
    expect(say('harm', { result: { ...OK, relative } })).toBe(`“true” does harm to Purchases: ${text}.`);
  });

  it.each<[difference: number, low: number, high: number, text: string]>([
    [-1234.5678, -2000, -1000, '−1230, between −2000 and −1000'],
    [0.000123456, 0, 0.001, '+0.000123, between +0 and +0.001'],
    [5, -1, 11, '+5, between −1 and +11'],
  ])('has a difference of %d where there is no uplift', (difference, low, high, text) => {
    const result = { ...OK, difference, low, high, relative: { status: 'zero-baseline' } as const };
    expect(say('harm', { result })).toBe(`“true” does harm to Purchases: ${text}.`);
  });

  it.each<[additionalUsers: number, days: number | null, text: string]>([
    [0, 0, ''],
    [0.2, null, ' About one more user is needed.'],
    [1_234_567.1, null, ' About 1,234,568 more users are needed.'],
    [10, 1 / 25, ' About 10 more users are needed, less than an hour.'],
    [10, 1 / 24, ' About 10 more users are needed, about an hour.'],
    [10, 1.6 / 24, ' About 10 more users are needed, about 2 hours.'],
    [10, 0.99, ' About 10 more users are needed, about 24 hours.'],
    [10, 1, ' About 10 more users are needed, about a day.'],
    [10, 1.5, ' About 10 more users are needed, about a day.'],
    [10, 1.51, ' About 10 more users are needed, about 2 days.'],
    [10, 400, ' About 10 more users are needed, about 400 days.'],
  ])('that is open says what is missing: %d users, %s days', (additionalUsers, days, text) => {
    const remaining = { usersNeeded: 100, additionalUsers, days };
    for (const verdict of VERDICTS) {
      const isOpen = verdict === 'undecided' || verdict === 'collecting';
      expect(say(verdict, { remaining })).toBe(isOpen ? SENTENCES[verdict] + text : SENTENCES[verdict]);
    }
  });

  it.each<[number, string]>([
    [0.0999, '+10 %'],
    [0.0994, '+9.9 %'],
    [0.1, '+10 %'],
    [-0.1, '−10 %'],
    [12.345, '+1235 %'],
  ])('writes a share of %d as %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });
});

type Comparison = ExperimentMetricBody['comparisons'][number];

/** A metric in a role with a verdict of each of its comparisons; the conclusion is a short one here. */
function inRole(role: MetricRole, ...verdicts: readonly Verdict[]): ExperimentMetricBody {
  const comparisons = verdicts.map(
    (verdict, index): Comparison => ({ ...aComparison(verdict), conclusion: `${role} ${index}: ${verdict}.` }),
  );
  return {
    ...{ key: role, name: role, type: 'conversion', role, margin: null, plannedEffect: null, lowerIsBetter: false },
    ...{ values: [], comparisons },
  };
}

function overall(metrics: readonly ExperimentMetricBody[], more: { users?: number; marks?: readonly Mark[] } = {}) {
  const { users = 100, marks = [] } = more;
  const iteration = { ...anIteration(0), id: 1, number: 1, marks };
  return overallOf({ metrics, users, variations: [], unsound: marks.length > 0, iteration });
}

const mark = (...what: readonly string[]): Mark => ({ at: 1, what, flagVersion: 2, by: 'ada' });

describe('the verdict on a whole iteration', () => {
  it.each<[string, readonly ExperimentMetricBody[], string, string]>([
    ['one goal that is better', [inRole('goal', 'better')], 'better', 'goal 0: better.'],
    ['one goal that is worse', [inRole('goal', 'worse')], 'worse', 'goal 0: worse.'],
    ['one that is open', [inRole('goal', 'undecided')], 'undecided', 'goal 0: undecided.'],
    ['one that collects', [inRole('goal', 'collecting')], 'collecting', 'goal 0: collecting.'],
    [
      'a treatment that is better than another one',
      [inRole('goal', 'undecided', 'better')],
      'better',
      'goal 1: better.',
    ],
    [
      'a treatment that is worse and one that is open',
      [inRole('goal', 'undecided', 'worse')],
      'worse',
      'goal 1: worse.',
    ],
    [
      'treatments that are better and worse',
      [inRole('goal', 'worse', 'undecided', 'better')],
      'mixed',
      'goal 0: worse. goal 2: better.',
    ],
    [
      'two goals that contradict each other',
      [inRole('goal', 'better'), inRole('goal', 'worse')],
      'mixed',
      'goal 0: better. goal 0: worse.',
    ],
    ['nothing to compare with', [inRole('goal', 'no-variance')], 'no-variance', 'goal 0: no-variance.'],
    ['a single user', [inRole('goal', 'too-few-users')], 'too-few-users', 'goal 0: too-few-users.'],
    ['damaged sums', [inRole('goal', 'invalid-data')], 'invalid-data', 'goal 0: invalid-data.'],
    ['a denominator of 0', [inRole('goal', 'zero-denominator')], 'zero-denominator', 'goal 0: zero-denominator.'],
    ['a variation that nobody has', [inRole('goal', 'no-users')], 'no-users', 'goal 0: no-users.'],
    [
      'an open one before one that says nothing',
      [inRole('goal', 'no-variance', 'collecting')],
      'collecting',
      'goal 1: collecting.',
    ],
    ['no goal', [inRole('secondary', 'better')], 'no-users', 'No goal was chosen.'],
    [
      'secondary metrics, which decide nothing',
      [inRole('secondary', 'worse'), inRole('goal', 'undecided')],
      'undecided',
      'goal 0: undecided.',
    ],
    ['a guardrail that is safe', [inRole('goal', 'better'), inRole('guardrail', 'safe')], 'better', 'goal 0: better.'],
    [
      'harm, which comes before what is good',
      [inRole('goal', 'better'), inRole('guardrail', 'safe', 'harm')],
      'harm',
      'guardrail 1: harm. goal 0: better.',
    ],
    [
      'harm beside contradicting goals',
      [inRole('goal', 'better', 'worse'), inRole('guardrail', 'harm')],
      'harm',
      'guardrail 0: harm. goal 0: better. goal 1: worse.',
    ],
    [
      'harm alone while a goal is open',
      [inRole('goal', 'undecided'), inRole('guardrail', 'harm')],
      'harm',
      'guardrail 0: harm.',
    ],
    [
      'harm alone while it collects',
      [inRole('goal', 'collecting'), inRole('guardrail', 'harm')],
      'harm',
      'guardrail 0: harm.',
    ],
    [
      'a wrong split, whatever a guardrail says',
      [inRole('goal', 'wrong-split'), inRole('guardrail', 'harm')],
      'wrong-split',
      'goal 0: wrong-split.',
    ],
  ])('%s', (_, metrics, verdict, sentence) => {
    expect(overall(metrics)).toEqual({ verdict, sentence });
  });

  it('is none before anybody was exposed', () => {
    for (const verdict of VERDICTS) {
      expect(overall([inRole('goal', verdict)], { users: 0, marks: [mark('rules')] })).toEqual({
        verdict: 'no-users',
        sentence: 'Nobody has been exposed yet: SDKs have to evaluate the flag, and the flag has to let users in.',
      });
    }
  });

  it('is unsound, whatever the goals and guardrails say, when the flag was changed, each part named once', () => {
    const marks = [mark('rules', 'default rule'), mark('rules', 'segment beta')];
    for (const verdict of VERDICTS.filter((one) => one !== 'wrong-split')) {
      expect(overall([inRole('goal', verdict), inRole('guardrail', 'harm')], { marks })).toEqual({
        verdict: 'unsound',
        sentence:
          'The flag was changed while the experiment ran (rules, default rule, segment beta): users before and after are different ones, so nothing sound can be concluded. Start a new iteration.',
      });
    }
  });

  it('of a wrong split stays that when the flag was changed, too', () => {
    expect(overall([inRole('goal', 'wrong-split')], { marks: [mark('rules')] }).verdict).toBe('wrong-split');
  });
});
