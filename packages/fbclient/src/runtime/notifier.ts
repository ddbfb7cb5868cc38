import type { Clock } from './clock.js';
import { contain, errorName } from './contain.js';
import type { Log } from './log.js';
import { runInSlices } from './slices.js';

/** Calls that may wait at once; the SDK has nothing to say that is worth more memory than that. */
const MAX_PENDING = 1_000_000;
/** Finished calls are freed in groups of at least this size: freeing them one by one would be slow. */
const FORGET_AFTER = 1_000;

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
  /** How many of the pending calls have been made. */
  #made = 0;
  #running = false;
  #closed = false;
  #whenIdle: (() => void)[] = [];

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Calls still to be made. */
  get backlog(): number {
    return this.#pending.length - this.#made;
  }

  /** @param what who is called, for the log: "a flag listener". */
  post(what: string, run: () => unknown): void {
    if (this.#closed) return;
    if (this.backlog >= MAX_PENDING) {
      this.#log.write('error', 'listeners-too-slow', 'listeners are slower than changes come; some were not called');
      return;
    }
    this.#pending.push({ what, run });
    if (this.#running) return;
    this.#running = true;
    // Not in the caller's own step: whoever made the change goes on first. By a promise, because the fake timers of test
    // runners hold queueMicrotask back, and a test that awaits its listeners would never end.
    void Promise.resolve().then(() => this.#drain());
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
    this.#made = 0;
  }

  #drain(): void {
    const ended = (): void => {
      this.#running = false;
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    };
    runInSlices(this.#clock, this.#calls(), ended, (error) => {
      this.#log.internalError('listeners could not be called', error);
      this.#forget();
      ended();
    });
  }

  *#calls(): Generator<void, void, undefined> {
    for (let call = this.#pending[this.#made]; call !== undefined; call = this.#pending[this.#made]) {
      const { what, run } = call;
      this.#made += 1;
      contain(run, (error) => {
        this.#log.write('warn', 'listener-failed', `${what} failed with ${errorName(error)}`);
      });
      // Free finished calls on the way: listeners that keep causing calls would otherwise grow the array for ever.
      if (this.#made >= FORGET_AFTER && this.#made * 2 >= this.#pending.length) this.#forget();
      yield;
    }
    this.#forget();
  }

  #forget(): void {
    this.#pending = this.#pending.slice(this.#made);
    this.#made = 0;
  }
}
