import type { Measure } from '../../model/experiment.js';
import type { Counting } from './counting.js';

/** In the place of a variation: the user is left out. */
export const SEVERAL = -1;
export const TARGETED = -2;
export const IN_EXCLUDED_SEGMENT = -3;

/** What is kept of a user in an iteration. */
export interface Participant {
  /** The place of the variation in the plan, or why the user is left out. */
  readonly variation: number;
  /** The time of the first exposure. */
  readonly firstAt: number;
  /** One for each measure, without its cap; none for who is left out. */
  readonly totals: readonly number[];
}

export interface Exposure {
  /** A place in the plan, or {@link TARGETED} or {@link IN_EXCLUDED_SEGMENT}. */
  readonly variation: number;
  readonly at: number;
}

/** An event of a metric as it is kept. */
export interface LoggedEvent {
  readonly at: number;
  readonly value: number;
}

/** The user's events of a name with from ≤ time < until. */
export type ReadLog = (event: string, from: number, until: number) => readonly LoggedEvent[];

/**
 * A user after an exposure. The first exposure decides, in the order of time and not of arrival; a second variation takes the
 * user out, with everything.
 *
 * @returns `before` when nothing changes.
 */
export function exposed(
  counting: Counting,
  before: Participant | undefined,
  { variation, at }: Exposure,
  log: ReadLog,
): Participant {
  if (before === undefined) return enter(counting, variation, at, log);
  const { firstAt } = before;
  if (before.variation <= TARGETED) return before;
  if (variation < 0) return { variation, firstAt: Math.min(firstAt, at), totals: [] };
  if (before.variation === SEVERAL) return before;
  if (before.variation !== variation) return { variation: SEVERAL, firstAt: Math.min(firstAt, at), totals: [] };
  return at < firstAt ? enter(counting, variation, at, log) : before;
}

function enter(counting: Counting, variation: number, firstAt: number, log: ReadLog): Participant {
  return { variation, firstAt, totals: variation < 0 ? [] : totalsOf(counting, firstAt, log) };
}

/** The totals of a user who was first exposed at a time, from everything that is known of that user. */
export function totalsOf(counting: Counting, firstAt: number, log: ReadLog): readonly number[] {
  // Several metrics count the same events, which are read once.
  const read = new Map<string, readonly LoggedEvent[]>();
  const lookBack = counting.start - counting.since;
  return counting.measures.map((measure) => {
    const { event } = measure;
    const until = endOf(counting, measure, firstAt);
    const events = read.get(event) ?? log(event, firstAt - lookBack, counting.end ?? Number.POSITIVE_INFINITY);
    read.set(event, events);
    let total = 0;
    for (const { at, value } of events) {
      if (at >= firstAt + measure.from && at < until) total = added(measure, total, value);
    }
    return total;
  });
}

/**
 * A user after an event of a metric.
 *
 * @returns `before` when it does not count.
 */
export function measured(
  counting: Counting,
  before: Participant,
  { event, at, value }: LoggedEvent & { readonly event: string },
): Participant {
  if (before.variation < 0) return before;
  const { firstAt } = before;
  let totals: number[] | undefined;
  for (let index = 0; index < counting.measures.length; index++) {
    const measure = counting.measures[index];
    if (measure?.event !== event || at < firstAt + measure.from || at >= endOf(counting, measure, firstAt)) continue;
    totals ??= [...before.totals];
    totals[index] = added(measure, totals[index] ?? 0, value);
  }
  return totals === undefined ? before : { ...before, totals };
}

function endOf({ end }: Counting, { until }: Measure, firstAt: number): number {
  return Math.min(end ?? Number.POSITIVE_INFINITY, until === null ? Number.POSITIVE_INFINITY : firstAt + until);
}

function added({ aggregation }: Measure, total: number, value: number): number {
  if (aggregation === 'conversion') return 1;
  return total + (aggregation === 'count' ? 1 : value);
}
