import { describe, expect, it } from 'vitest';
import { conclusionOf, percent } from '../../src/experiments/conclusions.js';
import type { AnalysisComparison } from '../../src/experiments/statistics/analysis.js';
import type { Verdict } from '../../src/experiments/statistics/verdict.js';
import { aMetric, aPlan } from '../support/experiments.js';

const RESULT: Extract<AnalysisComparison['result'], { readonly status: 'ok' }> = {
  status: 'ok',
  ...{ control: 0.05, treatment: 0.056, users: 20_000, difference: 0.006, standardError: 0.002 },
  ...{ multiplier: 3, pValue: 0.01, low: 0.0001, high: 0.0119, upliftStandardError: 0.04, varianceReduction: null },
  relative: { status: 'ok', uplift: 0.12, g: 0, low: 0.002, high: 0.24 },
};

function say(verdict: Verdict, more: Partial<AnalysisComparison> = {}): string {
  const comparison = { variation: 'on', verdict, result: RESULT, adjustedPValue: 0.01, bayes: null, remaining: null };
  return conclusionOf({ ...comparison, ...more }, aMetric(), aPlan());
}

describe('what may be concluded', () => {
  it.each<[Verdict, RegExp]>([
    [
      'better',
      /^“true” is better in Purchases: \+12 %, between \+0\.2 % and \+24 %\. By exactly how much is not known/,
    ],
    ['worse', /^“true” is worse in Purchases: .* Another form of the idea may do better\.$/],
    ['harm', /^“true” does harm to Purchases/],
    ['safe', /^Purchases loses less with “true” than would be accepted.*untouched is not said/],
    ['undecided', /^Not decided yet: .*, taken alone\. Of several metrics .* by chance too often\.$/],
    ['collecting', /^Nothing may be concluded yet, however clear it looks\.$/],
    ['wrong-split', /groups are different people\. Nothing may be concluded/],
    ['no-users', /no users yet/],
    ['too-few-users', /a single user/],
    ['no-variance', /All users have the same value of Purchases/],
    ['zero-denominator', /divided by is 0/],
    ['invalid-data', /contradict themselves/],
  ])('of %s is a sentence', (verdict, sentence) => {
    expect(say(verdict)).toMatch(sentence);
  });

  it.each([
    [{ usersNeeded: 9, additionalUsers: 4_321.2, days: 0.02 }, 'About 4,322 more users are needed, less than an hour.'],
    [{ usersNeeded: 9, additionalUsers: 10, days: 0.5 }, 'About 10 more users are needed, about 12 hours.'],
    [{ usersNeeded: 9, additionalUsers: 10, days: 1.2 }, 'About 10 more users are needed, about a day.'],
    [{ usersNeeded: 9, additionalUsers: 10, days: 8.1 }, 'About 10 more users are needed, about 9 days.'],
    [{ usersNeeded: 9, additionalUsers: 10, days: null }, 'About 10 more users are needed.'],
  ])('says how long it takes: %j', (remaining, text) => {
    expect(say('undecided', { remaining })).toContain(text);
    expect(say('collecting', { remaining })).toContain(text);
  });

  it('has the difference where nothing is a part of the control', () => {
    const result: AnalysisComparison['result'] = { ...RESULT, relative: { status: 'zero-baseline' } };
    expect(say('better', { result })).toContain('+0.006, between +0.0001 and +0.0119');
  });

  it('names what contradicts itself', () => {
    const result = { status: 'invalid-data', problems: [{ input: 'sums.on', message: 'is missing' }] } as const;
    expect(say('invalid-data', { result })).toContain('(sums.on is missing)');
  });

  it.each([
    [0.123, '+12 %'],
    [0.0123, '+1.2 %'],
    [-0.5, '−50 %'],
    [0, '+0.0 %'],
  ])('a share of %d is %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });
});
