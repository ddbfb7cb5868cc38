import { BUCKET_UNITS, BUCKETS, oldestBucket } from '../../model/buckets.js';
import { BLOCKS, type BucketsNow, blockOf, LONGEST_COUNTS, PRUNED } from '../evaluation-blocks.js';
import type { PostgresConnection } from './connection.js';
import type { TallyRows } from './tally-rows.js';

/** What came of adding to rows: nothing, because not all of them are there; or everything, with so many buckets that were over. */
export type Added = { readonly isDone: false } | { readonly isDone: true; readonly closed: number };

/**
 * Adds to the rows that there are, in one statement: all of it, or nothing when one of the rows is not there. Buckets that are over go to the
 * history.
 */
export async function addToRows(
  connection: PostgresConnection,
  { evaluations, metrics, totals }: TallyRows,
  { now, minute, hour, day }: BucketsNow,
): Promise<Added> {
  const lists = [evaluations, metrics, totals].map((list) => JSON.stringify(list)) as [string, string, string];
  const result = await connection.row<{ readonly done: boolean; readonly closed: number }>(
    ADD,
    ...lists,
    now,
    minute,
    hour,
    day,
    Number.MAX_VALUE / 2,
  );
  return result?.done === true ? { isDone: true, closed: result.closed } : { isDone: false };
}

/** Deletes some of what is too old in the history of environments. What another center is deleting is left to it. */
export async function prune(
  connection: PostgresConnection,
  environmentIds: Iterable<string>,
  closed: number,
  now: number,
): Promise<void> {
  const oldest = BUCKET_UNITS.map((unit) => blockOf(unit, oldestBucket(unit, now)));
  for (const id of environmentIds) await connection.run(PRUNE, id, PRUNED * closed, ...oldest);
}

const UNITS = BUCKET_UNITS.map(
  (unit, index) => `('${unit}', ${unit}, ${unit}_count, $${index + 5}::bigint, ${BLOCKS[unit]}, ${BUCKETS[unit].kept})`,
).join(', ');

const COUNTED = BUCKET_UNITS.map(
  (unit, index) =>
    `${unit} = $${index + 5}, ${unit}_count = CASE ${unit} WHEN $${index + 5} THEN ${unit}_count ELSE 0 END + c`,
).join(', ');

/**
 * Rows are locked in the order of their keys, and evaluations before metrics: two centers that write the same rows must not wait for each other.
 * Finite values can add up to infinity, which is an error here and which JSON cannot say: a sum stays at the largest number instead.
 */
const ADD = `
  WITH evaluated AS (
    SELECT * FROM json_to_recordset($1::text::json) AS new(e text, f text, v text, c bigint, x bigint)
  ), measured AS (
    SELECT * FROM json_to_recordset($2::text::json)
      AS new(e text, n text, c bigint, s double precision, l double precision, h double precision)
  ), known AS (
    SELECT environment_id, flag_key, variation_id, minute, minute_count, hour, hour_count, day, day_count
    FROM evaluations JOIN evaluated ON environment_id = e AND flag_key = f AND variation_id = v
    ORDER BY environment_id, flag_key, variation_id
    FOR NO KEY UPDATE OF evaluations
  ), known_metrics AS (
    SELECT environment_id, event_name FROM metrics JOIN measured ON environment_id = e AND event_name = n
    ORDER BY environment_id, event_name
    FOR NO KEY UPDATE OF metrics
  ), complete AS (
    SELECT (SELECT count(*) FROM known) = (SELECT count(*) FROM evaluated)
      AND (SELECT count(*) FROM known_metrics) = (SELECT count(*) FROM measured) AS done
  ), closed AS (
    SELECT environment_id, unit, bucket, flag_key, variation_id, counted, size
    FROM complete, known, LATERAL (VALUES ${UNITS}) AS was(unit, bucket, counted, present, size, kept)
    WHERE done AND bucket <> present AND counted > 0 AND bucket > present - kept
  ), history AS (
    INSERT INTO evaluation_history AS before
    SELECT environment_id, unit, bucket / size, flag_key, variation_id, bucket % size || ':' || counted FROM closed
      ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (environment_id, unit, block, flag_key, variation_id) DO UPDATE SET counts =
      CASE WHEN length(before.counts) < ${LONGEST_COUNTS} THEN before.counts || ',' || excluded.counts ELSE before.counts END
  ), written AS (
    UPDATE evaluations SET count = count + c, experiment_count = experiment_count + x, last_at = $4,
      ${COUNTED}
    FROM complete, evaluated WHERE done AND environment_id = e AND flag_key = f AND variation_id = v
  ), written_metrics AS (
    UPDATE metrics SET count = count + c, sum = 2 * greatest(-$8::double precision, least($8::double precision, sum / 2 + s / 2)),
      min = least(min, l), max = greatest(max, h), last_at = $4
    FROM complete, measured WHERE done AND environment_id = e AND event_name = n
  ), written_totals AS (
    INSERT INTO insight_totals AS before
    SELECT e, i, r, oe, om FROM complete,
        json_to_recordset($3::text::json) AS new(e text, i bigint, r bigint, oe bigint, om bigint)
      WHERE done ORDER BY e COLLATE "C"
    ON CONFLICT (environment_id) DO UPDATE SET
      identifications = before.identifications + excluded.identifications,
      rejected = before.rejected + excluded.rejected,
      evaluations_overflow = before.evaluations_overflow + excluded.evaluations_overflow,
      metrics_overflow = before.metrics_overflow + excluded.metrics_overflow
  )
  SELECT done, (SELECT count(*) FROM closed) AS closed FROM complete`;

const PRUNE = `
  DELETE FROM evaluation_history WHERE ctid IN (
    SELECT ctid FROM evaluation_history WHERE environment_id = $1 AND (
      ${BUCKET_UNITS.map((unit, index) => `unit = '${unit}' AND block < $${index + 3}`).join(' OR ')})
    LIMIT $2 FOR UPDATE SKIP LOCKED)`;
