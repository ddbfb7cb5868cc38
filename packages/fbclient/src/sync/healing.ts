import { jitteredPeriod } from './backoff.js';

/**
 * Healing: data is asked for again and again, because a server can fail to push a change, and because its cursor can miss
 * one. `false` switches a period off. Milliseconds.
 */
export interface HealingTimes {
  /** From one question for what is newer than the cursor to the next. */
  readonly resyncInterval: number | false;
  /** From one full message to the question for the next. */
  readonly fullResyncInterval: number | false;
}

/** What healing needs to remember across connections. */
export interface HealingMemory {
  /** When everything is due to be asked for again; monotonic milliseconds. */
  readonly fullDueAt: number;
  /** What the last full message took that came although less was asked for, in milliseconds. */
  readonly fullTook: number;
}

export const NO_FULL_YET: HealingMemory = { fullDueAt: Number.POSITIVE_INFINITY, fullTook: 0 };

/** A server that answers every question with everything, and needs seconds for that, is asked more rarely. */
const LEAST_PAUSE_PER_FULL = 20;
/** A question for everything that was not answered is repeated after this time at the earliest, in milliseconds. */
const REPEAT_AFTER = 60_000;

/** Everything has just come, or been asked for and answered. */
export function fullCame(
  { fullResyncInterval }: HealingTimes,
  memory: HealingMemory,
  now: number,
  random: number,
): HealingMemory {
  if (fullResyncInterval === false) return memory;
  return { ...memory, fullDueAt: now + jitteredPeriod(fullResyncInterval, random) };
}

/** When to ask next on an open connection. */
export function nextQuestionAt(
  { resyncInterval, fullResyncInterval }: HealingTimes,
  { fullDueAt, fullTook }: HealingMemory,
  now: number,
  random: number,
): number {
  const resyncAt = resyncInterval === false ? Number.POSITIVE_INFINITY : now + jitteredPeriod(resyncInterval, random);
  // Overdue, so the last question for everything was not answered.
  const repeatAt = now + Math.min(REPEAT_AFTER, fullResyncInterval === false ? 0 : fullResyncInterval);
  const fullAt = fullDueAt <= now ? repeatAt : fullDueAt;
  return Math.max(Math.min(resyncAt, fullAt), now + fullTook * LEAST_PAUSE_PER_FULL);
}
