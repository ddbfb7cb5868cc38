import type { EventCounters } from './events/ledger.js';
import type { Notifier } from './runtime/notifier.js';
import type { StatusKeeper, UpdateState } from './status.js';
import type { LiveEnvironment } from './sync/live-environment.js';

/** What a client has done and holds; cheap enough to be read every second. Holds no secret and no user data. */
export interface Diagnostics extends UpdateState {
  readonly initialized: boolean;
  readonly data: {
    /** Active flags. */
    readonly flags: number;
    /** Active segments. */
    readonly segments: number;
    /** The greatest version held, in Unix milliseconds; 0 when there is none. */
    readonly version: number;
    /** Data-syncs taken in, from whatever source. */
    readonly commits: number;
  };
  /**
   * How often the synchronization was interrupted, so that it had to be restored: connections that ended or did not come about,
   * polls and readings of a file that failed. Attempts that failed count each.
   */
  readonly interruptions: number;
  /** @deprecated The old name of `interruptions`. */
  readonly reconnects: number;
  /** Requests for data that were repeated, to find what the server had not sent; see `resyncInterval`. */
  readonly healing: {
    /** How often data was asked for again on an open stream, or everything by a poll. */
    readonly requests: number;
    /** Flags and segments that this has put right. More than a few of them are worth a look at the server. */
    readonly repaired: number;
  };
  /** Absent when events are disabled or the client is offline. */
  readonly events?: EventCounters;
  /** Calls to listeners that are due. */
  readonly pendingNotifications: number;
}

export function diagnosticsOf(
  status: StatusKeeper,
  { store, commits, interruptions, healing }: LiveEnvironment,
  notifier: Notifier,
  events: EventCounters | undefined,
): Diagnostics {
  return {
    ...status.currentState,
    initialized: status.initialized,
    data: { ...store.counts(), version: store.cursor, commits },
    interruptions,
    reconnects: interruptions,
    healing,
    ...(events === undefined ? {} : { events }),
    pendingNotifications: notifier.backlog,
  };
}
