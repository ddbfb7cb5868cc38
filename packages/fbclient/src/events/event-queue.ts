import { type InsightEvent, sizeOf } from '../protocol/insight.js';

/** The most that waiting events may take together, in UTF-16 units (32 MiB of memory). */
const MAX_QUEUE_SIZE = 16 * 1024 * 1024;
/** The most that one event may take, in UTF-16 units. */
const MAX_EVENT_SIZE = 256 * 1024;
/** The most that a batch may take, in UTF-16 units, unless one event alone takes more. */
const MAX_BATCH_SIZE = 1024 * 1024;

/** Consecutive events. They are numbered from 1 in the order in which they were recorded. */
export interface Batch {
  readonly first: number;
  readonly last: number;
  readonly events: readonly InsightEvent[];
}

/** Events that wait to be sent, bounded in number and in size. */
export class EventQueue {
  readonly #capacity: number;
  readonly #events: InsightEvent[] = [];
  #size = 0;
  #taken = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#events.length;
  }

  /** An estimate of what the waiting events take, in UTF-16 units. */
  get size(): number {
    return this.#size;
  }

  /** The number of the event that was accepted last. */
  get last(): number {
    return this.#taken + this.#events.length;
  }

  /** The number of the event that waits longest. */
  get first(): number {
    return this.#taken + 1;
  }

  /** @returns why the event was not taken in; `undefined` when it was. */
  add(event: InsightEvent): 'queueFull' | 'tooLarge' | undefined {
    if (this.#events.length >= this.#capacity) return 'queueFull';
    const size = sizeOf(event);
    if (size > MAX_EVENT_SIZE) return 'tooLarge';
    if (this.#size + size > MAX_QUEUE_SIZE) return 'queueFull';
    this.#events.push(event);
    this.#size += size;
    return undefined;
  }

  /** Takes out the events that waited longest, as many as a request may carry; the queue must not be empty. */
  take(maxEvents: number): Batch {
    let count = 0;
    let size = 0;
    for (const event of this.#events) {
      const next = sizeOf(event);
      if (count >= maxEvents || (count > 0 && size + next > MAX_BATCH_SIZE)) break;
      count += 1;
      size += next;
    }
    const events = this.#events.splice(0, count);
    const first = this.first;
    this.#size -= size;
    this.#taken += count;
    return { first, last: this.#taken, events };
  }
}
