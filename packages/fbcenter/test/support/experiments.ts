import type { Actor } from '../../src/model/actor.js';
import type { Iteration, MetricDefinition, MetricRole, Plan } from '../../src/model/experiment.js';

export const SOMEBODY: Actor = { kind: 'user', id: 'u1', name: 'Ada' };

/** A metric; a conversion unless it is said what it is. */
export function aMetric(overrides: Partial<MetricDefinition> = {}): MetricDefinition {
  return {
    key: 'purchases',
    name: 'Purchases',
    type: 'conversion',
    event: 'purchase',
    aggregation: null,
    denominator: null,
    lowerIsBetter: false,
    cap: null,
    windowHours: null,
    delayDays: null,
    ...overrides,
  };
}

export function aPlan(metrics: readonly MetricDefinition[] = [aMetric()], overrides: Partial<Plan> = {}): Plan {
  return {
    flagKey: 'checkout',
    flagVersion: 1,
    variations: [
      { id: 'off', value: 'false', weight: 1 },
      { id: 'on', value: 'true', weight: 1 },
    ],
    metrics: metrics.map((definition, index) => ({
      key: definition.key,
      role: (index === 0 ? 'goal' : 'secondary') satisfies MetricRole,
      margin: null,
      plannedEffect: null,
      definition,
    })),
    method: 'always-valid',
    alpha: 0.05,
    power: 0.8,
    plannedUsers: 10_000,
    excludedSegment: null,
    fingerprints: {},
    ...overrides,
  };
}

/** An iteration as one begins it. */
export function anIteration(start: number, plan: Plan = aPlan()): Omit<Iteration, 'id' | 'number'> {
  return {
    experimentKey: 'bigger-button',
    plan,
    start,
    end: null,
    pauses: [],
    marks: [],
    startedBy: SOMEBODY,
    stoppedBy: null,
    isFrozen: false,
  };
}

/** The nine numbers of a metric's sums, from the values that users have (and what these are divided by). */
export function sumsOfUsers(values: readonly (readonly [value: number, denominator?: number])[]) {
  const sum = (of: (value: number, denominator: number) => number) =>
    values.reduce((total, [value, denominator = 0]) => total + of(value, denominator), 0);
  return {
    nonzero: values.filter(([value]) => value !== 0).length,
    sum: sum((value) => value),
    sumSquares: sum((value) => value * value),
    denominatorSum: sum((_, denominator) => denominator),
    denominatorSumSquares: sum((_, denominator) => denominator * denominator),
    sumProducts: sum((value, denominator) => value * denominator),
  };
}
