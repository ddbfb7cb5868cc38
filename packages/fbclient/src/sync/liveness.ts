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
  /** The longest time without a byte that the connection has outlived, in milliseconds. */
  readonly survived: number;
}

export function firstPings(now: number): Pings {
  return { sent: 0, answered: 0, dueAt: Number.POSITIVE_INFINITY, unheardSince: undefined, heardAt: now, survived: 0 };
}

/** One more ping has been sent. */
export function pinged(pings: Pings, now: number, interval: number): Pings {
  const { sent, unheardSince } = pings;
  return { ...pings, sent: sent + 1, dueAt: now + interval, unheardSince: unheardSince ?? now };
}

/** Bytes came in, of whatever kind: any byte is a sign of life. */
export function heard(pings: Pings, now: number): Pings {
  const { sent, answered, dueAt } = pings;
  const survived = Math.max(pings.survived, now - pings.heardAt);
  return { sent, answered, dueAt, unheardSince: undefined, heardAt: now, survived };
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
  /** Connections in a row that were pinged so and ended soon all the same. */
  readonly useless: number;
}

export const NO_IDLE_CUTS: IdleCuts = { age: 0, times: 0, interval: undefined, useless: 0 };

/** Ends after the same idle time until it counts as a rule. */
const ENDS_FOR_A_RULE = 3;
/** Idle times that differ by less are the same: a part of them. */
const TOLERANCE = 0.1;
/** Shorter idle times are no idle cut, in milliseconds: a connection that ends soon has another cause. */
const LEAST_AGE = 3_000;
/** A connection that lives for this many ping intervals was kept alive by its pings. */
const LONG_LIFE = 20;

/** A connection that the other side has ended; milliseconds. */
export interface End {
  /** How long nothing had come in. */
  readonly idle: number;
  /** The longest time without a byte before that. */
  readonly survived: number;
  /** How long it was live. */
  readonly lived: number;
}

/**
 * Learns from a connection that the other side ended. One that was idle for as long before has ended for another reason.
 *
 * @param interval the ping interval that the connection had.
 */
export function endedAfterIdle(cuts: IdleCuts, { idle, survived, lived }: End, interval: number): IdleCuts {
  const isCut = idle >= LEAST_AGE && idle <= interval && idle > survived;
  const same = isCut && Math.abs(idle - cuts.age) <= cuts.age * TOLERANCE;
  const times = same ? cuts.times + 1 : Number(isCut);
  if (times >= ENDS_FOR_A_RULE) return { ...NO_IDLE_CUTS, interval: Math.min(idle, cuts.age) / 2 };
  const useless = cuts.interval !== undefined && lived < cuts.interval * LONG_LIFE ? cuts.useless + 1 : 0;
  // More pings do not help: what ends the connections is something else, or has ended.
  if (useless >= ENDS_FOR_A_RULE) return NO_IDLE_CUTS;
  return { ...cuts, age: isCut ? idle : 0, times, useless };
}
