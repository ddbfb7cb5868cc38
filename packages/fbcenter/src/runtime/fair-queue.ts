/** Somebody who waits for room. */
export interface Waiter {
  readonly bytes: number;
  start(): void;
}

/** Those who wait in one network: places go by turns to who came last and who came first. */
interface Line {
  readonly waiters: Waiter[];
  isLastNext: boolean;
}

/** Who waits, and who is next: places go round among networks, and within one by turns to the newest and the oldest. */
export class FairQueue {
  /** By network; the first of them is the next. */
  readonly #lines = new Map<string, Line>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  /** Whose turn it is; `undefined` when nobody waits. */
  get next(): Waiter | undefined {
    const [line] = this.#lines.values();
    return line && (line.isLastNext ? line.waiters.at(-1) : line.waiters[0]);
  }

  add(network: string, waiter: Waiter): void {
    const line = this.#lines.get(network) ?? { waiters: [], isLastNext: true };
    line.waiters.push(waiter);
    this.#lines.set(network, line);
  }

  /** Takes {@link next} out. */
  shift(): void {
    const [first] = this.#lines;
    if (first === undefined) return;
    const [network, line] = first;
    if (line.isLastNext) line.waiters.pop();
    else line.waiters.shift();
    line.isLastNext = !line.isLastNext;
    // It was its turn: the others come first now.
    this.#lines.delete(network);
    if (line.waiters.length > 0) this.#lines.set(network, line);
  }
}
