import type { Clock } from '../runtime/clock.js';

/** The clock of Node.js. */
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
