import { setImmediate } from 'node:timers/promises';
import type { Cancel, Clock } from 'fbclient/upstream';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** The clock of what talks to upstream, which moves only when a test says so. */
export class FakeTimers implements Clock {
  #now: number;
  #elapsed = 0;
  readonly #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  background(milliseconds: number, callback: () => void): Cancel {
    const timer = { at: this.#elapsed + milliseconds, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  awaited(milliseconds: number, callback: () => void): Cancel {
    return this.background(milliseconds, callback);
  }

  nextTurn(callback: () => void): void {
    void setImmediate().then(callback);
  }

  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass: timers fire at their moments, and what each brings about happens before the next. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await settled();
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#passUntil(next.at);
      this.#timers.delete(next);
      next.callback();
      await settled();
    }
    this.#passUntil(end);
    await settled();
  }

  #passUntil(moment: number): void {
    this.#now += moment - this.#elapsed;
    this.#elapsed = moment;
  }
}

/** Lets happen what needs no time: as many turns as the longest chain of promises here takes, and more. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}
