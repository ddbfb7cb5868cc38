/** Where the profile's time comes from. */
export interface ServerClock {
  /** Unix milliseconds, with a fraction: the platform stamps changes in microseconds. */
  now(): number;
  /** Calls once, after so many milliseconds. @returns what cancels the call. */
  after(milliseconds: number, call: () => void): () => void;
}

/** The machine's time. It does not follow the wall clock, which a scene may set wrong for the SDK in the same process. */
export const systemClock: ServerClock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** A clock that moves only when a test says so. */
export class ManualClock implements ServerClock {
  readonly #timers = new Set<Timer>();
  #now: number;

  /** @param now Unix milliseconds. */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.#now + milliseconds, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets so many milliseconds pass: timers fire at their moments, those that they start included. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#now = timer.at;
      this.#timers.delete(timer);
      timer.call();
    }
    this.#now = end;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }
}
