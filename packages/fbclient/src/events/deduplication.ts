/** The most evaluations that are remembered at once. */
const MAX_REMEMBERED = 10_000;

/** What makes two evaluations the same exposure. */
interface SameExposure {
  readonly flagKey: string;
  readonly variationId: string;
  readonly userKey: string;
}

/** Remembers which exposures were recorded lately. Bounded in number: the oldest are forgotten first. */
export class RecentExposures {
  readonly #window: number;
  readonly #recorded = new Map<string, number>();

  /** @param window how long an exposure is remembered, in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  /** @param now monotonic milliseconds. */
  has(exposure: SameExposure, now: number): boolean {
    const since = this.#recorded.get(identityOf(exposure));
    return since !== undefined && now - since < this.#window;
  }

  add(exposure: SameExposure, now: number): void {
    const identity = identityOf(exposure);
    // Deleted first, so that the map keeps the order of time.
    this.#recorded.delete(identity);
    this.#recorded.set(identity, now);
    if (this.#recorded.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#recorded.keys()) {
      this.#recorded.delete(oldest);
      break;
    }
  }
}

function identityOf({ flagKey, variationId, userKey }: SameExposure): string {
  return JSON.stringify([flagKey, variationId, userKey]);
}
