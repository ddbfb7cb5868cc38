import type { ServerClock } from './clock.js';

/**
 * The server's processor: one piece of work after the other, each of which takes its time. What was asked for is worked on
 * although nobody waits for it any more.
 */
export class Processor {
  readonly #clock: ServerClock;
  readonly #running = new Set<() => void>();
  #freeAt = 0;

  constructor(clock: ServerClock) {
    this.#clock = clock;
  }

  /** Calls when the work, and all that was there before it, is done. @param cost milliseconds. */
  work(cost: number, done: () => void): void {
    const now = this.#clock.now();
    this.#freeAt = Math.max(this.#freeAt, now) + cost;
    const cancel = this.#clock.after(this.#freeAt - now, () => {
      this.#running.delete(cancel);
      done();
    });
    this.#running.add(cancel);
  }

  /** The process ends. */
  stop(): void {
    for (const cancel of this.#running) cancel();
    this.#running.clear();
    this.#freeAt = 0;
  }
}
