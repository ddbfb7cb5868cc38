import { GREATEST, InputCheck } from './input.js';
import type { Sums } from './sums.js';

export interface ExposureEvent {
  readonly type: 'exposure';
  readonly user: string;
  readonly variation: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether the SDK lets this evaluation count (`sendToExperiment`). */
  readonly inExperiment: boolean;
}

export interface MetricEvent {
  readonly type: 'metric';
  readonly user: string;
  readonly event: string;
  /** @default 1, as SDKs send it */
  readonly value?: number | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface MetricDefinition {
  readonly key: string;
  /** The name of the events that count. */
  readonly event: string;
  /** 1 for at least one event; the number of events; the sum of their values. */
  readonly aggregation: 'conversion' | 'count' | 'sum';
  /** How long after the first exposure events count, in milliseconds. @default to the end of the experiment */
  readonly window?: number | null | undefined;
  /** The greatest value of one user; fixed before the start. @default none */
  readonly cap?: number | null | undefined;
}

export interface ExperimentDefinition {
  /** The compared ones. */
  readonly variations: readonly string[];
  /** Milliseconds since 1970, included. */
  readonly start: number;
  /** Milliseconds since 1970, excluded; null or absent while it runs. */
  readonly end?: number | null | undefined;
  readonly metrics: readonly MetricDefinition[];
}

export interface EventSums {
  readonly variations: Readonly<
    Record<
      string,
      {
        readonly users: number;
        /** `nonzero`: users whose value is not 0. */
        readonly metrics: Readonly<Record<string, Sums & { readonly nonzero: number }>>;
      }
    >
  >;
  /** Users who were seen with more than one variation; they are left out with everything. */
  readonly usersWithSeveralVariations: number;
}

/**
 * What an experiment counts, computed from all of its events at once: users from their first exposure on, each in one
 * variation, each batch once although it was delivered twice. Only which events there are decides, not the order in which
 * they come.
 *
 * @throws InvalidInputError
 */
export function sumEvents(input: {
  readonly experiment: ExperimentDefinition;
  /** In the order of arrival. One that equals an earlier one is a second delivery. */
  readonly batches: readonly (readonly (ExposureEvent | MetricEvent)[])[];
}): EventSums {
  const { experiment } = input;
  new InputCheck().object('experiment', experiment).done();
  checkDefinition(experiment);
  const { variations, metrics } = experiment;
  const events = withoutReplays(input.batches);
  const users = firstExposures(experiment, events);
  const values = metrics.map((metric) => valuesOf(metric, experiment, users, events));
  return {
    variations: Object.fromEntries(
      variations.map((variation) => {
        const members = [...users].flatMap(([user, seen]) => (seen.variation === variation ? [user] : []));
        const sums = metrics.map(({ key }, index) => [key, sumUp(members, values[index] ?? new Map())] as const);
        return [variation, { users: members.length, metrics: Object.fromEntries(sums) }];
      }),
    ),
    usersWithSeveralVariations: [...users.values()].filter(({ variation }) => variation === undefined).length,
  };
}

const AGGREGATIONS: readonly MetricDefinition['aggregation'][] = ['conversion', 'count', 'sum'];

function checkDefinition({ variations, start, end, metrics }: ExperimentDefinition): void {
  const check = new InputCheck().objects('experiment.metrics', metrics, 0);
  check.list('experiment.variations', variations, 1).number('experiment.start', start);
  check.within('experiment.end', end ?? start, start, GREATEST, 'must be null, or not before the start');
  for (const [index, { aggregation, window, cap }] of metrics.entries()) {
    const at = `experiment.metrics[${index}]`;
    check
      .that(AGGREGATIONS.includes(aggregation), `${at}.aggregation`, `must be one of ${AGGREGATIONS.join(', ')}`)
      .notNegative(`${at}.window`, window ?? 0)
      .number(`${at}.cap`, cap ?? 0);
  }
  check.done();
}

type Events = readonly (ExposureEvent | MetricEvent)[];

function withoutReplays(batches: readonly Events[]): Events {
  const check = new InputCheck().list('batches', batches, 0);
  check.done();
  const seen = new Map<string, Events>();
  for (const [index, batch] of batches.entries()) {
    check.objects(`batches[${index}]`, batch, 0);
    for (const [place, event] of batch.entries()) {
      const at = `batches[${index}][${place}]`;
      check.that(event.type === 'exposure' || event.type === 'metric', `${at}.type`, 'must be exposure or metric');
      check.number(`${at}.at`, event.at);
      if (event.type === 'metric') check.number(`${at}.value`, event.value ?? 1);
    }
    seen.set(JSON.stringify(batch), batch);
  }
  check.done();
  return [...seen.values()].flat();
}

interface Seen {
  /** undefined for one who was seen with several. */
  readonly variation: string | undefined;
  /** Of the first exposure. */
  readonly at: number;
}

function firstExposures({ variations, start, end }: ExperimentDefinition, events: Events): ReadonlyMap<string, Seen> {
  const compared = new Set(variations);
  const users = new Map<string, Seen>();
  for (const event of events) {
    if (event.type !== 'exposure' || !event.inExperiment || !compared.has(event.variation)) continue;
    if (event.at < start || event.at >= (end ?? Number.POSITIVE_INFINITY)) continue;
    const { variation, at } = users.get(event.user) ?? event;
    users.set(event.user, {
      variation: variation === event.variation ? variation : undefined,
      at: Math.min(at, event.at),
    });
  }
  return users;
}

/** What each user did of a metric; those who did nothing are not in it. */
function valuesOf(
  { event: name, aggregation, window, cap }: MetricDefinition,
  { end }: ExperimentDefinition,
  users: ReadonlyMap<string, Seen>,
  events: Events,
): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'metric' || event.event !== name) continue;
    const first = users.get(event.user)?.at ?? Number.POSITIVE_INFINITY;
    const until = Math.min(end ?? Number.POSITIVE_INFINITY, first + (window ?? Number.POSITIVE_INFINITY));
    if (event.at < first || event.at >= until) continue;
    const before = totals.get(event.user) ?? 0;
    totals.set(
      event.user,
      aggregation === 'conversion' ? 1 : before + (aggregation === 'count' ? 1 : (event.value ?? 1)),
    );
  }
  return new Map([...totals].map(([user, total]) => [user, Math.min(cap ?? Number.POSITIVE_INFINITY, total)]));
}

function sumUp(members: readonly string[], values: ReadonlyMap<string, number>): Sums & { readonly nonzero: number } {
  let [sum, sumSquares, nonzero] = [0, 0, 0];
  for (const user of members) {
    const value = values.get(user) ?? 0;
    sum += value;
    sumSquares += value * value;
    if (value !== 0) nonzero++;
  }
  return { n: members.length, sum, sumSquares, nonzero };
}
