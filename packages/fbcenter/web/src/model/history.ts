import type { EvaluationsBody } from '../../../src/api/usage.js';

/** Evaluations over time, ready to be drawn. */
export interface History {
  /** When each bucket begins, in milliseconds. */
  readonly times: readonly number[];
  readonly variations: readonly { readonly id: string; readonly counts: readonly number[]; readonly total: number }[];
  /** All variations together. */
  readonly totals: readonly number[];
  readonly total: number;
  readonly max: number;
}

/** How many of the latest buckets are drawn: what fits a screen. */
const SHOWN: Readonly<Record<EvaluationsBody['bucket'], number>> = { minute: 120, hour: 168, day: 90 };

/** @param order variations of the flag; others that were served come after them. */
export function historyOf({ bucket, from, length, variations }: EvaluationsBody, order: readonly string[]): History {
  const size = variations[0]?.counts.length ?? 0;
  const skipped = Math.max(0, size - SHOWN[bucket]);
  const start = Date.parse(from) + skipped * length;
  const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
  const shown = variations
    .map(({ id, counts }) => ({ id, counts: counts.slice(skipped) }))
    .map((one) => ({ ...one, total: sum(one.counts) }))
    .sort((a, b) => place(a.id) - place(b.id));
  const totals = Array.from({ length: size - skipped }, (_, index) =>
    sum(shown.map(({ counts }) => counts[index] ?? 0)),
  );
  return {
    times: totals.map((_, index) => start + index * length),
    variations: shown.filter(({ total }) => total > 0),
    totals,
    total: sum(totals),
    max: Math.max(0, ...totals),
  };
}

/** A round number at or above the largest: the top of the scale. */
export function scaleTop(max: number): number {
  if (max <= 4) return 4;
  const size = 10 ** Math.floor(Math.log10(max));
  return size * ([1, 2, 4, 5, 8, 10].find((step) => step * size >= max) ?? 10);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
