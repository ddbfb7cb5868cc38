import { BUCKET_UNITS, type BucketUnit } from '../../model/buckets.js';
import type { EvaluationCount } from '../../model/tally.js';
import type { BucketsNow } from '../evaluation-blocks.js';
import type { PostgresConnection } from './connection.js';
import { appendToHistory, type ClosedBucket } from './evaluation-history.js';

/** How many entries an environment may still make in a table; asks the table once, and only when a new one comes. */
export class Room {
  readonly #ask: () => Promise<number>;
  #left: number | undefined;

  constructor(connection: PostgresConnection, table: 'evaluations' | 'metrics', environmentId: string, limit: number) {
    this.#ask = async () => {
      const sql = `SELECT count(*) AS entries FROM ${table} WHERE environment_id = $1`;
      return limit - ((await connection.row<{ readonly entries: number }>(sql, environmentId))?.entries ?? 0);
    };
  }

  async take(): Promise<boolean> {
    this.#left ??= await this.#ask();
    if (this.#left <= 0) return false;
    this.#left -= 1;
    return true;
  }
}

/**
 * Adds evaluations to the rows of their flags and variations, each of them once.
 *
 * @returns how many evaluations found no room for an entry of their own.
 */
export async function addEvaluations(
  connection: PostgresConnection,
  environmentId: string,
  evaluations: readonly EvaluationCount[],
  buckets: BucketsNow,
  limit: number,
): Promise<number> {
  if (evaluations.length === 0) return 0;
  let known = await lock(connection, environmentId, evaluations);
  const isKnown = ({ flagKey, variationId }: EvaluationCount) => known.has(placeOf(flagKey, variationId));
  const added: EvaluationCount[] = [];
  const room = new Room(connection, 'evaluations', environmentId, limit);
  for (const one of evaluations) if (!isKnown(one) && (await room.take())) added.push(one);
  if (added.length > 0) {
    await connection.run(ADD, environmentId, keysOf(added));
    known = await lock(connection, environmentId, evaluations);
  }
  const closed: ClosedBucket[] = [];
  const written: NewRow[] = [];
  let overflow = 0;
  for (const { flagKey, variationId, count, experimentCount } of evaluations) {
    const row = known.get(placeOf(flagKey, variationId));
    if (row === undefined) {
      overflow += count;
      continue;
    }
    const counts = { minute: count, hour: count, day: count };
    for (const unit of BUCKET_UNITS) {
      const before = row[`${unit}_count`];
      if (row[unit] === buckets[unit]) counts[unit] += before;
      else if (before > 0) closed.push({ unit, flagKey, variationId, bucket: row[unit], count: before });
    }
    const { minute, hour, day } = counts;
    written.push({ f: flagKey, v: variationId, c: count, x: experimentCount, m: minute, h: hour, d: day });
  }
  const { now, minute, hour, day } = buckets;
  await connection.run(WRITE, environmentId, JSON.stringify(written), now, minute, hour, day);
  await appendToHistory(connection, environmentId, closed, now);
  return overflow;
}

/** The rows that there are, by their places; nobody else changes them from now on. */
async function lock(
  connection: PostgresConnection,
  environmentId: string,
  evaluations: readonly EvaluationCount[],
): Promise<ReadonlyMap<string, CurrentRow>> {
  const rows = await connection.rows<CurrentRow>(LOCK, environmentId, keysOf(evaluations));
  return new Map(rows.map((row) => [placeOf(row.flag_key, row.variation_id), row]));
}

function keysOf(evaluations: readonly EvaluationCount[]): string {
  return JSON.stringify(evaluations.map(({ flagKey: f, variationId: v }) => ({ f, v })));
}

/** In the order of their keys: two centers that write the same rows must not wait for each other. */
const LOCK = `
  SELECT flag_key, variation_id, minute, minute_count, hour, hour_count, day, day_count
  FROM evaluations
  JOIN json_to_recordset($2::text::json) AS wanted(f text, v text) ON flag_key = f AND variation_id = v
  WHERE environment_id = $1
  ORDER BY flag_key, variation_id
  FOR NO KEY UPDATE OF evaluations`;

const ADD = `
  INSERT INTO evaluations
  SELECT $1, f, v, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM json_to_recordset($2::text::json) AS new(f text, v text)
    ORDER BY f COLLATE "C", v COLLATE "C"
  ON CONFLICT DO NOTHING`;

const WRITE = `
  UPDATE evaluations SET count = count + c, experiment_count = experiment_count + x, last_at = $3,
    minute = $4, minute_count = m, hour = $5, hour_count = h, day = $6, day_count = d
  FROM json_to_recordset($2::text::json) AS new(f text, v text, c bigint, x bigint, m bigint, h bigint, d bigint)
  WHERE environment_id = $1 AND flag_key = f AND variation_id = v`;

type CurrentRow = Readonly<Record<BucketUnit | `${BucketUnit}_count`, number>> & {
  readonly flag_key: string;
  readonly variation_id: string;
};

/** A row that is written, by short names: its flag and variation, what is added, and what its buckets hold then. */
interface NewRow {
  readonly f: string;
  readonly v: string;
  readonly c: number;
  readonly x: number;
  readonly m: number;
  readonly h: number;
  readonly d: number;
}

function placeOf(flagKey: string, variationId: string): string {
  return JSON.stringify([flagKey, variationId]);
}
