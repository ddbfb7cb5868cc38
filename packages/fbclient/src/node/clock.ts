import { setImmediate as nodeSetImmediate } from 'node:timers';
import type { Clock } from '../runtime/clock.js';

/**
 * The real one, whatever a test runner has put in the place of the global: fake timers would stop work that is only sliced, and
 * jsdom has none.
 */
const nextTurn = nodeSetImmediate;

/** The clock of Node.js. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  background: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    // In jsdom it is a number.
    timer.unref?.();
    return () => clearTimeout(timer);
  },
  awaited: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  nextTurn: (callback) => {
    nextTurn(callback);
  },
};
