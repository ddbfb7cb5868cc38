import { gone } from './gone.js';

/** How long pieces of work may hold the event loop before others get a turn, all together, in milliseconds. */
const SLICE = 5;

/** When the slice ends that has begun last. */
let sliceEnd = 0;
/** Whether a slice has begun in this turn of the event loop. */
let isBegun = false;
/** Those who wait for a slice, in the order in which they came. */
const waiting: (() => void)[] = [];

function begin(): void {
  sliceEnd = performance.now() + SLICE;
  isBegun = true;
  setImmediate(nextTurn);
}

function nextTurn(): void {
  isBegun = false;
  const next = waiting.shift();
  if (next === undefined) return;
  begin();
  next();
}

/**
 * Lets work that takes long give way to others: ask after each step. All such work in the process shares one slice in each turn
 * of the event loop, so a hundred pieces of work at once keep a request from its answer no longer than one does.
 */
export class Turns {
  readonly #isOver: () => boolean;

  /** @param isOver whether nobody needs the work any more: then it ends at its next turn. */
  constructor(isOver: () => boolean = () => false) {
    this.#isOver = isOver;
    if (!isBegun) begin();
  }

  /** Whether the slice is used up; then await {@link next}. Asking first spares a step the cost of a promise. */
  get isDue(): boolean {
    return performance.now() >= sliceEnd;
  }

  /** Fulfils in a later turn of the event loop, when a new slice begins. @throws when nobody needs the work any more. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      // None may have begun in this turn: it began in an earlier one.
      if (!isBegun) begin();
    });
    if (this.#isOver()) throw gone();
  }
}
