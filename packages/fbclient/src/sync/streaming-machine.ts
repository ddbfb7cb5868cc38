import { afterPong } from './data-requests.js';
import { fullCame, nextQuestion, nextQuestionAt } from './healing.js';
import { firstPings, heard, pinged, ponged } from './liveness.js';
import { answerLimit, connectLimit, silenceLimit } from './patience.js';
import { answered, live, newRequest, pingFirst, taken, withTimer } from './streaming-live.js';
import { closed, flooded, late, retry } from './streaming-retry.js';
import {
  intervalOf,
  type Live,
  type Memory,
  memoryOf,
  PING,
  resumeFrom,
  type StreamingContext,
  type StreamingEvent,
  type StreamingState,
  type StreamingStep,
  type Syncing,
  unchanged,
} from './streaming-state.js';

// The streaming connection as a pure machine; SPEC.md says in words what it does and which test holds each line up.

/** What follows from an event. An event that means nothing in a state changes nothing. */
export function streamingStep(state: StreamingState, event: StreamingEvent, context: StreamingContext): StreamingStep {
  if (state.phase === 'stopped') return unchanged(state);
  if (event.type === 'stop') {
    return { state: { phase: 'stopped' }, effects: [{ do: 'clear-timer' }, { do: 'disconnect' }] };
  }
  switch (state.phase) {
    case 'idle':
      return event.type === 'start' ? connect(state, context) : unchanged(state);
    case 'waiting':
    case 'refused':
      return unconnected(state, event, context);
    case 'connecting':
      return connecting(state, event, context);
    case 'syncing':
      return syncing(state, event, context);
    case 'live':
      return live(state, event, context);
  }
}

/** Between two connections. What the last one brought may still be taken in: it counts as its answer. */
function unconnected(
  state: StreamingState & { readonly phase: 'waiting' | 'refused' },
  event: StreamingEvent,
  context: StreamingContext,
): StreamingStep {
  if (event.type === 'timer') return connect(state, context);
  if (event.type !== 'taken' || event.what === 'changes') return unchanged(state);
  const { times, now, random } = context;
  const healing = event.what === 'full' ? fullCame(times, state.healing, now, random) : state.healing;
  return { state: { ...state, healing, unanswered: event.undone }, effects: [] };
}

function connecting(
  state: StreamingState & { readonly phase: 'connecting' },
  event: StreamingEvent,
  context: StreamingContext,
): StreamingStep {
  switch (event.type) {
    case 'opened': {
      const { now, times } = context;
      const resume = resumeFrom(state, context);
      const { from, healing } = nextQuestion(times, state.healing, now, resume);
      const request = newRequest(from, 'first', context, 1);
      return {
        state: {
          ...memoryOf(state),
          phase: 'syncing',
          pings: firstPings(now),
          request,
          healing,
          unanswered: resume,
        },
        effects: [
          { do: 'request-data', cursor: from, why: 'first' },
          { do: 'set-timer', milliseconds: silenceLimit(state.patience) },
        ],
      };
    }
    case 'timer': {
      const message = `no connection within ${connectLimit(state.patience, context.times.connectTimeout)} ms`;
      return retry(late(state), { code: 'connect-timeout', message }, context);
    }
    case 'closed':
      return closed(state, event, context);
    default:
      return unchanged(state);
  }
}

function syncing(state: Syncing, event: StreamingEvent, context: StreamingContext): StreamingStep {
  const { request, patience } = state;
  const { now } = context;
  switch (event.type) {
    case 'activity': {
      const left = Math.max(request.since + answerLimit(patience) - now, 1);
      return {
        state: { ...state, pings: heard(state.pings, now) },
        effects: [{ do: 'set-timer', milliseconds: Math.min(silenceLimit(patience), left) }],
      };
    }
    case 'taken':
      // Changes alone are not the whole. The answer is still to come, unless a ping that is sent now is answered first.
      if (event.what === 'changes' && request.forEverything) return changedBeforeAnswer(state, context);
      return pingFirst(taken(liveFrom(state, context), event, context), context);
    case 'pong': {
      const pings = ponged(state.pings, now);
      const after: Syncing = { ...state, pings, answersPings: state.answersPings || pings.answered > 0 };
      if (afterPong(request, pings) !== undefined) return { state: after, effects: [] };
      // The server answers in order, so the answer was among the changes that have come.
      return withTimer(answered(liveFrom(after, context), 'changes', context), [{ do: 'confirm' }], context);
    }
    case 'timer': {
      const message = 'the server did not answer the request for data';
      return retry(late(state), { code: 'no-data', message }, context);
    }
    case 'flooded':
      return flooded(state, context);
    case 'closed':
      return closed(state, event, context);
    default:
      return unchanged(state);
  }
}

function changedBeforeAnswer(state: Syncing, context: StreamingContext): StreamingStep {
  const after: Syncing = { ...state, request: { ...state.request, changed: true } };
  if (state.pings.sent > 0) return { state: after, effects: [] };
  return { state: { ...after, pings: pinged(state.pings, context.now, intervalOf(state, context)) }, effects: [PING] };
}

function liveFrom(state: Syncing, { now, times, random }: StreamingContext): Live {
  return {
    ...memoryOf(state),
    phase: 'live',
    since: now,
    refusals: 0,
    pings: heard(state.pings, now),
    request: state.request,
    askAt: nextQuestionAt(times, state.healing, now, random),
    overtaken: 0,
    timerAt: Number.POSITIVE_INFINITY,
  };
}

function connect(memory: Memory, { times }: StreamingContext): StreamingStep {
  return {
    state: { ...memoryOf(memory), phase: 'connecting' },
    effects: [
      { do: 'connect' },
      { do: 'set-timer', milliseconds: connectLimit(memory.patience, times.connectTimeout) },
    ],
  };
}
