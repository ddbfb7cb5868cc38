import { setImmediate } from 'node:timers/promises';
import type { Participant } from '../../experiments/counting/participant.js';
import { intactValue, keptText, keptValue } from '../kept-json.js';
import type { SqliteConnection } from './connection.js';
import { type Row, runForRows } from './many-rows.js';
import type { Durability, Session } from './session.js';
import { type NumberedEvent, Unfolded, type UserChanges, type UserTable } from './unfolded.js';

/** Rows that wait in the journal until they are written to their places: the more, the more of them share a page. A few megabytes. */
const WAITING = 20_000;
/** Rows that are written to their places for each one that comes meanwhile. */
const PACE = 2;
/** Rows of one statement. */
const BATCH = 64;
/** Rows that are written to their places in one transaction: a few milliseconds. */
const AT_A_TIME = 1_024;
/** Numbers of events begin above those of a center that had no journal: it numbered the events of a user and a millisecond. */
const FIRST = 2 ** 31;

const NOTHING: UserChanges = { participants: [], events: [] };

/** Changes that are being written to their places. */
interface Leaving {
  readonly changes: Unfolded;
  readonly rows: Iterator<readonly [table: UserTable, row: Row], void, undefined>;
  /** The last entry of the journal that they are in. */
  readonly last: number;
}

/**
 * What experiments keep of single users, where each user is on another page of the database: a change is one row at the end of a
 * journal, and is written to its place later, with all others of its page. What waits is in memory as well, so that it is found.
 *
 * An entry of the journal has what its users are now, not what was added: to write it twice does no harm, so a killed process goes on
 * anywhere. Each transaction that changes anything here adds an entry, so the number of the last one says whether the memory is what the
 * database has; after a transaction that was undone it is not, and is read anew.
 *
 * Call it inside a transaction.
 */
export class CountedJournal {
  readonly #connection: SqliteConnection;
  readonly #waiting: number;
  /** The entry up to which the memory is right. */
  #last = Number.NaN;
  #newest = new Unfolded();
  #leaving: Leaving | undefined;

  /** @param waiting rows that wait before any is written to its place. */
  constructor(connection: SqliteConnection, waiting = WAITING) {
    this.#connection = connection;
    this.#waiting = waiting;
  }

  /** Rows that are not written to their places. */
  get size(): number {
    this.#refresh();
    return this.#newest.size + (this.#leaving?.changes.size ?? 0);
  }

  /** Those of the users who take part in an iteration. */
  participants(iteration: number, users: ReadonlySet<number>): ReadonlyMap<number, Participant> {
    const found = new Map<number, Participant>();
    if (users.size === 0) return found;
    this.#refresh();
    const others: number[] = [];
    for (const user of users) {
      const participant =
        this.#newest.participant(iteration, user) ?? this.#leaving?.changes.participant(iteration, user);
      if (participant === undefined) others.push(user);
      else found.set(user, participant);
    }
    if (others.length === 0) return found;
    // Each user is looked up by itself: the table is never the outer one. One text for all, because a row costs more than its look-up.
    const sql = `SELECT group_concat('[' || user || ',' || variation || ',' || first_at || ',' || totals || ']') AS list
      FROM json_each(?) CROSS JOIN participants ON iteration = ? AND user = json_each.value`;
    const { list } = this.#connection.row<{ readonly list: string | null }>(sql, listOf(others), iteration) ?? {};
    const rows: readonly (readonly [number, number, number, readonly number[]])[] = JSON.parse(`[${list ?? ''}]`);
    for (const [user, variation, firstAt, totals] of rows) found.set(user, { variation, firstAt, totals });
    return found;
  }

  /** Single events of users from a time on; those of the same time in the order in which they came. */
  events(event: number, users: Iterable<number>, from: number): ReadonlyMap<number, readonly NumberedEvent[]> {
    this.#refresh();
    const logs = new Map<number, NumberedEvent[]>();
    const all = [...users];
    const unfolded = [...(this.#leaving === undefined ? [] : [this.#leaving.changes]), this.#newest];
    // What has left memory in part is in its place in part: from there come only those that are not in memory.
    const first = Math.min(...unfolded.map(({ firstSeq }) => firstSeq));
    const sql = `SELECT user, at, seq, metric_log.value AS value FROM json_each(?)
      CROSS JOIN metric_log ON event = ? AND user = json_each.value AND at >= ? AND seq < ? ORDER BY user, at, seq`;
    const rows = this.#connection.rows<NumberedEvent & { readonly user: number }>(sql, listOf(all), event, from, first);
    const add = (user: number, one: NumberedEvent) => {
      const log = logs.get(user);
      if (log === undefined) logs.set(user, [one]);
      else log.push(one);
    };
    for (const { user, ...one } of rows) add(user, one);
    for (const changes of unfolded) {
      for (const user of all) for (const one of changes.events(event, user)) if (one.at >= from) add(user, one);
    }
    return logs;
  }

  /** Keeps what a transaction has changed, and writes some of what waits to its places when there is enough of it. */
  add(changes: UserChanges): void {
    this.#refresh();
    const count = changes.participants.length + changes.events.length;
    if (count === 0) return;
    if (this.#leaving === undefined && this.#newest.size >= this.#waiting) this.#beginToLeave();
    this.#append(changes);
    this.#write(PACE * count);
  }

  /**
   * Writes some of what waits to its places.
   *
   * @returns whether nothing waits any more.
   */
  fold(rows = AT_A_TIME): boolean {
    if (this.size === 0) return true;
    if (this.#leaving === undefined) this.#beginToLeave();
    this.#append(NOTHING);
    this.#write(rows);
    return this.size === 0;
  }

  /**
   * The same for all of it, for whoever begins.
   *
   * @returns how many entries were damaged: what was in them is lost.
   */
  recover(): number {
    const damaged = this.#load(() => undefined);
    while (!this.fold());
    if (damaged > 0) {
      this.#append(NOTHING);
      this.#connection.run('DELETE FROM counted_journal WHERE id < ?', this.#last);
    }
    return damaged;
  }

  #refresh(): void {
    if (this.#last === this.#lastKept()) return;
    this.#load((text) => keptValue<UserChanges>(text));
  }

  #lastKept(): number {
    return (
      this.#connection.row<{ readonly id: number | null }>('SELECT max(id) AS id FROM counted_journal')?.id ?? FIRST
    );
  }

  /** @returns how many entries are damaged. */
  #load(ifDamaged: (text: string) => UserChanges | undefined): number {
    this.#last = Number.NaN;
    this.#newest = new Unfolded();
    this.#leaving = undefined;
    let damaged = 0;
    let last = FIRST;
    for (const { id, text } of this.#connection.rows<Entry>('SELECT id, text FROM counted_journal ORDER BY id')) {
      const changes = intactValue<UserChanges>(text) ?? ifDamaged(text);
      if (changes === undefined) damaged += 1;
      else this.#newest.add(changes, id + 1 - changes.events.length);
      last = id;
    }
    this.#last = last;
    return damaged;
  }

  /** Each event takes a number, and the entry that of its last one. */
  #append(changes: UserChanges): void {
    const id = this.#last + Math.max(1, changes.events.length);
    this.#connection.run('INSERT INTO counted_journal VALUES (?, ?)', id, keptText(changes));
    this.#newest.add(changes, id + 1 - changes.events.length);
    this.#last = id;
  }

  #beginToLeave(): void {
    const changes = this.#newest;
    this.#leaving = { changes, rows: changes.rows(), last: this.#last };
    this.#newest = new Unfolded();
  }

  #write(rows: number): void {
    if (this.#leaving === undefined) return;
    const { rows: leaving, last } = this.#leaving;
    const parts = { participants: [] as Row[], metric_log: [] as Row[] };
    let isOver = false;
    for (let left = Math.ceil(rows / BATCH) * BATCH; left > 0 && !isOver; left--) {
      const { value, done } = leaving.next();
      if (done === true) isOver = true;
      else parts[value[0]].push(value[1]);
    }
    for (const [table, some] of Object.entries(parts)) {
      runForRows(this.#connection, (places) => `INSERT OR REPLACE INTO ${table} VALUES ${places}`, some);
    }
    if (!isOver) return;
    // The entry of this transaction is behind them, so the journal is never without its last number.
    this.#connection.run('DELETE FROM counted_journal WHERE id <= ?', last);
    this.#leaving = undefined;
  }
}

interface Entry {
  readonly id: number;
  readonly text: string;
}

/** In the order of keys: neighbours are on one page. */
function listOf(users: readonly number[]): string {
  return `[${Float64Array.from(users).sort().join()}]`;
}

/** Runs work that reads or changes what is kept of users in its place: everything is written there before, part by part. */
export async function folded<T>(
  { read, write }: Pick<Session, 'read' | 'write'>,
  journal: CountedJournal,
  work: () => T,
  durability?: Durability,
): Promise<T> {
  // As many parts as there are now: more may come all the time, and the last ones go with the work.
  let left = await read(() => journal.size);
  for (; left > AT_A_TIME; left -= AT_A_TIME) {
    await write(() => journal.fold(), 'process');
    await setImmediate();
  }
  return write(() => {
    while (!journal.fold());
    return work();
  }, durability);
}
