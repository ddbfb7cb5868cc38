import type { SyncError } from './errors.js';

// The status as a pure machine: what is reported about the data and the synchronization → status and error.

/**
 * - `NotReady`: no data yet; evaluations return defaults.
 * - `Ready`: data is there and synchronization is healthy.
 * - `Stale`: data is there and served, but synchronization is interrupted or has not begun.
 * - `Closed`: `close()` was called, or the server refused the secret (the error is `rejected` then, and the client becomes
 *   `Ready` when the server lets it in again); data that was there is still served.
 */
export type Status = 'NotReady' | 'Ready' | 'Stale' | 'Closed';

export interface StatusState {
  readonly status: Status;
  readonly error: SyncError | undefined;
  /** Whether usable data was ever established. */
  readonly initialized: boolean;
  /** When the data was last known to be what the server has, on the clock of durations; `undefined` when nobody knows. */
  readonly confirmedAt: number | undefined;
  /** Whether `close()` was called: nothing changes any more. */
  readonly ended: boolean;
}

export type StatusEvent =
  /** The data is what the source has; `isConfirmed`: the source has answered just now. */
  | { readonly type: 'in-sync'; readonly isConfirmed: boolean }
  /** There is data to serve that is not in sync; `age` in milliseconds, `undefined` when nobody knows. */
  | { readonly type: 'serving'; readonly age: number | undefined }
  | { readonly type: 'interrupted'; readonly error: SyncError }
  /** The server has refused the client. */
  | { readonly type: 'refused'; readonly error: SyncError }
  | { readonly type: 'close' };

export const FIRST_STATUS: StatusState = {
  status: 'NotReady',
  error: undefined,
  initialized: false,
  confirmedAt: undefined,
  ended: false,
};

/** Whether an event says what is known: as every push does that comes to a client in sync. */
export function isKnown(state: StatusState, event: StatusEvent): boolean {
  return event.type === 'in-sync' && !event.isConfirmed && state.status === 'Ready' && state.error === undefined;
}

/** What follows from an event. @param now monotonic milliseconds. */
export function statusStep(state: StatusState, event: StatusEvent, now: number): StatusState {
  if (state.ended || isKnown(state, event)) return state;
  // A refusal stays until the client is let in: what is served meanwhile, or fails, does not change it.
  const isRefused = state.status === 'Closed';
  switch (event.type) {
    case 'in-sync':
      // Written out: V8 copies a state that has numbers of several kinds member by member when it is spread.
      return {
        status: 'Ready',
        error: undefined,
        initialized: true,
        confirmedAt: event.isConfirmed ? now : state.confirmedAt,
        ended: state.ended,
      };
    case 'serving': {
      const confirmedAt = event.age === undefined ? undefined : now - event.age;
      return { ...state, status: isRefused ? 'Closed' : 'Stale', initialized: true, confirmedAt };
    }
    case 'interrupted':
      if (isRefused) return state;
      return { ...state, status: state.initialized ? 'Stale' : 'NotReady', error: event.error };
    case 'refused':
      return { ...state, status: 'Closed', error: event.error };
    case 'close':
      return { ...state, status: 'Closed', ended: true };
  }
}
