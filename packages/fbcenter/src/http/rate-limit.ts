import { Attempts } from '../access/attempts.js';
import type { Caller } from '../model/caller.js';
import { networkOf } from '../runtime/network.js';
import type { Answer } from './answer.js';
import { errorAnswer } from './refusals.js';

/** How long a count lasts, in milliseconds; FeatBit's window. */
const WINDOW = 60_000;
/** Pairs of callers and addresses that are counted at a time; of more, the oldest are forgotten. */
const MOST_COUNTED = 50_000;

/**
 * Limits requests of each caller from each address, so that a program gone wild is slowed down and keeps nobody else from an answer. Streams are not
 * limited: an SDK that is not let in comes back.
 */
export class RateLimit {
  readonly #most: number;
  readonly #attempts = new Attempts(WINDOW, MOST_COUNTED);

  /** @param most requests in a minute. */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns the refusal of a request that is one too many. @param caller absent = nobody who was let in. */
  refusalOf(caller: Caller | undefined, address: string | undefined, now = performance.now()): Answer | undefined {
    const key = `${nameOf(caller)} ${networkOf(address)}`;
    if (this.#attempts.count(key, now) < this.#most) {
      this.#attempts.add(key, now);
      return undefined;
    }
    const seconds = this.#attempts.secondsLeft(key, now);
    const most = this.#most.toLocaleString('en');
    const message = `More than ${most} requests came from here in a minute: ask again in ${seconds} seconds.`;
    return { ...errorAnswer(429, 'rate-limited', message), headers: { 'retry-after': String(seconds) } };
  }
}

function nameOf(caller: Caller | undefined): string {
  if (caller?.kind === 'sdk') return caller.secretId;
  if (caller?.kind === 'manager') return `${caller.actor.kind} ${caller.actor.id}`;
  return caller?.kind ?? 'nobody';
}
