import type { LoggedEvent } from '../../experiments/counting/participant.js';
import type { SqliteConnection } from './connection.js';
import { runForRows } from './many-rows.js';

/** The single events of an environment's users, within one transaction. Numbers stand for the names of events. */
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

  /** Keeps events of a name, in their order. Several of a user may have the same time. */
  keep(name: string, events: readonly UserEvent[]): void {
    const event = this.findOrAdd(name);
    const seen = new Map<string, number>();
    const rows = events.map(({ user, at, value }) => {
      const moment = `${user} ${at}`;
      const before = seen.get(moment) ?? 0;
      seen.set(moment, before + 1);
      return [event, user, at, before, value] as const;
    });
    // The rows of one statement do not see each other: each brings its place among those of its moment. A gap does no harm.
    const sql = (places: string) => `INSERT INTO metric_log
      SELECT column1, column2, column3, column4 + coalesce((SELECT max(seq) + 1 FROM metric_log
        WHERE event = column1 AND user = column2 AND at = column3), 0), column5 FROM (VALUES ${places})`;
    runForRows(this.#connection, sql, rows);
  }

  /** What is kept of some users from a time on, by user, in the order of time. */
  of(name: string, users: Iterable<number>, from: number): ReadonlyMap<number, LoggedEvent[]> {
    const logs = new Map<number, LoggedEvent[]>();
    const id = this.find(name);
    if (id === undefined) return logs;
    const sql = `SELECT user, at, metric_log.value AS value FROM json_each(?)
      CROSS JOIN metric_log ON event = ? AND user = json_each.value AND at >= ? ORDER BY user, at, seq`;
    for (const { user, at, value } of this.#connection.rows<UserEvent>(sql, JSON.stringify([...users]), id, from)) {
      const log = logs.get(user);
      if (log === undefined) logs.set(user, [{ at, value }]);
      else log.push({ at, value });
    }
    return logs;
  }
}

export interface UserEvent extends LoggedEvent {
  readonly user: number;
}
