import type { Cancel, Clock } from '../runtime/clock.js';
import { contain } from '../runtime/contain.js';
import type { Log } from '../runtime/log.js';
import { runInSlices, runLater } from '../runtime/slices.js';
import type { Commit } from './data-source.js';

/** Something that waits to be taken in. */
export interface Waiting {
  /**
   * `large`: so much that the turn of the event loop in which it comes has done enough by receiving it. `small`: so little that it
   * is not worth taking it in steps.
   */
  readonly size: 'small' | 'medium' | 'large';
  /** Called once: with what was committed, or with nothing when it came to nothing. */
  done(commit: Commit | undefined): void;
}

/** Ways to take something in, which come to the same. */
export interface TakeIn<T> {
  inSteps(item: T): Generator<void, Commit | undefined, undefined>;
  atOnce(item: T): Commit | undefined;
}

/** Takes in one thing after the other, in slices when it is much. What fails is lost; what waits behind it is not. */
export class IntakeQueue<T extends Waiting> {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #takeIn: TakeIn<T>;
  readonly #queue: T[] = [];
  #abandon: Cancel | undefined;
  #closed = false;

  constructor(clock: Clock, log: Log, takeIn: TakeIn<T>) {
    this.#clock = clock;
    this.#log = log;
    this.#takeIn = takeIn;
  }

  /** Whether nothing waits or is being taken in. */
  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  add(item: T): void {
    if (this.#closed) {
      item.done(undefined);
      return;
    }
    this.#queue.push(item);
    // One worker takes in everything that is queued; it ends when the queue is empty.
    if (this.#queue.length > 1) return;
    if (item.size === 'small') this.#takeNow(item);
    else this.#startWork();
  }

  /** Abandons what is being taken in and what waits. */
  close(): void {
    this.#closed = true;
    this.#abandon?.();
    for (const item of this.#queue.splice(0)) item.done(undefined);
  }

  /** What a push is to each client of a process: three times as quick as a worker is. */
  #takeNow(item: T): void {
    let commit: Commit | undefined;
    try {
      commit = this.#takeIn.atOnce(item);
    } catch (error) {
      this.#workFailed(error);
      return;
    }
    // What comes from within `done` finds the queue empty, and is begun there.
    const hasMore = this.#queue.length > 1;
    this.#taken(item, commit);
    if (hasMore && !this.#closed) this.#startWork();
  }

  #taken({ done }: T, commit: Commit | undefined): void {
    // `close` was called meanwhile, and has called it.
    if (this.#closed) return;
    this.#queue.shift();
    try {
      done(commit);
    } catch (error) {
      this.#log.internalError('the source could not go on after a data-sync message', error);
    }
  }

  #startWork(): void {
    const run = this.#queue[0]?.size === 'large' ? runLater : runInSlices;
    // Keep the cancel function only while there is work: it references the data.
    const abandon = run(
      this.#clock,
      this.#work(),
      () => {
        this.#abandon = undefined;
      },
      (error) => this.#workFailed(error),
    );
    if (this.#queue.length > 0) this.#abandon ??= abandon;
  }

  #workFailed(error: unknown): void {
    this.#abandon = undefined;
    this.#log.internalError('a data-sync message could not be taken in', error);
    const lost = this.#queue.shift();
    contain(() => lost?.done(undefined));
    if (this.#queue.length > 0 && !this.#closed) this.#startWork();
  }

  *#work(): Generator<void, void, undefined> {
    for (let item = this.#queue[0]; item !== undefined; item = this.#queue[0]) {
      const commit = yield* this.#takeIn.inSteps(item);
      this.#taken(item, commit);
      // Do not yield here. The queue can be empty while this worker still runs, and the next message would start a second worker.
    }
  }
}
