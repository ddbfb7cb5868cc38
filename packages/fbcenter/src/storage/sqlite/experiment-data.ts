import { randomBytes } from 'node:crypto';
import { countingOf } from '../../experiments/counting/counting.js';
import { totalsOf } from '../../experiments/counting/participant.js';
import { RunningSums } from '../../experiments/counting/sums.js';
import type { Iteration } from '../../model/experiment.js';
import type { Clock } from '../../runtime/clock.js';
import { CountingTransaction } from '../counting-transaction.js';
import type { ExperimentData, RebuildProgress } from '../experiments.js';
import { intactValue, keptText } from '../kept-json.js';
import type { SqliteConnection } from './connection.js';
import {
  bookOf,
  MeasuredEvents,
  type ParticipantRow,
  participantOf,
  readIntactSums,
  readSums,
  writeParticipant,
  writeSums,
} from './counted-rows.js';
import { deleteLog, deleteParticipants } from './experiments.js';
import type { Session } from './session.js';

/** Users that are counted anew, and requests that are forgotten, at a time. */
const REBUILT_AT_A_TIME = 200;
const FORGOTTEN_AT_A_TIME = 500;

export function sqliteExperimentData({ connection, read, write }: Session, clock: Clock): ExperimentData {
  return {
    pseudonymKey: (environmentId) =>
      write(() => {
        const sql = 'SELECT key FROM pseudonym_keys WHERE environment_id = ?';
        const kept = connection.row<{ readonly key: string }>(sql, environmentId)?.key;
        if (kept !== undefined) return kept;
        const key = randomBytes(32).toString('hex');
        connection.run('INSERT INTO pseudonym_keys VALUES (?, ?)', environmentId, key);
        return key;
      }),
    dropPseudonymKey: (environmentId) =>
      write(() => {
        connection.run('DELETE FROM pseudonym_keys WHERE environment_id = ?', environmentId);
      }),
    take: (environmentId, requests, iterations) =>
      write(() => {
        const transaction = new CountingTransaction(bookOf(connection, environmentId, clock.now()), iterations);
        for (const request of requests) transaction.take(request);
        transaction.finish();
      }, 'process'),
    sums: (iterationId) => read(() => readSums(connection, iterationId)),
    rebuild: (iteration, progress) => write(() => rebuildPart(connection, iteration, progress), 'process'),
    forgetUsers: (environmentId, iterationId, open) =>
      write(() => {
        if (deleteParticipants(connection, iterationId) > 0) return false;
        const needed = new Set(open.flatMap((one) => countingOf(one).measures.map(({ event }) => event)));
        const sql = 'SELECT id, name FROM measured_events WHERE environment_id = ?';
        for (const { id, name } of connection.rows<EventRow>(sql, environmentId)) {
          if (needed.has(name)) continue;
          if (deleteLog(connection, id) > 0) return false;
          connection.run('DELETE FROM measured_events WHERE id = ?', id);
        }
        return true;
      }),
    forgetRequests: (before) =>
      write(() => {
        const deleted = connection.run(
          'DELETE FROM taken_requests WHERE hash IN (SELECT hash FROM taken_requests WHERE at < ? LIMIT ?)',
          before,
          FORGOTTEN_AT_A_TIME,
        );
        return deleted < FORGOTTEN_AT_A_TIME;
      }, 'process'),
    series: (iterationId) =>
      read(() => {
        const sql = 'SELECT text FROM iteration_series WHERE iteration = ?';
        return intactValue(connection.row<{ readonly text: string }>(sql, iterationId)?.text ?? '') ?? [];
      }),
    saveSeries: (iterationId, series) =>
      write(() => {
        connection.run('INSERT OR REPLACE INTO iteration_series VALUES (?, ?)', iterationId, keptText(series));
      }, 'process'),
  };
}

interface EventRow {
  readonly id: number;
  readonly name: string;
}

function rebuildPart(
  connection: SqliteConnection,
  iteration: Iteration,
  progress: RebuildProgress | undefined,
): RebuildProgress | undefined {
  const { id } = iteration;
  const counting = countingOf(iteration);
  const sums = new RunningSums(counting, progress?.sums);
  const sql = 'SELECT environment_id FROM iterations WHERE id = ?';
  const environmentId = connection.row<{ readonly environment_id: string }>(sql, id)?.environment_id ?? '';
  const events = new MeasuredEvents(connection, environmentId);
  const rows = connection.rows<ParticipantRow & { readonly user: number }>(
    'SELECT user, variation, first_at, totals FROM participants WHERE iteration = ? AND user > ? ORDER BY user LIMIT ?',
    id,
    progress?.after ?? -1,
    REBUILT_AT_A_TIME,
  );
  for (const row of rows) {
    const { variation, firstAt } = participantOf(row);
    const totals = variation < 0 ? [] : totalsOf(counting, firstAt, events.logOf(row.user));
    sums.replace(undefined, { variation, firstAt, totals });
    writeParticipant(connection, id, row.user, { variation, firstAt, totals });
  }
  const after = rows.at(-1)?.user;
  if (rows.length === REBUILT_AT_A_TIME && after !== undefined) return { after, sums: sums.build() };
  const { late = 0, oversized = 0, replays = 0, newest = null } = readIntactSums(connection, id) ?? {};
  writeSums(connection, id, { ...sums.build(), late, oversized, replays, newest });
  return undefined;
}
