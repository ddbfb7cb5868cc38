import type { Cancel, Clock } from '../../src/runtime/clock.js';

interface Timer {
  readonly at: number;
  readonly kind: 'background' | 'awaited';
  readonly callback: () => void;
}

/** A clock that moves only when a test says so. */
export class FakeClock implements Clock {
  /** Milliseconds that pass with every reading of `elapsed`: makes work take time. */
  costOfReading = 0;
  /** While this holds no further turn of the event loop comes: somebody else has taken it. */
  busy = false;
  #wall: number;
  #elapsed = 0;
  #timers = new Set<Timer>();
  #turns: (() => void)[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#wall = now;
  }

  now(): number {
    return this.#wall;
  }

  elapsed(): number {
    const reading = this.#elapsed;
    this.#elapsed += this.costOfReading;
    return reading;
  }

  background(milliseconds: number, callback: () => void): Cancel {
    return this.#add('background', milliseconds, callback);
  }

  awaited(milliseconds: number, callback: () => void): Cancel {
    return this.#add('awaited', milliseconds, callback);
  }

  nextTurn(callback: () => void): void {
    this.#turns.push(callback);
  }

  /** Timers that have not fired, of one kind or of both. */
  timers(kind?: Timer['kind']): number {
    return [...this.#timers].filter((timer) => kind === undefined || timer.kind === kind).length;
  }

  /** Milliseconds until the next timer; `undefined` when there is none. */
  get untilNext(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.at - this.#elapsed;
  }

  /** Sets the wall clock, as an administrator does; what has elapsed is not touched. */
  setWallClock(now: number): void {
    this.#wall = now;
  }

  /** Lets time pass: timers fire at their moments, and what each brings about happens before the next. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await this.settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#passUntil(timer.at);
      this.#timers.delete(timer);
      timer.callback();
      await this.settle();
    }
    this.#passUntil(end);
  }

  /** Lets promises and turns that are due happen, without letting time pass. */
  async settle(): Promise<void> {
    do {
      // One real turn of the event loop ends only after every promise that can be settled is.
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.busy) for (const turn of this.#turns.splice(0)) turn();
    } while (this.#turns.length > 0 && !this.busy);
    await new Promise((resolve) => setImmediate(resolve));
  }

  #add(kind: Timer['kind'], milliseconds: number, callback: () => void): Cancel {
    const timer = { at: this.#elapsed + milliseconds, kind, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }

  #passUntil(moment: number): void {
    this.#wall += Math.max(moment - this.#elapsed, 0);
    this.#elapsed = Math.max(moment, this.#elapsed);
  }
}
