/** How long a stop takes that is no hurry. In milliseconds. */
export interface DrainTimes {
  /** From saying that it is not ready any more until it lets nobody in. */
  readonly delay: number;
  /** Over which what goes on is ended. */
  readonly time: number;
}

/**
 * The way to the end of a center or relay: first it says that it is not ready, while everything goes on; then it ends what goes on, in shares. What
 * remains is closed by whoever owns it.
 */
export class Stopping {
  readonly #steps: ((time: number) => Promise<void>)[] = [];
  readonly #wait: (milliseconds: number) => Promise<unknown>;
  #isAnnounced = false;

  constructor(wait: (milliseconds: number) => Promise<unknown> = passed) {
    this.#wait = wait;
  }

  /** Whether load balancers are to send nobody here any more. */
  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /** Adds something that goes on, with what ends it in shares over a time. */
  add(end: (time: number) => Promise<void>): void {
    this.#steps.push(end);
  }

  async run({ delay, time }: DrainTimes): Promise<void> {
    this.#isAnnounced = true;
    if (delay > 0) await this.#wait(delay);
    await Promise.all(this.#steps.map((end) => end(time)));
  }
}

function passed(milliseconds: number): Promise<unknown> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
