import { setImmediate } from 'node:timers/promises';

/** How long one piece of work may hold the event loop before others get a turn, in milliseconds. */
const SLICE = 5;

/** Lets work that takes long give way to others: ask after each step. */
export class Turns {
  #end = performance.now() + SLICE;

  /** Whether the slice is used up; then await {@link next}. Asking first spares a step the cost of a promise. */
  get isDue(): boolean {
    return performance.now() >= this.#end;
  }

  /** Fulfils in a later turn of the event loop, when a new slice begins. */
  async next(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + SLICE;
  }
}
