import type { InsightEvent } from '../protocol/insight.js';
import type { RecordedUser } from '../protocol/recorded-user.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Network, Platform } from '../runtime/platform.js';
import { type Wait, waitFor } from '../runtime/wait.js';
import { RecentEvaluations } from './deduplication.js';
import { type DeliverySettings, EventDelivery, type Fate } from './event-delivery.js';
import { type Batch, EventQueue } from './event-queue.js';
import { RecordedUsers } from './recorded-users.js';

/** Why an event that was recorded did not reach the server. */
export type DropReason =
  /** The queue was full. */
  | 'queueFull'
  /** It was larger than an event may be. */
  | 'tooLarge'
  /** Its user could not be used. */
  | 'invalidUser'
  /** Its name was blank or its value not a finite number. */
  | 'invalidEvent'
  /** It repeated one that was recorded; only with `eventsDeduplicationWindow`. */
  | 'deduplicated'
  | 'unencodable'
  /** The event server refuses this client's events. */
  | 'stopped'
  /** The client was closed, or was while the event waited. */
  | 'closed';

/** What became of the events; counted from the client's start. */
export interface EventCounters {
  /** Events that went into the queue. */
  readonly accepted: number;
  /** Events that the server took (answered 2xx). */
  readonly sent: number;
  /** Events given up after the last retry. */
  readonly failed: number;
  /** Events that were dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Requests that did not succeed, whether tried again or not. */
  readonly failedRequests: number;
  /** What the last of them failed with. */
  readonly lastError?: string;
  /** Events that wait to be sent. */
  readonly queued: number;
  /** Requests under way or waiting for a retry. */
  readonly unsettledRequests: number;
}

export interface EventSettings extends DeliverySettings {
  readonly maxInQueue: number;
  readonly flushInterval: number;
  /** Milliseconds; 0 = every evaluation is recorded. */
  readonly deduplicationWindow: number;
}

interface Waiter {
  /** The last event that is waited for. */
  readonly upTo: number;
  /** How many of them are in batches that are not done with. */
  remaining: number;
  readonly done: () => void;
}

/** Records events and sees to it that they are sent: on a timer, when a batch fills, and when asked. */
export class EventProcessor {
  readonly #settings: EventSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queue: EventQueue;
  readonly #delivery: EventDelivery;
  readonly #recent: RecentEvaluations | undefined;
  readonly #users = new RecordedUsers();
  readonly #waiters = new Set<Waiter>();
  #flushTimer: Cancel | undefined;
  #closed = false;
  /** Events of batches that are done with. Not the sum of fates: of a batch under way some may have met theirs. */
  #finished = 0;
  #sent = 0;
  #failed = 0;
  #failedRequests = 0;
  #lastError: string | undefined;
  readonly #dropped: Record<DropReason, number> = {
    queueFull: 0,
    tooLarge: 0,
    invalidUser: 0,
    invalidEvent: 0,
    deduplicated: 0,
    unencodable: 0,
    stopped: 0,
    closed: 0,
  };

  constructor(settings: EventSettings, platform: Platform, network: Network, log: Log) {
    this.#settings = settings;
    this.#clock = platform.clock;
    this.#log = log;
    this.#queue = new EventQueue(settings.maxInQueue);
    this.#recent = settings.deduplicationWindow > 0 ? new RecentEvaluations(settings.deduplicationWindow) : undefined;
    this.#delivery = new EventDelivery(this.#queue, settings, platform, network, log, {
      settled: (fate, count) => this.#count(fate, count),
      requestFailed: (problem) => {
        this.#failedRequests += 1;
        this.#lastError = problem;
      },
      batchDone: (batch) => this.#finish(batch),
    });
  }

  /** The user of an event, as it is now. `undefined` when there is none in it; that event is counted as dropped then. */
  recordUser(user: unknown): RecordedUser | undefined {
    const recorded = this.#users.record(user);
    if (recorded === undefined) this.drop('invalidUser');
    return recorded;
  }

  /** Takes an event in; whatever keeps it out is counted and logged. */
  record(event: InsightEvent): void {
    const refused = this.#refusal(event) ?? this.#queue.add(event);
    if (refused !== undefined) {
      this.drop(refused);
      return;
    }
    // Only now: what was not taken in cannot be repeated.
    if (event.kind === 'evaluation') this.#recent?.add(identityOf(event), this.#clock.elapsed());
    if (this.#queue.length >= this.#settings.maxPerRequest) this.#delivery.pump();
    if (this.#queue.length > 0)
      this.#flushTimer ??= this.#clock.background(this.#settings.flushInterval, this.#onTimer);
  }

  /** Counts an event that was not taken in. */
  drop(reason: DropReason): void {
    this.#dropped[reason] += 1;
    if (reason === 'deduplicated' || reason === 'closed' || reason === 'stopped') return;
    this.#log.write('warn', 'event-dropped', `an event was dropped: ${DROPPED[reason]}`, { reason });
  }

  flush(): void {
    this.#delivery.flush();
  }

  /**
   * @param standard milliseconds, for a wait that says nothing.
   * @returns whether everything accepted so far was sent or finally failed in time.
   */
  flushAndWait(wait: Wait | undefined, standard: number): Promise<boolean> {
    this.flush();
    return this.#settledWithin(wait, standard);
  }

  /** Makes a last attempt to send what is left, for so long at most. */
  async close(milliseconds: number): Promise<void> {
    this.#closed = true;
    this.#flushTimer?.();
    this.#users.forget();
    this.#delivery.lastAttempt();
    await this.#settledWithin(milliseconds, milliseconds);
    const left = this.#queue.last - this.#finished;
    if (left > 0) this.#log.write('error', 'events-lost', `${left} events were not sent before the client was closed`);
    this.#delivery.close();
  }

  get counters(): EventCounters {
    return {
      accepted: this.#queue.last,
      sent: this.#sent,
      failed: this.#failed,
      dropped: { ...this.#dropped },
      failedRequests: this.#failedRequests,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      queued: this.#queue.length,
      unsettledRequests: this.#delivery.unsettled,
    };
  }

  readonly #onTimer = (): void => {
    this.#flushTimer = undefined;
    this.#users.forget();
    this.#delivery.flush();
  };

  #refusal(event: InsightEvent): DropReason | undefined {
    if (this.#closed) return 'closed';
    if (this.#delivery.stopped) return 'stopped';
    if (event.kind !== 'evaluation' || this.#recent === undefined) return undefined;
    return this.#recent.has(identityOf(event), this.#clock.elapsed()) ? 'deduplicated' : undefined;
  }

  #count(fate: Fate, count: number): void {
    if (fate === 'sent') this.#sent += count;
    else if (fate === 'failed') this.#failed += count;
    else this.#dropped[fate] += count;
  }

  #settledWithin(wait: Wait | undefined, standard: number): Promise<boolean> {
    const upTo = this.#queue.last;
    const remaining = upTo - this.#finished;
    if (remaining === 0) return Promise.resolve(true);
    return waitFor(this.#clock, wait, standard, false, (done) => {
      const waiter: Waiter = { upTo, remaining, done: () => done(true) };
      this.#waiters.add(waiter);
      return () => this.#waiters.delete(waiter);
    });
  }

  #finish({ first, last }: Batch): void {
    this.#finished += last - first + 1;
    for (const waiter of [...this.#waiters]) {
      waiter.remaining -= Math.max(Math.min(last, waiter.upTo) - first + 1, 0);
      if (waiter.remaining === 0) waiter.done();
    }
  }
}

function identityOf({ flagKey, variation, user }: InsightEvent & { readonly kind: 'evaluation' }): string {
  return JSON.stringify([flagKey, variation.id, user.attributes.key]);
}

const DROPPED: Readonly<Record<Exclude<DropReason, 'deduplicated' | 'closed' | 'stopped'>, string>> = {
  queueFull: 'the queue is full; the event server is slow or away, or eventsMaxInQueue is too small',
  tooLarge: 'it is larger than 256 Ki characters',
  invalidUser: 'its user is no object with an own property `key` that is a string and not blank',
  invalidEvent: 'its name is blank or its value is not a finite number',
  unencodable: 'it could not be encoded',
};
