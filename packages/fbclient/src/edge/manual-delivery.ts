import type { Delivery, DeliveryParts } from '../events/delivery.js';
import { insightRequest } from '../events/insight-request.js';
import { NO_ATTEMPTS, nextStep } from '../events/next-step.js';
import { encode, halvesOf, isLargerThan, type PendingBatch } from '../events/pending-batch.js';
import type { HttpOutcome } from '../runtime/platform.js';

/** The most that a request may carry, in bytes: less than 1 MiB, which is nginx's default limit. */
const MAX_BYTES = 1_000_000;
/** The most events that wait for another flush after a failure. Later ones are given up, so that an outage stays bounded. */
const MAX_HELD = 10_000;

/**
 * Sends when it is asked to, and only then: in edge runtimes a request cannot wait for another one's connections, and nothing may
 * happen behind the back of a request. Each call of {@link send} owns the batches that it takes, until they are settled or laid
 * back for the next call. Those of a call that the runtime has cut off are lost with it.
 */
export class ManualDelivery implements Delivery {
  readonly #parts: DeliveryParts;
  /** To be sent by the next call, before what is in the queue. */
  readonly #held: PendingBatch[] = [];
  #underWay = new Set<PendingBatch>();
  #closed = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  get unsettled(): number {
    return this.#held.length + this.#underWay.size;
  }

  get unsettledEvents(): number {
    return countOf(this.#held) + countOf([...this.#underWay]);
  }

  pump(): void {
    // Not before it is asked for.
  }

  flush(): void {
    // The client calls `send`, whose result it needs.
  }

  lastAttempt(): void {
    void this.send();
  }

  close(): void {
    this.#closed = true;
    const { queue, ledger } = this.#parts;
    const left = this.#held.splice(0);
    if (queue.length > 0) left.push({ ...queue.take(queue.length, Number.POSITIVE_INFINITY), attempts: NO_ATTEMPTS });
    for (const batch of left) ledger.settle(batch, 'closed');
  }

  /**
   * Sends what was recorded before the call, one request after the other, and stops at the first that fails.
   *
   * @returns whether nothing of it waits for another call. Never rejects.
   */
  async send(): Promise<boolean> {
    const upTo = this.#parts.queue.last;
    const work = this.#held.splice(0);
    for (let batch = this.#next(work, upTo); batch !== undefined; batch = this.#next(work, upTo)) {
      this.#underWay.add(batch);
      const goesOn = await this.#sendOne(batch, work);
      this.#underWay.delete(batch);
      if (!goesOn) {
        this.#hold(work);
        return false;
      }
    }
    return true;
  }

  #next(work: PendingBatch[], upTo: number): PendingBatch | undefined {
    const held = work.shift();
    if (held !== undefined) return held;
    const { queue, settings } = this.#parts;
    if (this.#closed || queue.length === 0 || queue.first > upTo) return undefined;
    return { ...queue.take(settings.maxPerRequest, MAX_BYTES), attempts: NO_ATTEMPTS };
  }

  /** @param work gets what is to be sent instead. @returns whether to go on with the next. */
  async #sendOne(batch: PendingBatch, work: PendingBatch[]): Promise<boolean> {
    const { settings, ledger, log, platform } = this.#parts;
    const encoded = encode(batch, settings.privateAttributes);
    if (encoded === undefined || isLargerThan(encoded, MAX_BYTES)) {
      if (batch.events.length > 1) work.unshift(...halvesOf(batch, batch.attempts));
      else this.#drop(batch, encoded === undefined ? 'unencodable' : 'tooLarge');
      return true;
    }
    const outcome = await this.#request(encoded.body);
    const sent = { events: batch.events.length, attempts: batch.attempts, isLast: this.#closed };
    const { step, problem = '' } = nextStep(outcome, sent, settings, platform.clock.now(), platform.random());
    if (step.kind !== 'sent') ledger.requestFailed(problem);
    switch (step.kind) {
      case 'sent':
        ledger.settle(batch, 'sent');
        return true;
      case 'halve':
        work.unshift(...halvesOf(batch, step.attempts));
        return true;
      case 'drop':
        this.#drop(batch, step.fate);
        return true;
      case 'give-up':
        ledger.settle(batch, step.fate);
        log.write('error', 'events-lost', `${batch.events.length} events could not be delivered: ${problem}`);
        return false;
      case 'retry':
        work.unshift({ ...encoded, attempts: step.attempts });
        return false;
      case 'pause':
        log.write(
          'error',
          'events-refused',
          `the event server refuses events (${problem}): they wait for the next flush`,
        );
        work.unshift(encoded);
        return false;
    }
  }

  #request(body: string): Promise<HttpOutcome> {
    const { network, settings } = this.#parts;
    return new Promise((resolve) => {
      network.request(insightRequest(settings, body), resolve);
    });
  }

  /** Lays batches back for the next call, the oldest first; what is too much is given up. */
  #hold(batches: readonly PendingBatch[]): void {
    const { ledger, log } = this.#parts;
    let given = 0;
    for (const batch of batches) {
      if (!this.#closed && countOf(this.#held) + batch.events.length <= MAX_HELD) {
        this.#held.push(batch);
      } else {
        ledger.settle(batch, this.#closed ? 'closed' : 'failed');
        given += batch.events.length;
      }
    }
    if (given > 0) log.write('error', 'events-lost', `${given} events are given up: the event server is away`);
  }

  #drop(batch: PendingBatch, fate: 'failed' | 'tooLarge' | 'unencodable'): void {
    const { ledger, log } = this.#parts;
    ledger.settle(batch, fate);
    log.write('warn', 'event-dropped', `an event (${batch.events[0]?.kind}) was dropped: ${fate}`, { reason: fate });
  }
}

function countOf(batches: readonly PendingBatch[]): number {
  return batches.reduce((sum, { events }) => sum + events.length, 0);
}
