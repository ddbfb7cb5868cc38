import { StorageError } from '../../errors.js';
import type { FlagUsage, InsightReport } from '../../model/tally.js';
import type { Clock } from '../../runtime/clock.js';
import { type BucketsNow, bucketsAt } from '../evaluation-blocks.js';
import type { InsightLimits, Insights } from '../insights.js';
import { addToRows, prune } from './adding.js';
import type { PostgresConnection } from './connection.js';
import { forgetFlag, readHistory, readUsage } from './evaluation-history.js';
import { makeRows } from './missing-rows.js';
import { readReach, writeReach } from './reach.js';
import type { Session } from './session.js';
import { rowsOf, type TallyRows } from './tally-rows.js';

/** Flags of which the usage is read at a time. */
const USAGE_FLAGS = 500;

export function postgresInsights({ read, write, once }: Session, clock: Clock, limits: InsightLimits): Insights {
  return {
    record: async (tallies) => {
      const rows = rowsOf(tallies);
      const buckets = bucketsAt(clock.now());
      // Nearly always all of the rows are there.
      const added = await once((connection) => addToRows(connection, rows, buckets));
      const closed = added.isDone
        ? added.closed
        : await write((connection) => addAll(connection, rows, limits, buckets));
      if (closed === 0) return;
      // They are counted: what is left of the past now is deleted the next time.
      await write((connection) => prune(connection, tallies.keys(), closed, buckets.now)).catch(() => {});
    },
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

/** Of rows that others forget in this very moment some may be missing again. */
const ATTEMPTS = 3;

/** Adds to rows, and makes those that are missing. @throws StorageError when others forget the same again and again. */
async function addAll(
  connection: PostgresConnection,
  rows: TallyRows,
  limits: InsightLimits,
  buckets: BucketsNow,
): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const added = await addToRows(connection, await makeRows(connection, rows, limits), buckets);
    if (added.isDone) return added.closed;
  }
  throw new StorageError('Insights are being forgotten: try again later.');
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
