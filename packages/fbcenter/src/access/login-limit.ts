import { networkOf } from '../runtime/network.js';
import { Attempts, remember } from './attempts.js';

/** What a caller may try. Durations in milliseconds. */
export interface LoginLimits {
  /** Wrong tokens that an address may send in {@link window}. */
  readonly failures: number;
  readonly window: number;
  /** How long an address counts as known after the right token came from it. */
  readonly memory: number;
  /** Addresses that are remembered; of more, the oldest are forgotten. */
  readonly addresses: number;
}

export const LOGIN_LIMITS: LoginLimits = { failures: 20, window: 60_000, memory: 86_400_000, addresses: 10_000 };

/** What became of an attempt. */
export type LoginVerdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' /** Which failure of its window it is. */; readonly failures: number }
  | { readonly kind: 'too-many' /** When to try again, in seconds. */; readonly retryAfter: number };

/**
 * Limits wrong access tokens for each address. An address with too many gets no more answers to what it tries, right or wrong; but
 * one from which the right token has come before keeps its access: whoever guesses behind the same proxy locks nobody out.
 */
export class LoginLimit {
  readonly #limits: LoginLimits;
  readonly #attempts: Attempts;
  readonly #known = new Map<string, number>();

  constructor(limits: Partial<LoginLimits> = {}) {
    this.#limits = { ...LOGIN_LIMITS, ...limits };
    this.#attempts = new Attempts(this.#limits.window, this.#limits.addresses);
  }

  /**
   * Counts an attempt.
   *
   * @param isRight whether its token is the right one.
   */
  judge(remoteAddress: string | undefined, isRight: boolean, now = performance.now()): LoginVerdict {
    const address = networkOf(remoteAddress);
    const isExhausted = this.#attempts.count(address, now) >= this.#limits.failures;
    if (isRight && (!isExhausted || this.#isKnown(address, now))) {
      remember(this.#known, address, now, this.#limits.addresses);
      return { kind: 'accepted' };
    }
    if (isExhausted) return { kind: 'too-many', retryAfter: this.#attempts.secondsLeft(address, now) };
    return { kind: 'refused', failures: this.#attempts.add(address, now) };
  }

  #isKnown(address: string, now: number): boolean {
    const at = this.#known.get(address);
    return at !== undefined && now - at < this.#limits.memory;
  }
}
