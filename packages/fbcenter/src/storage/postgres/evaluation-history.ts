import { BUCKETS, type BucketUnit, bucketAt, oldestBucket } from '../../model/buckets.js';
import type { BucketCount, FlagUsage } from '../../model/tally.js';
import { BLOCKS, blockOf, entriesOf } from '../evaluation-blocks.js';
import type { PostgresConnection } from './connection.js';

/** Which buckets of a flag are asked for. */
interface HistoryQuery {
  readonly environmentId: string;
  readonly flagKey: string;
  readonly unit: BucketUnit;
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

export async function readHistory(connection: PostgresConnection, query: HistoryQuery): Promise<BucketCount[]> {
  const { environmentId, flagKey, unit } = query;
  const from = Math.max(query.from, oldestBucket(unit, query.now));
  // A clock that was set back leaves buckets in the future; there is nothing behind those.
  const to = Math.min(query.to, bucketAt(unit, query.now) + BUCKETS[unit].kept);
  // In one statement: a bucket that is over moves from its row into the history.
  const rows = await connection.rows<HistoryRow>(
    `SELECT variation_id, block, counts, NULL::bigint AS bucket, NULL::bigint AS count FROM evaluation_history
       WHERE environment_id = $1 AND unit = $2 AND flag_key = $3 AND block BETWEEN $4 AND $5
     UNION ALL SELECT variation_id, 0, '', ${unit}, ${unit}_count FROM evaluations WHERE environment_id = $1 AND flag_key = $3`,
    environmentId,
    unit,
    flagKey,
    blockOf(unit, from),
    blockOf(unit, to),
  );
  const sums = new Map<string, Map<number, number>>();
  const add = (variationId: string, bucket: number, count: number) => {
    if (bucket < from || bucket > to || count <= 0) return;
    const counts = sums.get(variationId) ?? new Map<number, number>();
    sums.set(variationId, counts);
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  };
  for (const { variation_id, block, counts, bucket, count } of rows) {
    if (bucket !== null && count !== null) add(variation_id, bucket, count);
    for (const [offset, counted] of entriesOf(counts)) add(variation_id, block * BLOCKS[unit] + offset, counted);
  }
  const ordered = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.flatMap(([variationId, counts]) =>
    [...counts].sort(([a], [b]) => a - b).map(([bucket, count]) => ({ variationId, bucket, count })),
  );
}

/** The usage of some flags, or of all of the environment, ordered by their keys. */
export async function readUsage(
  connection: PostgresConnection,
  environmentId: string,
  sinceHour: number,
  flagKeys: readonly string[] | undefined,
): Promise<FlagUsage[]> {
  const rows = await connection.rows<UsageRow>(
    USAGE,
    environmentId,
    blockOf('hour', sinceHour),
    flagKeys === undefined ? null : JSON.stringify(flagKeys),
  );
  const usage = new Map<string, { count: number; lastAt: number; hours: Map<number, number> }>();
  for (const { flag_key, count, last_at, hour, hour_count, block, counts } of rows) {
    const known = usage.get(flag_key) ?? { count: 0, lastAt: 0, hours: new Map<number, number>() };
    usage.set(flag_key, known);
    known.count += count;
    known.lastAt = Math.max(known.lastAt, last_at);
    const addHour = (at: number, counted: number) => {
      if (at >= sinceHour && counted > 0) known.hours.set(at, (known.hours.get(at) ?? 0) + counted);
    };
    addHour(hour, hour_count);
    for (const [offset, counted] of entriesOf(counts)) addHour(block * BLOCKS.hour + offset, counted);
  }
  return [...usage].filter(([, { count }]) => count > 0).map(([flagKey, one]) => ({ flagKey, ...one }));
}

/** A flag's rows, and its blocks of the last hours; in one statement, for the same reason. */
const USAGE = `
  WITH wanted AS (SELECT json_array_elements_text($3::text::json) AS flag_key WHERE $3 IS NOT NULL)
  SELECT flag_key, count, last_at, hour, hour_count, 0::bigint AS block, '' AS counts FROM evaluations
    WHERE environment_id = $1 AND ($3 IS NULL OR flag_key IN (SELECT flag_key FROM wanted))
  UNION ALL SELECT flag_key, 0, 0, 0, 0, block, counts FROM evaluation_history
    WHERE environment_id = $1 AND unit = 'hour' AND block BETWEEN $2 AND $2 + 2
      AND ($3 IS NULL OR flag_key IN (SELECT flag_key FROM wanted))
  ORDER BY flag_key`;

export async function forgetFlag(
  connection: PostgresConnection,
  environmentId: string,
  flagKey: string,
): Promise<void> {
  for (const table of ['evaluations', 'evaluation_history', 'reach']) {
    await connection.run(`DELETE FROM ${table} WHERE environment_id = $1 AND flag_key = $2`, environmentId, flagKey);
  }
}

interface HistoryRow {
  readonly variation_id: string;
  readonly block: number;
  readonly counts: string;
  readonly bucket: number | null;
  readonly count: number | null;
}

interface UsageRow {
  readonly flag_key: string;
  readonly count: number;
  readonly last_at: number;
  readonly hour: number;
  readonly hour_count: number;
  readonly block: number;
  readonly counts: string;
}
