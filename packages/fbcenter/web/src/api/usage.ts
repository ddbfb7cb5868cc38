import type { FlagUsageBody, UsageBody } from '../../../src/api/usage.js';
import type { Usage } from '../model/stale.js';
import { timeOf } from '../model/time.js';

/** How a flag was used. */
export interface FlagUsage extends Usage {
  /** Evaluations in each of the last 24 hours; absent when there was none. */
  readonly hours?: readonly number[];
}

/** How the flags of an environment are used. */
export interface EnvironmentUsage {
  readonly flags: ReadonlyMap<string, FlagUsage>;
  /** Keys that applications ask for and nobody has made. */
  readonly unknown: UsageBody['unknown'];
}

/** What is known of usage, with what is newer. */
export function withUsage(
  known: ReadonlyMap<string, FlagUsage>,
  items: readonly FlagUsageBody[],
): ReadonlyMap<string, FlagUsage> {
  const usage = new Map(known);
  for (const { key, count, lastAt, hours } of items) {
    const time = timeOf(lastAt);
    usage.set(key, {
      count,
      ...(time === undefined ? {} : { lastAt: time }),
      ...(hours === undefined ? {} : { hours }),
    });
  }
  return usage;
}
