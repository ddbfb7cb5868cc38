import { setImmediate, setTimeout } from 'node:timers/promises';

/** How long after a write the next one begins at the earliest, in milliseconds. */
const GAP = 4;

/** What a pace reads and waits for; tests put their own in its place. */
interface PaceTime {
  /** In milliseconds, from any beginning. */
  now(): number;
  wait(milliseconds: number): Promise<unknown>;
}

const MACHINE: PaceTime = {
  now: () => performance.now(),
  wait: (milliseconds) => (milliseconds > 0 ? setTimeout(milliseconds) : setImmediate()),
};

/**
 * When to write what many small requests bring, of which a transaction costs more than what one of them brings: at once after a rest, and
 * otherwise a moment after the last one, so that what comes meanwhile shares the next one.
 */
export class WritePace {
  readonly #time: PaceTime;
  #free = Number.NEGATIVE_INFINITY;

  constructor(time = MACHINE) {
    this.#time = time;
  }

  /** Fulfils when the next write may begin, which is never in this turn of the event loop. */
  async next(): Promise<void> {
    await this.#time.wait(Math.max(0, this.#free - this.#time.now()));
  }

  /** Notes that a write has ended, well or not. */
  ended(): void {
    this.#free = this.#time.now() + GAP;
  }
}
