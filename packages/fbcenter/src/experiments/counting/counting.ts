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
  /** Where the totals of each metric are in a user's list of totals. */
  readonly metrics: readonly { readonly value: number; readonly denominator: number | undefined }[];
  /** One for each total. */
  readonly measures: readonly Measure[];
}

/** What may be given to {@link countingOf}: an iteration, or as much of one. */
export type Counted = Pick<Iteration, 'start' | 'end' | 'pauses'> & {
  readonly plan: {
    readonly variations: readonly { readonly id: string }[];
    readonly metrics: readonly { readonly definition: MetricDefinition }[];
  };
};

export function countingOf({ start, end, pauses, plan }: Counted): Counting {
  const measures: Measure[] = [];
  const metrics = plan.metrics.map(({ definition }) => {
    const [value, denominator] = measuresOf(definition);
    const at = measures.push(value) - 1;
    return { value: at, denominator: denominator && measures.push(denominator) - 1 };
  });
  return { variations: plan.variations.map(({ id }) => id), start, end, pauses, metrics, measures };
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
