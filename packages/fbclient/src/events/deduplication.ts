/** Different evaluations that are remembered at once. */
const MAX_REMEMBERED = 10_000;

/** Knows which evaluations were seen within the last while, bounded in number: the oldest are forgotten first. */
export class RecentEvaluations {
  readonly #window: number;
  readonly #seen = new Map<string, number>();

  /** @param window how long an evaluation is remembered, in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  /** Whether the same was seen within the window that its first occurrence opened; remembers it otherwise. */
  repeats(flagKey: string, variationId: string, userKey: string, now: number): boolean {
    const identity = JSON.stringify([flagKey, variationId, userKey]);
    const since = this.#seen.get(identity);
    if (since !== undefined && now - since < this.#window) return true;
    // Set anew, so that the map's order is the order of time.
    this.#seen.delete(identity);
    this.#seen.set(identity, now);
    if (this.#seen.size > MAX_REMEMBERED) {
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return false;
  }
}
