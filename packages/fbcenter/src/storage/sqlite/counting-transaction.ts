import { type Counting, countingOf, isOpenAt } from '../../experiments/counting/counting.js';
import { exposed, measured, type Participant } from '../../experiments/counting/participant.js';
import type { RunningSums } from '../../experiments/counting/sums.js';
import type { Iteration } from '../../model/experiment.js';
import type { CountedEvent, CountedRequest } from '../experiments.js';
import type { SqliteConnection } from './connection.js';
import type { CountedJournal } from './counted-journal.js';
import type { KnownSums } from './known-sums.js';
import { MeasuredEvents } from './measured-events.js';
import { UserLogs } from './user-logs.js';

/** In the place of the next event: the request is known as a whole. */
const WHOLE = -1;

interface OpenIteration {
  readonly id: number;
  readonly counting: Counting;
  readonly sums: RunningSums;
  /** Those whom the requests are about, as they are in the database. */
  readonly kept: ReadonlyMap<number, Participant>;
  /** Those who have changed, as they are now. */
  readonly changed: Map<number, Participant>;
}

/** What the transactions of a database have in common. */
interface CountingParts {
  readonly connection: SqliteConnection;
  readonly journal: CountedJournal;
  readonly sums: KnownSums;
}

/**
 * The counting of some requests of an environment, within one transaction. What they are about is read at once before, and what
 * has changed is written at once at the end: each statement costs more than its rows.
 */
export class CountingTransaction {
  readonly #parts: CountingParts;
  readonly #now: number;
  readonly #events: MeasuredEvents;
  readonly #iterations: readonly Iteration[];
  /** The iterations that an event counts in, by its name. */
  readonly #measuring = new Map<string, readonly number[]>();
  readonly #open = new Map<number, OpenIteration>();

  constructor(parts: CountingParts, environmentId: string, iterations: readonly Iteration[], now: number) {
    this.#parts = parts;
    this.#now = now;
    this.#events = new MeasuredEvents(parts.connection, parts.journal, environmentId);
    this.#iterations = iterations;
    for (const iteration of iterations) {
      for (const event of new Set(countingOf(iteration).measures.map((measure) => measure.event))) {
        this.#measuring.set(event, [...(this.#measuring.get(event) ?? []), iteration.id]);
      }
    }
  }

  take(requests: readonly CountedRequest[]): void {
    const concerned = this.#concerned(requests);
    for (const iteration of this.#iterations) {
      const users = concerned.get(iteration.id);
      if (users !== undefined) this.#open.set(iteration.id, this.#opened(iteration, users));
    }
    const events = requests.flatMap((request) => this.#newIn(request));
    const logs = this.#logsFor(events);
    for (const event of events) this.#count(event, logs);
    const open = [...this.#open.values()];
    this.#parts.journal.add({
      participants: open.flatMap(({ id, changed }) => Array.from(changed, ([user, now]) => [id, user, now] as const)),
      events: logs.fresh(),
    });
    for (const { id, counting, sums } of open) this.#parts.sums.write(id, counting, sums);
  }

  /** The users whom requests are about, by the iteration. */
  #concerned(requests: readonly CountedRequest[]): ReadonlyMap<number, ReadonlySet<number>> {
    const users = new Map(this.#iterations.map(({ id }) => [id, new Set<number>()]));
    const isConcerned = new Set<number>();
    for (const { events, uncounted } of requests) {
      for (const event of events) {
        for (const id of this.#iterationsOf(event)) {
          isConcerned.add(id);
          users.get(id)?.add(event.user);
        }
      }
      for (const id of uncounted.keys()) isConcerned.add(id);
    }
    return new Map([...users].filter(([id]) => isConcerned.has(id)));
  }

  #iterationsOf(event: CountedEvent): readonly number[] {
    return event.kind === 'exposure' ? [event.iteration] : (this.#measuring.get(event.event) ?? []);
  }

  #opened(iteration: Iteration, users: ReadonlySet<number>): OpenIteration {
    const { id } = iteration;
    const counting = countingOf(iteration);
    const sums = this.#parts.sums.take(id, counting);
    const kept = this.#parts.journal.participants(id, users);
    return { id, counting, sums, kept, changed: new Map() };
  }

  /** Notes a request, and gives those of its events that were not counted before. */
  #newIn({ hash, events, next, uncounted }: CountedRequest): readonly CountedEvent[] {
    const { connection } = this.#parts;
    const sql = 'INSERT OR IGNORE INTO taken_requests VALUES (?, ?, ?)';
    if (connection.run(sql, hash, this.#now, next ?? WHOLE) > 0) {
      for (const [id, counts] of uncounted) this.#open.get(id)?.sums.leaveOut(counts);
      return events;
    }
    const known = connection.row<{ readonly next: number }>('SELECT next FROM taken_requests WHERE hash = ?', hash);
    // One that was taken in part, before the center was killed, goes on where it was cut off.
    const from = known?.next ?? 0;
    if (from === WHOLE) {
      // Of a request in parts the last one says so.
      if (next !== undefined) return [];
      const ids = new Set(events.flatMap((event) => this.#iterationsOf(event)));
      for (const id of ids) this.#open.get(id)?.sums.replayed();
      return [];
    }
    if (next !== undefined && next <= from) return [];
    connection.run('INSERT OR REPLACE INTO taken_requests VALUES (?, ?, ?)', hash, this.#now, next ?? WHOLE);
    return events.filter(({ place }) => place >= from);
  }

  /** What is kept of those who enter, or enter earlier than was known, together with what comes now. */
  #logsFor(events: readonly CountedEvent[]): UserLogs {
    const entering = new Set<number>();
    for (const event of events) {
      if (event.kind !== 'exposure') continue;
      const kept = this.#open.get(event.iteration)?.kept.get(event.user);
      if (kept === undefined || event.at < kept.firstAt) entering.add(event.user);
    }
    const from = Math.min(...[...this.#open.values()].map(({ counting }) => counting.since));
    return new UserLogs(this.#events, entering, from);
  }

  #count(event: CountedEvent, logs: UserLogs): void {
    if (event.kind === 'exposure') {
      const open = this.#open.get(event.iteration);
      // It may have been stopped while the event waited.
      if (open === undefined || !isOpenAt(open.counting, event.at)) return;
      open.sums.saw(event.at);
      this.#replace(open, event.user, (before) => exposed(open.counting, before, event, logs.of(event.user)));
      return;
    }
    logs.add(event.event, event);
    for (const id of this.#iterationsOf(event)) {
      const open = this.#open.get(id);
      if (open === undefined) continue;
      const { since, end } = open.counting;
      if (event.at < since || event.at >= (end ?? Number.POSITIVE_INFINITY)) continue;
      open.sums.saw(event.at);
      this.#replace(open, event.user, (before) => before && measured(open.counting, before, event));
    }
  }

  #replace(
    { sums, kept, changed }: OpenIteration,
    user: number,
    change: (before: Participant | undefined) => Participant | undefined,
  ): void {
    const before = changed.get(user) ?? kept.get(user);
    const now = change(before);
    if (now === undefined || now === before) return;
    sums.replace(before, now);
    changed.set(user, now);
  }
}
