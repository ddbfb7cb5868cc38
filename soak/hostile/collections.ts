import { PerformanceObserver } from 'node:perf_hooks';

/** Watches the garbage collections of this process. @returns what the longest has taken so far, in milliseconds. */
export function longestCollection(): () => number {
  let longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ entryTypes: ['gc'] });
  return () => longest;
}
