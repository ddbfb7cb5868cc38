import type { Log } from '../runtime/log.js';
import type { HttpOutcome, Network, Platform } from '../runtime/platform.js';
import type { Delivery } from './delivery.js';
import type { EventQueue } from './event-queue.js';
import { type InsightTarget, insightRequest } from './insight-request.js';
import type { EventLedger, Fate } from './ledger.js';
import { NO_ATTEMPTS, nextStep, type RetryRules } from './next-step.js';
import { Pause } from './pause.js';
import {
  aboutEvent,
  bytesOf,
  type EncodedBatch,
  encode,
  halvesOf,
  isLargerThan,
  type PendingBatch,
} from './pending-batch.js';
import { PendingBatches } from './pending-batches.js';

/** Batches that are taken out of the queue at once; more than one, so that a batch in trouble holds up nobody. */
const MAX_UNSETTLED = 4;
/** Requests under way at once to a server that answers fast. */
const MAX_UNDER_WAY = 4;
/** An answer that took longer, in milliseconds, makes the next requests wait for each other: the server is busy. */
const SLOW = 1_000;
/** The most that a request may carry, in bytes: less than 1 MiB, which is nginx's default limit. */
const MAX_BYTES = 1_000_000;
/** The least that the limit shrinks to when the server takes less, in bytes. */
const LEAST_BYTES = 16_384;
/** After so many single events in a row that the server refuses, the cause is not in the events. */
const MAX_REFUSED_IN_A_ROW = 5;
/** The ceiling of the first pause after them, in milliseconds. It is short: the server does not refuse the client. */
const PAUSE_AFTER_THEM = 2_000;
/** The ceiling of the first pause after a refusal of the client, in milliseconds; half of it is the shortest pause. */
const PAUSE_WHEN_REFUSED = 120_000;
/** Batches that were not answered and wait for half a minute or more; they are no reason to hold up others meanwhile. */
const MAX_UNANSWERED = 32;

export interface DeliverySettings extends InsightTarget, RetryRules {
  readonly maxPerRequest: number;
  readonly privateAttributes: ReadonlySet<string>;
}

/** Takes batches from the queue to the server: each with bounded retries, and no more at once than the server bears. */
export class EventDelivery implements Delivery {
  readonly #queue: EventQueue;
  readonly #settings: DeliverySettings;
  readonly #platform: Platform;
  readonly #network: Network;
  readonly #log: Log;
  readonly #ledger: EventLedger;
  readonly #pause: Pause;
  readonly #pending: PendingBatches;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Events up to this number are to be sent without waiting for a batch to fill. */
  #due = 0;
  /** How many requests may be under way: one, unless the server took the last events fast. */
  #width = 1;
  #maxBytes = MAX_BYTES;
  #refusedInARow = 0;

  constructor(
    queue: EventQueue,
    settings: DeliverySettings,
    platform: Platform,
    network: Network,
    log: Log,
    ledger: EventLedger,
  ) {
    this.#queue = queue;
    this.#settings = settings;
    this.#platform = platform;
    this.#network = network;
    this.#log = log;
    this.#ledger = ledger;
    this.#pending = new PendingBatches(platform.clock);
    this.#pause = new Pause(platform, log);
  }

  /** Requests under way, or waiting for a retry or for their turn. */
  get unsettled(): number {
    return this.#pending.size;
  }

  /** The events of these. */
  get unsettledEvents(): number {
    return this.#pending.events;
  }

  /** Everything in the queue is to be sent as soon as it can be. */
  flush(): void {
    this.#due = this.#queue.last;
    this.pump();
  }

  /** Sends what is due, and what fills a batch. */
  pump(): void {
    while (this.#state !== 'closed' && !this.#pause.active && this.#pending.underWay < this.#width) {
      const batch = this.#pending.next() ?? this.#take();
      if (batch === undefined) return;
      this.#prepare(batch);
    }
  }

  /** From here on nothing is sent a second time: what waits for a retry has it now, and the queue is emptied. */
  lastAttempt(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#pause.end();
    this.#pending.endWaits();
    // The server may still be working on what it has not answered: now is too early to send it again.
    for (const batch of this.#pending.takeUnanswered()) {
      this.#giveUp(batch, 'unanswered', 'the client is being closed');
    }
    this.flush();
  }

  /** Gives up whatever is left. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#pause.end();
    this.#abandon('', this.#pending.takeUnderWay());
  }

  #take(): PendingBatch | undefined {
    const { maxPerRequest } = this.#settings;
    const due = this.#queue.first <= this.#due || this.#queue.length >= maxPerRequest;
    if (this.#queue.length === 0 || !due) return undefined;
    if (this.#pending.inTrouble >= MAX_UNSETTLED || this.#pending.unanswered >= MAX_UNANSWERED) return undefined;
    const { first, events } = this.#queue.take(maxPerRequest, this.#maxBytes);
    return { first, events, attempts: NO_ATTEMPTS };
  }

  /** Sends a batch, or what it must be cut into first. */
  #prepare(batch: PendingBatch): void {
    const isSingle = batch.events.length === 1;
    const encoded = encode(batch, this.#settings.privateAttributes);
    if (encoded === undefined) {
      if (isSingle) this.#drop(batch, 'unencodable', 'it could not be encoded');
      else this.#halve(batch);
    } else if (isLargerThan(encoded, isSingle ? MAX_BYTES : this.#maxBytes)) {
      if (isSingle) this.#drop(encoded, 'tooLarge', 'it is larger than a request may be');
      else this.#halve(encoded);
    } else {
      this.#send(encoded);
    }
  }

  #send(batch: EncodedBatch): void {
    const { clock } = this.#platform;
    const start = clock.elapsed();
    const cancel = this.#network.request(insightRequest(this.#settings, batch.body), (outcome) => {
      this.#pending.ended(batch);
      this.#answered(batch, outcome, clock.elapsed() - start > SLOW);
      this.pump();
    });
    this.#pending.begun(batch, cancel);
  }

  #answered(batch: EncodedBatch, outcome: HttpOutcome, isSlow: boolean): void {
    const { clock } = this.#platform;
    const sent = { events: batch.events.length, attempts: batch.attempts, isLast: this.#state === 'closing' };
    const { step, problem = '' } = nextStep(outcome, sent, this.#settings, clock.now(), this.#platform.random());
    if (step.kind !== 'sent') this.#ledger.requestFailed(problem);
    if (isSlow) this.#width = 1;
    else if (step.kind === 'sent') this.#width = MAX_UNDER_WAY;
    switch (step.kind) {
      case 'sent':
        this.#refusedInARow = 0;
        this.#ledger.settle(batch, 'sent');
        this.#pause.delivered();
        break;
      case 'retry':
        this.#pending.wait({ ...batch, attempts: step.attempts }, step.wait, step.isUnanswered, () => this.pump());
        break;
      case 'halve':
        if (step.tooLarge) this.#shrinkBelow(bytesOf(batch));
        this.#halve(batch, step.attempts);
        break;
      case 'drop':
        this.#drop(batch, step.fate, `the server refused it (${problem})`);
        this.#refused(problem);
        break;
      case 'give-up':
        this.#giveUp(batch, step.fate, problem);
        break;
      case 'pause':
        this.#pending.addFirst(batch);
        this.#hold(problem, PAUSE_WHEN_REFUSED, step.atLeast);
    }
  }

  #halve(batch: PendingBatch, attempts = batch.attempts): void {
    this.#pending.addFirst(...halvesOf(batch, attempts));
  }

  /** The server does not take so many bytes at once: the next batches are made to fit. */
  #shrinkBelow(bytes: number): void {
    this.#maxBytes = Math.max(Math.min(this.#maxBytes, Math.floor(bytes / 2)), LEAST_BYTES);
  }

  /** The server has refused a single event. */
  #refused(problem: string): void {
    this.#refusedInARow += 1;
    if (this.#refusedInARow < MAX_REFUSED_IN_A_ROW) return;
    this.#refusedInARow = 0;
    this.#hold(`the last ${MAX_REFUSED_IN_A_ROW} of them each by itself: ${problem}`, PAUSE_AFTER_THEM);
  }

  /** Sends nothing for a while, because the server refuses everything. For a client that is being closed that is the end. */
  #hold(problem: string, pause: number, atLeast = 0): void {
    if (this.#state !== 'open') {
      this.#abandon(`: the event server refuses them (${problem})`);
      return;
    }
    // One request is enough to see whether the server takes events again.
    this.#width = 1;
    this.#pause.begin(problem, pause, atLeast, () => this.pump());
  }

  /** Drops a single event. */
  #drop(batch: PendingBatch, fate: 'failed' | 'tooLarge' | 'unencodable', problem: string): void {
    this.#ledger.settle(batch, fate);
    const about = aboutEvent(batch);
    const size = about.bytes === undefined ? '' : `, ${about.bytes} bytes`;
    const message = `an event (${about.kind}${size}) was dropped: ${problem}`;
    this.#log.write('warn', 'event-dropped', message, { reason: fate, ...about });
  }

  #giveUp(batch: PendingBatch, fate: 'failed' | 'unanswered', problem: string): void {
    this.#ledger.settle(batch, fate);
    const { length } = batch.events;
    if (fate === 'unanswered') this.#reportUnanswered(length, problem);
    else this.#log.write('error', 'events-lost', `${length} events could not be delivered: ${problem}`);
  }

  /**
   * Gives up all that is not under way, because the client is being closed.
   *
   * @param unanswered what else is given up: batches whose request was under way.
   */
  #abandon(why: string, unanswered: readonly PendingBatch[] = []): void {
    const idle = [...this.#pending.takeIdle()];
    const { length } = this.#queue;
    if (length > 0) idle.push({ ...this.#queue.take(length, Number.POSITIVE_INFINITY), attempts: NO_ATTEMPTS });
    const wasSent = ({ attempts }: PendingBatch): boolean => attempts.unanswered;
    const unsent = this.#settleAll(
      idle.filter((batch) => !wasSent(batch)),
      'closed',
    );
    const sent = this.#settleAll([...unanswered, ...idle.filter(wasSent)], 'unanswered');
    if (unsent > 0) {
      this.#log.write('error', 'events-lost', `${unsent} events were not sent before the client was closed${why}`);
    }
    if (sent > 0) this.#reportUnanswered(sent, 'the client was closed');
  }

  /** @returns how many events that were. */
  #settleAll(batches: readonly PendingBatch[], fate: Fate): number {
    for (const batch of batches) this.#ledger.settle(batch, fate);
    return batches.reduce((sum, { events }) => sum + events.length, 0);
  }

  #reportUnanswered(count: number, why: string): void {
    const message = `${count} events were sent, but not answered (${why}): whether the server has them is not known`;
    this.#log.write('warn', 'events-unanswered', message);
  }
}
