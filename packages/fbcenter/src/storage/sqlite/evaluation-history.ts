import { BUCKET_UNITS, BUCKETS, type BucketUnit, bucketAt, oldestBucket } from '../../model/buckets.js';
import type { BucketCount, EvaluationCount } from '../../model/tally.js';
import { BLOCKS, type BucketsNow, blockOf, entriesOf, entryIn, LONGEST_COUNTS, PRUNED } from '../evaluation-blocks.js';
import type { SqliteConnection } from './connection.js';
import { runForRows } from './many-rows.js';

/**
 * Adds to the rows of flags and variations. Most of them have counted in this minute before, and those are a few statements for all: a statement
 * costs more than its rows.
 *
 * @returns the evaluations that have no row.
 */
export function addToRows(
  connection: SqliteConnection,
  environmentId: string,
  evaluations: readonly EvaluationCount[],
  buckets: BucketsNow,
): readonly EvaluationCount[] {
  const updated = runForRows(
    connection,
    (places) => `WITH added (f, v, c, x) AS (VALUES ${places})
      UPDATE evaluations SET count = count + c, experiment_count = experiment_count + x, last_at = ?,
        minute_count = minute_count + c, hour_count = hour_count + c, day_count = day_count + c
      FROM added WHERE environment_id = ? AND flag_key = f AND variation_id = v AND minute = ?`,
    evaluations.map(({ flagKey, variationId, count, experimentCount }) => [
      flagKey,
      variationId,
      count,
      experimentCount,
    ]),
    [buckets.now, environmentId, buckets.minute],
  );
  if (updated === evaluations.length) return [];
  return evaluations.filter((evaluation) => !beginMinute(connection, environmentId, evaluation, buckets));
}

/** The first evaluations of a minute: closes the buckets that are over. @returns whether there is such a row. */
function beginMinute(
  connection: SqliteConnection,
  environmentId: string,
  { flagKey, variationId, count, experimentCount }: EvaluationCount,
  buckets: BucketsNow,
): boolean {
  const row = connection.row<CurrentRow>(
    `SELECT minute, minute_count, hour, hour_count, day, day_count FROM evaluations
     WHERE environment_id = ? AND flag_key = ? AND variation_id = ?`,
    environmentId,
    flagKey,
    variationId,
  );
  if (row === undefined) return false;
  // It has had them with all the others of this minute.
  if (row.minute === buckets.minute) return true;
  const counts = { minute: count, hour: count, day: count };
  for (const unit of BUCKET_UNITS) {
    if (row[unit] === buckets[unit]) counts[unit] += row[`${unit}_count`];
    else if (row[`${unit}_count`] > 0) {
      append(connection, [environmentId, unit, flagKey, variationId], row[unit], row[`${unit}_count`], buckets.now);
    }
  }
  connection.run(
    `UPDATE evaluations SET count = count + ?, experiment_count = experiment_count + ?, last_at = ?,
       minute = ?, minute_count = ?, hour = ?, hour_count = ?, day = ?, day_count = ?
     WHERE environment_id = ? AND flag_key = ? AND variation_id = ?`,
    count,
    experimentCount,
    buckets.now,
    buckets.minute,
    counts.minute,
    buckets.hour,
    counts.hour,
    buckets.day,
    counts.day,
    environmentId,
    flagKey,
    variationId,
  );
  return true;
}

function append(
  connection: SqliteConnection,
  [environmentId, unit, flagKey, variationId]: readonly [string, BucketUnit, string, string],
  bucket: number,
  count: number,
  now: number,
): void {
  const oldest = oldestBucket(unit, now);
  if (bucket < oldest) return;
  const block = blockOf(unit, bucket);
  const entry = entryIn(unit, bucket, count);
  const updated = connection.run(
    `UPDATE evaluation_history SET counts = iif(length(counts) < ?1, counts || ',' || ?2, counts)
     WHERE environment_id = ?3 AND unit = ?4 AND block = ?5 AND flag_key = ?6 AND variation_id = ?7`,
    LONGEST_COUNTS,
    entry,
    environmentId,
    unit,
    block,
    flagKey,
    variationId,
  );
  if (updated > 0) return;
  connection.run(
    'INSERT INTO evaluation_history VALUES (?, ?, ?, ?, ?, ?)',
    environmentId,
    unit,
    block,
    flagKey,
    variationId,
    entry,
  );
  connection.run(
    `DELETE FROM evaluation_history WHERE environment_id = ?1 AND unit = ?2 AND (block, flag_key, variation_id) IN (
       SELECT block, flag_key, variation_id FROM evaluation_history
       WHERE environment_id = ?1 AND unit = ?2 AND block < ?3 LIMIT ?4)`,
    environmentId,
    unit,
    blockOf(unit, oldest),
    PRUNED,
  );
}

/** Which buckets of a flag are asked for. */
interface HistoryQuery {
  readonly environmentId: string;
  readonly flagKey: string;
  readonly unit: BucketUnit;
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

export function readHistory(connection: SqliteConnection, query: HistoryQuery): BucketCount[] {
  const { environmentId, flagKey, unit } = query;
  const from = Math.max(query.from, oldestBucket(unit, query.now));
  // A clock that was set back leaves buckets in the future; there is nothing behind those.
  const to = Math.min(query.to, bucketAt(unit, query.now) + BUCKETS[unit].kept);
  const sums = new Map<string, Map<number, number>>();
  const add = (variationId: string, bucket: number, count: number) => {
    if (bucket < from || bucket > to || count <= 0) return;
    const counts = sums.get(variationId) ?? new Map<number, number>();
    sums.set(variationId, counts);
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  };
  for (let block = blockOf(unit, from); block <= blockOf(unit, to); block++) {
    const rows = connection.rows<{ readonly variation_id: string; readonly counts: string }>(
      `SELECT variation_id, counts FROM evaluation_history
       WHERE environment_id = ? AND unit = ? AND block = ? AND flag_key = ?`,
      environmentId,
      unit,
      block,
      flagKey,
    );
    for (const row of rows) {
      for (const [offset, count] of entriesOf(row.counts)) add(row.variation_id, block * BLOCKS[unit] + offset, count);
    }
  }
  const current = connection.rows<CurrentRow & { readonly variation_id: string }>(
    `SELECT variation_id, minute, minute_count, hour, hour_count, day, day_count FROM evaluations
     WHERE environment_id = ? AND flag_key = ?`,
    environmentId,
    flagKey,
  );
  for (const row of current) add(row.variation_id, row[unit], row[`${unit}_count`]);
  const ordered = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.flatMap(([variationId, counts]) =>
    [...counts].sort(([a], [b]) => a - b).map(([bucket, count]) => ({ variationId, bucket, count })),
  );
}

/** Forgets a flag by the places that its blocks can be in: all rows of the environment are many. */
export function forgetFlag(connection: SqliteConnection, environmentId: string, flagKey: string, now: number): void {
  connection.run('DELETE FROM evaluations WHERE environment_id = ? AND flag_key = ?', environmentId, flagKey);
  for (const unit of BUCKET_UNITS) {
    const newest = blockOf(unit, bucketAt(unit, now) + BUCKETS[unit].kept);
    for (let block = blockOf(unit, oldestBucket(unit, now)); block <= newest; block++) {
      connection.run(
        'DELETE FROM evaluation_history WHERE environment_id = ? AND unit = ? AND block = ? AND flag_key = ?',
        environmentId,
        unit,
        block,
        flagKey,
      );
    }
  }
}

type CurrentRow = Readonly<Record<BucketUnit | `${BucketUnit}_count`, number>>;
