import type { InsightLimits } from '../insights.js';
import type { PostgresConnection } from './connection.js';
import { type EvaluationRow, type MetricRow, placeOf, type TallyRows, type TotalsRow } from './tally-rows.js';

/**
 * Makes the rows that are missing for tallies, empty, as far as their environments have room for entries.
 *
 * @returns what can be added to rows then: what found no room is counted in the totals.
 */
export async function makeRows(
  connection: PostgresConnection,
  rows: TallyRows,
  limits: InsightLimits,
): Promise<TallyRows> {
  const totals = new Map(rows.totals.map((row) => [row.e, { ...row }]));
  const totalsOf = (e: string): TotalsRow => {
    const row = totals.get(e) ?? { e, i: 0, r: 0, oe: 0, om: 0 };
    totals.set(e, row);
    return row;
  };
  const evaluations = await madeOf<EvaluationRow>(connection, rows.evaluations, {
    ...EVALUATIONS,
    limit: limits.evaluationEntries,
    placeOf: ({ e, f, v }) => placeOf(e, f, v),
    leaveOut: ({ e, c }) => {
      totalsOf(e).oe += c;
    },
  });
  const metrics = await madeOf<MetricRow>(connection, rows.metrics, {
    ...METRICS,
    limit: limits.metricEntries,
    placeOf: ({ e, n }) => placeOf(e, n),
    leaveOut: ({ e, c }) => {
      totalsOf(e).om += c;
    },
  });
  return { evaluations, metrics, totals: [...totals.values()] };
}

interface Table<Row> {
  readonly known: string;
  readonly make: string;
  readonly room: string;
  readonly limit: number;
  placeOf(row: Row): string;
  leaveOut(row: Row): void;
}

/** @returns the rows that there are now. */
async function madeOf<Row extends EvaluationRow | MetricRow>(
  connection: PostgresConnection,
  rows: readonly Row[],
  { known, make, room, limit, placeOf, leaveOut }: Table<Row>,
): Promise<readonly Row[]> {
  if (rows.length === 0) return rows;
  const there = new Set((await connection.rows<Row>(known, JSON.stringify(rows))).map(placeOf));
  const left = new Map<string, number>();
  const missing: Row[] = [];
  for (const row of rows) {
    if (there.has(placeOf(row))) continue;
    const entries = left.get(row.e) ?? limit - (await entriesIn(connection, room, row.e));
    left.set(row.e, entries - 1);
    if (entries > 0) missing.push(row);
    else leaveOut(row);
  }
  if (missing.length > 0) await connection.run(make, JSON.stringify(missing));
  for (const row of missing) there.add(placeOf(row));
  return rows.filter((row) => there.has(placeOf(row)));
}

async function entriesIn(connection: PostgresConnection, room: string, environmentId: string): Promise<number> {
  return (await connection.row<{ readonly entries: number }>(room, environmentId))?.entries ?? 0;
}

/** Rows are made in the order of their keys: two centers that make the same must not wait for each other. */
const EVALUATIONS = {
  known: `SELECT e, f, v FROM json_to_recordset($1::text::json) AS new(e text, f text, v text)
    JOIN evaluations ON environment_id = e AND flag_key = f AND variation_id = v`,
  make: `INSERT INTO evaluations
    SELECT e, f, v, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM json_to_recordset($1::text::json) AS new(e text, f text, v text)
      ORDER BY e COLLATE "C", f COLLATE "C", v COLLATE "C"
    ON CONFLICT DO NOTHING`,
  room: 'SELECT count(*) AS entries FROM evaluations WHERE environment_id = $1',
};

const METRICS = {
  known: `SELECT e, n FROM json_to_recordset($1::text::json) AS new(e text, n text)
    JOIN metrics ON environment_id = e AND event_name = n`,
  make: `INSERT INTO metrics
    SELECT e, n, 0, 0, l, h, 0
      FROM json_to_recordset($1::text::json) AS new(e text, n text, l double precision, h double precision)
      ORDER BY e COLLATE "C", n COLLATE "C"
    ON CONFLICT DO NOTHING`,
  room: 'SELECT count(*) AS entries FROM metrics WHERE environment_id = $1',
};
