/** How long a server is waited for: longer after answers that came too late, and for a server that has needed long before. */
export interface Patience {
  /** Requests in a row whose answer did not come in time. */
  readonly late: number;
  /** Sockets in a row that did not open in time: that says nothing of answers. */
  readonly slow: number;
  /** What the last answer took, in milliseconds. */
  readonly took: number;
}

export const FIRST_PATIENCE: Patience = { late: 0, slow: 0, took: 0 };

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
  return { ...FIRST_PATIENCE, took };
}

/** A socket has opened, in time. */
export function openedInTime(patience: Patience): Patience {
  return { ...patience, slow: 0 };
}

/** A socket did not open in time. */
export function oneMoreSlow(patience: Patience): Patience {
  return { ...patience, slow: patience.slow + 1 };
}

/** An answer did not come in time. */
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
export function connectLimit({ slow }: Patience, connectTimeout: number): number {
  return connectTimeout * Math.min(2 ** Math.min(slow, 10), MAX_CONNECT_FACTOR);
}
