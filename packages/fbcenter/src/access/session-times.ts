import type { Session } from '../model/user.js';

/** How long a session lasts, in milliseconds. */
export interface SessionTimes {
  /** Without a request. */
  readonly idle: number;
  /** Whatever happens. */
  readonly absolute: number;
}

/** A night, and a week. */
export const SESSION_TIMES: SessionTimes = { idle: 12 * 3_600_000, absolute: 7 * 86_400_000 };

/** Whether a session has ended by itself. */
export function isOver({ createdAt, lastUsedAt }: Session, now: number, times = SESSION_TIMES): boolean {
  return now - createdAt >= times.absolute || now - lastUsedAt >= times.idle;
}
