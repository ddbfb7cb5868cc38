/** How long a server is waited for: longer after answers that came too late, and for a server that has needed long before. */
export interface Patience {
  /** Attempts in a row whose answer did not come in time. */
  readonly late: number;
  /** What the last answer took, in milliseconds. */
  readonly took: number;
}

export const FIRST_PATIENCE: Patience = { late: 0, took: 0 };

/**
 * The first wait for an answer while not a byte comes in, in milliseconds. Long: when many clients start at once, a server
 * answers one after the other, and a request that is given up and asked again makes it do the work twice.
 */
export const ANSWER_SILENCE = 60_000;
/** The longest such wait. */
const MAX_SILENCE = 300_000;
/** The first wait for an answer whose bytes keep coming in, in milliseconds. */
export const ANSWER_LIMIT = 300_000;
/** The longest such wait. */
const MAX_LIMIT = 1_800_000;
/** A connection that is slow to open gets this many times the configured time at most. */
const MAX_CONNECT_FACTOR = 3;

export function answeredIn(took: number): Patience {
  return { late: 0, took };
}

export function oneMoreLate(patience: Patience): Patience {
  return { ...patience, late: patience.late + 1 };
}

/** The longest silence before an answer. */
export function silenceLimit({ late, took }: Patience): number {
  return Math.min(Math.max(ANSWER_SILENCE * 2 ** Math.min(late, 10), 3 * took), MAX_SILENCE);
}

/** The longest time for a whole answer. */
export function answerLimit({ late, took }: Patience): number {
  return Math.min(Math.max(ANSWER_LIMIT * 2 ** Math.min(late, 10), 3 * took), MAX_LIMIT);
}

/** The longest time for a socket to open. */
export function connectLimit({ late }: Patience, connectTimeout: number): number {
  return connectTimeout * Math.min(2 ** Math.min(late, 10), MAX_CONNECT_FACTOR);
}
