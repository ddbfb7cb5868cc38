import { randomBytes } from 'node:crypto';
import { countingOf } from '../../experiments/counting/counting.js';
import { totalsOf } from '../../experiments/counting/participant.js';
import { RunningSums } from '../../experiments/counting/sums.js';
import type { Iteration, IterationSums } from '../../model/experiment.js';
import type { Clock } from '../../runtime/clock.js';
import type { CountedRequest, ExperimentData, RebuildProgress } from '../experiments.js';
import { intactValue, keptText } from '../kept-json.js';
import { keptSums } from '../kept-sums.js';
import type { PostgresConnection } from './connection.js';
import { BatchBook } from './counted-book.js';
import { CountingTransaction } from './counting-transaction.js';
import { deleteParticipants } from './experiments.js';
import { forgetPart } from './forgotten-events.js';
import { ITERATION, type IterationRow, iterationOf } from './iteration-rows.js';
import type { Scope, Session } from './session.js';

/** Users that are counted anew, and requests that are forgotten, at a time. */
const REBUILT_AT_A_TIME = 200;
const FORGOTTEN_AT_A_TIME = 500;

export function postgresExperimentData({ read, write }: Session, clock: Clock): ExperimentData {
  const of = (environmentId: string): Scope => ({ kind: 'experiments', environmentId });
  return {
    pseudonymKey: (environmentId) =>
      write(async (connection) => {
        const sql = 'SELECT key FROM pseudonym_keys WHERE environment_id = $1';
        const kept = (await connection.row<{ readonly key: string }>(sql, environmentId))?.key;
        if (kept !== undefined) return kept;
        const key = randomBytes(32).toString('hex');
        await connection.run('INSERT INTO pseudonym_keys VALUES ($1, $2)', environmentId, key);
        return key;
      }, of(environmentId)),
    dropPseudonymKey: (environmentId) =>
      write(async (connection, { touched }) => {
        touched({ kind: 'experiments', environmentId });
        await connection.run('DELETE FROM pseudonym_keys WHERE environment_id = $1', environmentId);
      }, of(environmentId)),
    take: (environmentId, requests, iterations) =>
      write((connection) => take(connection, environmentId, requests, iterations, clock.now()), of(environmentId)),
    sums: (iterationId) =>
      read(async (connection) => {
        const text = await sumsText(connection, iterationId);
        return text === undefined ? undefined : keptSums(text);
      }),
    rebuild: (iteration, progress) => write((connection) => rebuildPart(connection, iteration, progress, clock.now())),
    forgetUsers: (iterationId) =>
      write(async (connection) => (await deleteParticipants(connection, iterationId)) === 0),
    forgetEvents: (environmentId, needed, progress) =>
      write((connection) => forgetPart(connection, environmentId, needed, progress), of(environmentId)),
    forgetRequests: (before) =>
      write(async (connection) => {
        // What another center is forgetting is left to it.
        const deleted = await connection.run(
          `DELETE FROM taken_requests WHERE hash IN
             (SELECT hash FROM taken_requests WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
          before,
          FORGOTTEN_AT_A_TIME,
        );
        return deleted < FORGOTTEN_AT_A_TIME;
      }),
    series: (iterationId) =>
      read(async (connection) => {
        const sql = 'SELECT text FROM iteration_series WHERE iteration = $1';
        return intactValue((await connection.row<{ readonly text: string }>(sql, iterationId))?.text ?? '') ?? [];
      }),
    saveSeries: (iterationId, series) =>
      write(async (connection) => {
        const sql =
          'INSERT INTO iteration_series VALUES ($1, $2) ON CONFLICT (iteration) DO UPDATE SET text = excluded.text';
        await connection.run(sql, iterationId, keptText(series));
      }),
  };
}

async function take(
  connection: PostgresConnection,
  environmentId: string,
  requests: readonly CountedRequest[],
  iterations: readonly Iteration[],
  now: number,
): Promise<void> {
  const ids = iterations.map(({ id }) => id);
  const book = await BatchBook.read(connection, {
    environmentId,
    iterations: ids,
    users: [...new Set(requests.flatMap(({ events }) => events.map(({ user }) => user)))],
    hashes: requests.map(({ hash }) => hash),
  });
  const transaction = new CountingTransaction(book, await asTheyAre(connection, iterations));
  for (const request of requests) transaction.take(request);
  transaction.finish();
  await book.write(connection, now);
}

/** Iterations as they are now: another center may have stopped one, and has told it since. What is frozen or gone counts no more. */
async function asTheyAre(
  connection: PostgresConnection,
  iterations: readonly Iteration[],
): Promise<readonly Iteration[]> {
  const rows = await connection.rows<IterationRow>(
    `${ITERATION} WHERE NOT is_frozen AND id IN (SELECT json_array_elements_text($1::text::json)::bigint)`,
    JSON.stringify(iterations.map(({ id }) => id)),
  );
  const kept = new Map(rows.map((row) => [row.id, iterationOf(row)]));
  return iterations.flatMap(({ id }) => kept.get(id) ?? []);
}

async function sumsText(connection: PostgresConnection, iteration: number): Promise<string | undefined> {
  const sql = 'SELECT text FROM iteration_sums WHERE iteration = $1';
  return (await connection.row<{ readonly text: string }>(sql, iteration))?.text;
}

async function rebuildPart(
  connection: PostgresConnection,
  iteration: Iteration,
  progress: RebuildProgress | undefined,
  now: number,
): Promise<RebuildProgress | undefined> {
  const { id } = iteration;
  const counting = countingOf(iteration);
  const sums = new RunningSums(counting, progress?.sums);
  const owner = await connection.row<{ readonly environment_id: string }>(
    'SELECT environment_id FROM iterations WHERE id = $1',
    id,
  );
  const rows = await connection.rows<{ readonly participant: number }>(
    'SELECT participant FROM participants WHERE iteration = $1 AND participant > $2 ORDER BY participant LIMIT $3',
    id,
    progress?.after ?? -1,
    REBUILT_AT_A_TIME,
  );
  const users = rows.map(({ participant }) => participant);
  const environmentId = owner?.environment_id ?? '';
  const book = await BatchBook.read(connection, { environmentId, iterations: [id], users, hashes: [] });
  for (const user of users) {
    const known = book.participant(id, user);
    if (known === undefined) continue;
    const { variation, firstAt } = known;
    const totals = variation < 0 ? [] : totalsOf(counting, firstAt, book.logOf(user));
    sums.replace(undefined, { variation, firstAt, totals });
    book.keepParticipant(id, user, { variation, firstAt, totals });
  }
  const after = users.at(-1);
  const isDone = users.length < REBUILT_AT_A_TIME || after === undefined;
  if (isDone) {
    const kept = intactValue<IterationSums>((await sumsText(connection, id)) ?? '');
    const { late = 0, oversized = 0, undeclared = 0, replays = 0, newest = null } = kept ?? {};
    book.keepSums(id, { ...sums.build(), late, oversized, undeclared, replays, newest });
  }
  await book.write(connection, now);
  return isDone ? undefined : { after, sums: sums.build() };
}
