import fc from 'fast-check';
import type { FlagDocument } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { type Check, checksOf, plannedTime, type Situation } from '../../src/experiments/checks.js';
import {
  aRollout,
  aRule,
  aServedFlag,
  aSituation,
  HALVES,
  slice,
  someSettings,
} from '../support/experiment-situation.js';
import { aMetric } from '../support/experiments.js';
import { check } from '../support/property.js';

const DAY = 86_400_000;
const ofFlag = (flag: Partial<FlagDocument>) => aSituation({ flag: aServedFlag(flag) });
const ofSettings = (settings: Parameters<typeof someSettings>[0], more: Partial<Situation> = {}) =>
  aSituation({ settings: someSettings(settings), ...more });
const said = (situation: Situation, code: Check['code']) => checksOf(situation).filter((one) => one.code === code);

const NOT_SERVED =
  'No rule of the flag serves all compared variations: give each of them a share in the default rule, or in a rule.';
const NOT_LET_IN =
  'The flag lets nobody into an experiment: no rule that serves the variations is included in one (includedInExpt, exptRollout).';
const notByChance = (where: string) =>
  `Not all variations are served by ${where}, and the users there are let in as well: they are no fair sample. Let in only those for whom chance decides.`;
const dividedBy = (attributes: string) =>
  `Users are divided by ${attributes}: those who share it get the same variation, so they count as more evidence than they are.`;

describe('what is said of a flag before a start', () => {
  it.each<[string, Situation, Check['code'], Check['level'], string, boolean?]>([
    [
      'that is not there',
      aSituation({ flag: undefined }),
      'flag-missing',
      'error',
      'There is no flag checkout: make it, or choose another one.',
    ],
    [
      'that is archived',
      ofFlag({ isArchived: true }),
      'flag-archived',
      'error',
      'The flag checkout is archived: restore it first.',
    ],
    [
      'that is off',
      ofFlag({ isEnabled: false }),
      'flag-off',
      'warning',
      'The flag is off: nobody enters the experiment until it is switched on.',
    ],
    [
      'that serves one variation',
      ofFlag({ fallthrough: aRollout([slice('on', 0, 1)]) }),
      'not-served',
      'error',
      NOT_SERVED,
    ],
    [
      'that serves each variation in another rule',
      ofFlag({ rules: [aRule(aRollout([slice('off', 0, 1)]))], fallthrough: aRollout([slice('on', 0, 1)]) }),
      'not-served',
      'error',
      NOT_SERVED,
    ],
    [
      'that serves two of three variations',
      ofSettings({ treatments: ['on', 'other'] }),
      'not-served',
      'error',
      NOT_SERVED,
    ],
    ['that lets nobody in', ofFlag({ fallthrough: aRollout(HALVES, false) }), 'not-let-in', 'error', NOT_LET_IN, true],
    [
      'that lets in a share of nothing',
      ofFlag({ fallthrough: aRollout([slice('off', 0, 0.5, 0), slice('on', 0.5, 1, 0)]) }),
      'not-let-in',
      'error',
      NOT_LET_IN,
      true,
    ],
    [
      'with a rule that has a name',
      ofFlag({ rules: [aRule(aRollout([slice('on', 0, 1)]))] }),
      'not-by-chance',
      'error',
      notByChance('the rule “Germans”'),
      true,
    ],
    [
      'with rules that have none',
      ofFlag({ rules: [aRule(aRollout([slice('on', 0, 1)]), ' '), aRule(aRollout([slice('off', 0, 1)]), '')] }),
      'not-by-chance',
      'error',
      notByChance('rule 1, rule 2'),
      true,
    ],
    [
      'whose default rule serves one variation',
      ofFlag({ rules: [aRule(aRollout())], fallthrough: aRollout([slice('off', 0, 1)]) }),
      'not-by-chance',
      'error',
      notByChance('the default rule'),
      true,
    ],
    [
      'whose rules have other shares',
      ofFlag({ rules: [aRule(aRollout([slice('off', 0, 0.9), slice('on', 0.9, 1)]))] }),
      'shares-differ',
      'warning',
      'Rules let users in with different shares. There is no split to be expected then, so it cannot be checked, and the groups differ by what the rules ask.',
    ],
    [
      'that divides by one attribute',
      ofFlag({ fallthrough: aRollout(HALVES, true, 'company') }),
      'divided-by-attribute',
      'warning',
      dividedBy('company'),
    ],
    [
      'that divides by two, one of them twice',
      ofFlag({
        rules: [aRule(aRollout(HALVES, true, 'team')), aRule(aRollout(HALVES, true, 'company'))],
        fallthrough: aRollout(HALVES, true, 'company'),
      }),
      'divided-by-attribute',
      'warning',
      dividedBy('team, company'),
    ],
    [
      'with one target',
      ofFlag({ targetUsers: [{ keyIds: ['ada'], variationId: 'on' }] }),
      'targets',
      'warning',
      'One user is given a variation by name. Chance has not chosen for them, so they are left out.',
    ],
    [
      'with the same target twice',
      ofFlag({
        targetUsers: [
          { keyIds: ['ada', 'bob'], variationId: 'on' },
          { keyIds: ['ada'], variationId: 'off' },
        ],
      }),
      'targets',
      'warning',
      '2 users are given a variation by name. Chance has not chosen for them, so they are left out.',
    ],
    [
      'with thousands of targets',
      ofFlag({ targetUsers: [{ keyIds: Array.from({ length: 1_234 }, (_, user) => `u${user}`), variationId: 'on' }] }),
      'targets',
      'warning',
      '1,234 users are given a variation by name. Chance has not chosen for them, so they are left out.',
    ],
    [
      'whose excluded segment is gone',
      ofSettings({ excludedSegment: 'bots' }, { hasExcludedSegment: false }),
      'segment-missing',
      'error',
      'There is no segment bots whose users could be left out.',
    ],
    [
      'on which others run',
      aSituation({ others: ['a', 'b'] }),
      'other-experiment',
      'warning',
      'The experiments a, b also run on this flag: all of them compare the same users.',
    ],
    [
      'on which another one runs',
      aSituation({ others: ['a'] }),
      'other-experiment',
      'warning',
      'The experiment a also runs on this flag: both compare the same users.',
    ],
    [
      'that is as it should be',
      aSituation(),
      'not-served',
      'ok',
      'The flag serves the compared variations by chance, and lets the users in.',
    ],
  ])('%s', (_, situation, code, level, message, isAdjustable = false) => {
    expect(said(situation, code)).toEqual([{ code, level, message, isAdjustable }]);
  });

  it.each<[string, Situation, readonly Check['code'][]]>([
    [
      'a missing flag hides what else there is to say of it',
      aSituation({ flag: undefined, others: ['x'] }),
      ['flag-missing'],
    ],
    ['so does an archived one', ofFlag({ isArchived: true, isEnabled: false }), ['flag-archived']],
    [
      'one that serves nothing may still be off, and have targets',
      ofFlag({
        isEnabled: false,
        fallthrough: aRollout([slice('on', 0, 1)]),
        targetUsers: [{ keyIds: ['a'], variationId: 'on' }],
      }),
      ['not-served', 'flag-off', 'targets'],
    ],
    ['a segment that is there is not mentioned', ofSettings({ excludedSegment: 'bots' }), ['not-served']],
    ['a segment that is not asked for neither', aSituation({ hasExcludedSegment: false }), ['not-served']],
    ['the attribute `keyId` is the key', ofFlag({ fallthrough: aRollout(HALVES, true, 'keyId') }), ['not-served']],
    ['so is an empty one', ofFlag({ fallthrough: aRollout(HALVES, true, '') }), ['not-served']],
  ])('%s', (_, situation, codes) => {
    const found = checksOf(situation).map(({ code }) => code);
    expect(found.slice(0, codes.length)).toEqual(codes);
    expect(found[codes.length]).toBe('metric-unseen');
  });
});

describe('what is said of metrics before a start', () => {
  const ratio = aMetric({
    ...{ key: 'ratio', name: 'Orders a visit', type: 'ratio', event: 'order', aggregation: 'sum' },
    denominator: { event: 'visit', aggregation: 'count' },
  });
  const uses = (...keys: readonly string[]) =>
    keys.map((key, index) => ({
      ...{ key, margin: null, plannedEffect: null },
      role: index === 0 ? ('goal' as const) : ('secondary' as const),
    }));

  it.each<[string, Situation, readonly (readonly [Check['code'], Check['level'], string])[]]>([
    ['none', ofSettings({ metrics: [] }), [['no-goal', 'error', 'Choose a metric as the goal: it decides.']]],
    [
      'a secondary one alone',
      ofSettings({ metrics: [{ key: 'purchases', role: 'secondary', margin: null, plannedEffect: null }] }),
      [
        ['no-goal', 'error', 'Choose a metric as the goal: it decides.'],
        ['metric-unseen', 'ok', 'Events of Purchases arrive.'],
      ],
    ],
    [
      'one that is not there, and one that is',
      ofSettings({ metrics: uses('gone', 'purchases') }),
      [
        ['metric-missing', 'error', 'There is no metric gone: define it, or choose another one.'],
        ['metric-unseen', 'ok', 'Events of Purchases arrive.'],
      ],
    ],
    [
      'one whose events have not come',
      aSituation({ seen: new Map() }),
      [['metric-unseen', 'warning', 'No event purchase has arrived so far, which Purchases counts: is it tracked?']],
    ],
    [
      'a ratio without either event',
      ofSettings({ metrics: uses('ratio') }, { metrics: [ratio] }),
      [
        [
          'metric-unseen',
          'warning',
          'No event order, visit has arrived so far, which Orders a visit counts: is it tracked?',
        ],
      ],
    ],
    [
      'a ratio without its denominator',
      ofSettings({ metrics: uses('ratio') }, { metrics: [ratio], seen: new Map([['order', 1]]) }),
      [['metric-unseen', 'warning', 'No event visit has arrived so far, which Orders a visit counts: is it tracked?']],
    ],
    [
      'a ratio with both',
      ofSettings(
        { metrics: uses('ratio') },
        {
          metrics: [ratio],
          seen: new Map([
            ['order', 1],
            ['visit', 1],
          ]),
        },
      ),
      [['metric-unseen', 'ok', 'Events of Orders a visit arrive.']],
    ],
  ])('%s', (_, situation, expected) => {
    const codes: readonly Check['code'][] = ['no-goal', 'metric-missing', 'metric-unseen'];
    const found = checksOf(situation).filter(({ code }) => codes.includes(code));
    expect(found.map(({ code, level, message }) => [code, level, message])).toEqual(expected);
  });
});

describe('what is said of the days before', () => {
  const kept = (days: number, covariateDays: number | null) =>
    said(ofSettings({ covariateDays }, { keptSince: 0, now: days * DAY }), 'covariate-days');

  it.each<[kept: number, wanted: number, level: Check['level'], message: string]>([
    [14, 14, 'ok', 'What users did in the 14 days before they enter is known.'],
    [100, 7, 'ok', 'What users did in the 7 days before they enter is known.'],
    [
      ...([0, 14, 'warning'] as const),
      'What users did before they enter is kept for 0 days now, and 14 are to be subtracted: in 14 days more of it is known, and the intervals are narrower.',
    ],
    [
      ...([1.9, 14, 'warning'] as const),
      'What users did before they enter is kept for a day now, and 14 are to be subtracted: in 13 days more of it is known, and the intervals are narrower.',
    ],
    [
      ...([13.99, 14, 'warning'] as const),
      'What users did before they enter is kept for 13 days now, and 14 are to be subtracted: in a day more of it is known, and the intervals are narrower.',
    ],
  ])('of which %d are kept and %d are wanted', (days, wanted, level, message) => {
    expect(kept(days, wanted)).toEqual([{ code: 'covariate-days', level, message, isAdjustable: false }]);
  });

  it('is nothing when none are to be subtracted, as in settings of older versions', () => {
    expect(kept(0, null)).toEqual([]);
    const { covariateDays: _, ...older } = someSettings();
    expect(said(aSituation({ settings: older }), 'covariate-days')).toEqual([]);
  });

  it('begins with today when nothing is kept yet, and when the clock was set back meanwhile', () => {
    const fresh = said(ofSettings({ covariateDays: 7 }, { now: 5 * DAY }), 'covariate-days');
    const back = said(ofSettings({ covariateDays: 7 }, { keptSince: 9 * DAY, now: 5 * DAY }), 'covariate-days');
    expect(fresh[0]?.message).toMatch(/^What users did before they enter is kept for 0 days now, .* in 7 days more/);
    expect(back).toEqual(fresh);
  });
});

describe('how long it takes, before a start,', () => {
  const size = (situation: Situation) => checksOf(situation).at(-1);

  it.each<[string, Situation, Check['code'], Check['level'], string]>([
    [
      'is not known of a flag that nobody has used',
      aSituation({ usersPerDay: undefined }),
      ...(['traffic-unknown', 'warning'] as const),
      'How many users the flag has is not known yet, so neither is how long it takes.',
    ],
    [
      'is not known when nobody entered before',
      aSituation({ usersPerDay: 0 }),
      ...(['traffic-unknown', 'warning'] as const),
      'How many users the flag has is not known yet, so neither is how long it takes.',
    ],
    [
      'is a day at least',
      aSituation({ usersPerDay: 1_000_000 }),
      ...(['planned-size', 'ok'] as const),
      '10,000 users in all are planned; 1,000,000 a day entered it before: that takes a day.',
    ],
    [
      'counts every variation',
      aSituation({ settings: someSettings({ treatments: ['on', 'other', 'third'] }), usersPerDay: 1_000 }),
      ...(['planned-size', 'ok'] as const),
      '20,000 users in all are planned; 1,000 a day entered it before: that takes 20 days.',
    ],
    [
      'may be 90 days',
      aSituation({ usersPerDay: 10_000 / 90 }),
      ...(['planned-size', 'ok'] as const),
      '10,000 users in all are planned; 111 a day entered it before: that takes 90 days.',
    ],
    [
      'is too long beyond that',
      aSituation({ usersPerDay: 1 }),
      ...(['planned-size', 'warning'] as const),
      '10,000 users in all are planned; 1 a day entered it before: that takes 10,000 days. Plan for a larger effect, or find more users.',
    ],
    [
      'is reckoned from one day of users',
      aSituation({ traffic: { users: [5_000] }, usersPerDay: undefined }),
      ...(['planned-size', 'ok'] as const),
      '10,000 users in all are planned; the flag had 5,000 different users in a day: that takes 2 days.',
    ],
    [
      'is reckoned from several, rather than from an experiment before',
      aSituation({ traffic: { users: [5_000, 10_000, 12_000] }, usersPerDay: 3 }),
      ...(['planned-size', 'ok'] as const),
      '10,000 users in all are planned; the flag had 12,000 different users in 3 days: that takes 2 days.',
    ],
    [
      'has only those who enter',
      aSituation({
        flag: aServedFlag({ fallthrough: aRollout([slice('off', 0, 0.5, 0.1), slice('on', 0.5, 1, 0.1)]) }),
        traffic: { users: [50_000] },
      }),
      ...(['planned-size', 'ok'] as const),
      '10,000 users in all are planned; the flag had 50,000 different users in a day, of whom 20 % enter: that takes a day.',
    ],
    [
      'is never when no new ones come',
      aSituation({ traffic: { users: [50, 50, 50, 50] } }),
      ...(['planned-size', 'warning'] as const),
      '10,000 users in all are planned; the flag had 50 different users in 4 days: hardly any new ones come, and so many never will. Plan for a larger effect.',
    ],
  ])('%s', (_, situation, code, level, message) => {
    expect(size(situation)).toEqual({ code, level, message, isAdjustable: false });
  });

  it('falls with more users a day, and grows with what is planned', async () => {
    const property = fc.property(
      ...[fc.integer({ min: 100, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 9 })],
      (plannedUsers, usersPerDay, factor) => {
        const days = (planned: number, perDay: number) =>
          plannedTime(ofSettings({ plannedUsers: planned }, { usersPerDay: perDay }))?.days ?? Number.NaN;
        const usual = days(plannedUsers, usersPerDay);
        expect(days(plannedUsers * factor, usersPerDay)).toBeCloseTo(usual * factor, 6);
        expect(days(plannedUsers, usersPerDay * factor)).toBeLessThanOrEqual(usual);
      },
    );
    await check(property, 100);
  });

  it('has an entry of each kind once, and says so in whole sentences, whatever the situation', async () => {
    const share = fc.constantFrom(0, 0.3, 0.5, 1);
    const rollout = fc
      .tuple(share, share, fc.boolean(), fc.constantFrom(null, 'company', 'keyId'))
      .map(([at, expt, included, key]) =>
        aRollout([slice('off', 0, at, expt), slice('on', at, 1, expt)], included, key),
      );
    const situation = fc.record({
      rules: fc.array(rollout, { maxLength: 3 }),
      fallthrough: rollout,
      isEnabled: fc.boolean(),
      exptIncludeAllTargets: fc.boolean(),
      others: fc.constantFrom([], ['x']),
      usersPerDay: fc.constantFrom(undefined, 0, 5, 1e9),
      covariateDays: fc.constantFrom(null, 1, 28),
    });
    const property = fc.property(situation, ({ rules, others, usersPerDay, covariateDays, ...flag }) => {
      const checks = checksOf({
        ...aSituation({ flag: aServedFlag({ ...flag, rules: rules.map((one) => aRule(one)) }), others, usersPerDay }),
        settings: someSettings({ covariateDays }),
      });
      const codes = checks.map(({ code }) => code);
      expect(new Set(codes).size).toBe(codes.length);
      for (const { message, level, isAdjustable } of checks) {
        expect(message).toMatch(/^[A-Z0-9].*[.?]$/);
        expect(message).not.toMatch(/undefined|NaN|null|Infinity|\[object/);
        if (isAdjustable) expect(level).toBe('error');
      }
    });
    await check(property, 300);
  });
});
