import type { Random } from '../../reference/random.js';
import type { ServerClock } from './clock.js';
import type { ReceivedEvent } from './insight-body.js';
import type { Ledger } from './ledger.js';
import type { InsightPace } from './options.js';
import type { Store } from './store.js';

interface Work {
  readonly events: ReceivedEvent[];
  readonly from: number;
  readonly done: () => void;
}

/** The worker looks at what is due so often, in milliseconds. */
const SLICE = 10;

/**
 * Turns events into rows, each by itself: the requests that are open get their turns one event at a time, so that many at
 * once are all slow. It does not know whether anybody waits for the answer.
 */
export class InsightWorker {
  readonly #clock: ServerClock;
  readonly #store: Store;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #open: Work[] = [];
  #pace: Required<InsightPace>;
  #cancel: (() => void) | undefined;

  constructor(clock: ServerClock, store: Store, ledger: Ledger, random: Random, pace: InsightPace) {
    this.#clock = clock;
    this.#store = store;
    this.#ledger = ledger;
    this.#random = random;
    this.#pace = complete(pace);
  }

  /** From now on events take so long. */
  set pace(pace: InsightPace) {
    this.#pace = complete(pace);
  }

  /** Requests that are worked on. */
  get busy(): number {
    return this.#open.length;
  }

  /** Calls when every event of a request has become a row, or was lost. */
  take(events: readonly ReceivedEvent[], done: () => void): void {
    this.#open.push({ events: [...events], from: this.#clock.now(), done });
    if (this.#cancel === undefined) this.#slice(this.#clock.now(), 0);
  }

  /** The process ends: rows that are not there yet never will be. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#open.length = 0;
  }

  #slice(since: number, written: number): void {
    const { eventsPerSecond } = this.#pace;
    const due = Number.isFinite(eventsPerSecond)
      ? Math.floor(((this.#clock.now() - since) / 1_000) * eventsPerSecond)
      : Number.POSITIVE_INFINITY;
    let count = written;
    if (this.#store.state !== 'hanging') {
      while (count < due && this.#writeNext()) count += 1;
      this.#finish();
    }
    const isIdle = this.#open.every(({ events }) => events.length === 0);
    // The time in which there was nothing to do is not made up for.
    const [from, soFar] = isIdle || this.#store.state === 'hanging' ? [this.#clock.now(), 0] : [since, count];
    this.#cancel = this.#open.length === 0 ? undefined : this.#clock.after(SLICE, () => this.#slice(from, soFar));
  }

  /** @returns whether there was an event to write. */
  #writeNext(): boolean {
    const index = this.#open.findIndex(({ events }) => events.length > 0);
    const [work] = index < 0 ? [] : this.#open.splice(index, 1);
    const event = work?.events.shift();
    if (work === undefined || event === undefined) return false;
    this.#open.push(work);
    if (this.#store.state === 'away' || this.#random() < this.#pace.lossShare) this.#ledger.lose(event);
    else this.#ledger.keep(event);
    return true;
  }

  #finish(): void {
    const now = this.#clock.now();
    for (const work of this.#open.splice(0)) {
      if (work.events.length === 0 && now >= work.from + this.#pace.latency) work.done();
      else this.#open.push(work);
    }
  }
}

function complete({
  eventsPerSecond = Number.POSITIVE_INFINITY,
  latency = 0,
  lossShare = 0,
}: InsightPace): Required<InsightPace> {
  return { eventsPerSecond, latency, lossShare };
}
