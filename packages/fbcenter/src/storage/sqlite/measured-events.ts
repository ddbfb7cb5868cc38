import type { LoggedEvent } from '../../experiments/counting/participant.js';
import type { SqliteConnection } from './connection.js';
import type { CountedJournal } from './counted-journal.js';

/** The single events of an environment's users, within one transaction. Numbers stand for the names of events. */
export class MeasuredEvents {
  readonly #connection: SqliteConnection;
  readonly #journal: CountedJournal;
  readonly #environmentId: string;
  readonly #ids = new Map<string, number | undefined>();

  constructor(connection: SqliteConnection, journal: CountedJournal, environmentId: string) {
    this.#connection = connection;
    this.#journal = journal;
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

  /** What is kept of some users from a time on, by user; events of the same time in the order in which they came. */
  of(name: string, users: Iterable<number>, from: number): ReadonlyMap<number, readonly LoggedEvent[]> {
    const id = this.find(name);
    return id === undefined ? new Map() : this.#journal.events(id, users, from);
  }
}
