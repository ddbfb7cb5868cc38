import type { EvaluationCount, FlagUsage, InsightReport, MetricCount, Tally } from '../../model/tally.js';
import type { Clock } from '../../runtime/clock.js';
import { bucketsAt } from '../evaluation-blocks.js';
import type { InsightLimits, Insights } from '../insights.js';
import type { PostgresConnection } from './connection.js';
import { forgetFlag, readHistory, readUsage } from './evaluation-history.js';
import { addEvaluations, Room } from './evaluations.js';
import { readReach, writeReach } from './reach.js';
import type { Session } from './session.js';

/** Flags of which the usage is read at a time. */
const USAGE_FLAGS = 500;

export function postgresInsights({ read, write }: Session, clock: Clock, limits: InsightLimits): Insights {
  return {
    record: (tallies) =>
      write(async (connection) => {
        const now = clock.now();
        // In the order of their ids, as everything below is in the order of its keys: two centers that write the same rows must not wait for each other.
        for (const [id, tally] of [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))) {
          await writeTally(connection, id, tally, now, limits);
        }
      }),
    report: (environmentId) => read((connection) => readReport(connection, environmentId)),
    history: (environmentId, flagKey, unit, from, to) =>
      read((connection) => readHistory(connection, { environmentId, flagKey, unit, from, to, now: clock.now() })),
    usage: async (environmentId, sinceHour, flagKeys) => {
      if (flagKeys === undefined) {
        return read((connection) => readUsage(connection, environmentId, sinceHour, undefined));
      }
      const usage: FlagUsage[] = [];
      for (let at = 0; at < flagKeys.length; at += USAGE_FLAGS) {
        const keys = flagKeys.slice(at, at + USAGE_FLAGS);
        usage.push(...(await read((connection) => readUsage(connection, environmentId, sinceHour, keys))));
      }
      return usage;
    },
    saveReach: (days, oldest) => write((connection) => writeReach(connection, days, oldest)),
    reach: (environmentId, flagKey, from) => read((connection) => readReach(connection, environmentId, flagKey, from)),
    forget: (environmentId, flagKey) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'insights', environmentId });
        if (flagKey !== undefined) return forgetFlag(connection, environmentId, flagKey);
        for (const table of ['evaluations', 'evaluation_history', 'metrics', 'insight_totals', 'reach']) {
          await connection.run(`DELETE FROM ${table} WHERE environment_id = $1`, environmentId);
        }
      }),
  };
}

async function writeTally(
  connection: PostgresConnection,
  environmentId: string,
  tally: Tally,
  now: number,
  limits: InsightLimits,
): Promise<void> {
  const { identifications, rejected } = tally;
  const evaluations = mergedEvaluations(tally.evaluations);
  const evaluationsOverflow = await addEvaluations(
    connection,
    environmentId,
    evaluations,
    bucketsAt(now),
    limits.evaluationEntries,
  );
  const metrics = mergedMetrics(tally.metrics);
  const metricsOverflow = await addMetrics(connection, environmentId, metrics, now, limits.metricEntries);
  if (identifications + rejected + evaluationsOverflow + metricsOverflow === 0) return;
  await connection.run(
    `INSERT INTO insight_totals AS totals VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (environment_id) DO UPDATE SET
       identifications = totals.identifications + excluded.identifications,
       rejected = totals.rejected + excluded.rejected,
       evaluations_overflow = totals.evaluations_overflow + excluded.evaluations_overflow,
       metrics_overflow = totals.metrics_overflow + excluded.metrics_overflow`,
    environmentId,
    identifications,
    rejected,
    evaluationsOverflow,
    metricsOverflow,
  );
}

/** @returns how many metrics found no room for an entry of their own. */
async function addMetrics(
  connection: PostgresConnection,
  environmentId: string,
  metrics: readonly MetricCount[],
  now: number,
  limit: number,
): Promise<number> {
  if (metrics.length === 0) return 0;
  const known = await connection.rows<{ readonly event_name: string }>(
    `SELECT event_name FROM metrics WHERE environment_id = $1
       AND event_name IN (SELECT json_array_elements_text($2::text::json))`,
    environmentId,
    JSON.stringify(metrics.map(({ eventName }) => eventName)),
  );
  const names = new Set(known.map(({ event_name }) => event_name));
  const room = new Room(connection, 'metrics', environmentId, limit);
  let overflow = 0;
  const taken: MetricCount[] = [];
  for (const metric of metrics) {
    if (names.has(metric.eventName) || (await room.take())) taken.push(metric);
    else overflow += metric.count;
  }
  if (taken.length === 0) return overflow;
  // Finite values can add up to infinity, which is an error here and which JSON cannot say: the sum stays at the largest number instead.
  await connection.run(
    `INSERT INTO metrics AS known (environment_id, event_name, count, sum, min, max, last_at)
     SELECT $1, "eventName", count, sum, min, max, $3
       FROM json_to_recordset($2::text::json)
         AS new("eventName" text, count bigint, sum double precision, min double precision, max double precision)
       ORDER BY "eventName" COLLATE "C"
     ON CONFLICT (environment_id, event_name) DO UPDATE SET
       count = known.count + excluded.count,
       sum = 2 * greatest(-$4::double precision, least($4::double precision, known.sum / 2 + excluded.sum / 2)),
       min = least(known.min, excluded.min), max = greatest(known.max, excluded.max), last_at = excluded.last_at`,
    environmentId,
    JSON.stringify(taken),
    now,
    Number.MAX_VALUE / 2,
  );
  return overflow;
}

function mergedEvaluations(evaluations: readonly EvaluationCount[]): readonly EvaluationCount[] {
  const merged = new Map<string, EvaluationCount>();
  for (const one of evaluations) {
    const place = JSON.stringify([one.flagKey, one.variationId]);
    const before = merged.get(place);
    const count = one.count + (before?.count ?? 0);
    merged.set(place, { ...one, count, experimentCount: one.experimentCount + (before?.experimentCount ?? 0) });
  }
  return [...merged.values()];
}

function mergedMetrics(metrics: readonly MetricCount[]): readonly MetricCount[] {
  const merged = new Map<string, MetricCount>();
  for (const one of metrics) {
    const before = merged.get(one.eventName);
    const sum = one.sum + (before?.sum ?? 0);
    merged.set(one.eventName, {
      eventName: one.eventName,
      count: one.count + (before?.count ?? 0),
      sum: Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, sum)),
      min: Math.min(one.min, before?.min ?? one.min),
      max: Math.max(one.max, before?.max ?? one.max),
    });
  }
  return [...merged.values()];
}

async function readReport(connection: PostgresConnection, environmentId: string): Promise<InsightReport> {
  const evaluations = await connection.rows<InsightReport['evaluations'][number]>(
    `SELECT flag_key AS "flagKey", variation_id AS "variationId", count, experiment_count AS "experimentCount", last_at AS "lastAt"
     FROM evaluations WHERE environment_id = $1 ORDER BY flag_key, variation_id`,
    environmentId,
  );
  const metrics = await connection.rows<InsightReport['metrics'][number]>(
    `SELECT event_name AS "eventName", count, sum, min, max, last_at AS "lastAt" FROM metrics
     WHERE environment_id = $1 ORDER BY event_name`,
    environmentId,
  );
  const totals = await connection.row<TotalsRow>(
    'SELECT * FROM insight_totals WHERE environment_id = $1',
    environmentId,
  );
  return {
    evaluations: [...evaluations],
    metrics: [...metrics],
    identifications: totals?.identifications ?? 0,
    rejected: totals?.rejected ?? 0,
    overflow: { evaluations: totals?.evaluations_overflow ?? 0, metrics: totals?.metrics_overflow ?? 0 },
  };
}

interface TotalsRow {
  readonly identifications: number;
  readonly rejected: number;
  readonly evaluations_overflow: number;
  readonly metrics_overflow: number;
}
