import { type Clock, TIMER_MAX } from './clock.js';

/** How long to wait: milliseconds, or with a signal that ends the wait early (as a time-out does). */
export type Wait = number | { readonly timeout?: number; readonly signal?: AbortSignal };

/**
 * Waits for something that may never come. The process is kept alive meanwhile.
 *
 * @param wait what is no length of time counts as `standard`, so that every wait ends.
 * @param standard milliseconds.
 * @param otherwise the result when the wait ends first.
 * @param begin starts to look out and calls back with the result; returns what ends that.
 */
export function waitFor<T>(
  clock: Clock,
  wait: Wait | undefined,
  standard: number,
  otherwise: T,
  begin: (done: (result: T) => void) => () => void,
): Promise<T> {
  const { timeout, signal: given } = typeof wait === 'object' && wait !== null ? wait : { timeout: wait };
  // Duck-typed: the signal may come from another realm. Anything that is no signal is ignored.
  const signal = typeof given?.addEventListener === 'function' ? given : undefined;
  if (signal?.aborted === true) return Promise.resolve(otherwise);
  return new Promise((resolve) => {
    const finish = (result: T): void => {
      end();
      cancel();
      signal?.removeEventListener('abort', giveUp);
      resolve(result);
    };
    const giveUp = (): void => finish(otherwise);
    const end = begin(finish);
    const cancel = clock.awaited(milliseconds(timeout, standard), giveUp);
    signal?.addEventListener('abort', giveUp);
  });
}

function milliseconds(timeout: unknown, standard: number): number {
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) return standard;
  return Math.min(Math.max(timeout, 0), TIMER_MAX);
}
