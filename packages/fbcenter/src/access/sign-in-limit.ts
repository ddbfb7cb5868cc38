import { foldedName } from '../model/user.js';
import { networkOf } from '../runtime/network.js';
import { Attempts, remember } from './attempts.js';

/** What may be tried. Durations in milliseconds. */
export interface SignInLimits {
  /** Wrong passwords for a name, from wherever, in {@link window}. */
  readonly forName: number;
  /** Wrong passwords from an address, for whomever, in {@link window}. */
  readonly fromAddress: number;
  readonly window: number;
  /** How long an address counts as known to a user who has signed in from it. */
  readonly memory: number;
  /** Names and addresses that are remembered; of more, the oldest are forgotten. */
  readonly entries: number;
}

export const SIGN_IN_LIMITS: SignInLimits = {
  forName: 10,
  fromAddress: 30,
  window: 15 * 60_000,
  memory: 30 * 86_400_000,
  entries: 10_000,
};

/** An attempt that may be made, or when to try again, in seconds. */
export type SignInAttempt =
  | {
      readonly kind: 'begun';
      /** It was the right password: it does not count, and where it came from is known from now on. */
      succeeded(): void;
      /** It was not looked at: it does not count. */
      withdraw(): void;
    }
  | { readonly kind: 'too-many'; readonly retryAfter: number };

/**
 * Limits guesses of passwords, for each name and from each address. Each counts before it is looked at, so that a thousand at once are no way
 * around it. Where a user has signed in before, the guesses of others do not count against that user: nobody can be locked out from elsewhere.
 */
export class SignInLimit {
  readonly #limits: SignInLimits;
  readonly #attempts: Attempts;
  readonly #known = new Map<string, number>();

  constructor(limits: Partial<SignInLimits> = {}) {
    this.#limits = { ...SIGN_IN_LIMITS, ...limits };
    // A name, an address and a pair of both for each entry.
    this.#attempts = new Attempts(this.#limits.window, 3 * this.#limits.entries);
  }

  begin(name: string, remoteAddress: string | undefined, now = performance.now()): SignInAttempt {
    const { forName, fromAddress, memory, entries } = this.#limits;
    const address = networkOf(remoteAddress);
    const pair = JSON.stringify([foldedName(name), address]);
    const knownAt = this.#known.get(pair);
    const isKnown = knownAt !== undefined && now - knownAt < memory;
    const counted: readonly (readonly [key: string, most: number])[] = isKnown
      ? [[`pair ${pair}`, forName]]
      : [
          [`name ${foldedName(name)}`, forName],
          [`address ${address}`, fromAddress],
        ];
    const exhausted = counted.filter(([key, most]) => this.#attempts.count(key, now) >= most);
    if (exhausted.length > 0) {
      const waits = exhausted.map(([key]) => this.#attempts.secondsLeft(key, now));
      return { kind: 'too-many', retryAfter: Math.max(...waits) };
    }
    for (const [key] of counted) this.#attempts.add(key, now);
    const withdraw = () => {
      for (const [key] of counted) this.#attempts.forgive(key, now);
    };
    return {
      kind: 'begun',
      withdraw,
      succeeded: () => {
        withdraw();
        remember(this.#known, pair, now, entries);
      },
    };
  }
}
