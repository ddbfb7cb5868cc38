import { encodeInsight } from '../protocol/insight.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { HttpOutcome, Network, Platform } from '../runtime/platform.js';
import type { Batch, EventQueue } from './event-queue.js';
import type { EventLedger, Fate } from './ledger.js';
import { judge } from './response.js';

/** Requests under way or waiting for their retry at once; more than one, so that a batch in trouble holds up nobody. */
const MAX_UNSETTLED = 4;
/** The longest wait before a retry unless the interval itself is longer, in milliseconds. */
const MAX_RETRY_WAIT = 300_000;
/** Longest answer that is read, in bytes; nothing in it is used. */
const MAX_ANSWER = 64 * 1024;

export interface DeliverySettings {
  /** Base URL of the event service, without a final slash. */
  readonly url: string;
  readonly secret: string;
  readonly maxPerRequest: number;
  readonly maxRetries: number;
  readonly retryInterval: number;
  readonly requestTimeout: number;
  readonly privateAttributes: ReadonlySet<string>;
}

interface Sending {
  readonly batch: Batch;
  readonly body: string;
  /** Events that could be encoded. */
  readonly count: number;
  retries: number;
  /** Ends the request, or the wait for the retry. */
  cancel: Cancel;
  phase: 'request' | 'waiting';
}

/** Takes batches from the queue to the server, several at once, each with bounded retries. */
export class EventDelivery {
  readonly #queue: EventQueue;
  readonly #settings: DeliverySettings;
  readonly #platform: Platform;
  readonly #network: Network;
  readonly #log: Log;
  readonly #ledger: EventLedger;
  readonly #unsettled = new Set<Sending>();
  /** Events up to this number are to be sent without waiting for a batch to fill. */
  #due = 0;
  #state: 'open' | 'last-attempt' | 'stopped' | 'closed' = 'open';

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
  }

  /** Whether the server has refused this client's events for good. */
  get stopped(): boolean {
    return this.#state === 'stopped';
  }

  /** Requests under way or waiting for their retry. */
  get unsettled(): number {
    return this.#unsettled.size;
  }

  /** Everything in the queue is to be sent as soon as there is a free place. */
  flush(): void {
    this.#due = this.#queue.last;
    this.pump();
  }

  /** Sends what is due, and what fills a batch. */
  pump(): void {
    if (this.#state === 'stopped' || this.#state === 'closed') return;
    while (this.#unsettled.size < MAX_UNSETTLED && this.#queue.length > 0) {
      const due = this.#queue.first <= this.#due || this.#queue.length >= this.#settings.maxPerRequest;
      if (!due) return;
      this.#begin(this.#queue.take(this.#settings.maxPerRequest));
    }
  }

  /** From here on each batch has one attempt: those that wait for a retry have theirs now, the queue is emptied. */
  lastAttempt(): void {
    if (this.#state !== 'open') return;
    this.#state = 'last-attempt';
    for (const sending of [...this.#unsettled]) {
      if (sending.phase !== 'waiting') continue;
      sending.cancel();
      this.#send(sending);
    }
    this.flush();
  }

  /** Gives up whatever is left. */
  close(): void {
    if (this.#state === 'stopped' || this.#state === 'closed') return;
    this.#abandon('closed');
  }

  #begin(batch: Batch): void {
    let body = '';
    let count = 0;
    for (const event of batch.events) {
      const json = this.#encode(event);
      if (json === undefined) continue;
      body += `${count === 0 ? '[' : ','}${json}`;
      count += 1;
    }
    const lost = batch.events.length - count;
    if (lost > 0) {
      this.#log.write('error', 'event-unencodable', `${lost} events could not be encoded and were dropped`);
      this.#ledger.count('unencodable', lost);
    }
    if (count === 0) {
      this.#ledger.settle(batch);
      return;
    }
    this.#send({ batch, body: `${body}]`, count, retries: 0, cancel: () => undefined, phase: 'request' });
  }

  #encode(event: Batch['events'][number]): string | undefined {
    try {
      return encodeInsight(event, this.#settings.privateAttributes);
    } catch {
      return undefined;
    }
  }

  #send(sending: Sending): void {
    this.#unsettled.add(sending);
    sending.phase = 'request';
    sending.cancel = this.#network.request(
      {
        method: 'POST',
        url: `${this.#settings.url}/api/public/insight/track`,
        headers: { Authorization: this.#settings.secret, 'Content-Type': 'application/json; charset=utf-8' },
        body: sending.body,
        timeout: this.#settings.requestTimeout,
        maxBody: MAX_ANSWER,
      },
      (outcome) => this.#answered(sending, outcome),
    );
  }

  #answered(sending: Sending, outcome: HttpOutcome): void {
    const verdict = judge(outcome, this.#clock.now());
    if (verdict.kind !== 'delivered') this.#ledger.requestFailed(verdict.problem);
    switch (verdict.kind) {
      case 'delivered':
        this.#settle(sending, 'sent');
        break;
      case 'stop':
        this.#stop(verdict.problem);
        return;
      case 'retry':
        if (this.#state === 'last-attempt' || sending.retries >= this.#settings.maxRetries) {
          const message = `${sending.count} events could not be delivered: ${verdict.problem}`;
          this.#log.write('error', 'events-lost', message);
          this.#settle(sending, 'failed');
        } else {
          this.#retryLater(sending, verdict.after);
        }
    }
    this.pump();
  }

  #retryLater(sending: Sending, after: number | undefined): void {
    const { retryInterval } = this.#settings;
    const longest = Math.min(retryInterval * 2 ** sending.retries, Math.max(retryInterval, MAX_RETRY_WAIT));
    // Half of the wait is jitter: batches that failed together do not come back together.
    const jittered = longest * (1 - this.#platform.random() / 2);
    sending.retries += 1;
    sending.phase = 'waiting';
    sending.cancel = this.#clock.background(after ?? jittered, () => this.#send(sending));
  }

  #stop(problem: string): void {
    this.#log.write(
      'error',
      'events-refused',
      `the event server refused this client's events (${problem}); no more are sent: check eventUrl and envSecret`,
    );
    this.#abandon('stopped');
  }

  #abandon(fate: 'stopped' | 'closed'): void {
    this.#state = fate;
    for (const sending of [...this.#unsettled]) {
      sending.cancel();
      this.#settle(sending, fate);
    }
    while (this.#queue.length > 0) {
      const batch = this.#queue.take(Number.MAX_SAFE_INTEGER);
      this.#ledger.count(fate, batch.events.length);
      this.#ledger.settle(batch);
    }
  }

  #settle(sending: Sending, fate: Fate): void {
    this.#unsettled.delete(sending);
    this.#ledger.count(fate, sending.count);
    this.#ledger.settle(sending.batch);
  }

  get #clock(): Clock {
    return this.#platform.clock;
  }
}
