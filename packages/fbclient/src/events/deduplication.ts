/** The most evaluations that are remembered at once. */
const MAX_REMEMBERED = 10_000;

/** Remembers which evaluations were recorded lately. Bounded in number: the oldest are forgotten first. */
export class RecentEvaluations {
  readonly #window: number;
  readonly #recorded = new Map<string, number>();

  /** @param window how long an evaluation is remembered, in milliseconds. */
  constructor(window: number) {
    this.#window = window;
  }

  /** @param now monotonic milliseconds. */
  has(identity: string, now: number): boolean {
    const since = this.#recorded.get(identity);
    return since !== undefined && now - since < this.#window;
  }

  add(identity: string, now: number): void {
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
