import {
  type AnalysisInput,
  analyze,
  type EventSums,
  type ExposureEvent,
  type MetricEvent,
  sumEvents,
} from 'fbcenter/statistics';

export const VARIATIONS = ['off', 'on'] as const;

export const METRICS = [
  { key: 'purchases', event: 'purchase', type: 'conversion', aggregation: 'conversion' },
  { key: 'orders', event: 'purchase', type: 'count', aggregation: 'count', cap: 5 },
  { key: 'revenue', event: 'purchase', type: 'sum', aggregation: 'sum', cap: 400 },
  { key: 'clicks', event: 'click', type: 'count', aggregation: 'count' },
] as const;

export const PLANNED_USERS = 8_000;

/** What the results of an experiment have to be, computed from all that was acknowledged at once. */
export function expectedResults(bodies: readonly string[], start: number, end: number) {
  const sums = sumEvents({
    experiment: {
      variations: VARIATIONS,
      start,
      end,
      metrics: METRICS.map(({ key, event, aggregation, ...rest }) => ({
        key,
        event,
        aggregation,
        cap: 'cap' in rest ? rest.cap : undefined,
      })),
    },
    batches: bodies.map((body) => eventsIn(JSON.parse(body))),
  });
  return { sums, analysis: analyze(inputOf(sums)) };
}

interface Item {
  readonly user: { readonly keyId: string };
  readonly variations?: readonly {
    readonly featureFlagKey: string;
    readonly variation: { readonly id: string };
    readonly timestamp: number;
    readonly sendToExperiment: boolean;
  }[];
  readonly metrics?: readonly {
    readonly eventName: string;
    readonly numericValue: number;
    readonly timestamp: number;
  }[];
}

function eventsIn(items: readonly Item[]): readonly (ExposureEvent | MetricEvent)[] {
  return items.flatMap(({ user: { keyId: user }, variations = [], metrics = [] }) => [
    ...variations
      .filter(({ featureFlagKey }) => featureFlagKey === 'checkout')
      .map(
        ({ variation, timestamp, sendToExperiment }): ExposureEvent => ({
          ...{ type: 'exposure', user, variation: variation.id, at: timestamp, inExperiment: sendToExperiment },
        }),
      ),
    ...metrics.map(
      ({ eventName, numericValue, timestamp }): MetricEvent => ({
        ...{ type: 'metric', user, event: eventName, value: numericValue, at: timestamp },
      }),
    ),
  ]);
}

function inputOf({ variations }: EventSums): AnalysisInput {
  return {
    control: VARIATIONS[0],
    variations: VARIATIONS.map((key) => ({ key, users: variations[key]?.users ?? 0, weight: 0.5 })),
    metrics: METRICS.map(({ key }, index) => ({
      key,
      role: index === 0 ? 'goal' : 'secondary',
      sums: Object.fromEntries(
        VARIATIONS.map((id) => [id, variations[id]?.metrics[key] ?? { n: 0, sum: 0, sumSquares: 0, nonzero: 0 }]),
      ),
    })),
    plannedUsers: PLANNED_USERS,
  };
}

/** As far as two numbers may be apart, relative to them. */
const TOLERANCE = 1e-9;

/** Where two values differ, each as a sentence. Numbers may differ by rounding. */
export function differences(actual: unknown, expected: unknown, path = ''): readonly string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const scale = Math.max(1, Math.abs(expected));
    return Math.abs(actual - expected) <= TOLERANCE * scale ? [] : [`${path}: ${actual}, expected ${expected}`];
  }
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return actual === expected ? [] : [`${path}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];
  }
  const [left, right] = [actual as Record<string, unknown>, expected as Record<string, unknown>];
  return Object.keys(right).flatMap((name) =>
    differences(left[name], right[name], path === '' ? name : `${path}.${name}`),
  );
}
