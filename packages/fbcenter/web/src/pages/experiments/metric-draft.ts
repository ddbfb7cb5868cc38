import type { MetricType } from '../../../../src/model/experiment.js';
import { keyFromName } from '../../model/shapes.js';

/** A metric that is being defined, as the fields have it. */
export interface MetricDraft {
  readonly name: string;
  readonly event: string;
  readonly type: MetricType;
  readonly lowerIsBetter: boolean;
  readonly cap: string;
  readonly windowHours: string;
  /** Of a retention. */
  readonly delayDays: string;
  /** Of a ratio: what is made of the events of the numerator. */
  readonly aggregation: 'sum' | 'count';
  /** Of a ratio: the events that it is divided by, and what is made of them. */
  readonly divisor: string;
  readonly divisorAggregation: 'sum' | 'count';
}

export function emptyMetric(event: string): MetricDraft {
  return {
    ...{ name: '', event, type: 'conversion', lowerIsBetter: false, cap: '', windowHours: '', delayDays: '1' },
    ...{ aggregation: 'sum', divisor: '', divisorAggregation: 'count' },
  };
}

/** Which of a metric's fields are asked for. */
export function asksFor({ type }: MetricDraft): {
  readonly cap: boolean;
  readonly delay: boolean;
  readonly ratio: boolean;
} {
  return { cap: type !== 'conversion' && type !== 'retention', delay: type === 'retention', ratio: type === 'ratio' };
}

/** The metric as the API takes it, or what is wrong with the fields, as a sentence. */
export function metricOf(
  draft: MetricDraft,
  taken: readonly string[],
): { readonly key: string; readonly metric: object } | { readonly problem: string } {
  const { name, event, type, lowerIsBetter } = draft;
  const asked = asksFor(draft);
  const key = keyFromName(name);
  if (key === '') return { problem: 'Give the metric a name.' };
  if (taken.includes(key)) return { problem: `There is a metric with the key ${key} already: choose another name.` };
  if (event.trim() === '') return { problem: 'Say which events count.' };
  if (asked.ratio && draft.divisor.trim() === '') return { problem: 'Say which events it is divided by.' };
  const amounts = {
    ...(asked.cap ? { cap: amountIn(draft.cap) } : {}),
    ...(asked.delay ? { delayDays: amountIn(draft.delayDays) } : {}),
    windowHours: amountIn(draft.windowHours),
  };
  if (Object.values(amounts).some(Number.isNaN))
    return { problem: 'Write amounts, hours and days as numbers: 24 or 2.5.' };
  const denominator = { event: draft.divisor, aggregation: draft.divisorAggregation };
  const parts = asked.ratio ? { aggregation: draft.aggregation, denominator } : {};
  return { key, metric: { name, type, event, lowerIsBetter, ...parts, ...amounts } };
}

/** A number as people write it, `2,5` as `2.5`; null for nothing, NaN for what is no number. */
export function amountIn(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  return plain === '' ? null : Number(plain);
}
