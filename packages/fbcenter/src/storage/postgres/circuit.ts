/** For how long nobody asks after the database was found away, in milliseconds: then one asks, and the others wait for its answer. */
const PAUSE = 200;

type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly reason: string; readonly until: number }
  | { readonly kind: 'trying'; readonly reason: string; readonly until: number };

/**
 * Whether the database is worth asking: while it is away calls fail at once, with the reason, and none of them waits for what
 * does not come.
 */
export class Circuit {
  #state: State = { kind: 'closed' };

  /** Why the database is away, as far as one knows; `undefined` when it is there. */
  get reason(): string | undefined {
    return this.#state.kind === 'closed' ? undefined : this.#state.reason;
  }

  /**
   * Asks for leave to call the database.
   *
   * @returns why not; `undefined` = go on, and report how it went.
   */
  refusal(now: number): string | undefined {
    const state = this.#state;
    if (state.kind === 'closed') return undefined;
    // Whoever tries and never reports must not keep everybody waiting for ever.
    if (now < state.until) return state.reason;
    this.#state = { kind: 'trying', reason: state.reason, until: now + 10 * PAUSE };
    return undefined;
  }

  /** The database was away. @returns whether that is news. */
  failed(reason: string, now: number): boolean {
    const isNews = this.#state.kind === 'closed';
    this.#state = { kind: 'open', reason, until: now + PAUSE };
    return isNews;
  }

  /** The database has answered. @returns whether that is news. */
  succeeded(): boolean {
    const isNews = this.#state.kind !== 'closed';
    this.#state = { kind: 'closed' };
    return isNews;
  }
}
