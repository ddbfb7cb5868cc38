/** How often it is looked whether a hint was missed, and whether a database is back, in milliseconds. */
const NET_INTERVAL = 2_000;
const AWAY_INTERVAL = 250;

export interface RoundsParts {
  readonly isAway: () => boolean;
  /** Looks whether something is new. @returns whether something was. */
  readonly look: () => Promise<boolean>;
  /** Something was new that a round has found. */
  readonly found: () => void;
}

/** Looks again and again: every few seconds, and more often while the database is away, for nobody else asks it then. */
export class Rounds {
  readonly #parts: RoundsParts;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#wait(NET_INTERVAL / AWAY_INTERVAL);
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** @param steps how long it is waited while the database is there. */
  #wait(steps: number): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      if (steps > 1 && !this.#parts.isAway()) this.#wait(steps - 1);
      else void this.#go();
    }, AWAY_INTERVAL).unref();
  }

  async #go(): Promise<void> {
    const { look, found } = this.#parts;
    try {
      if ((await look()) && !this.#isOver) found();
      this.begin();
    } catch {
      this.#wait(1);
    }
  }
}
