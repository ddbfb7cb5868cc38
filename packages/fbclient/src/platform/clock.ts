/** Stops a timer that has not fired yet; harmless otherwise. */
export type Cancel = () => void;

/** Time, as the SDK sees it. */
export interface Clock {
  /** The wall clock, in Unix milliseconds. */
  now(): number;
  /** A clock that never steps back, in milliseconds from an arbitrary start; for durations. */
  elapsed(): number;
  /** Calls back after a delay, without keeping the process alive for it: for the SDK's own periodic work. */
  background(milliseconds: number, callback: () => void): Cancel;
  /** Calls back after a delay and keeps the process alive until then: for what a caller awaits. */
  awaited(milliseconds: number, callback: () => void): Cancel;
  /** Calls back in a later turn of the event loop, after input that is waiting has had its chance. */
  nextTurn(callback: () => void): void;
}

/** The longest delay that JavaScript's timers can take, in milliseconds (about 24.8 days). */
export const TIMER_MAX = 2_147_483_647;

/** The clock of the runtime. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  background: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
  awaited: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  nextTurn: (callback) => {
    setImmediate(callback);
  },
};

/** How long one piece of background work may hold the event loop before it gives others a turn, in milliseconds. */
const SLICE = 8;

/**
 * Runs steps to their end, giving the event loop a turn whenever a slice of time is used up. What fits into the first slice
 * is done before this returns.
 *
 * @param done gets the generator's result; it is not called after `cancel`.
 * @returns cancel: abandons the rest.
 */
export function runInSlices<T>(clock: Clock, steps: Iterator<void, T, undefined>, done: (result: T) => void): Cancel {
  // Dropped at the end: a generator that has finished still holds what it worked on.
  let remaining: Iterator<void, T, undefined> | undefined = steps;
  const runSlice = (): void => {
    if (remaining === undefined) return;
    const end = clock.elapsed() + SLICE;
    do {
      const step: IteratorResult<void, T> = remaining.next();
      if (step.done === true) {
        remaining = undefined;
        done(step.value);
        return;
      }
    } while (remaining !== undefined && clock.elapsed() < end);
    clock.nextTurn(runSlice);
  };
  runSlice();
  return () => {
    remaining = undefined;
  };
}

/** As {@link runInSlices}, but nothing is done before a later turn. */
export function runLater<T>(clock: Clock, steps: Iterator<void, T, undefined>, done: (result: T) => void): Cancel {
  let cancelled = false;
  let cancel: Cancel | undefined;
  clock.nextTurn(() => {
    if (!cancelled) cancel = runInSlices(clock, steps, done);
  });
  return () => {
    cancelled = true;
    cancel?.();
  };
}
