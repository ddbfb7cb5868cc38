import { networkOf } from '../runtime/network.js';

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

interface Attempts {
  failures: number;
  since: number;
}

/**
 * Limits wrong access tokens for each address. An address with too many gets no more answers to what it tries, right or wrong; but
 * one from which the right token has come before keeps its access: whoever guesses behind the same proxy locks nobody out.
 */
export class LoginLimit {
  readonly #limits: LoginLimits;
  readonly #attempts = new Map<string, Attempts>();
  readonly #known = new Map<string, number>();

  constructor(limits: Partial<LoginLimits> = {}) {
    this.#limits = { ...LOGIN_LIMITS, ...limits };
  }

  /**
   * Counts an attempt.
   *
   * @param isRight whether its token is the right one.
   */
  judge(remoteAddress: string | undefined, isRight: boolean, now = performance.now()): LoginVerdict {
    const address = networkOf(remoteAddress);
    const attempts = this.#attemptsOf(address, now);
    const isExhausted = attempts.failures >= this.#limits.failures;
    if (isRight && (!isExhausted || this.#isKnown(address, now))) {
      remember(this.#known, address, now, this.#limits.addresses);
      return { kind: 'accepted' };
    }
    if (isExhausted) {
      return { kind: 'too-many', retryAfter: Math.ceil((attempts.since + this.#limits.window - now) / 1_000) };
    }
    attempts.failures += 1;
    remember(this.#attempts, address, attempts, this.#limits.addresses);
    return { kind: 'refused', failures: attempts.failures };
  }

  #attemptsOf(address: string, now: number): Attempts {
    const attempts = this.#attempts.get(address);
    if (attempts !== undefined && now - attempts.since < this.#limits.window) return attempts;
    this.#attempts.delete(address);
    return { failures: 0, since: now };
  }

  #isKnown(address: string, now: number): boolean {
    const at = this.#known.get(address);
    return at !== undefined && now - at < this.#limits.memory;
  }
}

function remember<T>(map: Map<string, T>, address: string, value: T, max: number): void {
  map.delete(address);
  map.set(address, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
