import type { Participant } from '../../experiments/counting/participant.js';
import type { IterationSums } from '../../model/experiment.js';
import { intactValue, keptText } from '../kept-json.js';
import { keptSums } from '../kept-sums.js';
import type { SqliteConnection } from './connection.js';
import { runForRows } from './many-rows.js';
import { participantRow } from './unfolded.js';

/** What an iteration has counted; `undefined` when it has counted nothing. */
export function readSums(connection: SqliteConnection, iteration: number): IterationSums | undefined {
  const sql = 'SELECT text FROM iteration_sums WHERE iteration = ?';
  const text = connection.row<{ readonly text: string }>(sql, iteration)?.text;
  return text === undefined ? undefined : keptSums(text);
}

/** The same for whoever makes the sums anew: those that are damaged are as good as none. */
export function readIntactSums(connection: SqliteConnection, iteration: number): IterationSums | undefined {
  const sql = 'SELECT text FROM iteration_sums WHERE iteration = ?';
  return intactValue(connection.row<{ readonly text: string }>(sql, iteration)?.text ?? '');
}

export function writeSums(connection: SqliteConnection, iteration: number, sums: IterationSums): void {
  connection.run('INSERT OR REPLACE INTO iteration_sums VALUES (?, ?)', iteration, keptText(sums));
}

export interface ParticipantRow {
  readonly user: number;
  readonly variation: number;
  readonly first_at: number;
  /** A list of numbers as JSON. */
  readonly totals: string;
}

export function participantOf({ variation, first_at, totals }: ParticipantRow): Participant {
  return { variation, firstAt: first_at, totals: JSON.parse(totals) };
}

export function writeParticipants(
  connection: SqliteConnection,
  iteration: number,
  participants: readonly (readonly [user: number, participant: Participant])[],
): void {
  runForRows(
    connection,
    (places) => `INSERT OR REPLACE INTO participants VALUES ${places}`,
    participants.map(([user, participant]) => participantRow(iteration, user, participant)),
  );
}
