import { afterPong, type DataRequest, isAnswer, type Taken } from './data-requests.js';
import { fullCame, nextQuestion, nextQuestionAt } from './healing.js';
import { heard, pinged, ponged, silentAt } from './liveness.js';
import { answeredIn, silenceLimit } from './patience.js';
import { closed, flooded, retry } from './streaming-retry.js';
import {
  intervalOf,
  type Live,
  type LiveStep,
  PING,
  resumeFrom,
  type StreamingContext,
  type StreamingEffect,
  type StreamingEvent,
  type StreamingStep,
  type TakenEvent,
  unchanged,
} from './streaming-state.js';

// The streaming machine while a connection is live: pings, answers, healing.

/** A full message that was overtaken is asked about again this many times in a row at most. */
const MAX_REPEATS = 3;

/**
 * The first ping goes out with the first data: its answer shows that this server answers pings, so that silence from there
 * on means something.
 */
export function pingFirst({ state, effects }: LiveStep, context: StreamingContext): LiveStep {
  if (state.pings.sent > 0) return { state, effects };
  const pings = pinged(state.pings, context.now, intervalOf(state, context));
  return withTimer({ ...state, pings, timerAt: Number.POSITIVE_INFINITY }, [PING, ...withoutTimer(effects)], context);
}

function withoutTimer(effects: readonly StreamingEffect[]): readonly StreamingEffect[] {
  return effects.filter((effect) => effect.do !== 'set-timer');
}

/** What follows from an event on a live connection. */
export function live(state: Live, event: StreamingEvent, context: StreamingContext): StreamingStep {
  const { now } = context;
  switch (event.type) {
    case 'activity':
      return { state: hearing(state, now), effects: [] };
    case 'taken':
      return taken(hearing(state, now), event, context);
    case 'pong': {
      const pings = ponged(state.pings, now);
      const after: Live = { ...state, pings, answersPings: true };
      const request = state.request === undefined ? undefined : afterPong(state.request, pings);
      const isAnswered = state.request !== undefined && request === undefined;
      // The first ping goes out with the data, so its answer is no news of the data.
      const effects: readonly StreamingEffect[] = pings.sent > 1 ? [{ do: 'confirm' }] : [];
      return withTimer(isAnswered ? answered(after, 'changes', context) : { ...after, request }, effects, context);
    }
    case 'timer':
      return tick({ ...state, timerAt: Number.POSITIVE_INFINITY }, context);
    case 'flooded':
      return flooded(state, context);
    case 'closed':
      return closed(state, event, context);
    default:
      return unchanged(state);
  }
}

/**
 * Bytes came in. Each push to each client of a process comes by here, so the state is written out: V8 copies one that has numbers of
 * several kinds member by member when it is spread, which takes as long as reading the message.
 */
function hearing(state: Live, now: number): Live {
  return {
    phase: 'live',
    failures: state.failures,
    brief: state.brief,
    refusals: state.refusals,
    patience: state.patience,
    answersPings: state.answersPings,
    idleCuts: state.idleCuts,
    unanswered: state.unanswered,
    healing: state.healing,
    since: state.since,
    pings: heard(state.pings, now),
    request: state.request,
    askAt: state.askAt,
    overtaken: state.overtaken,
    timerAt: state.timerAt,
  };
}

/** A sync message is in use: it may be the answer, and a full one may have undone a push. */
export function taken(state: Live, { what, undone }: TakenEvent, context: StreamingContext): LiveStep {
  const { request } = state;
  let after = state;
  if (request !== undefined && isAnswer(what)) after = answered(state, what, context);
  else if (request !== undefined) after = { ...state, request: { ...request, changed: true } };
  if (what === 'repeat') return withTimer(after, [{ do: 'answered' }], context);
  if (what !== 'full') return withTimer(after, [], context);
  after = fullHeld(after, context);
  if (undone === undefined) return withTimer({ ...after, overtaken: 0 }, [], context);
  // That is how the server has it. What is undone later is another matter.
  if (state.overtaken >= MAX_REPEATS) return withTimer({ ...after, overtaken: 0 }, [], context);
  return ask({ ...after, overtaken: state.overtaken + 1, unanswered: undone }, undone, 'overtaken', context);
}

/** Everything is held: healing begins anew. */
function fullHeld(state: Live, { times, now, random }: StreamingContext): Live {
  const healing = fullCame(times, state.healing, now, random);
  return { ...state, healing, askAt: nextQuestionAt(times, healing, now, random) };
}

/** The request of a live connection has been answered. */
export function answered(state: Live, what: Taken, context: StreamingContext): Live {
  const { request } = state;
  if (request === undefined) return state;
  const { now, times, random } = context;
  const took = now - request.since;
  const held = request.cursor === 0 && isAnswer(what) ? fullHeld(state, context) : state;
  // Changes and a pong prove nothing for certain: what was asked from is asked again with the next question. But a server
  // that has sent everything just now has its data at hand, so a pong after the question that follows is proof enough.
  const isCertain = isAnswer(what) || request.why === 'overtaken';
  const unanswered = isCertain ? undefined : state.unanswered;
  const after: Live = { ...held, request: undefined, unanswered };
  switch (request.why) {
    case 'first':
      return { ...after, patience: answeredIn(took) };
    case 'overtaken':
      // A question that became due meanwhile was put off until the server can no longer be busy with this request: it is not.
      return { ...after, askAt: Math.min(after.askAt, nextQuestionAt(times, held.healing, now, random)) };
    case 'healing': {
      const healing = { ...held.healing, fullTook: what === 'full' && request.cursor > 0 ? took : 0 };
      return { ...after, healing, askAt: nextQuestionAt(times, healing, now, random) };
    }
  }
}

function tick(state: Live, context: StreamingContext): StreamingStep {
  const { request, pings, patience } = state;
  const { now, times } = context;
  const interval = intervalOf(state, context);
  if (silentFrom(state, context) <= now) {
    const message = `the server stopped answering pings (nothing for ${times.pingInterval} ms)`;
    // No ping was answered during the whole connection: this server no longer answers pings. Forget that it did, or
    // every later connection would be ended as silent.
    return retry({ ...state, answersPings: pings.answered > 0 }, { code: 'silent', message }, context);
  }
  let { askAt } = state;
  if (askAt <= now) {
    // The server may still be busy with the last request: asking again would only make it work more.
    const busyUntil = request === undefined ? now : request.since + silenceLimit(patience);
    if (busyUntil <= now) return heal(state, context);
    askAt = busyUntil;
  }
  if (pings.dueAt > now) return withTimer({ ...state, askAt }, [], context);
  return withTimer({ ...state, askAt, pings: pinged(pings, now, interval) }, [PING], context);
}

/** Asks for what the server may not have pushed. */
function heal(state: Live, context: StreamingContext): LiveStep {
  const { times, now, random } = context;
  const resume = resumeFrom(state, context);
  const { from, healing } = nextQuestion(times, state.healing, now, resume);
  const askAt = nextQuestionAt(times, healing, now, random);
  return ask({ ...state, askAt, healing, unanswered: resume }, from, 'healing', context);
}

/** Asks again on an open connection; the ping after the request shows when it has been answered. */
function ask(state: Live, cursor: number, why: DataRequest['why'], context: StreamingContext): LiveStep {
  const pings = pinged(state.pings, context.now, intervalOf(state, context));
  const request = newRequest(cursor, why, context, pings.sent);
  return withTimer({ ...state, pings, request }, [{ do: 'request-data', cursor, why }, PING], context);
}

/** @param ping the number of the first ping after it. */
export function newRequest(
  cursor: number,
  why: DataRequest['why'],
  context: StreamingContext,
  ping: number,
): DataRequest {
  const number = why === 'first' ? 0 : ping;
  return { number, cursor, why, since: context.now, changed: false, ping, passed: false };
}

/**
 * When a connection counts as silent. Not sooner because pings are sent more often; later while a server that has needed long
 * before is asked for everything.
 */
function silentFrom({ answersPings, pings, request, patience }: Live, { times }: StreamingContext): number {
  if (!answersPings) return Number.POSITIVE_INFINITY;
  return silentAt(pings, times.pingInterval) + (request?.cursor === 0 ? patience.took * 3 : 0);
}

/** Sets the timer of a live connection when something is due earlier than it ends. */
export function withTimer(state: Live, effects: readonly StreamingEffect[], context: StreamingContext): LiveStep {
  const next = Math.min(state.pings.dueAt, state.askAt, silentFrom(state, context));
  if (next >= state.timerAt) return { state, effects };
  const milliseconds = Math.max(next - context.now, 0);
  return { state: { ...state, timerAt: next }, effects: [...effects, { do: 'set-timer', milliseconds }] };
}
