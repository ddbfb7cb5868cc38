import type { Tally } from '../../model/tally.js';

/** What tallies add to rows, each row once, by short names: they go as JSON. `e` is the environment. */
export interface TallyRows {
  /** Flag, variation, evaluations, and how many of them are of an experiment. */
  readonly evaluations: readonly EvaluationRow[];
  /** Name of the event, count, sum, least and greatest value. */
  readonly metrics: readonly MetricRow[];
  /** Identifications, rejected items, and what found no room: evaluations and metrics. */
  readonly totals: readonly TotalsRow[];
}

export interface EvaluationRow {
  readonly e: string;
  readonly f: string;
  readonly v: string;
  c: number;
  x: number;
}

export interface MetricRow {
  readonly e: string;
  readonly n: string;
  c: number;
  s: number;
  l: number;
  h: number;
}

export interface TotalsRow {
  readonly e: string;
  i: number;
  r: number;
  oe: number;
  om: number;
}

/** The rows of tallies by environment. What stands in one of them twice is added up. */
export function rowsOf(tallies: ReadonlyMap<string, Tally>): TallyRows {
  const evaluations = new Map<string, EvaluationRow>();
  const metrics = new Map<string, MetricRow>();
  const totals: TotalsRow[] = [];
  for (const [e, tally] of tallies) {
    for (const { flagKey: f, variationId: v, count, experimentCount } of tally.evaluations) {
      const row = at(evaluations, placeOf(e, f, v), () => ({ e, f, v, c: 0, x: 0 }));
      row.c += count;
      row.x += experimentCount;
    }
    for (const { eventName: n, count, sum, min, max } of tally.metrics) {
      const row = at(metrics, placeOf(e, n), () => ({ e, n, c: 0, s: 0, l: min, h: max }));
      row.c += count;
      row.s = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, row.s + sum));
      row.l = Math.min(row.l, min);
      row.h = Math.max(row.h, max);
    }
    const { identifications: i, rejected: r } = tally;
    if (i + r > 0) totals.push({ e, i, r, oe: 0, om: 0 });
  }
  return { evaluations: [...evaluations.values()], metrics: [...metrics.values()], totals };
}

/** A name for what several texts name together. */
export function placeOf(...names: readonly string[]): string {
  let place = '';
  for (const name of names) place += `${name.length} ${name}`;
  return place;
}

function at<Row>(rows: Map<string, Row>, place: string, make: () => Row): Row {
  const known = rows.get(place);
  if (known !== undefined) return known;
  const row = make();
  rows.set(place, row);
  return row;
}
