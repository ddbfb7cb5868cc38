import { randomBytes } from 'node:crypto';
import { countingOf } from '../../experiments/counting/counting.js';
import { totalsOf } from '../../experiments/counting/participant.js';
import { RunningSums } from '../../experiments/counting/sums.js';
import type { Iteration } from '../../model/experiment.js';
import type { Clock } from '../../runtime/clock.js';
import type { ExperimentData, RebuildProgress } from '../experiments.js';
import { intactValue, keptText } from '../kept-json.js';
import type { SqliteConnection } from './connection.js';
import { type CountedJournal, folded } from './counted-journal.js';
import {
  type ParticipantRow,
  participantOf,
  readIntactSums,
  readSums,
  writeParticipants,
  writeSums,
} from './counted-rows.js';
import { CountingTransaction } from './counting-transaction.js';
import { deleteParticipants } from './experiments.js';
import { forgetPart } from './forgotten-events.js';
import { KnownSums } from './known-sums.js';
import { MeasuredEvents } from './measured-events.js';
import type { Session } from './session.js';
import { UserLogs } from './user-logs.js';

/** Users that are counted anew, and requests that are forgotten, at a time. */
const REBUILT_AT_A_TIME = 200;
const FORGOTTEN_AT_A_TIME = 500;

export function sqliteExperimentData(session: Session, journal: CountedJournal, clock: Clock): ExperimentData {
  const { connection, read, write } = session;
  const parts = { connection, journal, sums: new KnownSums(connection) };
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
        new CountingTransaction(parts, environmentId, iterations, clock.now()).take(requests);
      }, 'process'),
    sums: (iterationId) => read(() => readSums(connection, iterationId)),
    rebuild: (iteration, progress) =>
      folded(session, journal, () => rebuildPart(connection, journal, iteration, progress), 'process'),
    forgetUsers: (iterationId) =>
      folded(session, journal, () => deleteParticipants(connection, iterationId) === 0, 'process'),
    forgetEvents: (environmentId, needed, progress) =>
      folded(session, journal, () => forgetPart(connection, environmentId, needed, progress), 'process'),
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

function rebuildPart(
  connection: SqliteConnection,
  journal: CountedJournal,
  iteration: Iteration,
  progress: RebuildProgress | undefined,
): RebuildProgress | undefined {
  const { id } = iteration;
  const counting = countingOf(iteration);
  const sums = new RunningSums(counting, progress?.sums);
  const sql = 'SELECT environment_id FROM iterations WHERE id = ?';
  const environmentId = connection.row<{ readonly environment_id: string }>(sql, id)?.environment_id ?? '';
  const events = new MeasuredEvents(connection, journal, environmentId);
  const rows = connection.rows<ParticipantRow>(
    'SELECT user, variation, first_at, totals FROM participants WHERE iteration = ? AND user > ? ORDER BY user LIMIT ?',
    id,
    progress?.after ?? -1,
    REBUILT_AT_A_TIME,
  );
  const logs = new UserLogs(events, new Set(rows.map(({ user }) => user)), counting.since);
  const participants = rows.map((row) => {
    const { variation, firstAt } = participantOf(row);
    const totals = variation < 0 ? [] : totalsOf(counting, firstAt, logs.of(row.user));
    sums.replace(undefined, { variation, firstAt, totals });
    return [row.user, { variation, firstAt, totals }] as const;
  });
  writeParticipants(connection, id, participants);
  const after = rows.at(-1)?.user;
  if (rows.length === REBUILT_AT_A_TIME && after !== undefined) return { after, sums: sums.build() };
  const { late = 0, oversized = 0, undeclared = 0, replays = 0, newest = null } = readIntactSums(connection, id) ?? {};
  writeSums(connection, id, { ...sums.build(), late, oversized, undeclared, replays, newest });
  return undefined;
}
