import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffCeiling } from '../../src/sync/backoff.js';
import type { DataRequest } from '../../src/sync/data-requests.js';
import { type HealingMemory, NO_FULL_YET } from '../../src/sync/healing.js';
import { firstPings, NO_IDLE_CUTS, type Pings } from '../../src/sync/liveness.js';
import { ANSWER_LIMIT, ANSWER_SILENCE, FIRST_PATIENCE } from '../../src/sync/patience.js';
import { streamingStep } from '../../src/sync/streaming-machine.js';
import { BRIEF } from '../../src/sync/streaming-retry.js';
import {
  INITIAL_STATE,
  type Memory,
  REJECTED,
  type StreamingContext,
  type StreamingEffect,
  type StreamingEvent,
  type StreamingState,
  type StreamingStep,
  type StreamingTimes,
} from '../../src/sync/streaming-state.js';
import { check } from '../support/property.js';

type Phase = StreamingState['phase'];
type EventType = StreamingEvent['type'];
type StateOf<P extends Phase> = Extract<StreamingState, { readonly phase: P }>;
type EventOf<E extends EventType> = Extract<StreamingEvent, { readonly type: E }>;

const TIMES: StreamingTimes = {
  connectTimeout: 5_000,
  firstRetryDelay: 1_000,
  maxRetryDelay: 60_000,
  pingInterval: 15_000,
  resyncInterval: 40_000,
  fullResyncInterval: 1_000_000,
  refusedRetryDelay: 80_000,
};
const NOW = 1_000_000;
/** Half of every ceiling. */
const RANDOM = 0.5;
/** How far the data is that is held. */
const CURSOR = 700;
/** With half of the chance, periods are as long as configured. */
const RESYNC = 40_000;
const FULL_RESYNC = 1_000_000;
const FULL_CAME: HealingMemory = { ...NO_FULL_YET, fullDueAt: NOW + FULL_RESYNC };
const FULL_DUE: HealingMemory = { ...NO_FULL_YET, fullDueAt: NOW };
/** Everything was due and has been asked for. */
const FULL_ASKED: HealingMemory = { ...NO_FULL_YET, fullDueAt: NOW + 600_000, fullsAsked: 1, awaitsFull: true };

interface Transition<P extends Phase, E extends EventType> {
  readonly when: string;
  readonly from: Partial<StateOf<P>>;
  readonly event?: Partial<EventOf<E>>;
  readonly context?: Partial<StreamingContext>;
  readonly to: StreamingState;
  readonly effects: readonly StreamingEffect[];
}

/** `nothing`: the event means nothing in this phase, so neither the state nor the world changes. */
type Cell<P extends Phase, E extends EventType> = 'nothing' | readonly [Transition<P, E>, ...Transition<P, E>[]];

// A phase or an event without its cells does not compile.
type Table = { readonly [P in Phase]: { readonly [E in EventType]: Cell<P, E> } };

const MEMORY: Memory = {
  failures: 0,
  brief: 0,
  refusals: 0,
  patience: FIRST_PATIENCE,
  answersPings: false,
  idleCuts: NO_IDLE_CUTS,
  unanswered: undefined,
  healing: NO_FULL_YET,
};
/** A connection on which one ping was sent just now. */
const PINGED: Pings = { sent: 1, answered: 0, dueAt: NOW + 15_000, unheardSince: NOW, heardAt: NOW, survived: 0 };
/** The same, long ago: the next ping is due, and something was heard since the last one. */
const PING_DUE: Pings = { ...PINGED, dueAt: NOW, unheardSince: undefined, heardAt: NOW - 3_000 };
const UNHEARD: Pings = { ...PING_DUE, unheardSince: NOW - 15_000, heardAt: NOW - 15_000 };

const FIRST: DataRequest = {
  number: 0,
  cursor: CURSOR,
  why: 'first',
  since: NOW,
  changed: false,
  ping: 1,
  passed: false,
};
const FIRST_FOR_ALL: DataRequest = { ...FIRST, cursor: 0 };
const asked = (why: DataRequest['why'], cursor: number, ping: number): DataRequest => ({
  ...FIRST,
  number: ping,
  why,
  cursor,
  ping,
});
const HEALING = asked('healing', CURSOR, 2);

const OF_PHASE: { readonly [P in Phase]: StateOf<P> } = {
  idle: { ...MEMORY, phase: 'idle' },
  connecting: { ...MEMORY, phase: 'connecting' },
  syncing: { ...MEMORY, phase: 'syncing', pings: firstPings(NOW), request: FIRST, unanswered: CURSOR },
  live: {
    ...MEMORY,
    phase: 'live',
    since: NOW - BRIEF,
    pings: PINGED,
    request: undefined,
    askAt: NOW + 99_000,
    overtaken: 0,
    timerAt: NOW + 15_000,
  },
  waiting: { ...MEMORY, phase: 'waiting', failures: 1 },
  refused: { ...MEMORY, phase: 'refused', refusals: 1 },
  stopped: { phase: 'stopped' },
};

const OF_EVENT: { readonly [E in EventType]: EventOf<E> } = {
  start: { type: 'start' },
  opened: { type: 'opened' },
  activity: { type: 'activity' },
  pong: { type: 'pong' },
  taken: { type: 'taken', what: 'changes', undone: undefined },
  flooded: { type: 'flooded' },
  closed: { type: 'closed', code: 1006, problem: '', retryAfter: undefined },
  timer: { type: 'timer' },
  stop: { type: 'stop' },
};

const setTimer = (milliseconds: number): StreamingEffect => ({ do: 'set-timer', milliseconds });
const connecting = (memory: Partial<Memory> = {}): StreamingState => ({ ...MEMORY, phase: 'connecting', ...memory });
const waiting = (memory: Partial<Memory>): StreamingState => ({ ...MEMORY, phase: 'waiting', ...memory });
const syncing = (state: Partial<StateOf<'syncing'>>): StreamingState => ({ ...OF_PHASE.syncing, ...state });
const live = (state: Partial<StateOf<'live'>>): StateOf<'live'> => ({ ...OF_PHASE.live, ...state });
const CONNECT: readonly StreamingEffect[] = [{ do: 'connect' }, setTimer(5_000)];
const PING: StreamingEffect = { do: 'ping' };
const request = (why: DataRequest['why'], cursor: number): StreamingEffect => ({ do: 'request-data', cursor, why });

/** A connection that has just become live. */
const justLive = (state: Partial<StateOf<'live'>>): StreamingState =>
  live({ since: NOW, askAt: NOW + RESYNC, timerAt: NOW + 15_000, ...state });

type Code = Extract<StreamingEffect, { do: 'interrupted' }>['error']['code'];
/** What every failed attempt and every lost connection brings about. */
const retry = (code: Code, message: string, milliseconds: number): StreamingEffect[] => [
  { do: 'disconnect' },
  { do: 'interrupted', error: { code, message } },
  setTimer(milliseconds),
];

const STOPPED = {
  to: { phase: 'stopped' },
  effects: [{ do: 'clear-timer' }, { do: 'disconnect' }],
} as const satisfies Partial<Transition<Phase, EventType>>;

const REFUSAL: StreamingEffect = {
  do: 'failed',
  error: {
    code: 'rejected',
    message:
      'the server refused the environment secret (4003): check that envSecret is the server secret of this environment and that the clock is right',
  },
};
const refused = (memory: Partial<Memory>, milliseconds: number) => ({
  event: { code: REJECTED },
  to: { ...MEMORY, phase: 'refused' as const, refusals: 1, ...memory },
  effects: [{ do: 'disconnect' }, REFUSAL, setTimer(milliseconds)] as readonly StreamingEffect[],
});

const FLOODED = 'the server sends faster than data can be taken in: what is missing is asked for again';
const SILENT = 'the server stopped answering pings (nothing for 15000 ms)';
const ENDED = 'the connection ended (close code 1006)';
const LATE = { ...FIRST_PATIENCE, late: 1 };
const SLOW = { ...FIRST_PATIENCE, slow: 1 };

const TABLE: Table = {
  idle: {
    start: [{ when: 'it begins', from: {}, to: connecting(), effects: CONNECT }],
    stop: [{ when: 'it never began', from: {}, ...STOPPED }],
    opened: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    taken: 'nothing',
    flooded: 'nothing',
    closed: 'nothing',
    timer: 'nothing',
  },
  connecting: {
    opened: [
      {
        when: 'the socket is open',
        from: { failures: 3, answersPings: true },
        to: syncing({ failures: 3, answersPings: true }),
        effects: [request('first', CURSOR), setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'it is open and nothing whole is held',
        from: {},
        context: { cursor: 0 },
        to: syncing({ request: FIRST_FOR_ALL, unanswered: 0 }),
        effects: [request('first', 0), setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'it is open and the last request may not have been answered',
        from: { unanswered: 600 },
        to: syncing({ request: { ...FIRST, cursor: 600 }, unanswered: 600 }),
        effects: [request('first', 600), setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'it is open and the last full message is long ago',
        from: { healing: { ...FULL_DUE, fullTook: 5 } },
        to: syncing({ request: { ...FIRST, cursor: 0 }, healing: { ...FULL_ASKED, fullTook: 5 } }),
        effects: [request('first', 0), setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'it is open, everything is due, and the last request for something newer may not have been answered',
        from: { healing: FULL_DUE, unanswered: 600 },
        to: syncing({ request: { ...FIRST, cursor: 0 }, unanswered: 600, healing: FULL_ASKED }),
        effects: [request('first', 0), setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'it is open, and the connection before has not brought everything: what is newer comes first',
        from: { healing: { ...FULL_DUE, fullsAsked: 1, awaitsFull: true } },
        to: syncing({ healing: { ...FULL_DUE, fullsAsked: 1 } }),
        effects: [request('first', CURSOR), setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'it is open after attempts that were too slow, which says nothing of answers',
        from: { patience: { late: 0, slow: 3, took: 0 } },
        to: syncing({}),
        effects: [request('first', CURSOR), setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'it is open, and the server has needed long before or was late',
        from: { patience: { late: 1, slow: 0, took: 50_000 } },
        to: syncing({ patience: { late: 1, slow: 0, took: 50_000 } }),
        effects: [request('first', CURSOR), setTimer(150_000)],
      },
    ],
    timer: [
      {
        when: 'the socket does not open in time',
        from: { failures: 2 },
        to: waiting({ failures: 3, patience: SLOW }),
        effects: retry('connect-timeout', 'no connection within 5000 ms', 2_000),
      },
      {
        when: 'the socket does not open in time, which is longer after the first attempt',
        from: { failures: 5, patience: SLOW },
        to: waiting({ failures: 6, patience: { late: 0, slow: 2, took: 0 } }),
        effects: retry('connect-timeout', 'no connection within 10000 ms', 16_000),
      },
    ],
    closed: [
      {
        when: 'nobody listens',
        from: {},
        event: { problem: 'ECONNREFUSED' },
        to: waiting({ failures: 1 }),
        effects: retry('connect-failed', 'the connection could not be made (ECONNREFUSED, close code 1006)', 500),
      },
      {
        when: 'it ends without a reason',
        from: { failures: 6, answersPings: true },
        to: waiting({ failures: 7, answersPings: true }),
        effects: retry('connect-failed', 'the connection could not be made (close code 1006)', 30_000),
      },
      {
        when: 'the server says when to come again',
        from: {},
        event: { problem: 'the server answered the upgrade with HTTP status 503', retryAfter: 30_000 },
        to: waiting({ failures: 1 }),
        effects: retry(
          'connect-failed',
          'the connection could not be made (the server answered the upgrade with HTTP status 503, close code 1006)',
          30_500,
        ),
      },
      { when: 'the secret is refused', from: { failures: 4 }, ...refused({ failures: 4 }, 90_000) },
    ],
    stop: [{ when: 'it is to end', from: { failures: 4 }, ...STOPPED }],
    start: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    taken: 'nothing',
    flooded: 'nothing',
  },
  syncing: {
    activity: [
      {
        when: 'the answer trickles in',
        from: { request: { ...FIRST, since: NOW - 100_000 } },
        to: syncing({ request: { ...FIRST, since: NOW - 100_000 } }),
        effects: [setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'the answer has little time left',
        from: { request: { ...FIRST, since: NOW - ANSWER_LIMIT + 700 } },
        to: syncing({ request: { ...FIRST, since: NOW - ANSWER_LIMIT + 700 } }),
        effects: [setTimer(700)],
      },
      {
        when: 'the answer has no time left',
        from: { request: { ...FIRST, since: NOW - ANSWER_LIMIT - 5 } },
        to: syncing({ request: { ...FIRST, since: NOW - ANSWER_LIMIT - 5 } }),
        effects: [setTimer(1)],
      },
    ],
    taken: [
      {
        when: 'the answer is there, and it is everything',
        from: { failures: 3, refusals: 2, answersPings: true, request: { ...FIRST_FOR_ALL, since: NOW - 500 } },
        event: { what: 'full' },
        to: justLive({
          failures: 3,
          answersPings: true,
          patience: { late: 0, slow: 0, took: 500 },
          healing: FULL_CAME,
        }),
        effects: [PING, setTimer(15_000)],
      },
      {
        when: 'the answer is there: nothing is new',
        from: { patience: LATE },
        event: { what: 'nothing-new' },
        to: justLive({}),
        effects: [PING, setTimer(15_000)],
      },
      {
        when: 'changes came, which may be the answer or a push before it',
        from: { answersPings: true },
        to: justLive({ answersPings: true, request: { ...FIRST, changed: true }, unanswered: CURSOR }),
        effects: [PING, setTimer(15_000)],
      },
      {
        when: 'changes came and nothing whole is held: the answer is still to come',
        from: { request: FIRST_FOR_ALL, unanswered: 0 },
        to: syncing({ request: { ...FIRST_FOR_ALL, changed: true }, unanswered: 0, pings: PINGED }),
        effects: [PING],
      },
      {
        when: 'changes came and everything was asked for, although it is held: the answer is still to come',
        from: { request: FIRST_FOR_ALL },
        to: syncing({ request: { ...FIRST_FOR_ALL, changed: true }, pings: PINGED }),
        effects: [PING],
      },
      {
        when: 'more changes came before the answer',
        from: { request: { ...FIRST_FOR_ALL, changed: true }, pings: PINGED },
        to: syncing({ request: { ...FIRST_FOR_ALL, changed: true }, pings: PINGED }),
        effects: [],
      },
      {
        when: 'the answer is older than a push before it',
        from: {},
        event: { what: 'full', undone: 300 },
        to: justLive({
          overtaken: 1,
          request: asked('overtaken', 300, 1),
          unanswered: 300,
          pings: PINGED,
          healing: FULL_CAME,
        }),
        effects: [request('overtaken', 300), PING, setTimer(15_000)],
      },
    ],
    pong: [
      {
        when: 'an answered ping shows that the answer was among the changes',
        from: { request: { ...FIRST_FOR_ALL, changed: true, since: NOW - 40 }, unanswered: 0, pings: PINGED },
        to: justLive({
          answersPings: true,
          pings: { ...PINGED, answered: 1, unheardSince: undefined },
          patience: { late: 0, slow: 0, took: 40 },
          unanswered: 0,
        }),
        effects: [{ do: 'confirm' }, setTimer(15_000)],
      },
      {
        when: 'a pong comes to a ping that was not sent',
        from: {},
        to: syncing({}),
        effects: [],
      },
    ],
    flooded: [
      {
        when: 'more comes than can be taken in before the answer is',
        from: { failures: 5 },
        to: waiting({ failures: 6, unanswered: CURSOR }),
        effects: retry('interrupted', FLOODED, 16_000),
      },
    ],
    timer: [
      {
        when: 'the answer does not come',
        from: { failures: 5, patience: LATE },
        to: waiting({ failures: 6, patience: { late: 2, slow: 0, took: 0 }, unanswered: CURSOR }),
        effects: retry('no-data', 'the server did not answer the request for data', 16_000),
      },
    ],
    closed: [
      {
        when: 'the server ends it, however politely',
        from: {},
        event: { code: 1000 },
        to: waiting({ failures: 1, unanswered: CURSOR }),
        effects: retry('interrupted', 'the connection ended (close code 1000)', 500),
      },
      {
        when: 'the server’s store is down',
        from: { failures: 11, answersPings: true },
        event: { code: 1011 },
        to: waiting({ failures: 12, answersPings: true, unanswered: CURSOR }),
        effects: retry('interrupted', 'the connection ended (close code 1011)', 30_000),
      },
      { when: 'the secret is refused', from: {}, ...refused({ unanswered: CURSOR }, 90_000) },
    ],
    stop: [{ when: 'it is to end', from: {}, ...STOPPED }],
    start: 'nothing',
    opened: 'nothing',
  },
  live: {
    pong: [
      {
        when: 'the server answers the first ping, which went out with the data',
        from: {},
        to: live({ answersPings: true, pings: { ...PINGED, answered: 1, unheardSince: undefined } }),
        effects: [],
      },
      {
        when: 'the server answers a later ping',
        from: { pings: { ...PINGED, sent: 2, answered: 1 } },
        to: live({ answersPings: true, pings: { ...PINGED, sent: 2, answered: 2, unheardSince: undefined } }),
        effects: [{ do: 'confirm' }],
      },
      {
        when: 'it shows that the answer was among the changes that came first',
        from: { request: { ...FIRST, changed: true, since: NOW - 70 }, unanswered: CURSOR },
        to: live({
          answersPings: true,
          pings: { ...PINGED, answered: 1, unheardSince: undefined },
          patience: { late: 0, slow: 0, took: 70 },
          unanswered: CURSOR,
        }),
        effects: [],
      },
      {
        when: 'it shows nothing of a request that was sent after that ping',
        from: { request: { ...HEALING, changed: true }, pings: { ...PINGED, sent: 2 } },
        to: live({
          answersPings: true,
          request: { ...HEALING, changed: true },
          pings: { ...PINGED, sent: 2, answered: 1, unheardSince: undefined },
        }),
        effects: [{ do: 'confirm' }],
      },
      {
        when: 'it comes before anything else: the request is still to be answered, or never will be',
        from: { request: HEALING, pings: { ...PINGED, sent: 2, answered: 1 } },
        to: live({
          answersPings: true,
          request: { ...HEALING, ping: 3, passed: true },
          pings: { ...PINGED, sent: 2, answered: 2, unheardSince: undefined },
        }),
        effects: [{ do: 'confirm' }],
      },
    ],
    activity: [
      {
        when: 'something is heard',
        from: { pings: UNHEARD },
        to: live({ pings: { ...UNHEARD, unheardSince: undefined, heardAt: NOW, survived: 15_000 } }),
        effects: [],
      },
    ],
    taken: [
      {
        when: 'a change was pushed',
        from: { pings: { ...UNHEARD, dueAt: NOW + 15_000 } },
        to: live({
          pings: { ...UNHEARD, dueAt: NOW + 15_000, unheardSince: undefined, heardAt: NOW, survived: 15_000 },
        }),
        effects: [],
      },
      {
        when: 'a repeated request is answered: nothing is new',
        from: { request: { ...HEALING, since: NOW - 30 }, pings: PINGED, answersPings: true },
        event: { what: 'nothing-new' },
        to: live({
          answersPings: true,
          pings: { ...PINGED, unheardSince: undefined },
          askAt: NOW + RESYNC,
        }),
        effects: [],
      },
      {
        when: 'a repeated request is answered with everything, which takes seconds: the next one is put off',
        from: { request: { ...HEALING, since: NOW - 4_000 }, pings: PINGED, answersPings: true },
        event: { what: 'full' },
        to: live({
          answersPings: true,
          pings: { ...PINGED, unheardSince: undefined },
          askAt: NOW + 80_000,
          healing: { ...FULL_CAME, fullTook: 4_000 },
        }),
        effects: [],
      },
      {
        when: 'what was undone is answered at last: a question that was put off for it is due as after any answer',
        from: { request: { ...asked('overtaken', 300, 1), since: NOW - 10_000 }, askAt: NOW + 50_000, pings: PINGED },
        event: { what: 'nothing-new' },
        to: live({ askAt: NOW + RESYNC, pings: { ...PINGED, unheardSince: undefined } }),
        effects: [],
      },
      {
        when: 'changes came while a repeated request is unanswered',
        from: { request: HEALING, pings: PINGED, answersPings: true },
        to: live({
          answersPings: true,
          request: { ...HEALING, changed: true },
          pings: { ...PINGED, unheardSince: undefined },
        }),
        effects: [],
      },
      {
        when: 'a repeated request is answered with changes of which some were held',
        from: { request: HEALING, unanswered: CURSOR, pings: PINGED, answersPings: true },
        event: { what: 'repeat' },
        to: live({ answersPings: true, pings: { ...PINGED, unheardSince: undefined }, askAt: NOW + RESYNC }),
        effects: [{ do: 'answered' }],
      },
      {
        when: 'everything came unasked',
        from: {},
        event: { what: 'full' },
        to: live({
          askAt: NOW + RESYNC,
          pings: { ...PINGED, unheardSince: undefined },
          healing: FULL_CAME,
        }),
        effects: [],
      },
      {
        when: 'everything came once more, and again older than a push',
        from: { overtaken: 2, request: asked('overtaken', 300, 1), unanswered: 300, pings: PINGED },
        event: { what: 'full', undone: 200 },
        to: live({
          askAt: NOW + RESYNC,
          overtaken: 3,
          request: asked('overtaken', 200, 2),
          unanswered: 200,
          pings: { ...PINGED, sent: 2 },
          healing: FULL_CAME,
        }),
        effects: [request('overtaken', 200), PING],
      },
      {
        when: 'everything came for the fourth time in a row older than a push: that is how the server has it',
        from: { overtaken: 3, request: asked('overtaken', 300, 1), unanswered: 300, pings: PINGED },
        event: { what: 'full', undone: 200 },
        to: live({
          askAt: NOW + RESYNC,
          pings: { ...PINGED, unheardSince: undefined },
          healing: FULL_CAME,
        }),
        effects: [],
      },
    ],
    flooded: [
      {
        when: 'more comes than can be taken in, at once',
        from: { failures: 6, answersPings: true, since: NOW - 100 },
        to: waiting({ failures: 7, brief: 1, answersPings: true }),
        effects: retry('interrupted', FLOODED, 30_000),
      },
      {
        when: 'more comes than can be taken in, after a while',
        from: { failures: 6 },
        to: waiting({ failures: -3 }),
        effects: retry('interrupted', FLOODED, 500),
      },
    ],
    timer: [
      {
        when: 'something was heard since the last ping',
        from: { pings: PING_DUE, answersPings: true },
        to: live({
          answersPings: true,
          pings: { ...PING_DUE, sent: 2, dueAt: NOW + 15_000, unheardSince: NOW },
        }),
        effects: [PING, setTimer(15_000)],
      },
      {
        when: 'nothing was heard, of a server that never answered a ping',
        from: { pings: UNHEARD },
        to: live({ pings: { ...UNHEARD, sent: 2, dueAt: NOW + 15_000 } }),
        effects: [PING, setTimer(15_000)],
      },
      {
        when: 'nothing was heard, of a server that answered pings here',
        from: { pings: { ...UNHEARD, sent: 4, answered: 3 }, answersPings: true, failures: 2 },
        to: waiting({ failures: -3, answersPings: true }),
        effects: retry('silent', SILENT, 500),
      },
      {
        when: 'nothing was heard, of a server that answered pings on earlier connections only',
        from: { pings: UNHEARD, answersPings: true },
        to: waiting({ failures: -3 }),
        effects: retry('silent', SILENT, 500),
      },
      {
        when: 'nothing was heard yet of a server that has needed long for everything, and was asked for it again',
        from: {
          pings: { ...UNHEARD, dueAt: NOW + 99 },
          answersPings: true,
          request: { ...HEALING, cursor: 0 },
          patience: { late: 0, slow: 0, took: 1_000 },
        },
        to: live({
          pings: { ...UNHEARD, dueAt: NOW + 99 },
          answersPings: true,
          request: { ...HEALING, cursor: 0 },
          patience: { late: 0, slow: 0, took: 1_000 },
          timerAt: NOW + 99,
        }),
        effects: [setTimer(99)],
      },
      {
        when: 'it is time to ask again what is new',
        from: { askAt: NOW, pings: { ...PINGED, sent: 3, answered: 3, unheardSince: undefined } },
        to: live({
          askAt: NOW + RESYNC,
          pings: { ...PINGED, sent: 4, answered: 3 },
          request: asked('healing', CURSOR, 4),
          unanswered: CURSOR,
        }),
        effects: [request('healing', CURSOR), PING, setTimer(15_000)],
      },
      {
        when: 'it is time to ask again, and the first request may not have been answered',
        from: {
          askAt: NOW,
          pings: { ...PINGED, sent: 3, answered: 3, unheardSince: undefined },
          unanswered: 600,
        },
        to: live({
          askAt: NOW + RESYNC,
          pings: { ...PINGED, sent: 4, answered: 3 },
          request: asked('healing', 600, 4),
          unanswered: 600,
        }),
        effects: [request('healing', 600), PING, setTimer(15_000)],
      },
      {
        when: 'it is time to ask for everything again',
        from: {
          askAt: NOW,
          pings: { ...PINGED, sent: 3, answered: 3, unheardSince: undefined },
          healing: FULL_DUE,
        },
        to: live({
          askAt: NOW + RESYNC,
          pings: { ...PINGED, sent: 4, answered: 3 },
          request: asked('healing', 0, 4),
          unanswered: CURSOR,
          healing: FULL_ASKED,
        }),
        effects: [request('healing', 0), PING, setTimer(15_000)],
      },
      {
        when: 'it is time to ask again, and the last request is unanswered',
        from: { askAt: NOW, request: { ...HEALING, since: NOW - 20_000 } },
        to: live({ askAt: NOW + 40_000, request: { ...HEALING, since: NOW - 20_000 } }),
        effects: [setTimer(15_000)],
      },
      {
        when: 'the last request is unanswered and nothing is to be hoped for any more',
        from: { askAt: NOW, request: { ...HEALING, since: NOW - ANSWER_SILENCE } },
        to: live({ askAt: NOW + RESYNC, request: HEALING, pings: { ...PINGED, sent: 2 }, unanswered: CURSOR }),
        effects: [request('healing', CURSOR), PING, setTimer(15_000)],
      },
      {
        when: 'everything was asked for and is not to be hoped for any more: what is newer is asked for',
        from: {
          askAt: NOW,
          request: { ...HEALING, cursor: 0, since: NOW - ANSWER_SILENCE },
          unanswered: 600,
          healing: { ...FULL_DUE, fullsAsked: 1, awaitsFull: true },
        },
        to: live({
          askAt: NOW,
          request: asked('healing', 600, 2),
          pings: { ...PINGED, sent: 2 },
          unanswered: 600,
          healing: { ...FULL_DUE, fullsAsked: 1 },
          timerAt: NOW,
        }),
        effects: [request('healing', 600), PING, setTimer(0)],
      },
    ],
    closed: [
      {
        when: 'it ends, and data has come: the row of failures is over',
        from: { failures: 30, answersPings: true },
        event: { code: 1001, problem: 'ECONNRESET' },
        to: waiting({ failures: -3, answersPings: true }),
        effects: retry('interrupted', 'the connection ended (ECONNRESET, close code 1001)', 500),
      },
      {
        when: 'it ends soon, which may happen',
        from: { failures: 30, brief: 3, since: NOW - BRIEF + 1 },
        to: waiting({ failures: -3, brief: 4 }),
        effects: retry('interrupted', ENDED, 500),
      },
      {
        when: 'it ends soon time after time: that counts as a failure',
        from: { failures: 0, brief: 5, since: NOW - BRIEF + 1 },
        to: waiting({ failures: 3, brief: 6 }),
        effects: retry('interrupted', ENDED, 2_000),
      },
      {
        when: 'it ends after the same time without traffic as the two before it',
        from: {
          pings: { ...PINGED, heardAt: NOW - 10_020, unheardSince: undefined },
          idleCuts: { ...NO_IDLE_CUTS, age: 10_000, times: 2 },
        },
        to: waiting({ failures: -3, idleCuts: { ...NO_IDLE_CUTS, interval: 5_000 } }),
        effects: [...retry('interrupted', ENDED, 500), { do: 'report-idle-cut', age: 10_020, interval: 5_000 }],
      },
      {
        when: 'it ends after that time, but has been idle for longer before',
        from: {
          pings: { ...PINGED, heardAt: NOW - 10_020, unheardSince: undefined, survived: 15_000 },
          idleCuts: { ...NO_IDLE_CUTS, age: 10_000, times: 2 },
        },
        to: waiting({ failures: -3 }),
        effects: retry('interrupted', ENDED, 500),
      },
      { when: 'the secret is refused', from: { refusals: 2 }, ...refused({ refusals: 3 }, 360_000) },
    ],
    stop: [{ when: 'it is to end', from: { answersPings: true }, ...STOPPED }],
    start: 'nothing',
    opened: 'nothing',
  },
  waiting: {
    timer: [
      {
        when: 'the wait is over',
        from: { failures: 4, answersPings: true },
        to: connecting({ failures: 4, answersPings: true }),
        effects: CONNECT,
      },
      {
        when: 'the wait is over after an attempt that was too slow',
        from: { patience: SLOW },
        to: connecting({ failures: 1, patience: SLOW }),
        effects: [{ do: 'connect' }, setTimer(10_000)],
      },
    ],
    taken: [
      {
        when: 'the answer was still being taken in when its connection ended',
        from: { unanswered: 5 },
        event: { what: 'nothing-new' },
        to: waiting({ failures: 1 }),
        effects: [],
      },
      {
        when: 'everything was still being taken in, and has undone a push',
        from: { unanswered: 5 },
        event: { what: 'full', undone: 3 },
        to: waiting({ failures: 1, unanswered: 3, healing: FULL_CAME }),
        effects: [],
      },
      {
        when: 'changes were still being taken in, which are no answer for certain',
        from: { unanswered: 5 },
        to: waiting({ failures: 1, unanswered: 5 }),
        effects: [],
      },
    ],
    stop: [{ when: 'it is to end', from: {}, ...STOPPED }],
    start: 'nothing',
    opened: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    flooded: 'nothing',
    closed: 'nothing',
  },
  refused: {
    timer: [{ when: 'the long wait is over', from: {}, to: connecting({ refusals: 1 }), effects: CONNECT }],
    taken: [
      {
        when: 'what came before is in use: it is served, but lets nobody in',
        from: { unanswered: 5 },
        event: { what: 'full' },
        to: { ...OF_PHASE.refused, healing: FULL_CAME },
        effects: [],
      },
    ],
    stop: [{ when: 'it is to end', from: {}, ...STOPPED }],
    start: 'nothing',
    opened: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    flooded: 'nothing',
    closed: 'nothing',
  },
  stopped: {
    start: 'nothing',
    opened: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    taken: 'nothing',
    flooded: 'nothing',
    closed: 'nothing',
    timer: 'nothing',
    stop: 'nothing',
  },
};

function step(state: StreamingState, event: StreamingEvent, context: Partial<StreamingContext> = {}): StreamingStep {
  return streamingStep(state, event, { times: TIMES, now: NOW, random: RANDOM, cursor: CURSOR, ...context });
}

const PHASES = Object.keys(OF_PHASE) as Phase[];
const EVENT_TYPES = Object.keys(OF_EVENT) as EventType[];

describe.each(PHASES)('%s', (phase) => {
  for (const type of EVENT_TYPES) {
    const cell = TABLE[phase][type];
    if (cell === 'nothing') {
      it(`${type}: nothing`, () => {
        const state = OF_PHASE[phase];
        const { state: after, effects } = step(state, OF_EVENT[type]);
        expect(after).toBe(state);
        expect(effects).toEqual([]);
      });
      continue;
    }
    it.each([...cell])(`${type}: $when`, ({ from, event, context, to, effects }) => {
      const state = { ...OF_PHASE[phase], ...from } as StreamingState;
      expect(step(state, { ...OF_EVENT[type], ...event } as StreamingEvent, context)).toEqual({ state: to, effects });
    });
  }
});

// The world as the effects make it, for any sequence of events, possible or not.

const DURATION = fc.constantFrom(0, 1, 500, 1_000, 4_999, 8_000, 15_000, 30_000, 60_000, 299_000, 400_000, 2_000_000);
const closedWith = (code: number): StreamingEvent => ({ ...OF_EVENT.closed, code });
const TAKEN: fc.Arbitrary<StreamingEvent> = fc.record({
  type: fc.constant('taken' as const),
  what: fc.constantFrom('full' as const, 'nothing-new' as const, 'repeat' as const, 'changes' as const),
  undone: fc.constantFrom(undefined, undefined, 5, 900),
});
const EVENT: fc.Arbitrary<StreamingEvent> = fc.oneof(
  fc.constantFrom(...EVENT_TYPES.filter((type) => type !== 'stop')).map((type) => OF_EVENT[type]),
  fc.constantFrom(1000, 1001, 1006, 1011, 1012, 4000, REJECTED).map(closedWith),
  // What a good connection does, so that long lives are common.
  TAKEN,
  fc.constantFrom('opened' as const, 'pong' as const, 'timer' as const).map((type) => OF_EVENT[type]),
);
const RANDOM_NUMBER = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const MOMENT = fc.record({
  event: fc.oneof({ weight: 40, arbitrary: EVENT }, { weight: 1, arbitrary: fc.constant(OF_EVENT.stop) }),
  passed: DURATION,
  random: RANDOM_NUMBER,
  cursor: fc.constantFrom(0, 700),
});

const HAS_SOCKET: ReadonlySet<Phase> = new Set(['connecting', 'syncing', 'live']);
const HAS_TIMER: ReadonlySet<Phase> = new Set(['connecting', 'syncing', 'live', 'waiting', 'refused']);
/** The longest that a timer may be set to in a phase. */
const LONGEST: Readonly<Partial<Record<Phase, number>>> = {
  connecting: 3 * TIMES.connectTimeout,
  syncing: 1_800_000,
  live: TIMES.pingInterval,
  waiting: TIMES.maxRetryDelay,
  refused: 600_000,
};

class World {
  state: StreamingState = INITIAL_STATE;
  socket = false;
  timer: number | undefined;
  requests = 0;
  pings = 0;
  now = 0;

  take(event: StreamingEvent, context: { readonly passed: number; readonly random: number; readonly cursor: number }) {
    this.now += context.passed;
    // A socket that has ended is gone, whoever ended it.
    if (event.type === 'closed') this.socket = false;
    if (event.type === 'timer') this.timer = undefined;
    const before = this.state;
    const { state, effects } = step(before, event, { ...context, now: this.now });
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
    this.judge(before, effects);
  }

  private carryOut(effect: StreamingEffect): void {
    const { phase } = this.state;
    switch (effect.do) {
      case 'connect':
        expect(this.socket, 'a second socket').toBe(false);
        this.socket = true;
        this.requests = 0;
        this.pings = 0;
        break;
      case 'request-data':
        expect(this.socket, 'a request without a socket').toBe(true);
        expect(effect.why === 'first').toBe(this.requests === 0);
        this.requests += 1;
        break;
      case 'ping':
        expect(['syncing', 'live']).toContain(phase);
        expect(this.requests, 'a ping before the request').toBeGreaterThan(0);
        this.pings += 1;
        break;
      case 'answered':
      case 'confirm':
        expect(phase).toBe('live');
        expect(this.pings, 'a confirmation without a ping').toBeGreaterThan(0);
        break;
      case 'disconnect':
        this.socket = false;
        break;
      case 'set-timer':
        expect(effect.milliseconds).toBeGreaterThanOrEqual(0);
        expect(effect.milliseconds).toBeLessThanOrEqual(LONGEST[phase] ?? 0);
        this.timer = effect.milliseconds;
        break;
      case 'clear-timer':
        this.timer = undefined;
        break;
      case 'interrupted':
      case 'report-idle-cut':
        expect(phase).toBe('waiting');
        break;
      case 'failed':
        expect(phase).toBe('refused');
        break;
    }
  }

  private judge(before: StreamingState, effects: readonly StreamingEffect[]): void {
    const { phase } = this.state;
    expect(this.socket).toBe(HAS_SOCKET.has(phase));
    expect(this.timer !== undefined).toBe(HAS_TIMER.has(phase));
    if (phase === 'syncing' || phase === 'live') expect(this.requests).toBeGreaterThan(0);
    if (phase === 'live') expect(this.pings).toBeGreaterThan(0);
    if (before.phase === 'stopped') expect([this.state, effects]).toEqual([before, []]);
    const count = (what: StreamingEffect['do']): number => effects.filter((effect) => effect.do === what).length;
    expect(count('interrupted')).toBe(phase === 'waiting' && before.phase !== 'waiting' ? 1 : 0);
    expect(count('failed')).toBe(phase === 'refused' && before.phase !== 'refused' ? 1 : 0);
    expect(count('set-timer')).toBeLessThanOrEqual(1);
  }
}

describe('after any sequence of events', () => {
  it('there is one socket at most, one timer, and every effect fits its phase', async () => {
    await check(
      fc.property(fc.array(MOMENT, { maxLength: 60 }), (moments) => {
        const world = new World();
        world.take(OF_EVENT.start, { passed: 0, random: 0, cursor: 0 });
        for (const { event, ...context } of moments) world.take(event, context);
      }),
      800,
    );
  });

  it('the next attempt comes by timers alone, unless it was stopped', async () => {
    await check(
      fc.property(fc.array(MOMENT, { maxLength: 60 }), (moments) => {
        let state = step(INITIAL_STATE, OF_EVENT.start).state;
        let now = 0;
        for (const { event, passed, random, cursor } of moments) {
          now += passed;
          state = step(state, event, { now, random, cursor }).state;
        }
        if (state.phase === 'stopped' || state.phase === 'live') return;
        const phases: Phase[] = [];
        for (let timers = 0; timers < 2; timers++) {
          const { state: after } = step(state, OF_EVENT.timer, { now });
          state = after;
          phases.push(state.phase);
        }
        expect(phases).toContain('connecting');
      }),
      500,
    );
  });

  it('stopping leaves no socket and no timer, and nothing brings either back', async () => {
    await check(
      fc.property(
        fc.array(MOMENT, { maxLength: 30 }),
        fc.array(EVENT, { maxLength: 20 }),
        fc.boolean(),
        (moments, later, byRefusal) => {
          const world = new World();
          world.take(OF_EVENT.start, { passed: 0, random: 0, cursor: 0 });
          for (const { event, ...context } of moments) world.take(event, context);
          // Where refusals are final, one is as good as stopping.
          const final = { times: { ...TIMES, refusedRetryDelay: false as const } };
          if (byRefusal && HAS_SOCKET.has(world.state.phase)) {
            const { state, effects } = step(world.state, closedWith(REJECTED), final);
            expect([state, effects]).toEqual([
              { phase: 'stopped' },
              [{ do: 'clear-timer' }, { do: 'disconnect' }, REFUSAL],
            ]);
          }
          world.take(OF_EVENT.stop, { passed: 0, random: 0, cursor: 0 });
          expect(world).toMatchObject({ state: { phase: 'stopped' }, socket: false, timer: undefined });
          for (const event of later) expect(step(world.state, event)).toEqual({ state: world.state, effects: [] });
        },
      ),
      250,
    );
  });
});

describe('the wait before a new attempt', () => {
  it('is below a ceiling that doubles with each failure in a row, up to its limit', async () => {
    await check(
      fc.property(fc.integer({ min: 1, max: 100 }), RANDOM_NUMBER, (failures, random) => {
        let state = step(INITIAL_STATE, OF_EVENT.start).state;
        for (let failure = 0; failure < failures; failure++) {
          const { state: after, effects } = step(state, OF_EVENT.timer, { random });
          const ceiling = backoffCeiling(failure, TIMES.firstRetryDelay, TIMES.maxRetryDelay);
          expect(effects).toContainEqual(setTimer(random * ceiling));
          state = step(after, OF_EVENT.timer).state;
        }
      }),
      100,
    );
  });

  it('has its first ceiling five times in a row after a connection that has brought data', () => {
    let state: StreamingState = live({ failures: 30 });
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      const { state: after, effects } = step(state, closedWith(1006));
      for (const effect of effects) if (effect.do === 'set-timer') waits.push(effect.milliseconds);
      state = step(after, OF_EVENT.timer).state;
    }
    expect(waits).toEqual([500, 500, 500, 500, 500, 1_000, 2_000, 4_000]);
  });

  it('grows in the end for a server that answers and drops everybody at once', () => {
    let state = step(INITIAL_STATE, OF_EVENT.start).state;
    const waits: number[] = [];
    for (let round = 0; round < 18; round++) {
      state = step(state, OF_EVENT.opened).state;
      state = step(state, { ...OF_EVENT.taken, what: 'full' }).state;
      const { state: after, effects } = step(state, closedWith(1001));
      for (const effect of effects) if (effect.do === 'set-timer') waits.push(effect.milliseconds);
      state = step(after, OF_EVENT.timer).state;
    }
    expect(waits.slice(0, 4)).toEqual([500, 500, 500, 500]);
    expect(waits.slice(4)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, ...Array.from({ length: 9 }, () => 30_000)]);
  });
});

describe('a connection that is live', () => {
  /** Lets the timers of a live connection end, one after the other. */
  function* timersOf(first: StreamingState): Generator<{ readonly state: StreamingState; readonly now: number }> {
    let state = first;
    while (state.phase === 'live') {
      const now: number = state.timerAt;
      state = step(state, OF_EVENT.timer, { now }).state;
      yield { state, now };
    }
  }
  const quiet = { ...TIMES, resyncInterval: false as const, fullResyncInterval: false as const };
  const opened = (memory: Partial<Memory> = {}): StreamingState => {
    const { state } = step(connecting(memory), OF_EVENT.opened, { times: quiet });
    return step(state, { ...OF_EVENT.taken, what: 'full' }, { times: quiet }).state;
  };

  it('is given up two ping intervals after the last sign of life, of a server that answers pings', () => {
    const alive = step(opened(), OF_EVENT.pong).state;
    const ends = [...timersOf(alive)].at(-1);
    expect(ends).toMatchObject({ state: { phase: 'waiting' }, now: NOW + 30_000 });
  });

  it('is never given up for silence by a server that has not answered a ping yet', () => {
    let timers = 0;
    for (const { state } of timersOf(opened())) {
      expect(state.phase).toBe('live');
      timers += 1;
      if (timers === 1_000) break;
    }
    expect(timers).toBe(1_000);
  });

  it('is kept by any sign of life, not only by answers to pings', () => {
    let state = step(opened(), OF_EVENT.pong).state;
    for (let timers = 0; timers < 100 && state.phase === 'live'; timers++) {
      const now = state.timerAt;
      state = step(state, OF_EVENT.timer, { now }).state;
      state = step(state, timers % 2 === 0 ? OF_EVENT.activity : OF_EVENT.taken, { now: now + 14_999 }).state;
    }
    expect(state.phase).toBe('live');
  });

  it('costs a server that has stopped answering pings one connection, not one after the other', () => {
    const first = [...timersOf(opened({ answersPings: true }))].at(-1);
    expect(first?.state).toMatchObject({ phase: 'waiting', answersPings: false });
    let timers = 0;
    for (const { state } of timersOf(opened({ answersPings: false }))) {
      expect(state.phase).toBe('live');
      timers += 1;
      if (timers === 10) break;
    }
  });
});

describe('an answer to the request for data', () => {
  it('may take long while bytes come in, and not for ever', () => {
    let state: StreamingState = OF_PHASE.syncing;
    let now = NOW;
    let timer: number = ANSWER_SILENCE;
    while (state.phase === 'syncing') {
      if (timer <= 1_000) {
        now += timer;
        state = step(state, OF_EVENT.timer, { now }).state;
        break;
      }
      now += 1_000;
      const { state: after, effects } = step(state, OF_EVENT.activity, { now });
      for (const effect of effects) if (effect.do === 'set-timer') timer = effect.milliseconds;
      state = after;
    }
    expect(state.phase).toBe('waiting');
    expect(now - NOW).toBe(ANSWER_LIMIT);
  });

  it('that is late is waited for longer each time, up to five minutes of silence', () => {
    let state: StreamingState = OF_PHASE.connecting;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const { state: after, effects } = step(state, OF_EVENT.opened);
      for (const effect of effects) if (effect.do === 'set-timer') waits.push(effect.milliseconds);
      state = step(step(after, OF_EVENT.timer).state, OF_EVENT.timer).state;
    }
    expect(waits).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
  });
});
