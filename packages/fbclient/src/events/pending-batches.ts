import type { Cancel, Clock } from '../runtime/clock.js';
import type { PendingBatch } from './pending-batch.js';

/**
 * The batches that are out of the queue. Each is in one place: ready to be sent, under way, waiting for its retry, or waiting
 * because it was not answered.
 */
export class PendingBatches {
  readonly #clock: Clock;
  /** The next one first. */
  readonly #ready: PendingBatch[] = [];
  readonly #underWay = new Map<PendingBatch, Cancel>();
  readonly #waiting = new Map<PendingBatch, Cancel>();
  readonly #unanswered = new Map<PendingBatch, Cancel>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.inTrouble + this.#unanswered.size;
  }

  /** How many events they hold. */
  get events(): number {
    const places = [this.#ready, this.#underWay.keys(), this.#waiting.keys(), this.#unanswered.keys()];
    return places.flatMap((place) => [...place]).reduce((sum, { events }) => sum + events.length, 0);
  }

  /** Those that are busy or in trouble now. What was not answered is out of the way for half a minute or more. */
  get inTrouble(): number {
    return this.#ready.length + this.#underWay.size + this.#waiting.size;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Takes out the next one that is ready. */
  next(): PendingBatch | undefined {
    return this.#ready.shift();
  }

  /** Makes batches the next ones. */
  addFirst(...batches: readonly PendingBatch[]): void {
    this.#ready.unshift(...batches);
  }

  /**
   * A batch is ready again after so many milliseconds.
   *
   * @param isUnanswered the server may be working on it meanwhile.
   * @param ended is called then.
   */
  wait(batch: PendingBatch, milliseconds: number, isUnanswered: boolean, ended: () => void): void {
    const place = isUnanswered ? this.#unanswered : this.#waiting;
    const cancel = this.#clock.background(milliseconds, () => {
      place.delete(batch);
      this.#ready.push(batch);
      ended();
    });
    place.set(batch, cancel);
  }

  /** The request of a batch is under way. @param cancel ends it. */
  begun(batch: PendingBatch, cancel: Cancel): void {
    this.#underWay.set(batch, cancel);
  }

  /** The request of a batch has come to its end. */
  ended(batch: PendingBatch): void {
    this.#underWay.delete(batch);
  }

  /** Ends the waits for retries: those batches are ready now. */
  endWaits(): void {
    this.#ready.push(...emptied(this.#waiting));
  }

  /** Takes out what was not answered and waits. */
  takeUnanswered(): readonly PendingBatch[] {
    return emptied(this.#unanswered);
  }

  /** Takes out everything that is not under way. */
  takeIdle(): readonly PendingBatch[] {
    return [...this.#ready.splice(0), ...emptied(this.#waiting), ...this.takeUnanswered()];
  }

  /** Ends all requests and takes their batches out. */
  takeUnderWay(): readonly PendingBatch[] {
    return emptied(this.#underWay);
  }
}

/** Cancels what goes on for the batches of a place, and takes them out. */
function emptied(place: Map<PendingBatch, Cancel>): readonly PendingBatch[] {
  const batches = [...place.keys()];
  for (const cancel of place.values()) cancel();
  place.clear();
  return batches;
}
