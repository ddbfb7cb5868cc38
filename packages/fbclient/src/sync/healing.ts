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
  /** How often it was asked for since it last came. */
  readonly fullsAsked: number;
  /** Whether the last question was for everything, and that has not come. */
  readonly awaitsFull: boolean;
  /** What the last full message took that came although less was asked for, in milliseconds. */
  readonly fullTook: number;
}

export const NO_FULL_YET: HealingMemory = {
  fullDueAt: Number.POSITIVE_INFINITY,
  fullsAsked: 0,
  awaitsFull: false,
  fullTook: 0,
};

/** A server that answers every question with everything, and needs seconds for that, is asked more rarely. */
const LEAST_PAUSE_PER_FULL = 20;
/**
 * Everything that was asked for and has not come is asked for again after this time, in milliseconds; the time doubles with
 * each question, up to the period.
 */
const REPEAT_AFTER = 600_000;

/** A question for data, and what is remembered with it. */
export interface Question {
  /** 0 asks for everything. */
  readonly from: number;
  readonly healing: HealingMemory;
}

/**
 * What to ask now. Never twice in a row for everything that has not come: a server that cannot answer with everything can still
 * say what is newer.
 *
 * @param resume what to ask from unless everything is due.
 */
export function nextQuestion(
  { fullResyncInterval }: HealingTimes,
  memory: HealingMemory,
  now: number,
  resume: number,
): Question {
  const { fullDueAt, fullsAsked, awaitsFull } = memory;
  if (fullResyncInterval === false || fullDueAt > now || awaitsFull) {
    return { from: resume, healing: { ...memory, awaitsFull: false } };
  }
  const wait = Math.min(REPEAT_AFTER * 2 ** Math.min(fullsAsked, 10), fullResyncInterval);
  return { from: 0, healing: { ...memory, fullDueAt: now + wait, fullsAsked: fullsAsked + 1, awaitsFull: true } };
}

/** A full message has come. */
export function fullCame(
  { fullResyncInterval }: HealingTimes,
  memory: HealingMemory,
  now: number,
  random: number,
): HealingMemory {
  if (fullResyncInterval === false) return memory;
  return { ...memory, fullsAsked: 0, awaitsFull: false, fullDueAt: now + jitteredPeriod(fullResyncInterval, random) };
}

/** When to ask next on an open connection. */
export function nextQuestionAt(
  { resyncInterval }: HealingTimes,
  { fullDueAt, fullTook }: HealingMemory,
  now: number,
  random: number,
): number {
  const resyncAt = resyncInterval === false ? Number.POSITIVE_INFINITY : now + jitteredPeriod(resyncInterval, random);
  return Math.max(Math.min(resyncAt, fullDueAt), now + fullTook * LEAST_PAUSE_PER_FULL);
}
