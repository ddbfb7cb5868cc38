import type { Cancel, Clock } from './clock.js';

/** How long one piece of background work may hold the event loop before it gives others a turn, in milliseconds. */
export const SLICE = 8;

/**
 * Runs steps to their end, giving the event loop a turn whenever a slice of time is used up. What fits into the first slice
 * is done before this returns. Nothing is thrown, neither here nor in a later turn, where nobody could catch it.
 *
 * @param done gets the generator's result; it is not called after `cancel`.
 * @param failed gets what a step or `done` has thrown, once; the rest is abandoned then. It must not throw.
 * @returns cancel: abandons the rest.
 */
export function runInSlices<T>(
  clock: Clock,
  steps: Iterator<void, T, undefined>,
  done: (result: T) => void,
  failed: (error: unknown) => void,
): Cancel {
  // Dropped at the end: a generator that has finished still holds what it worked on.
  let remaining: Iterator<void, T, undefined> | undefined = steps;
  const runSlice = (): void => {
    if (remaining === undefined) return;
    try {
      const end = clock.elapsed() + SLICE;
      do {
        const step: IteratorResult<void, T> = remaining.next();
        if (step.done === true) {
          remaining = undefined;
          done(step.value);
          return;
        }
      } while (remaining !== undefined && clock.elapsed() < end);
    } catch (error) {
      remaining = undefined;
      failed(error);
      return;
    }
    clock.nextTurn(runSlice);
  };
  runSlice();
  return () => {
    remaining = undefined;
  };
}

/** As {@link runInSlices}, but nothing is done before a later turn. */
export function runLater<T>(
  clock: Clock,
  steps: Iterator<void, T, undefined>,
  done: (result: T) => void,
  failed: (error: unknown) => void,
): Cancel {
  let cancelled = false;
  let cancel: Cancel | undefined;
  clock.nextTurn(() => {
    if (!cancelled) cancel = runInSlices(clock, steps, done, failed);
  });
  return () => {
    cancelled = true;
    cancel?.();
  };
}
