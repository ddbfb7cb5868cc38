import { type Clock, runInSlices } from './clock.js';
import { contain, errorName, type Log } from './log.js';

/** Calls that may wait at once; the SDK has nothing to say that is worth more memory than that. */
const MAX_PENDING = 1_000_000;

interface Call {
  readonly what: string;
  readonly run: () => unknown;
}

/**
 * Calls the application's listeners: after the fact, in order, each contained, and in slices, so that neither a slow nor a
 * failing one delays the data or each other by more than its own run time.
 */
export class Notifier {
  readonly #clock: Clock;
  readonly #log: Log;
  #pending: Call[] = [];
  #running = false;
  #closed = false;
  #whenIdle: (() => void)[] = [];

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Calls still to be made. */
  get backlog(): number {
    return this.#pending.length;
  }

  /** @param what who is called, for the log: "a flag listener". */
  post(what: string, run: () => unknown): void {
    if (this.#closed) return;
    if (this.#pending.length >= MAX_PENDING) {
      this.#log.write('error', 'listeners-too-slow', 'listeners are slower than changes come; some were not called');
      return;
    }
    this.#pending.push({ what, run });
    if (this.#running) return;
    this.#running = true;
    // Not in the caller's own step: whoever made the change goes on first.
    queueMicrotask(() => this.#drain());
  }

  /** Resolves when everything posted so far has been called. */
  idle(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Drops what was not called yet; nothing is called from here on. */
  close(): void {
    this.#closed = true;
    this.#pending = [];
  }

  #drain(): void {
    runInSlices(this.#clock, this.#calls(), () => {
      this.#running = false;
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    });
  }

  *#calls(): Generator<void, void, undefined> {
    for (let next = 0; next < this.#pending.length; next++) {
      const call = this.#pending[next];
      if (call === undefined) break;
      contain(call.run, (error) => {
        this.#log.write('warn', 'listener-failed', `${call.what} failed with ${errorName(error)}`);
      });
      yield;
    }
    this.#pending = [];
  }
}
