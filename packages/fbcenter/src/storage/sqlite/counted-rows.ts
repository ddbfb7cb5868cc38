import type { LoggedEvent, Participant, ReadLog } from '../../experiments/counting/participant.js';
import type { IterationSums } from '../../model/experiment.js';
import type { CountedBook } from '../counting-transaction.js';
import { intactValue, keptText, keptValue } from '../kept-json.js';
import type { SqliteConnection } from './connection.js';

/** What an iteration has counted; `undefined` when it has counted nothing. */
export function readSums(connection: SqliteConnection, iteration: number): IterationSums | undefined {
  const sql = 'SELECT text FROM iteration_sums WHERE iteration = ?';
  const text = connection.row<{ readonly text: string }>(sql, iteration)?.text;
  return text === undefined ? undefined : keptValue(text);
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
  readonly variation: number;
  readonly first_at: number;
  /** A list of numbers as JSON. */
  readonly totals: string;
}

export function participantOf({ variation, first_at, totals }: ParticipantRow): Participant {
  return { variation, firstAt: first_at, totals: JSON.parse(totals) };
}

export function writeParticipant(
  connection: SqliteConnection,
  iteration: number,
  user: number,
  { variation, firstAt, totals }: Participant,
): void {
  connection.run(
    'INSERT OR REPLACE INTO participants VALUES (?, ?, ?, ?, ?)',
    iteration,
    user,
    variation,
    firstAt,
    JSON.stringify(totals),
  );
}

/** The numbers that stand for the names of an environment's events, within one transaction. */
export class MeasuredEvents {
  readonly #connection: SqliteConnection;
  readonly #environmentId: string;
  readonly #ids = new Map<string, number | undefined>();

  constructor(connection: SqliteConnection, environmentId: string) {
    this.#connection = connection;
    this.#environmentId = environmentId;
  }

  /** `undefined` when no event of this name is kept. */
  find(name: string): number | undefined {
    if (this.#ids.has(name)) return this.#ids.get(name);
    const sql = 'SELECT id FROM measured_events WHERE environment_id = ? AND name = ?';
    const id = this.#connection.row<{ readonly id: number }>(sql, this.#environmentId, name)?.id;
    this.#ids.set(name, id);
    return id;
  }

  findOrAdd(name: string): number {
    const found = this.find(name);
    if (found !== undefined) return found;
    const sql = 'INSERT INTO measured_events (environment_id, name) VALUES (?, ?) RETURNING id';
    const id = this.#connection.row<{ readonly id: number }>(sql, this.#environmentId, name)?.id ?? 0;
    this.#ids.set(name, id);
    return id;
  }

  /** Keeps an event. Several of a user may have the same time. */
  log(name: string, user: number, { at, value }: LoggedEvent): void {
    this.#connection.run(
      `INSERT INTO metric_log SELECT ?1, ?2, ?3, coalesce(max(seq) + 1, 0), ?4 FROM metric_log
         WHERE event = ?1 AND user = ?2 AND at = ?3`,
      this.findOrAdd(name),
      user,
      at,
      value,
    );
  }

  /** What is kept of a user. */
  logOf(user: number): ReadLog {
    return (name, from, until) => {
      const id = this.find(name);
      if (id === undefined) return [];
      const sql =
        'SELECT at, value FROM metric_log WHERE event = ? AND user = ? AND at >= ? AND at < ? ORDER BY at, seq';
      return this.#connection.rows<LoggedEvent>(sql, id, user, from, Math.min(until, Number.MAX_SAFE_INTEGER));
    };
  }
}

/** What a counting on this database reads and keeps. */
export function bookOf(connection: SqliteConnection, environmentId: string, now: number): CountedBook {
  const events = new MeasuredEvents(connection, environmentId);
  return {
    taken: (hash) =>
      connection.row<{ readonly next: number }>('SELECT next FROM taken_requests WHERE hash = ?', hash)?.next,
    keepTaken: (hash, next) => {
      connection.run('INSERT OR REPLACE INTO taken_requests VALUES (?, ?, ?)', hash, now, next);
    },
    participant: (iteration, user) => {
      const sql = 'SELECT variation, first_at, totals FROM participants WHERE iteration = ? AND user = ?';
      const row = connection.row<ParticipantRow>(sql, iteration, user);
      return row && participantOf(row);
    },
    keepParticipant: (iteration, user, participant) => writeParticipant(connection, iteration, user, participant),
    sums: (iteration) => readSums(connection, iteration),
    keepSums: (iteration, sums) => writeSums(connection, iteration, sums),
    logOf: (user) => events.logOf(user),
    keepEvent: (name, user, event) => events.log(name, user, event),
  };
}
