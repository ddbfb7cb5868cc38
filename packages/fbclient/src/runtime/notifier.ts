import type { Clock } from './clock.js';
import { contain, errorName } from './contain.js';
import type { Log } from './log.js';
import { SLICE } from './slices.js';

/** Calls that may wait at once; the SDK has nothing to say that is worth more memory than that. */
const MAX_PENDING = 1_000_000;
/** Finished calls are freed in groups of at least this size: freeing them one by one would be slow. */
const FORGET_AFTER = 1_000;

interface Call {
  readonly what: string;
  readonly run: () => unknown;
}

const RESOLVED = Promise.resolve();

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
    void RESOLVED.then(() => this.#drain());
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

  /** One slice of the calls. It is no generator: each push to each client of a process comes by here, mostly with one call. */
  #drain(): void {
    try {
      if (this.backlog > 1) this.#callForASlice();
      else this.#callNext();
      if (this.backlog > 0) {
        this.#clock.nextTurn(() => this.#drain());
        return;
      }
    } catch (error) {
      this.#log.internalError('listeners could not be called', error);
    }
    this.#forget();
    this.#running = false;
    if (this.#whenIdle.length > 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #callForASlice(): void {
    const end = this.#clock.elapsed() + SLICE;
    do this.#callNext();
    while (this.backlog > 0 && this.#clock.elapsed() < end);
  }

  #callNext(): void {
    const call = this.#pending[this.#made];
    if (call === undefined) return;
    this.#made += 1;
    contain(call.run, (error) => {
      this.#log.write('warn', 'listener-failed', `${call.what} failed with ${errorName(error)}`);
    });
    // Free finished calls on the way: listeners that keep causing calls would otherwise grow the array for ever.
    if (this.#made >= FORGET_AFTER && this.#made * 2 >= this.#pending.length) this.#forget();
  }

  #forget(): void {
    this.#pending = this.#pending.slice(this.#made);
    this.#made = 0;
  }
}
