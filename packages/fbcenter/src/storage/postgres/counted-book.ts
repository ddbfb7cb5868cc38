import type { LoggedEvent, Participant, ReadLog } from '../../experiments/counting/participant.js';
import type { IterationSums } from '../../model/experiment.js';
import { keptText } from '../kept-json.js';
import { keptSums } from '../kept-sums.js';
import type { PostgresConnection } from './connection.js';

/** What a counting may ask for. */
export interface BookRange {
  readonly environmentId: string;
  readonly iterations: readonly number[];
  readonly users: readonly number[];
  readonly hashes: readonly string[];
}

interface LogEntry extends LoggedEvent {
  readonly seq: number;
  readonly isNew: boolean;
}

/**
 * What a counting reads and keeps. It counts one event after the other, which would ask the database for each of them: everything that it may ask
 * for is read before, and what it has kept is written at the end.
 */
export class BatchBook {
  readonly #environmentId: string;
  readonly #taken = new Map<string, number>();
  readonly #newlyTaken = new Map<string, number>();
  readonly #participants = new Map<string, Participant>();
  readonly #changed = new Map<string, { readonly iteration: number; readonly user: number }>();
  readonly #sums = new Map<number, string>();
  readonly #newSums = new Map<number, IterationSums>();
  /** By user and name of the event, in the order of times. */
  readonly #log = new Map<string, LogEntry[]>();

  private constructor(environmentId: string) {
    this.#environmentId = environmentId;
  }

  static async read(connection: PostgresConnection, range: BookRange): Promise<BatchBook> {
    const { environmentId, iterations, users, hashes } = range;
    const book = new BatchBook(environmentId);
    const taken = await connection.rows<{ readonly hash: string; readonly next: number }>(
      'SELECT hash, next FROM taken_requests WHERE hash IN (SELECT json_array_elements_text($1::text::json))',
      JSON.stringify(hashes),
    );
    for (const { hash, next } of taken) book.#taken.set(hash, next);
    const participants = await connection.rows<ParticipantRow>(
      `SELECT iteration, participant, variation, first_at, totals FROM participants
       WHERE iteration IN (${NUMBERS('$1')}) AND participant IN (${NUMBERS('$2')})`,
      JSON.stringify(iterations),
      JSON.stringify(users),
    );
    for (const row of participants) book.#participants.set(`${row.iteration} ${row.participant}`, participantOf(row));
    const sums = await connection.rows<{ readonly iteration: number; readonly text: string }>(
      `SELECT iteration, text FROM iteration_sums WHERE iteration IN (${NUMBERS('$1')})`,
      JSON.stringify(iterations),
    );
    for (const { iteration, text } of sums) book.#sums.set(iteration, text);
    const log = await connection.rows<LogRow>(
      `SELECT name, participant, at, seq, value FROM measured_events JOIN metric_log ON event = id
       WHERE environment_id = $1 AND participant IN (${NUMBERS('$2')}) ORDER BY at, seq`,
      environmentId,
      JSON.stringify(users),
    );
    for (const { name, participant, at, seq, value } of log) {
      book.#logOf(participant, name).push({ at, seq, value, isNew: false });
    }
    return book;
  }

  /** What {@link keepTaken} was called with last; `undefined` when the request is not known. */
  taken(hash: string): number | undefined {
    return this.#newlyTaken.get(hash) ?? this.#taken.get(hash);
  }

  keepTaken(hash: string, next: number): void {
    this.#newlyTaken.set(hash, next);
  }

  participant(iteration: number, user: number): Participant | undefined {
    return this.#participants.get(`${iteration} ${user}`);
  }

  keepParticipant(iteration: number, user: number, participant: Participant): void {
    this.#participants.set(`${iteration} ${user}`, participant);
    this.#changed.set(`${iteration} ${user}`, { iteration, user });
  }

  sums(iteration: number): IterationSums | undefined {
    const text = this.#sums.get(iteration);
    return this.#newSums.get(iteration) ?? (text === undefined ? undefined : keptSums(text));
  }

  keepSums(iteration: number, sums: IterationSums): void {
    this.#newSums.set(iteration, sums);
  }

  /** What is kept of a user's events, those of this transaction included. */
  logOf(user: number): ReadLog {
    return (name, from, until) => this.#logOf(user, name).filter(({ at }) => at >= from && at < until);
  }

  /** Keeps an event. Several of a user may have the same time. */
  keepEvent(name: string, user: number, { at, value }: LoggedEvent): void {
    const log = this.#logOf(user, name);
    const after = log.findLastIndex((entry) => entry.at <= at);
    const before = log[after];
    const seq = before?.at === at ? before.seq + 1 : 0;
    log.splice(after + 1, 0, { at, value, seq, isNew: true });
  }

  /** Writes what was kept. @param now the time at which requests were taken. */
  async write(connection: PostgresConnection, now: number): Promise<void> {
    await this.#writeLog(connection);
    const participants = [...this.#changed].flatMap(([place, { iteration: i, user: u }]) => {
      const participant = this.#participants.get(place);
      if (participant === undefined) return [];
      const { variation: v, firstAt: f, totals } = participant;
      return [{ i, u, v, f, t: JSON.stringify(totals) }];
    });
    await whole(participants, (rows) => connection.run(WRITE_PARTICIPANTS, rows));
    const sums = [...this.#newSums].map(([i, value]) => ({ i, t: keptText(value) }));
    await whole(sums, (rows) => connection.run(WRITE_SUMS, rows));
    const taken = [...this.#newlyTaken].map(([h, n]) => ({ h, n }));
    await whole(taken, (rows) => connection.run(WRITE_TAKEN, rows, now));
  }

  async #writeLog(connection: PostgresConnection): Promise<void> {
    const events = [...this.#log].flatMap(([place, log]) => {
      const [u, e] = JSON.parse(place) as [number, string];
      return log.filter(({ isNew }) => isNew).map(({ at: a, seq: s, value: x }) => ({ u, e, a, s, x }));
    });
    await whole(events, async (rows) => {
      await connection.run(ADD_NAMES, this.#environmentId, rows);
      await connection.run(WRITE_LOG, this.#environmentId, rows);
    });
  }

  #logOf(user: number, name: string): LogEntry[] {
    const place = JSON.stringify([user, name]);
    const log = this.#log.get(place) ?? [];
    this.#log.set(place, log);
    return log;
  }
}

async function whole(rows: readonly object[], write: (rows: string) => Promise<unknown>): Promise<void> {
  if (rows.length > 0) await write(JSON.stringify(rows));
}

/** The numbers of a parameter that is a list as JSON. */
const NUMBERS = (parameter: string) => `SELECT json_array_elements_text(${parameter}::text::json)::bigint`;

const WRITE_PARTICIPANTS = `
  INSERT INTO participants SELECT i, u, v, f, t
    FROM json_to_recordset($1::text::json) AS new(i bigint, u bigint, v bigint, f bigint, t text) ORDER BY i, u
  ON CONFLICT (iteration, participant) DO UPDATE SET
    variation = excluded.variation, first_at = excluded.first_at, totals = excluded.totals`;

const WRITE_SUMS = `
  INSERT INTO iteration_sums SELECT i, t FROM json_to_recordset($1::text::json) AS new(i bigint, t text) ORDER BY i
  ON CONFLICT (iteration) DO UPDATE SET text = excluded.text`;

const WRITE_TAKEN = `
  INSERT INTO taken_requests SELECT h, $2, n FROM json_to_recordset($1::text::json) AS new(h text, n bigint) ORDER BY h COLLATE "C"
  ON CONFLICT (hash) DO UPDATE SET at = excluded.at, next = excluded.next`;

const ADD_NAMES = `
  INSERT INTO measured_events (environment_id, name)
  SELECT DISTINCT $1, e FROM json_to_recordset($2::text::json) AS new(e text)
  WHERE NOT EXISTS (SELECT 1 FROM measured_events WHERE environment_id = $1 AND name = e)`;

const WRITE_LOG = `
  INSERT INTO metric_log SELECT id, u, a, s, x
    FROM json_to_recordset($2::text::json) AS new(u bigint, e text, a bigint, s bigint, x double precision)
    JOIN measured_events ON environment_id = $1 AND name = e`;

interface LogRow {
  readonly name: string;
  readonly participant: number;
  readonly at: number;
  readonly seq: number;
  readonly value: number;
}

interface ParticipantRow {
  readonly iteration: number;
  readonly participant: number;
  readonly variation: number;
  readonly first_at: number;
  /** A list of numbers as JSON. */
  readonly totals: string;
}

function participantOf({ variation, first_at, totals }: ParticipantRow): Participant {
  return { variation, firstAt: first_at, totals: JSON.parse(totals) };
}
