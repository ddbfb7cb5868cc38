import { type InsightEvent, sizeOf } from '../protocol/insight.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Network, Platform } from '../runtime/platform.js';
import { type Wait, waitFor } from '../runtime/wait.js';
import type { RecordedUser } from '../users/recorded-user.js';
import type { User } from '../users/user.js';
import { RecentExposures } from './deduplication.js';
import type { Delivery, DeliveryParts } from './delivery.js';
import { type DeliverySettings, EventDelivery } from './event-delivery.js';
import { EventQueue } from './event-queue.js';
import { type DropReason, type EventCounters, EventLedger } from './ledger.js';
import { RecordedUsers } from './recorded-users.js';

export interface EventSettings extends DeliverySettings {
  readonly maxInQueue: number;
  readonly flushInterval: number;
  /** Milliseconds; 0 = every evaluation is recorded. */
  readonly deduplicationWindow: number;
}

/** A variation that was served, as its event reports it. */
export interface Exposure {
  readonly flag: { readonly key: string };
  readonly variation: { readonly id: string; readonly value: string };
  /** Whether the evaluation for this user belongs to an experiment. */
  sendToExperiment(user: User): boolean;
}

/**
 * Makes events of what the application did, and sees to it that they are sent: on a timer, when a batch fills, and when
 * asked. What keeps an event out is counted and logged; nothing is thrown.
 */
export class EventRecorder {
  readonly #settings: EventSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queue: EventQueue;
  readonly #ledger = new EventLedger();
  readonly #delivery: Delivery;
  readonly #recent: RecentExposures | undefined;
  readonly #users = new RecordedUsers();
  #flushTimer: Cancel | undefined;
  #closed = false;

  constructor(
    settings: EventSettings,
    platform: Platform,
    network: Network,
    log: Log,
    createDelivery: (parts: DeliveryParts) => Delivery = ({ queue, ledger }) =>
      new EventDelivery(queue, settings, platform, network, log, ledger),
  ) {
    this.#settings = settings;
    this.#clock = platform.clock;
    this.#log = log;
    this.#queue = new EventQueue(settings.maxInQueue);
    this.#recent = settings.deduplicationWindow > 0 ? new RecentExposures(settings.deduplicationWindow) : undefined;
    this.#delivery = createDelivery({
      queue: this.#queue,
      settings,
      platform,
      network,
      log,
      ledger: this.#ledger,
    });
  }

  get counters(): EventCounters {
    return {
      accepted: this.#queue.last,
      ...this.#ledger.counters,
      queued: this.#queue.length,
      unsettled: this.#delivery.unsettledEvents,
      unsettledRequests: this.#delivery.unsettled,
    };
  }

  /** A user was served a variation. */
  evaluated(user: unknown, exposure: Exposure): void {
    const recorded = this.#userOf(user);
    if (recorded === undefined) return;
    const { flag, variation } = exposure;
    const flagKey = flag.key;
    const userKey = recorded.attributes.key;
    if (this.#recent?.has({ flagKey, variationId: variation.id, userKey }, this.#clock.elapsed()) === true) {
      this.#drop('deduplicated');
      return;
    }
    const sendToExperiment = exposure.sendToExperiment(recorded.attributes);
    const timestamp = this.#now();
    const accepted = this.#add({ kind: 'evaluation', user: recorded, timestamp, flagKey, variation, sendToExperiment });
    // Remember it only once it is queued. A refused event must not make the next one look like a repetition.
    if (accepted) this.#recent?.add({ flagKey, variationId: variation.id, userKey }, this.#clock.elapsed());
  }

  /** Something that is measured happened to a user. */
  measured(user: unknown, eventName: unknown, value: unknown): void {
    if (typeof eventName !== 'string' || eventName.trim() === '' || !isMeasure(value)) {
      this.#drop('invalidEvent');
      return;
    }
    const recorded = this.#userOf(user);
    if (recorded === undefined) return;
    this.#add({ kind: 'metric', user: recorded, timestamp: this.#now(), eventName, value });
  }

  /** {@link measured} for several measures, by event name; one event for each. */
  measuredAll(user: unknown, measures: unknown): void {
    const entries = entriesOf(measures);
    if (entries === undefined) this.#drop('invalidEvent');
    else for (const [eventName, value] of entries) this.measured(user, eventName, value);
  }

  /** The application reported a user. */
  identified(user: unknown): void {
    const recorded = this.#userOf(user);
    if (recorded === undefined) return;
    this.#add({ kind: 'identify', user: recorded, timestamp: this.#now() });
  }

  flush(): void {
    this.#delivery.flush();
  }

  /**
   * @param standard milliseconds, for a wait that gives no time.
   * @returns whether everything accepted so far was sent or finally failed in time.
   */
  flushAndWait(wait: Wait | undefined, standard: number): Promise<boolean> {
    this.flush();
    return this.#settledWithin(wait, standard);
  }

  /** Makes a last attempt to send what is left, and gives up after so many milliseconds. */
  async close(milliseconds: number): Promise<void> {
    this.#closed = true;
    this.#flushTimer?.();
    this.#users.forget();
    this.#delivery.lastAttempt();
    await this.#settledWithin(milliseconds, milliseconds);
    this.#delivery.close();
  }

  /** The user of an event, as it is now. */
  #userOf(user: unknown): RecordedUser | undefined {
    if (this.#closed) {
      this.#drop('closed');
      return undefined;
    }
    const recorded = this.#users.record(user);
    if (recorded === undefined) this.#drop('invalidUser');
    return recorded;
  }

  /** The time of an event, a whole number whatever clock the application has put in place: a fraction costs a whole batch. */
  #now(): number {
    const now = Math.trunc(this.#clock.now());
    return Number.isSafeInteger(now) ? now : 0;
  }

  /** @returns whether the event was taken in. */
  #add(event: InsightEvent): boolean {
    const refused = this.#queue.add(event);
    if (refused !== undefined) {
      this.#drop(refused, event);
      return false;
    }
    if (this.#queue.length >= this.#settings.maxPerRequest) this.#delivery.pump();
    if (this.#queue.length > 0)
      this.#flushTimer ??= this.#clock.background(this.#settings.flushInterval, this.#onTimer);
    return true;
  }

  /** Counts an event that is not taken in. The log says its kind and size, nothing of what is in it. */
  #drop(reason: RecordingDrop, event?: InsightEvent): void {
    this.#ledger.drop(reason);
    const why = DROPPED[reason];
    if (why === undefined) return;
    const about = event === undefined ? {} : { kind: event.kind, characters: sizeOf(event) };
    const what = event === undefined ? '' : ` (${about.kind}, about ${about.characters} characters)`;
    this.#log.write('warn', 'event-dropped', `an event${what} was dropped: ${why}`, { reason, ...about });
  }

  readonly #onTimer = (): void => {
    this.#flushTimer = undefined;
    this.#users.forget();
    this.#delivery.flush();
  };

  #settledWithin(wait: Wait | undefined, standard: number): Promise<boolean> {
    const upTo = this.#queue.last;
    if (upTo === this.#ledger.settled) return Promise.resolve(true);
    return waitFor(this.#clock, wait, standard, false, (done) => this.#ledger.whenSettled(upTo, () => done(true)));
  }
}

/** Whether a 32-bit float can hold a value: FeatBit's server refuses a whole batch for one that it cannot. */
function isMeasure(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}

/** @returns `undefined` for what has no entries, or throws when it is read. */
function entriesOf(object: unknown): readonly (readonly [string, unknown])[] | undefined {
  try {
    return typeof object === 'object' && object !== null ? Object.entries(object) : undefined;
  } catch {
    return undefined;
  }
}

/** The reasons for which an event is not even taken in. */
type RecordingDrop = Exclude<DropReason, 'unencodable' | 'unanswered'>;

/** What the log says; nothing where the application wanted it so. */
const DROPPED: Readonly<Record<RecordingDrop, string | undefined>> = {
  queueFull: 'the queue is full; the event server is slow or away, or eventsMaxInQueue is too small',
  tooLarge: 'it is larger than 256 Ki characters',
  invalidUser: 'its user is no object with an own property `key` that is a string and not blank',
  invalidEvent: 'its name is blank, or its value is not a number that a 32-bit float can hold',
  deduplicated: undefined,
  closed: undefined,
};
