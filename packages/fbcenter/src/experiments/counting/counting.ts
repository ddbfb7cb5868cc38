import type { Iteration, Measure, MetricDefinition, Pause } from '../../model/experiment.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What an iteration counts of its events, in the form that is asked for each of them. */
export interface Counting {
  /** The ids of the compared variations; a user's variation is a place in this list. */
  readonly variations: readonly string[];
  readonly start: number;
  readonly end: number | null;
  readonly pauses: readonly Pause[];
  /**
   * Where the totals of each metric are in a user's list of totals: its value, and what belongs to it, which is the denominator of a
   * ratio, or what the user did before when that is subtracted.
   */
  readonly metrics: readonly { readonly value: number; readonly other: number | undefined }[];
  /** One for each total. */
  readonly measures: readonly Measure[];
  /** From when on events of metrics are of interest: the start, or as long before as users' values are looked back to. */
  readonly since: number;
}

/** What may be given to {@link countingOf}: an iteration, or as much of one. */
export type Counted = Pick<Iteration, 'start' | 'end' | 'pauses'> & {
  readonly plan: {
    readonly variations: readonly { readonly id: string }[];
    readonly covariateDays?: number | null;
    readonly metrics: readonly { readonly definition: MetricDefinition }[];
  };
};

/** Nothing of an iteration changes: one that has changed is another object. */
const known = new WeakMap<Counted, Counting>();

export function countingOf(counted: Counted): Counting {
  const found = known.get(counted);
  if (found !== undefined) return found;
  const made = make(counted);
  known.set(counted, made);
  return made;
}

function make({ start, end, pauses, plan }: Counted): Counting {
  const measures: Measure[] = [];
  const metrics = plan.metrics.map(({ definition }) => {
    const [value, denominator] = measuresOf(definition);
    const other = denominator ?? covariateOf(value, plan.covariateDays ?? null);
    const at = measures.push(value) - 1;
    return { value: at, other: other && measures.push(other) - 1 };
  });
  const since = start + Math.min(0, ...measures.map(({ from }) => from));
  return { variations: plan.variations.map(({ id }) => id), start, end, pauses, metrics, measures, since };
}

/** The same of the days before the exposure. Ratios have none: they have a denominator. */
function covariateOf(value: Measure, days: number | null): Measure | undefined {
  return days === null ? undefined : { ...value, from: -days * DAY, until: 0 };
}

/** What is added up for a metric: its value and, of a ratio, what it is divided by. */
export function measuresOf(metric: MetricDefinition): readonly [value: Measure, denominator?: Measure] {
  const { type, event, aggregation, denominator, cap, windowHours, delayDays } = metric;
  const from = type === 'retention' ? (delayDays ?? 0) * DAY : 0;
  const until = windowHours === null ? null : from + windowHours * HOUR;
  const window = { from, until };
  switch (type) {
    case 'conversion':
    case 'retention':
      return [{ event, aggregation: 'conversion', ...window, cap: null }];
    case 'count':
    case 'sum':
      return [{ event, aggregation: type, ...window, cap }];
    case 'ratio': {
      const value: Measure = { event, aggregation: aggregation ?? 'sum', ...window, cap };
      return denominator === null ? [value] : [value, { ...denominator, ...window, cap: null }];
    }
  }
}

/** Whether an exposure at a time lets its user in. */
export function isOpenAt({ start, end, pauses }: Pick<Counting, 'start' | 'end' | 'pauses'>, at: number): boolean {
  if (at < start || at >= (end ?? Number.POSITIVE_INFINITY)) return false;
  return !pauses.some(({ from, to }) => at >= from && at < (to ?? Number.POSITIVE_INFINITY));
}
