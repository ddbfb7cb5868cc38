import { setImmediate } from 'node:timers/promises';
import type { FlagUsage, InsightReport, Tally } from '../../model/tally.js';
import type { Clock } from '../../runtime/clock.js';
import { type BucketsNow, bucketsAt } from '../evaluation-blocks.js';
import type { InsightLimits, Insights } from '../insights.js';
import type { SqliteConnection } from './connection.js';
import { addToRows, forgetFlag, readHistory } from './evaluation-history.js';
import { readUsagePart, type UsagePart, type UsageRange } from './flag-usage.js';
import { readReach, writeReach } from './reach.js';
import type { Session } from './session.js';

export function sqliteInsights({ connection, read, write }: Session, clock: Clock, limits: InsightLimits): Insights {
  return {
    record: (tallies) =>
      write(() => {
        const now = clock.now();
        for (const [environmentId, tally] of tallies) writeTally(connection, environmentId, tally, now, limits);
      }, 'process'),
    report: (environmentId) => read(() => readReport(connection, environmentId)),
    history: (environmentId, flagKey, unit, from, to) =>
      read(() => readHistory(connection, { environmentId, flagKey, unit, from, to, now: clock.now() })),
    usage: async (environmentId, sinceHour, flagKeys) => {
      const usage: FlagUsage[] = [];
      let range: UsageRange | undefined = flagKeys === undefined ? { after: '' } : { keys: flagKeys, position: 0 };
      while (range !== undefined) {
        const from: UsageRange = range;
        const part: UsagePart = await read(() => readUsagePart(connection, environmentId, sinceHour, from));
        usage.push(...part.usage);
        range = part.next;
        if (range !== undefined) await setImmediate();
      }
      return usage;
    },
    saveReach: (days, oldest) => write(() => writeReach(connection, days, oldest), 'process'),
    reach: (environmentId, flagKey, from) => read(() => readReach(connection, environmentId, flagKey, from)),
    forget: (environmentId, flagKey) =>
      write(() => {
        if (flagKey !== undefined) {
          forgetFlag(connection, environmentId, flagKey, clock.now());
          connection.run('DELETE FROM reach WHERE environment_id = ? AND flag_key = ?', environmentId, flagKey);
          return;
        }
        for (const table of ['evaluations', 'evaluation_history', 'metrics', 'insight_totals', 'reach']) {
          connection.run(`DELETE FROM ${table} WHERE environment_id = ?`, environmentId);
        }
      }),
  };
}

function writeTally(
  connection: SqliteConnection,
  environmentId: string,
  tally: Tally,
  now: number,
  limits: InsightLimits,
): void {
  const evaluationsOverflow = addEvaluations(
    connection,
    environmentId,
    tally,
    bucketsAt(now),
    limits.evaluationEntries,
  );
  const metricsOverflow = addMetrics(connection, environmentId, tally, now, limits.metricEntries);
  if (tally.identifications + tally.rejected + evaluationsOverflow + metricsOverflow === 0) return;
  connection.run(
    `INSERT INTO insight_totals VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (environment_id) DO UPDATE SET
       identifications = identifications + excluded.identifications,
       rejected = rejected + excluded.rejected,
       evaluations_overflow = evaluations_overflow + excluded.evaluations_overflow,
       metrics_overflow = metrics_overflow + excluded.metrics_overflow`,
    environmentId,
    tally.identifications,
    tally.rejected,
    evaluationsOverflow,
    metricsOverflow,
  );
}

function readReport(connection: SqliteConnection, environmentId: string): InsightReport {
  const evaluations = connection.rows<EvaluationRow>(
    'SELECT * FROM evaluations WHERE environment_id = ? ORDER BY flag_key, variation_id',
    environmentId,
  );
  const metrics = connection.rows<MetricRow>(
    'SELECT * FROM metrics WHERE environment_id = ? ORDER BY event_name',
    environmentId,
  );
  const totals = connection.row<TotalsRow>('SELECT * FROM insight_totals WHERE environment_id = ?', environmentId);
  return {
    evaluations: evaluations.map((row) => ({
      flagKey: row.flag_key,
      variationId: row.variation_id,
      count: row.count,
      experimentCount: row.experiment_count,
      lastAt: row.last_at,
    })),
    metrics: metrics.map((row) => ({
      eventName: row.event_name,
      count: row.count,
      sum: row.sum,
      min: row.min,
      max: row.max,
      lastAt: row.last_at,
    })),
    identifications: totals?.identifications ?? 0,
    rejected: totals?.rejected ?? 0,
    overflow: { evaluations: totals?.evaluations_overflow ?? 0, metrics: totals?.metrics_overflow ?? 0 },
  };
}

/** @returns how many evaluations found no room for an entry of their own. */
function addEvaluations(
  connection: SqliteConnection,
  environmentId: string,
  tally: Tally,
  buckets: BucketsNow,
  limit: number,
): number {
  const room = new Room(connection, 'evaluations', environmentId, limit);
  let overflow = 0;
  for (const evaluation of addToRows(connection, environmentId, tally.evaluations, buckets)) {
    const { flagKey, variationId, count, experimentCount } = evaluation;
    if (!room.take()) {
      overflow += count;
      continue;
    }
    const { now, minute, hour, day } = buckets;
    connection.run(
      `INSERT INTO evaluations (environment_id, flag_key, variation_id, count, experiment_count, last_at,
         minute, minute_count, hour, hour_count, day, day_count)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?4, ?8, ?4, ?9, ?4)`,
      environmentId,
      flagKey,
      variationId,
      count,
      experimentCount,
      now,
      minute,
      hour,
      day,
    );
  }
  return overflow;
}

/** @returns how many metrics found no room for an entry of their own. */
function addMetrics(
  connection: SqliteConnection,
  environmentId: string,
  tally: Tally,
  now: number,
  limit: number,
): number {
  const room = new Room(connection, 'metrics', environmentId, limit);
  let overflow = 0;
  for (const { eventName, count, sum, min, max } of tally.metrics) {
    // Finite values can add up to infinity, which JSON cannot say: the sum stays at the largest number instead.
    const updated = connection.run(
      `UPDATE metrics SET count = count + ?1, sum = max(-?2, min(?2, sum + ?3)), min = min(min, ?4), max = max(max, ?5),
         last_at = ?6
       WHERE environment_id = ?7 AND event_name = ?8`,
      count,
      Number.MAX_VALUE,
      sum,
      min,
      max,
      now,
      environmentId,
      eventName,
    );
    if (updated > 0) continue;
    if (!room.take()) {
      overflow += count;
      continue;
    }
    connection.run(
      'INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?)',
      environmentId,
      eventName,
      count,
      sum,
      min,
      max,
      now,
    );
  }
  return overflow;
}

/** How many entries an environment may still make in a table; asks the table once, and only when a new one comes. */
class Room {
  readonly #ask: () => number;
  #left: number | undefined;

  constructor(connection: SqliteConnection, table: 'evaluations' | 'metrics', environmentId: string, limit: number) {
    this.#ask = () => {
      const sql = `SELECT count(*) AS entries FROM ${table} WHERE environment_id = ?`;
      return limit - (connection.row<{ readonly entries: number }>(sql, environmentId)?.entries ?? 0);
    };
  }

  take(): boolean {
    this.#left ??= this.#ask();
    if (this.#left <= 0) return false;
    this.#left -= 1;
    return true;
  }
}

interface EvaluationRow {
  readonly flag_key: string;
  readonly variation_id: string;
  readonly count: number;
  readonly experiment_count: number;
  readonly last_at: number;
}

interface MetricRow {
  readonly event_name: string;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly last_at: number;
}

interface TotalsRow {
  readonly identifications: number;
  readonly rejected: number;
  readonly evaluations_overflow: number;
  readonly metrics_overflow: number;
}
