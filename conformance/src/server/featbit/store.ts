/** The database behind the server: it can be away (every query fails) or hang (no query ends until it is back). */
export type StoreState = 'up' | 'away' | 'hanging';

export class Store {
  #state: StoreState = 'up';
  readonly #waiting: (() => void)[] = [];

  get state(): StoreState {
    return this.#state;
  }

  become(state: StoreState): void {
    this.#state = state;
    if (state !== 'hanging') for (const go of this.#waiting.splice(0)) go();
  }

  /** Calls with whether a query succeeds, once it ends. */
  query(ended: (ok: boolean) => void): void {
    if (this.#state === 'hanging') this.#waiting.push(() => this.query(ended));
    else ended(this.#state === 'up');
  }
}
