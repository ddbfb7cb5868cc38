import { backoffCeiling, backoffDelay } from './backoff.js';
import type { SourceError } from './data-source.js';

// The streaming connection as a pure machine; SPEC.md says in words what it does and which test holds each line up.

/** The close code of a server that refuses the secret for good. */
export const REJECTED = 4003;

/** After this much silence no answer to the request for data is expected any more (milliseconds). */
export const ANSWER_SILENCE = 30_000;
/** The longest that an answer may take, even if bytes keep coming in (milliseconds). */
export const ANSWER_LIMIT = 300_000;

export interface StreamingTimes {
  readonly connectTimeout: number;
  readonly firstRetryDelay: number;
  readonly maxRetryDelay: number;
  readonly pingInterval: number;
}

/** What every state carries along. */
interface Memory {
  /** Failures in a row; a connection that held on for long enough ends the row. */
  readonly failures: number;
  /** Whether this server has answered a ping: only then is a missing answer a sign of a dead connection. */
  readonly answersPings: boolean;
}

export type StreamingState =
  | ({ readonly phase: 'idle' } & Memory)
  /** A socket is being opened. */
  | ({ readonly phase: 'connecting' } & Memory)
  /** The socket is open and data was asked for. */
  | ({ readonly phase: 'syncing'; readonly since: number } & Memory)
  /** Data has arrived over this connection; it is kept alive with pings. */
  | ({
      readonly phase: 'live';
      readonly since: number;
      /** Whether anything was heard since the last ping, or with the first one. */
      readonly heard: boolean;
      readonly answeredHere: boolean;
      /** Whether an interval has passed: the first ping goes out with the data, so its answer is no news of the data. */
      readonly settled: boolean;
    } & Memory)
  /** No socket; the next attempt comes when the timer ends. */
  | ({ readonly phase: 'waiting' } & Memory)
  | { readonly phase: 'stopped' };

export type StreamingEvent =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  /** Bytes came in. */
  | { readonly type: 'activity' }
  | { readonly type: 'pong' }
  /** An answer or a push has been committed. */
  | { readonly type: 'committed' }
  /** A message came although too many wait to be taken in already; it was dropped. */
  | { readonly type: 'flooded' }
  /** The socket is gone, whoever ended it. */
  | { readonly type: 'closed'; readonly code: number; readonly problem: string }
  /** The one timer has ended. */
  | { readonly type: 'timer' }
  | { readonly type: 'stop' };

export type StreamingEffect =
  | { readonly do: 'connect' }
  | { readonly do: 'request-data' }
  | { readonly do: 'ping' }
  /** Drops the socket; nothing is heard of it any more. */
  | { readonly do: 'disconnect' }
  /** Starts the one timer, in place of what it was doing. */
  | { readonly do: 'set-timer'; readonly milliseconds: number }
  | { readonly do: 'clear-timer' }
  /** The data is known to be current. */
  | { readonly do: 'confirm' }
  | { readonly do: 'interrupted'; readonly error: SourceError }
  | { readonly do: 'failed'; readonly error: SourceError };

export interface StreamingStep {
  readonly state: StreamingState;
  readonly effects: readonly StreamingEffect[];
}

export interface StreamingContext {
  readonly times: StreamingTimes;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** From 0 (included) to 1 (excluded). */
  readonly random: number;
}

export const INITIAL_STATE: StreamingState = { phase: 'idle', failures: 0, answersPings: false };

/** What follows from an event. An event that means nothing in a state changes nothing. */
export function streamingStep(state: StreamingState, event: StreamingEvent, context: StreamingContext): StreamingStep {
  if (state.phase === 'stopped') return unchanged(state);
  if (event.type === 'stop') {
    return { state: { phase: 'stopped' }, effects: [{ do: 'clear-timer' }, { do: 'disconnect' }] };
  }
  if (event.type === 'closed' && hasSocket(state)) return closed(state, event, context);
  if (event.type === 'flooded' && (state.phase === 'syncing' || state.phase === 'live')) {
    const message = 'the server sends faster than data can be taken in: what is missing is asked for again';
    return retry(state, { code: 'interrupted', message }, context);
  }
  const memory: Memory = { failures: state.failures, answersPings: state.answersPings };
  switch (state.phase) {
    case 'idle':
      return event.type === 'start' ? connect(memory, context) : unchanged(state);
    case 'waiting':
      return event.type === 'timer' ? connect(memory, context) : unchanged(state);
    case 'connecting':
      if (event.type === 'opened') {
        return {
          state: { phase: 'syncing', since: context.now, ...memory },
          effects: [{ do: 'request-data' }, { do: 'set-timer', milliseconds: ANSWER_SILENCE }],
        };
      }
      if (event.type === 'timer') {
        const message = `no connection within ${context.times.connectTimeout} ms`;
        return retry(state, { code: 'connect-timeout', message }, context);
      }
      return unchanged(state);
    case 'syncing':
      return syncing(state, event, context);
    case 'live':
      return live(state, event, context);
  }
}

function syncing(
  state: StreamingState & { readonly phase: 'syncing' },
  event: StreamingEvent,
  context: StreamingContext,
): StreamingStep {
  switch (event.type) {
    case 'activity': {
      const left = Math.max(state.since + ANSWER_LIMIT - context.now, 1);
      return { state, effects: [{ do: 'set-timer', milliseconds: Math.min(ANSWER_SILENCE, left) }] };
    }
    case 'committed':
      return {
        state: { ...state, phase: 'live', since: context.now, heard: true, answeredHere: false, settled: false },
        // Its answer shows that this server answers pings, so that silence from here on means something. It may take
        // longer than others: what came may be a push, and the server still busy with the answer.
        effects: [{ do: 'ping' }, { do: 'set-timer', milliseconds: context.times.pingInterval }],
      };
    case 'timer':
      return retry(state, { code: 'no-data', message: 'the server did not answer the request for data' }, context);
    default:
      return unchanged(state);
  }
}

function live(
  state: StreamingState & { readonly phase: 'live' },
  event: StreamingEvent,
  context: StreamingContext,
): StreamingStep {
  switch (event.type) {
    case 'pong':
      return {
        state: { ...state, heard: true, answersPings: true, answeredHere: true },
        effects: state.settled ? [{ do: 'confirm' }] : [],
      };
    case 'activity':
    case 'committed':
      return { state: { ...state, heard: true }, effects: [] };
    case 'timer':
      if (!state.heard && state.answersPings) {
        const message = `the server stopped answering pings (every ${context.times.pingInterval} ms)`;
        // No ping was answered during the whole connection: this server no longer answers pings. Forget that it did, or
        // every later connection would be ended as silent.
        return retry({ ...state, answersPings: state.answeredHere }, { code: 'silent', message }, context);
      }
      return {
        state: { ...state, heard: false, settled: true },
        effects: [{ do: 'ping' }, { do: 'set-timer', milliseconds: context.times.pingInterval }],
      };
    default:
      return unchanged(state);
  }
}

function closed(
  state: StreamingState & Memory,
  event: StreamingEvent & { readonly type: 'closed' },
  context: StreamingContext,
): StreamingStep {
  if (event.code === REJECTED) {
    const message =
      'the server refused the environment secret for good (4003): check that envSecret is the server secret of this environment and that the clock is right';
    return {
      state: { phase: 'stopped' },
      effects: [{ do: 'clear-timer' }, { do: 'disconnect' }, { do: 'failed', error: { code: 'rejected', message } }],
    };
  }
  const why = `${event.problem === '' ? '' : `${event.problem}, `}close code ${event.code}`;
  const error: SourceError =
    state.phase === 'connecting'
      ? { code: 'connect-failed', message: `the connection could not be made (${why})` }
      : { code: 'interrupted', message: `the connection ended (${why})` };
  return retry(state, error, context);
}

function connect(memory: Memory, { times }: StreamingContext): StreamingStep {
  return {
    state: { phase: 'connecting', ...memory },
    effects: [{ do: 'connect' }, { do: 'set-timer', milliseconds: times.connectTimeout }],
  };
}

/** The one way to a new attempt: drop the socket, wait, connect. */
function retry(
  state: StreamingState & Memory,
  error: SourceError,
  { times, now, random }: StreamingContext,
): StreamingStep {
  const { firstRetryDelay: first, maxRetryDelay: max } = times;
  // A connection is healthy once it has lasted at least as long as the back-off before it. So the back-off keeps growing
  // against a server that accepts everybody and drops them at once.
  const healthy = state.phase === 'live' && now - state.since >= backoffCeiling(state.failures, first, max);
  const failures = healthy ? 0 : state.failures;
  return {
    state: { phase: 'waiting', failures: failures + 1, answersPings: state.answersPings },
    effects: [
      { do: 'disconnect' },
      { do: 'interrupted', error },
      { do: 'set-timer', milliseconds: backoffDelay(failures, first, max, random) },
    ],
  };
}

function hasSocket(state: StreamingState & Memory): boolean {
  return state.phase === 'connecting' || state.phase === 'syncing' || state.phase === 'live';
}

function unchanged(state: StreamingState): StreamingStep {
  return { state, effects: [] };
}
