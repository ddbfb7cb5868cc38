import type { DeliveryOutcome, Webhook } from '../model/webhook.js';
import type { Clock } from '../runtime/clock.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { ClaimedDelivery, Webhooks } from '../storage/webhooks.js';
import { retryAfterIn, waitAfter } from './retries.js';
import type { Attempt, WebhookSender } from './sender.js';
import { signed } from './signature.js';

/** Messages on their way at a time; of one webhook there is one at most, so that it gets them in order as long as it takes them. */
const MOST_IN_FLIGHT = 8;
/** How long a message that is being sent is nobody else's, in milliseconds: longer than an attempt can take. */
const CLAIM_TIME = 60_000;
/** How often it is looked for what nobody has announced, such as what another center has queued, in milliseconds. */
const INTERVAL = 5_000;

/** What became of an attempt. */
export type AttemptResult = 'delivered' | 'failed' | 'dead';

interface DispatcherParts {
  readonly webhooks: Pick<Webhooks, 'claim' | 'settle' | 'nextAt'>;
  readonly sender: Pick<WebhookSender, 'post'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  /** 0 to 1. */
  random(): number;
  onAttempt?: ((result: AttemptResult) => void) | undefined;
  /** What became of an attempt is kept. */
  onSettled?: ((webhook: Webhook) => void) | undefined;
}

/**
 * Sends what is queued for webhooks, each message by one center. Whatever ends a center, a message is delivered once at least: what it was sending
 * is sent again by whoever looks after the claim is over.
 */
export class WebhookDispatcher {
  readonly #parts: DispatcherParts;
  /** By the id of the webhook. */
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Something may be due: looks at once, and from now on whenever the next message is. */
  poke(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#looking !== undefined) {
      this.#isAskedAgain = true;
      return;
    }
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (!this.#isAskedAgain) return;
      this.#isAskedAgain = false;
      this.poke();
    });
  }

  /** Gives up what is being sent, which counts as an attempt, and sends nothing more. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#inFlight.values());
  }

  async #look(): Promise<void> {
    const { webhooks, clock, log } = this.#parts;
    let wait = INTERVAL;
    try {
      const now = clock.now();
      const nextAt = await webhooks.nextAt();
      if (nextAt !== undefined && nextAt > now) wait = Math.min(INTERVAL, nextAt - now);
      else if (nextAt !== undefined && !this.#stop.signal.aborted) await this.#claim(now);
    } catch (error) {
      log.debug('what is queued for webhooks could not be read', { error: errorText(error) });
    }
    clearTimeout(this.#timer);
    if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.poke(), wait).unref();
  }

  async #claim(now: number): Promise<void> {
    const most = MOST_IN_FLIGHT - this.#inFlight.size;
    if (most <= 0) return;
    const busy = new Set(this.#inFlight.keys());
    for (const claimed of await this.#parts.webhooks.claim({ now, until: now + CLAIM_TIME, most, busy })) {
      const { id } = claimed.webhook;
      const sending = this.#send(claimed).finally(() => {
        this.#inFlight.delete(id);
        this.poke();
      });
      this.#inFlight.set(id, sending);
    }
  }

  async #send({ delivery, body, webhook, secrets }: ClaimedDelivery): Promise<void> {
    const { webhooks, sender, clock, log, random, onAttempt, onSettled } = this.#parts;
    const headers = signed(delivery.messageId, body, secrets, clock.now());
    const attempt = await sender.post(webhook.url, body, headers, this.#stop.signal);
    const outcome = outcomeOf(attempt, delivery.attempts + 1, clock.now(), random());
    onAttempt?.(outcome.state === 'waiting' ? 'failed' : outcome.state);
    const what = { webhook: webhook.id, message: delivery.messageId, type: delivery.type };
    if (outcome.state === 'dead')
      log.warn('a message to a webhook was given up', { ...what, problem: outcome.problem });
    else log.debug('a message to a webhook was tried', { ...what, problem: outcome.problem ?? 'none' });
    try {
      await webhooks.settle(delivery.id, outcome);
      onSettled?.(webhook);
    } catch (error) {
      // It is sent again once the claim is over.
      log.warn('what became of a message to a webhook could not be kept', { ...what, error: errorText(error) });
    }
  }
}

/** What follows from an attempt. @param attempts how many were made, this one included. */
export function outcomeOf(attempt: Attempt, attempts: number, now: number, random: number): DeliveryOutcome {
  const { status } = attempt;
  if (attempt.kind === 'delivered') {
    return { state: 'delivered', triedAt: now, nextAt: undefined, status, problem: undefined };
  }
  const { problem, retryAfter, isFinal } = attempt;
  const wait = isFinal ? undefined : waitAfter(attempts, random, retryAfterIn(retryAfter, now));
  const tried = { triedAt: now, status, problem };
  if (wait === undefined) return { state: 'dead', nextAt: undefined, ...tried };
  return { state: 'waiting', nextAt: now + wait, ...tried };
}
