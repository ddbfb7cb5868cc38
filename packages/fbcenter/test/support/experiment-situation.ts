import type { FlagDocument } from 'fbclient/core';
import type { Situation } from '../../src/experiments/checks.js';
import type { ExperimentSettings } from '../../src/model/experiment.js';
import { aMetric } from './experiments.js';

type Rollout = FlagDocument['fallthrough'];

export const slice = (id: string, low: number, high: number, exptRollout = 1) =>
  ({ id, rollout: [low, high], exptRollout }) as const;

export const HALVES = [slice('off', 0, 0.5), slice('on', 0.5, 1)];

export function aRollout(
  variations: Rollout['variations'] = HALVES,
  includedInExpt = true,
  dispatchKey: string | null = null,
): Rollout {
  return { dispatchKey, includedInExpt, variations };
}

export const aRule = (rollout: Rollout, name = 'Germans') => ({ ...rollout, conditions: [], name });

/** A flag that serves two variations by halves, and lets everybody into an experiment. */
export function aServedFlag(overrides: Partial<FlagDocument> = {}): FlagDocument {
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
    fallthrough: aRollout(),
    disabledVariationId: 'off',
    exptIncludeAllTargets: false,
    ...overrides,
  };
}

export function someSettings(overrides: Partial<ExperimentSettings> = {}): ExperimentSettings {
  return {
    name: 'Bigger button',
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
    covariateDays: null,
    ...overrides,
  };
}

/** A situation in which nothing speaks against a start. */
export function aSituation(overrides: Partial<Situation> = {}): Situation {
  return {
    settings: someSettings(),
    flag: aServedFlag(),
    metrics: [aMetric()],
    seen: new Map([['purchase', 5]]),
    hasExcludedSegment: true,
    others: [],
    usersPerDay: 1_000,
    ...overrides,
  };
}
