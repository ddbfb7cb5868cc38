import type { LoggedEvent, Participant } from '../../experiments/counting/participant.js';
import type { Row } from './many-rows.js';

/** A single event with its number, which is larger than that of every event that came before. */
export interface NumberedEvent extends LoggedEvent {
  readonly seq: number;
}

/** What a transaction has changed of users. */
export interface UserChanges {
  /** As they are now. */
  readonly participants: readonly (readonly [iteration: number, user: number, participant: Participant])[];
  /** Single events that are new, by the number of their name. */
  readonly events: readonly (readonly [event: number, user: number, at: number, value: number])[];
}

export type UserTable = 'participants' | 'metric_log';

/** Changes of users that are not written to their places: of each user the newest, in memory. */
export class Unfolded {
  readonly #participants = new Map<number, Map<number, Participant>>();
  readonly #events = new Map<number, Map<number, NumberedEvent[]>>();
  #firstSeq = Number.MAX_SAFE_INTEGER;
  #size = 0;

  /** Rows that are to be written. */
  get size(): number {
    return this.#size;
  }

  /** The number of the first event; above all numbers when there is none. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** @param seq the number of the first event. */
  add({ participants, events }: UserChanges, seq: number): void {
    for (const [iteration, user, participant] of participants) {
      const users = entryOf(this.#participants, iteration);
      const before = users.size;
      users.set(user, participant);
      this.#size += users.size - before;
    }
    if (events.length > 0) this.#firstSeq = Math.min(this.#firstSeq, seq);
    for (const [index, [event, user, at, value]] of events.entries()) {
      const users = entryOf(this.#events, event);
      const log = users.get(user);
      const numbered = { at, value, seq: seq + index };
      if (log === undefined) users.set(user, [numbered]);
      else log.push(numbered);
      this.#size += 1;
    }
  }

  participant(iteration: number, user: number): Participant | undefined {
    return this.#participants.get(iteration)?.get(user);
  }

  /** In the order in which they came. */
  events(event: number, user: number): readonly NumberedEvent[] {
    return this.#events.get(event)?.get(user) ?? [];
  }

  /** Everything as rows, in the order of the tables' keys: rows of a page come one after another. */
  *rows(): Generator<readonly [table: UserTable, row: Row], void, undefined> {
    for (const [iteration, users] of this.#participants) {
      for (const user of ordered(users)) {
        const participant = users.get(user);
        if (participant !== undefined) yield ['participants', participantRow(iteration, user, participant)];
      }
    }
    for (const [event, users] of this.#events) {
      for (const user of ordered(users)) {
        for (const { at, seq, value } of users.get(user) ?? []) yield ['metric_log', [event, user, at, seq, value]];
      }
    }
  }
}

export function participantRow(iteration: number, user: number, { variation, firstAt, totals }: Participant): Row {
  return [iteration, user, variation, firstAt, JSON.stringify(totals)];
}

function entryOf<T>(maps: Map<number, Map<number, T>>, id: number): Map<number, T> {
  const known = maps.get(id);
  if (known !== undefined) return known;
  const made = new Map<number, T>();
  maps.set(id, made);
  return made;
}

function ordered(users: ReadonlyMap<number, unknown>): Float64Array {
  return Float64Array.from(users.keys()).sort();
}
