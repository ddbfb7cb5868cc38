/** Pushes that may wait; beyond them the oldest is dropped. */
const CAPACITY = 1_000;

/**
 * The one queue that all pushes of the process go through. It can stall, for everybody and without a sign; what it then
 * cannot hold is dropped without a word.
 */
export class PushQueue {
  readonly #send: (text: string) => void;
  readonly #waiting: string[] = [];
  #stalled = false;
  #draining = false;
  /** Pushes that went to whoever was connected. */
  sent = 0;
  /** Pushes that nobody got. */
  dropped = 0;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(text: string): void {
    if (this.#waiting.length === CAPACITY) {
      this.#waiting.shift();
      this.dropped += 1;
    }
    this.#waiting.push(text);
    this.#drainSoon();
  }

  stall(): void {
    this.#stalled = true;
  }

  resume(): void {
    this.#stalled = false;
    this.#drainSoon();
  }

  /** What waits is lost without a word, as behind more than the queue holds. */
  drop(): void {
    this.dropped += this.#waiting.splice(0).length;
  }

  /** The process ends, and with it whatever has stalled it. */
  stop(): void {
    this.drop();
    this.#stalled = false;
  }

  /** In a turn of its own: all changes of a transaction are in the queue before the first is sent. */
  #drainSoon(): void {
    if (this.#draining) return;
    this.#draining = true;
    setImmediate(() => {
      this.#draining = false;
      if (this.#stalled) return;
      for (const text of this.#waiting.splice(0)) {
        this.sent += 1;
        this.#send(text);
      }
    });
  }
}
