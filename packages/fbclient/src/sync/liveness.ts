/** The pings of one connection, and what they say about it. Times are monotonic milliseconds. */
export interface Pings {
  readonly sent: number;
  readonly answered: number;
  /** When the next one is due. */
  readonly dueAt: number;
  /** When the first ping was sent since which nothing was heard; `undefined` when something was. */
  readonly unheardSince: number | undefined;
  /** When bytes last came in. */
  readonly heardAt: number;
}

export function firstPings(now: number): Pings {
  return { sent: 0, answered: 0, dueAt: Number.POSITIVE_INFINITY, unheardSince: undefined, heardAt: now };
}

/** One more ping has been sent. */
export function pinged(pings: Pings, now: number, interval: number): Pings {
  const { sent, unheardSince } = pings;
  return { ...pings, sent: sent + 1, dueAt: now + interval, unheardSince: unheardSince ?? now };
}

/** Bytes came in, of whatever kind: any byte is a sign of life. */
export function heard(pings: Pings, now: number): Pings {
  return { ...pings, unheardSince: undefined, heardAt: now };
}

/** An answer to a ping came in. One that was not asked for counts for none. */
export function ponged(pings: Pings, now: number): Pings {
  return { ...heard(pings, now), answered: Math.min(pings.answered + 1, pings.sent) };
}

/** When the connection counts as silent if nothing is heard until then. */
export function silentAt({ unheardSince }: Pings, interval: number): number {
  return unheardSince === undefined ? Number.POSITIVE_INFINITY : unheardSince + interval;
}

/** Connections that ended in a row after the same time without a byte: something on the way cuts idle connections. */
export interface IdleCuts {
  /** How long the last one was idle when it ended, in milliseconds. */
  readonly age: number;
  readonly times: number;
  /** The ping interval that keeps connections alive, once the age is known. */
  readonly interval: number | undefined;
}

export const NO_IDLE_CUTS: IdleCuts = { age: 0, times: 0, interval: undefined };

/** Ends after the same idle time until it counts as a rule. */
const ENDS_FOR_A_RULE = 3;
/** Idle times that differ by less are the same: a part of them, or this many milliseconds. */
const TOLERANCE = 0.1;
const LEAST_TOLERANCE = 200;
/** Shorter idle times are no idle cut, in milliseconds: a connection that ends at once has another cause. */
const LEAST_AGE = 500;

/**
 * Learns from a connection that the other side ended.
 *
 * @param idle how long nothing had come in, in milliseconds.
 * @param interval the ping interval that the connection had.
 */
export function endedAfterIdle(cuts: IdleCuts, idle: number, interval: number): IdleCuts {
  if (idle < LEAST_AGE || idle > interval) return { ...cuts, age: 0, times: 0 };
  const same = Math.abs(idle - cuts.age) <= Math.max(cuts.age * TOLERANCE, LEAST_TOLERANCE);
  const times = same ? cuts.times + 1 : 1;
  if (times < ENDS_FOR_A_RULE) return { ...cuts, age: idle, times };
  return { age: 0, times: 0, interval: Math.min(idle, same ? cuts.age : idle) / 2 };
}
