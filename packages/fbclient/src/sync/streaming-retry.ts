import { backoffDelay, refusedDelay } from './backoff.js';
import type { SourceError } from './data-source.js';
import { endedAfterIdle } from './liveness.js';
import {
  type ClosedEvent,
  type Connected,
  intervalOf,
  type Live,
  type Memory,
  memoryOf,
  REJECTED,
  type StreamingContext,
  type StreamingEffect,
  type StreamingStep,
  type Syncing,
} from './streaming-state.js';

// How the streaming machine comes from a connection that ended to the next one.

/** A connection that brought data and ended before this age was brief, in milliseconds. */
export const BRIEF = 5_000;
/** So many brief connections in a row are no failures yet. */
const ALLOWED_BRIEF = 4;
/**
 * Where the row of failures starts after a connection that has brought data. The first attempts after it come soon, one like
 * the other: most servers that go away are back within seconds.
 */
const AFTER_DATA = -4;
/** More came than can be taken in. */
export function flooded(state: Syncing | Live, context: StreamingContext): StreamingStep {
  const message = 'the server sends faster than data can be taken in: what is missing is asked for again';
  const row = rowOfFailures(state, context);
  // Coming back soon would bring the flood back soon: it counts as a failure although data came.
  const failures = row.brief > 0 ? Math.max(state.failures, 0) : row.failures;
  return wait(state, { ...row, failures }, { code: 'interrupted', message }, context);
}

/** The socket is gone. */
export function closed(state: Connected, event: ClosedEvent, context: StreamingContext): StreamingStep {
  if (event.code === REJECTED) return refused(state, context);
  const why = `${event.problem === '' ? '' : `${event.problem}, `}close code ${event.code}`;
  if (state.phase === 'connecting') {
    const error: SourceError = { code: 'connect-failed', message: `the connection could not be made (${why})` };
    return retry(state, error, context, event.retryAfter);
  }
  const error: SourceError = { code: 'interrupted', message: `the connection ended (${why})` };
  if (state.phase === 'syncing') return retry(state, error, context);
  const { heardAt, survived } = state.pings;
  const idle = context.now - heardAt;
  const end = { idle, survived, lived: context.now - state.since };
  const idleCuts = endedAfterIdle(state.idleCuts, end, intervalOf(state, context));
  const step = retry({ ...state, idleCuts }, error, context);
  const { interval } = idleCuts;
  if (interval === undefined || state.idleCuts.interval !== undefined) return step;
  return { ...step, effects: [...step.effects, { do: 'report-idle-cut', age: idle, interval }] };
}

/** Most refusals pass (a clock, a rotated secret, a proxy): the server is asked again, but only after a long time. */
function refused(state: Connected, { times, random }: StreamingContext): StreamingStep {
  const retries = times.refusedRetryDelay !== false;
  const check = 'check that envSecret is the server secret of this environment and that the clock is right';
  const message = `the server refused the environment secret (${REJECTED}): ${check}`;
  const failed: StreamingEffect = { do: 'failed', error: { code: 'rejected', message } };
  if (!retries) return { state: { phase: 'stopped' }, effects: [{ do: 'clear-timer' }, { do: 'disconnect' }, failed] };
  const milliseconds = refusedDelay(state.refusals, times.refusedRetryDelay, random);
  return {
    state: { ...memoryOf(state), phase: 'refused', refusals: state.refusals + 1 },
    effects: [{ do: 'disconnect' }, failed, { do: 'set-timer', milliseconds }],
  };
}

/** A new attempt after a failure. */
export function retry(state: Connected, error: SourceError, context: StreamingContext, retryAfter = 0): StreamingStep {
  return wait(state, rowOfFailures(state, context), error, context, retryAfter);
}

type Row = Pick<Memory, 'failures' | 'brief'>;

/** The one way to a new attempt: drop the socket, wait, connect. */
function wait(
  state: Connected,
  { failures, brief }: Row,
  error: SourceError,
  { times, random }: StreamingContext,
  retryAfter = 0,
): StreamingStep {
  const delay = backoffDelay(failures, times.firstRetryDelay, times.maxRetryDelay, random);
  return {
    state: { ...memoryOf(state), phase: 'waiting', brief, failures: failures + 1 },
    effects: [
      { do: 'disconnect' },
      { do: 'interrupted', error },
      // Added to what the server asked for: it has asked all of its clients.
      { do: 'set-timer', milliseconds: retryAfter + delay },
    ],
  };
}

/**
 * A connection that brought data ends the row of failures, so that the first attempt after it comes soon. Only a server that
 * brings data and drops everybody at once, time after time, is tried ever more slowly.
 */
function rowOfFailures(state: Connected, { now }: StreamingContext): Row {
  if (state.phase !== 'live') return { failures: state.failures, brief: state.brief };
  const brief = now - state.since < BRIEF ? state.brief + 1 : 0;
  return { failures: brief > ALLOWED_BRIEF ? brief - ALLOWED_BRIEF : AFTER_DATA, brief };
}
