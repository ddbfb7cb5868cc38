import type { FlagDocument } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { type CheckCode, checksOf, type Situation } from '../../src/experiments/checks.js';
import { changedParts, flagFingerprints, isUnsound, segmentFingerprint } from '../../src/experiments/fingerprints.js';
import { serveToAll } from '../../src/experiments/flag-edits.js';
import { expectedShares, feedsOf, lettingIn } from '../../src/experiments/flag-shares.js';
import { aMetric, SOMEBODY } from '../support/experiments.js';

type Rollout = FlagDocument['fallthrough'];

const slice = (id: string, low: number, high: number, exptRollout = 1) =>
  ({ id, rollout: [low, high], exptRollout }) as const;
const rollout = (
  variations: Rollout['variations'],
  includedInExpt = true,
  dispatchKey: string | null = null,
): Rollout => ({
  dispatchKey,
  includedInExpt,
  variations,
});
const HALVES = [slice('off', 0, 0.5), slice('on', 0.5, 1)];

function aFlag(overrides: Partial<FlagDocument> = {}): FlagDocument {
  return {
    key: 'checkout',
    updatedAt: '2025-01-01T00:00:00.000Z',
    isArchived: false,
    isEnabled: true,
    variationType: 'boolean',
    variations: [
      { id: 'off', value: 'false' },
      { id: 'on', value: 'true' },
    ],
    targetUsers: [],
    rules: [],
    fallthrough: rollout(HALVES),
    disabledVariationId: 'off',
    exptIncludeAllTargets: false,
    ...overrides,
  };
}

const rule = (part: Rollout, name = 'Germans') => ({ ...part, conditions: [], name });

function situation(overrides: Partial<Situation> = {}): Situation {
  return {
    settings: {
      name: 'e',
      hypothesis: '',
      flagKey: 'checkout',
      control: 'off',
      treatments: ['on'],
      metrics: [{ key: 'purchases', role: 'goal', margin: null, plannedEffect: null }],
      method: 'always-valid',
      alpha: 0.05,
      power: 0.8,
      plannedUsers: 10_000,
      excludedSegment: null,
    },
    flag: aFlag(),
    metrics: [aMetric()],
    seen: new Map([['purchase', 5]]),
    hasExcludedSegment: true,
    others: [],
    usersPerDay: 1_000,
    ...overrides,
  };
}

const withSettings = (settings: Partial<Situation['settings']>) =>
  situation({ settings: { ...situation().settings, ...settings } });

describe('before a start', () => {
  it('everything is said to be right when it is', () => {
    const checks = checksOf(situation());
    expect(checks.map(({ code, level }) => [code, level])).toEqual([
      ['not-served', 'ok'],
      ['metric-unseen', 'ok'],
      ['planned-size', 'ok'],
    ]);
    expect(checks.at(-1)?.message).toBe(
      '10,000 users in all are planned; 1,000 a day entered it before: that takes 10 days.',
    );
  });

  it.each<[string, Situation, CheckCode, 'error' | 'warning']>([
    ['there is no flag', situation({ flag: undefined }), 'flag-missing', 'error'],
    ['the flag is archived', situation({ flag: aFlag({ isArchived: true }) }), 'flag-archived', 'error'],
    ['the flag is off', situation({ flag: aFlag({ isEnabled: false }) }), 'flag-off', 'warning'],
    [
      'one variation is served',
      situation({ flag: aFlag({ fallthrough: rollout([slice('on', 0, 1)]) }) }),
      'not-served',
      'error',
    ],
    [
      'a variation has a share of nothing',
      situation({ flag: aFlag({ fallthrough: rollout([slice('off', 0, 0), slice('on', 0, 1)]) }) }),
      'not-served',
      'error',
    ],
    ['nobody is let in', situation({ flag: aFlag({ fallthrough: rollout(HALVES, false) }) }), 'not-let-in', 'error'],
    [
      'nobody is let in by the shares',
      situation({ flag: aFlag({ fallthrough: rollout([slice('off', 0, 0.5, 0), slice('on', 0.5, 1, 0)]) }) }),
      'not-let-in',
      'error',
    ],
    [
      'a rule lets in users who all get the same',
      situation({ flag: aFlag({ exptIncludeAllTargets: true, rules: [rule(rollout([slice('on', 0, 1)], false))] }) }),
      'not-by-chance',
      'error',
    ],
    [
      'one variation lets its users in and the other does not',
      situation({ flag: aFlag({ fallthrough: rollout([slice('off', 0, 0.5, 0), slice('on', 0.5, 1)]) }) }),
      'not-let-in',
      'error',
    ],
    [
      'rules have different shares',
      situation({ flag: aFlag({ rules: [rule(rollout([slice('off', 0, 0.9), slice('on', 0.9, 1)]))] }) }),
      'shares-differ',
      'warning',
    ],
    [
      'users are divided by what several share',
      situation({ flag: aFlag({ fallthrough: rollout(HALVES, true, 'company') }) }),
      'divided-by-attribute',
      'warning',
    ],
    [
      'users are given a variation by name',
      situation({ flag: aFlag({ targetUsers: [{ keyIds: ['a', 'b', 'a'], variationId: 'on' }] }) }),
      'targets',
      'warning',
    ],
    [
      'the segment is not there',
      { ...withSettings({ excludedSegment: 'bots' }), hasExcludedSegment: false },
      'segment-missing',
      'error',
    ],
    ['there is no goal', withSettings({ metrics: [] }), 'no-goal', 'error'],
    ['a metric is not defined', situation({ metrics: [] }), 'metric-missing', 'error'],
    ['no event has come', situation({ seen: new Map() }), 'metric-unseen', 'warning'],
    ['another one runs on the flag', situation({ others: ['x'] }), 'other-experiment', 'warning'],
    ['nothing is known of the traffic', situation({ usersPerDay: undefined }), 'traffic-unknown', 'warning'],
    ['it takes too long', situation({ usersPerDay: 10 }), 'planned-size', 'warning'],
  ])('%s: it is said', (_, of, code, level) => {
    const found = checksOf(of).find((check) => check.code === code && check.level !== 'ok');
    expect(found).toMatchObject({ level, message: expect.stringMatching(/^[A-Z0-9].{20,}[.?]$/s) });
  });
});

describe('who is let into an experiment', () => {
  it.each<[string, Partial<FlagDocument>, readonly number[] | null]>([
    ['halves', {}, [0.5, 0.5]],
    ['unequal shares', { fallthrough: rollout([slice('off', 0, 0.9), slice('on', 0.9, 1)]) }, [0.9, 0.1]],
    [
      'a part of each share',
      { fallthrough: rollout([slice('off', 0, 0.8, 0.1), slice('on', 0.8, 1, 0.1)]) },
      [0.5, 0.5],
    ],
    [
      'several slices of one',
      { fallthrough: rollout([slice('off', 0, 0.2), slice('on', 0.2, 0.6), slice('off', 0.6, 1)]) },
      [0.6, 0.4],
    ],
    [
      'everybody, whatever the shares say',
      { exptIncludeAllTargets: true, fallthrough: rollout(HALVES, false) },
      [0.5, 0.5],
    ],
    ['rules with the same shares', { rules: [rule(rollout([slice('on', 0, 0.5), slice('off', 0.5, 1)]))] }, [0.5, 0.5]],
    ['rules with other shares', { rules: [rule(rollout([slice('on', 0, 0.4), slice('off', 0.4, 1)]))] }, null],
    [
      'rules that let nobody in',
      { rules: [rule(rollout([slice('on', 0, 0.4), slice('off', 0.4, 1)], false))] },
      [0.5, 0.5],
    ],
    ['nobody', { fallthrough: rollout(HALVES, false) }, null],
  ])('%s', (_, change, shares) => {
    const found = expectedShares(feedsOf(aFlag(change)), ['off', 'on']);
    expect(found?.map((share) => Number(share.toFixed(9))) ?? null).toEqual(shares);
  });

  it.each<[string, Partial<FlagDocument>]>([
    ['nobody is let in', { fallthrough: rollout(HALVES, false) }],
    ['all are, chance or not', { exptIncludeAllTargets: true, rules: [rule(rollout([slice('on', 0, 1)]))] }],
    ['one share is closed', { fallthrough: rollout([slice('off', 0, 0.5, 0), slice('on', 0.5, 1)]) }],
  ])('can be set right when %s', (_, change) => {
    const flag = aFlag(change);
    const checks = checksOf(situation({ flag: { ...flag, ...lettingIn(flag, ['off', 'on']) } }));
    expect(checks.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is left as somebody has set it', () => {
    const flag = aFlag({ fallthrough: rollout([slice('off', 0, 0.5, 0.1), slice('on', 0.5, 1, 0.1)]) });
    expect(lettingIn(flag, ['off', 'on']).fallthrough).toEqual(flag.fallthrough);
  });
});

describe('at the end', () => {
  const decided = (change: Partial<FlagDocument>, variation = 'on') => {
    const edit = serveToAll(
      { environment: { id: 'e', key: 'dev' }, key: 'checkout', by: SOMEBODY },
      ['off', 'on'],
      variation,
    );
    if (edit.creates) throw new Error('a flag is changed, not made');
    const outcome = edit.change({ ...aFlag(change), name: 'x', tags: [] });
    if (outcome === 'unchanged' || !outcome.ok) throw new Error(JSON.stringify(outcome));
    return outcome.document as unknown as FlagDocument;
  };

  it('the winner is served to all for whom chance has decided', () => {
    const { fallthrough } = decided({});
    expect(fallthrough).toMatchObject({ includedInExpt: false, variations: [{ id: 'on', rollout: [0, 1] }] });
  });

  it('rules that serve one variation, and variations that were not compared, stay as they are', () => {
    const variations = [...aFlag().variations, { id: 'x', value: 'true' }];
    const { rules, fallthrough } = decided({
      variations,
      rules: [rule(rollout([slice('off', 0, 1)], false))],
      fallthrough: rollout([slice('x', 0, 0.4), slice('off', 0.4, 0.7), slice('on', 0.7, 1)]),
    });
    expect(rules[0]?.variations).toMatchObject([{ id: 'off', rollout: [0, 1] }]);
    expect(fallthrough.variations).toMatchObject([
      { id: 'x', rollout: [0, 0.4] },
      { id: 'on', rollout: [0.4, 0.7] },
      { id: 'on', rollout: [0.7, 1] },
    ]);
  });
});

describe('a change of a flag', () => {
  it.each<[Partial<FlagDocument>, readonly string[], boolean]>([
    [{ updatedAt: '2026-01-01T00:00:00.000Z' }, [], false],
    [{ isEnabled: false }, ['switch'], false],
    [{ fallthrough: rollout([slice('off', 0, 0.4), slice('on', 0.4, 1)]) }, ['default rule'], true],
    [{ fallthrough: rollout(HALVES, false) }, ['default rule'], true],
    [{ fallthrough: rollout(HALVES, true, 'company') }, ['default rule'], true],
    [{ rules: [rule(rollout(HALVES))] }, ['rules'], true],
    [{ targetUsers: [{ keyIds: ['a'], variationId: 'on' }] }, ['targets'], true],
    [{ exptIncludeAllTargets: true }, ['who is let in'], true],
    [
      {
        variations: [
          { id: 'off', value: 'false' },
          { id: 'on', value: 'TRUE' },
        ],
      },
      ['variations'],
      true,
    ],
  ])('%j is one of %j, unsound: %s', (change, what, unsound) => {
    const found = changedParts(flagFingerprints(aFlag()), flagFingerprints(aFlag(change)));
    expect(found).toEqual(what);
    expect(isUnsound(found)).toBe(unsound);
  });

  it('of a rule’s name is none, nor is one of a flag’s name', () => {
    const named = (name: string) => flagFingerprints(aFlag({ rules: [rule(rollout(HALVES), name)] }));
    expect(changedParts(named('a'), named('b'))).toEqual([]);
  });

  it('of a segment is seen by who is in it', () => {
    const of = (segment: object) => segmentFingerprint('beta', JSON.stringify({ included: ['a'], ...segment }));
    expect(of({})[0]).toBe('segment beta');
    expect(of({ name: 'x', updatedAt: 'y' })).toEqual(of({}));
    expect(of({ included: ['a', 'b'] })[1]).not.toBe(of({})[1]);
    expect(of({ excluded: ['a'] })[1]).not.toBe(of({})[1]);
  });
});
