import type { Cancel } from '../runtime/clock.js';
import type { Batch } from './event-queue.js';

/** Why an event that was recorded did not reach the server, or may not have reached it. */
export type DropReason =
  /** The queue was full. */
  | 'queueFull'
  /** It was larger than an event may be, or than the server takes. */
  | 'tooLarge'
  /** Its user could not be used. */
  | 'invalidUser'
  /** Its name was blank, or its value not a number that a 32-bit float can hold. */
  | 'invalidEvent'
  /** It repeated one that was recorded; only with `eventsDeduplicationWindow`. */
  | 'deduplicated'
  | 'unencodable'
  /** It was sent and not answered: whether the server has it is not known. */
  | 'unanswered'
  /** The client was closed, or was while the event waited. */
  | 'closed';

/** What became of an event that was taken in. */
export type Fate = 'sent' | 'failed' | 'tooLarge' | 'unencodable' | 'unanswered' | 'closed';

/**
 * What became of the events; counted from the client's start. At any time
 * `accepted` = `sent` + `failed` + all of `dropped` − `notAccepted` + `queued` + `unsettled`.
 */
export interface EventCounters {
  /** Events that went into the queue. */
  readonly accepted: number;
  /** Events that never went into the queue. They are in `dropped` as well, together with accepted ones that were dropped later. */
  readonly notAccepted: number;
  /** Events that the server took (answered 2xx). */
  readonly sent: number;
  /** Events given up after the last retry, and single events that the server refused. */
  readonly failed: number;
  /** Events that were dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Requests that did not succeed, whether tried again or not. */
  readonly failedRequests: number;
  /** What the last of them failed with. */
  readonly lastError?: string;
  /** Events that wait to be sent. */
  readonly queued: number;
  /** Events that are out of the queue and not settled: under way, or waiting for a retry or for their turn. */
  readonly unsettled: number;
  /** Requests under way, or waiting for a retry or for their turn. */
  readonly unsettledRequests: number;
}

interface Waiter {
  /** The last event that is waited for. */
  readonly upTo: number;
  /** How many of them are not settled. */
  remaining: number;
  readonly done: () => void;
}

/** What became of every event: counted, and reported to those who wait for it. */
export class EventLedger {
  readonly #dropped: Record<DropReason, number> = {
    queueFull: 0,
    tooLarge: 0,
    invalidUser: 0,
    invalidEvent: 0,
    deduplicated: 0,
    unencodable: 0,
    unanswered: 0,
    closed: 0,
  };
  readonly #waiters = new Set<Waiter>();
  #notAccepted = 0;
  #sent = 0;
  #failed = 0;
  #settled = 0;
  #failedRequests = 0;
  #lastError: string | undefined;

  /** Events that were taken in and have met their fate. */
  get settled(): number {
    return this.#settled;
  }

  get counters(): Pick<EventCounters, 'notAccepted' | 'sent' | 'failed' | 'dropped' | 'failedRequests' | 'lastError'> {
    return {
      notAccepted: this.#notAccepted,
      sent: this.#sent,
      failed: this.#failed,
      dropped: { ...this.#dropped },
      failedRequests: this.#failedRequests,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  /** An event was not taken in. */
  drop(reason: DropReason): void {
    this.#notAccepted += 1;
    this.#dropped[reason] += 1;
  }

  /** All events of a batch have met the same fate. */
  settle({ first, events }: Batch, fate: Fate): void {
    if (fate === 'sent') this.#sent += events.length;
    else if (fate === 'failed') this.#failed += events.length;
    else this.#dropped[fate] += events.length;
    this.#settled += events.length;
    const last = first + events.length - 1;
    for (const waiter of [...this.#waiters]) {
      waiter.remaining -= Math.max(Math.min(last, waiter.upTo) - first + 1, 0);
      if (waiter.remaining === 0) waiter.done();
    }
  }

  /** A request did not succeed, whether it will be tried again or not. */
  requestFailed(problem: string): void {
    this.#failedRequests += 1;
    this.#lastError = problem;
  }

  /**
   * Calls back once all events up to a number are settled; some of them must not be.
   *
   * @returns cancels the wait.
   */
  whenSettled(upTo: number, done: () => void): Cancel {
    const waiter: Waiter = { upTo, remaining: upTo - this.#settled, done };
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }
}
