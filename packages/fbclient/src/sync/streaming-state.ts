import type { DataRequest, Taken } from './data-requests.js';
import type { SourceError } from './data-source.js';
import { type HealingMemory, type HealingTimes, NO_FULL_YET } from './healing.js';
import { type IdleCuts, NO_IDLE_CUTS, type Pings } from './liveness.js';
import { FIRST_PATIENCE, type Patience } from './patience.js';

// The states, events and effects of the streaming machine.

/** The close code of a server that refuses the secret. */
export const REJECTED = 4003;
export interface StreamingTimes extends HealingTimes {
  readonly connectTimeout: number;
  readonly firstRetryDelay: number;
  readonly maxRetryDelay: number;
  readonly pingInterval: number;
  /** The first wait after a refusal; `false`: a refusal is final. */
  readonly refusedRetryDelay: number | false;
}

/** What every state carries along. */
export interface Memory {
  /** Failures in a row. A connection that has brought data ends the row: the next one starts below 0. */
  readonly failures: number;
  /** Connections in a row that brought data and ended soon after. */
  readonly brief: number;
  /** Refusals in a row. */
  readonly refusals: number;
  readonly patience: Patience;
  /** Whether this server has answered a ping: only then is a missing answer a sign of a dead connection. */
  readonly answersPings: boolean;
  readonly idleCuts: IdleCuts;
  /**
   * From where to ask again, as long as an answer from there may be missing: what came may be pushes that overtook it, and
   * what is older than they are would never come. A question for everything does not set it back: a server that answers
   * none must still be asked for what is newer.
   */
  readonly unanswered: number | undefined;
  readonly healing: HealingMemory;
}

export type StreamingState =
  | ({ readonly phase: 'idle' } & Memory)
  /** A socket is being opened. */
  | ({ readonly phase: 'connecting' } & Memory)
  /** The socket is open and data was asked for. */
  | ({ readonly phase: 'syncing'; readonly pings: Pings; readonly request: DataRequest } & Memory)
  /** Data has arrived over this connection; it is kept alive with pings, and asked for again now and then. */
  | ({
      readonly phase: 'live';
      readonly since: number;
      readonly pings: Pings;
      readonly request: DataRequest | undefined;
      /** When healing asks next. */
      readonly askAt: number;
      /** Full messages in a row that were overtaken. */
      readonly overtaken: number;
      /** When the one timer ends. */
      readonly timerAt: number;
    } & Memory)
  /** No socket; the next attempt comes when the timer ends. */
  | ({ readonly phase: 'waiting' } & Memory)
  /** No socket: the server has refused the secret. The next attempt comes when the timer ends, after a long time. */
  | ({ readonly phase: 'refused' } & Memory)
  | { readonly phase: 'stopped' };

export type Syncing = StreamingState & { readonly phase: 'syncing' };
export type Live = StreamingState & { readonly phase: 'live' };
/** The states that have a socket. */
export type Connected = (StreamingState & { readonly phase: 'connecting' }) | Syncing | Live;

export type StreamingEvent =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  /** Bytes came in. */
  | { readonly type: 'activity' }
  | { readonly type: 'pong' }
  /** A sync message has been committed. */
  | {
      readonly type: 'taken';
      readonly what: Taken;
      /** From where to ask again what a full message has undone of earlier pushes; `undefined` when it has undone nothing. */
      readonly undone: number | undefined;
    }
  /** A message came although too many wait to be taken in already; it was dropped. */
  | { readonly type: 'flooded' }
  /** The socket is gone, whoever ended it. */
  | {
      readonly type: 'closed';
      readonly code: number;
      readonly problem: string;
      /** What a server that refused the upgrade asked for with `Retry-After`, in milliseconds. */
      readonly retryAfter: number | undefined;
    }
  /** The one timer has ended. */
  | { readonly type: 'timer' }
  | { readonly type: 'stop' };

export type StreamingEffect =
  | { readonly do: 'connect' }
  | { readonly do: 'request-data'; readonly cursor: number; readonly why: DataRequest['why'] }
  | { readonly do: 'ping' }
  /** Drops the socket; nothing is heard of it any more. */
  | { readonly do: 'disconnect' }
  /** Starts the one timer, in place of what it was doing. */
  | { readonly do: 'set-timer'; readonly milliseconds: number }
  | { readonly do: 'clear-timer' }
  /** The data is known to be current. */
  | { readonly do: 'confirm' }
  | { readonly do: 'interrupted'; readonly error: SourceError }
  | { readonly do: 'failed'; readonly error: SourceError }
  /** Something between client and server cuts connections that are idle for this long; it is prevented from now on. */
  | { readonly do: 'report-idle-cut'; readonly age: number; readonly interval: number };

export interface StreamingStep {
  readonly state: StreamingState;
  readonly effects: readonly StreamingEffect[];
}

export interface LiveStep extends StreamingStep {
  readonly state: Live;
}

export type TakenEvent = StreamingEvent & { readonly type: 'taken' };
export type ClosedEvent = StreamingEvent & { readonly type: 'closed' };

export const PING: StreamingEffect = { do: 'ping' };

export interface StreamingContext {
  readonly times: StreamingTimes;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** From 0 (included) to 1 (excluded). */
  readonly random: number;
  /** How far the data is that is held; 0 when nothing whole is. */
  readonly cursor: number;
}

const INITIAL_MEMORY: Memory = {
  failures: 0,
  brief: 0,
  refusals: 0,
  patience: FIRST_PATIENCE,
  answersPings: false,
  idleCuts: NO_IDLE_CUTS,
  unanswered: undefined,
  healing: NO_FULL_YET,
};

export const INITIAL_STATE: StreamingState = { phase: 'idle', ...INITIAL_MEMORY };

/** What a state carries along, without what is its own. */
export function memoryOf(state: Memory): Memory {
  const { failures, brief, refusals, patience, answersPings, idleCuts, unanswered, healing } = state;
  return { failures, brief, refusals, patience, answersPings, idleCuts, unanswered, healing };
}

/** From where to ask, so that nothing is missed. */
export function resumeFrom({ unanswered }: Memory, { cursor }: StreamingContext): number {
  return Math.min(cursor, unanswered ?? cursor);
}

/** The time between two pings: less than configured once connections were cut that were idle for less. */
export function intervalOf({ idleCuts }: Memory, { times }: StreamingContext): number {
  return Math.min(times.pingInterval, idleCuts.interval ?? times.pingInterval);
}

export function unchanged(state: StreamingState): StreamingStep {
  return { state, effects: [] };
}
