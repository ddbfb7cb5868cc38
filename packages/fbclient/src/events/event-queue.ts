import { type InsightEvent, sizeOf } from '../protocol/insight.js';

/** The most that waiting events may take together, in UTF-16 units (32 MiB of memory). */
const MAX_QUEUE_SIZE = 16 * 1024 * 1024;
/** The most that one event may take, in UTF-16 units. */
const MAX_EVENT_SIZE = 256 * 1024;

/** Consecutive events. They are numbered from 1 in the order in which they were recorded. */
export interface Batch {
  /** The number of the first of them. */
  readonly first: number;
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

  /**
   * Takes out the events that have waited longest; the queue must not be empty.
   *
   * @param maxEvents the most events, at least 1.
   * @param maxSize the most that they may take together, by estimate, in UTF-16 units. One event alone may take more.
   */
  take(maxEvents: number, maxSize: number): Batch {
    let count = 0;
    let size = 0;
    for (const event of this.#events) {
      const next = sizeOf(event);
      if (count >= maxEvents || (count > 0 && size + next > maxSize)) break;
      count += 1;
      size += next;
    }
    const { first } = this;
    const events = this.#events.splice(0, count);
    this.#size -= size;
    this.#taken += count;
    return { first, events };
  }
}
