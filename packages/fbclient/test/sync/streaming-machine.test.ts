import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffCeiling } from '../../src/sync/backoff.js';
import {
  ANSWER_LIMIT,
  ANSWER_SILENCE,
  INITIAL_STATE,
  REJECTED,
  type StreamingContext,
  type StreamingEffect,
  type StreamingEvent,
  type StreamingState,
  type StreamingStep,
  type StreamingTimes,
  streamingStep,
} from '../../src/sync/streaming-machine.js';
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
};
const NOW = 1_000_000;
/** Half of every ceiling. */
const RANDOM = 0.5;

interface Transition<P extends Phase, E extends EventType> {
  readonly when: string;
  readonly from: Partial<StateOf<P>>;
  readonly event?: Partial<EventOf<E>>;
  readonly to: StreamingState;
  readonly effects: readonly StreamingEffect[];
}

/** `nothing`: the event means nothing in this phase, so neither the state nor the world changes. */
type Cell<P extends Phase, E extends EventType> = 'nothing' | readonly [Transition<P, E>, ...Transition<P, E>[]];

// A phase or an event without its cells does not compile.
type Table = { readonly [P in Phase]: { readonly [E in EventType]: Cell<P, E> } };

const OF_PHASE: { readonly [P in Phase]: StateOf<P> } = {
  idle: { phase: 'idle', failures: 0, answersPings: false },
  connecting: { phase: 'connecting', failures: 0, answersPings: false },
  syncing: { phase: 'syncing', failures: 0, answersPings: false, since: NOW },
  live: {
    phase: 'live',
    failures: 0,
    answersPings: false,
    since: NOW,
    heard: false,
    answeredHere: false,
    settled: true,
  },
  waiting: { phase: 'waiting', failures: 1, answersPings: false },
  stopped: { phase: 'stopped' },
};

const OF_EVENT: { readonly [E in EventType]: EventOf<E> } = {
  start: { type: 'start' },
  opened: { type: 'opened' },
  activity: { type: 'activity' },
  pong: { type: 'pong' },
  committed: { type: 'committed' },
  flooded: { type: 'flooded' },
  closed: { type: 'closed', code: 1006, problem: '' },
  timer: { type: 'timer' },
  stop: { type: 'stop' },
};

const setTimer = (milliseconds: number): StreamingEffect => ({ do: 'set-timer', milliseconds });
const connecting = (failures = 0, answersPings = false): StreamingState => ({
  phase: 'connecting',
  failures,
  answersPings,
});
const waiting = (failures: number, answersPings = false): StreamingState => ({
  phase: 'waiting',
  failures,
  answersPings,
});
const CONNECT: readonly StreamingEffect[] = [{ do: 'connect' }, setTimer(5_000)];

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

const REFUSED = {
  event: { code: REJECTED },
  to: { phase: 'stopped' },
  effects: [
    { do: 'clear-timer' },
    { do: 'disconnect' },
    {
      do: 'failed',
      error: {
        code: 'rejected',
        message:
          'the server refused the environment secret for good (4003): check that envSecret is the server secret of this environment and that the clock is right',
      },
    },
  ],
} as const satisfies Partial<Transition<Phase, 'closed'>>;

const FLOODED = 'the server sends faster than data can be taken in: what is missing is asked for again';
const SILENT = 'the server stopped answering pings (every 15000 ms)';

const TABLE: Table = {
  idle: {
    start: [{ when: 'it begins', from: {}, to: connecting(), effects: CONNECT }],
    stop: [{ when: 'it never began', from: {}, ...STOPPED }],
    opened: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    committed: 'nothing',
    flooded: 'nothing',
    closed: 'nothing',
    timer: 'nothing',
  },
  connecting: {
    opened: [
      {
        when: 'the socket is open',
        from: { failures: 3, answersPings: true },
        to: { phase: 'syncing', since: NOW, failures: 3, answersPings: true },
        effects: [{ do: 'request-data' }, setTimer(ANSWER_SILENCE)],
      },
    ],
    timer: [
      {
        when: 'the socket does not open in time',
        from: { failures: 2 },
        to: waiting(3),
        effects: retry('connect-timeout', 'no connection within 5000 ms', 2_000),
      },
    ],
    closed: [
      {
        when: 'nobody listens',
        from: {},
        event: { problem: 'ECONNREFUSED' },
        to: waiting(1),
        effects: retry('connect-failed', 'the connection could not be made (ECONNREFUSED, close code 1006)', 500),
      },
      {
        when: 'it ends without a reason',
        from: { failures: 1, answersPings: true },
        to: waiting(2, true),
        effects: retry('connect-failed', 'the connection could not be made (close code 1006)', 1_000),
      },
      { when: 'the secret is refused', from: { failures: 4 }, ...REFUSED },
    ],
    stop: [{ when: 'it is to end', from: { failures: 4 }, ...STOPPED }],
    start: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    committed: 'nothing',
    flooded: 'nothing',
  },
  syncing: {
    activity: [
      {
        when: 'the answer trickles in',
        from: { since: NOW - 100_000 },
        to: { ...OF_PHASE.syncing, since: NOW - 100_000 },
        effects: [setTimer(ANSWER_SILENCE)],
      },
      {
        when: 'the answer has little time left',
        from: { since: NOW - ANSWER_LIMIT + 700 },
        to: { ...OF_PHASE.syncing, since: NOW - ANSWER_LIMIT + 700 },
        effects: [setTimer(700)],
      },
      {
        when: 'the answer has no time left',
        from: { since: NOW - ANSWER_LIMIT - 5 },
        to: { ...OF_PHASE.syncing, since: NOW - ANSWER_LIMIT - 5 },
        effects: [setTimer(1)],
      },
    ],
    committed: [
      {
        when: 'the answer is there',
        from: { failures: 3, answersPings: true, since: NOW - 500 },
        to: { ...OF_PHASE.live, failures: 3, answersPings: true, since: NOW, heard: true, settled: false },
        effects: [{ do: 'ping' }, setTimer(15_000)],
      },
    ],
    flooded: [
      {
        when: 'more comes than can be taken in before the answer is',
        from: { failures: 1 },
        to: waiting(2),
        effects: retry('interrupted', FLOODED, 1_000),
      },
    ],
    timer: [
      {
        when: 'the answer does not come',
        from: { failures: 5, since: NOW - 30_000 },
        to: waiting(6),
        effects: retry('no-data', 'the server did not answer the request for data', 16_000),
      },
    ],
    closed: [
      {
        when: 'the server ends it, however politely',
        from: {},
        event: { code: 1000 },
        to: waiting(1),
        effects: retry('interrupted', 'the connection ended (close code 1000)', 500),
      },
      {
        when: 'the server’s store is down',
        from: { failures: 7, answersPings: true },
        event: { code: 1011 },
        to: waiting(8, true),
        effects: retry('interrupted', 'the connection ended (close code 1011)', 30_000),
      },
      { when: 'the secret is refused', from: {}, ...REFUSED },
    ],
    stop: [{ when: 'it is to end', from: {}, ...STOPPED }],
    start: 'nothing',
    opened: 'nothing',
    pong: 'nothing',
  },
  live: {
    pong: [
      {
        when: 'the server answers a ping',
        from: { failures: 2 },
        to: { ...OF_PHASE.live, failures: 2, heard: true, answersPings: true, answeredHere: true },
        effects: [{ do: 'confirm' }],
      },
      {
        when: 'the server answers the first ping, which went out with the data',
        from: { settled: false },
        to: { ...OF_PHASE.live, settled: false, heard: true, answersPings: true, answeredHere: true },
        effects: [],
      },
    ],
    activity: [{ when: 'something is heard', from: {}, to: { ...OF_PHASE.live, heard: true }, effects: [] }],
    committed: [{ when: 'a change was pushed', from: {}, to: { ...OF_PHASE.live, heard: true }, effects: [] }],
    flooded: [
      {
        when: 'more comes than can be taken in',
        from: { failures: 2, answersPings: true },
        to: waiting(3, true),
        effects: retry('interrupted', FLOODED, 2_000),
      },
    ],
    timer: [
      {
        when: 'the first interval has passed',
        from: { heard: true, settled: false },
        to: { ...OF_PHASE.live, heard: false, settled: true },
        effects: [{ do: 'ping' }, setTimer(15_000)],
      },
      {
        when: 'something was heard since the last ping',
        from: { heard: true, answersPings: true },
        to: { ...OF_PHASE.live, heard: false, answersPings: true },
        effects: [{ do: 'ping' }, setTimer(15_000)],
      },
      {
        when: 'nothing was heard, of a server that never answered a ping',
        from: { heard: false, answersPings: false },
        to: { ...OF_PHASE.live, heard: false },
        effects: [{ do: 'ping' }, setTimer(15_000)],
      },
      {
        when: 'nothing was heard, of a server that answered pings here',
        from: { heard: false, answersPings: true, answeredHere: true, failures: 2 },
        to: waiting(3, true),
        effects: retry('silent', SILENT, 2_000),
      },
      {
        when: 'nothing was heard, of a server that answered pings on earlier connections only',
        from: { heard: false, answersPings: true, answeredHere: false },
        to: waiting(1, false),
        effects: retry('silent', SILENT, 500),
      },
    ],
    closed: [
      {
        when: 'it ends at once: it counts as one more failure',
        from: { failures: 3 },
        event: { code: 1001, problem: 'ECONNRESET' },
        to: waiting(4),
        effects: retry('interrupted', 'the connection ended (ECONNRESET, close code 1001)', 4_000),
      },
      {
        when: 'it ends just before it was healthy',
        from: { failures: 3, since: NOW - 7_999 },
        to: waiting(4),
        effects: retry('interrupted', 'the connection ended (close code 1006)', 4_000),
      },
      {
        when: 'it ends after it was healthy: the row of failures is over',
        from: { failures: 3, since: NOW - 8_000, answersPings: true },
        to: waiting(1, true),
        effects: retry('interrupted', 'the connection ended (close code 1006)', 500),
      },
      {
        when: 'it ends after a minute, which is always healthy',
        from: { failures: 1_000_000, since: NOW - 60_000 },
        to: waiting(1),
        effects: retry('interrupted', 'the connection ended (close code 1006)', 500),
      },
      { when: 'the secret is refused', from: { failures: 1 }, ...REFUSED },
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
        to: connecting(4, true),
        effects: CONNECT,
      },
    ],
    stop: [{ when: 'it is to end', from: {}, ...STOPPED }],
    start: 'nothing',
    opened: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    committed: 'nothing',
    flooded: 'nothing',
    closed: 'nothing',
  },
  stopped: {
    start: 'nothing',
    opened: 'nothing',
    activity: 'nothing',
    pong: 'nothing',
    committed: 'nothing',
    flooded: 'nothing',
    closed: 'nothing',
    timer: 'nothing',
    stop: 'nothing',
  },
};

function step(state: StreamingState, event: StreamingEvent, context: Partial<StreamingContext> = {}): StreamingStep {
  return streamingStep(state, event, { times: TIMES, now: NOW, random: RANDOM, ...context });
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
    it.each([...cell])(`${type}: $when`, ({ from, event, to, effects }) => {
      const state = { ...OF_PHASE[phase], ...from } as StreamingState;
      expect(step(state, { ...OF_EVENT[type], ...event } as StreamingEvent)).toEqual({ state: to, effects });
    });
  }
});

// The world as the effects make it, for any sequence of events, possible or not.

const DURATION = fc.constantFrom(0, 1, 500, 1_000, 4_999, 8_000, 15_000, 30_000, 60_000, 299_000, 400_000);
const EVENT: fc.Arbitrary<StreamingEvent> = fc.oneof(
  fc.constantFrom(...EVENT_TYPES.filter((type) => type !== 'stop')).map((type) => OF_EVENT[type]),
  fc.constantFrom(1000, 1001, 1006, 1011, 1012, 4000).map((code) => ({ type: 'closed' as const, code, problem: '' })),
  // What a good connection does, so that long lives are common.
  fc
    .constantFrom('opened' as const, 'committed' as const, 'pong' as const, 'timer' as const)
    .map((type) => OF_EVENT[type]),
);
const ENDING: fc.Arbitrary<StreamingEvent> = fc.constantFrom<StreamingEvent>(
  { type: 'stop' },
  { type: 'closed', code: REJECTED, problem: '' },
);
const RANDOM_NUMBER = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const MOMENT = fc.record({
  event: fc.oneof({ weight: 40, arbitrary: EVENT }, { weight: 1, arbitrary: ENDING }),
  passed: DURATION,
  random: RANDOM_NUMBER,
});

const HAS_SOCKET: ReadonlySet<Phase> = new Set(['connecting', 'syncing', 'live']);
const HAS_TIMER: ReadonlySet<Phase> = new Set(['connecting', 'syncing', 'live', 'waiting']);

class World {
  state: StreamingState = INITIAL_STATE;
  socket = false;
  timer: number | undefined;
  requests = 0;
  failed = 0;
  now = 0;

  take(event: StreamingEvent, passed: number, random: number): void {
    this.now += passed;
    // A socket that has ended is gone, whoever ended it.
    if (event.type === 'closed') this.socket = false;
    if (event.type === 'timer') this.timer = undefined;
    const before = this.state;
    const { state, effects } = step(before, event, { now: this.now, random });
    this.state = state;
    for (const effect of effects) this.carryOut(effect, before);
    this.judge(before, effects);
  }

  private carryOut(effect: StreamingEffect, before: StreamingState): void {
    switch (effect.do) {
      case 'connect':
        expect(this.socket, 'a second socket').toBe(false);
        this.socket = true;
        this.requests = 0;
        break;
      case 'request-data':
        expect(this.socket, 'a request without a socket').toBe(true);
        this.requests += 1;
        break;
      case 'ping':
        expect(this.state.phase).toBe('live');
        break;
      case 'confirm':
        expect(before.phase).toBe('live');
        break;
      case 'disconnect':
        this.socket = false;
        break;
      case 'set-timer':
        expect(effect.milliseconds).toBeGreaterThanOrEqual(0);
        expect(effect.milliseconds).toBeLessThanOrEqual(TIMES.maxRetryDelay);
        this.timer = effect.milliseconds;
        break;
      case 'clear-timer':
        this.timer = undefined;
        break;
      case 'interrupted':
        expect(this.state.phase).toBe('waiting');
        break;
      case 'failed':
        expect(this.state.phase).toBe('stopped');
        this.failed += 1;
        break;
    }
  }

  private judge(before: StreamingState, effects: readonly StreamingEffect[]): void {
    const { phase } = this.state;
    expect(this.socket).toBe(HAS_SOCKET.has(phase));
    expect(this.timer !== undefined).toBe(HAS_TIMER.has(phase));
    if (phase === 'syncing' || phase === 'live') expect(this.requests).toBe(1);
    if (before.phase === 'stopped') expect([this.state, effects]).toEqual([before, []]);
    expect(this.failed).toBeLessThanOrEqual(1);
    const interrupted = effects.filter((effect) => effect.do === 'interrupted').length;
    expect(interrupted).toBe(phase === 'waiting' && before.phase !== 'waiting' ? 1 : 0);
  }
}

describe('after any sequence of events', () => {
  it('there is one socket at most, one timer, and every effect fits its phase', async () => {
    await check(
      fc.property(fc.array(MOMENT, { maxLength: 60 }), (moments) => {
        const world = new World();
        world.take({ type: 'start' }, 0, 0);
        for (const { event, passed, random } of moments) world.take(event, passed, random);
      }),
      800,
    );
  });

  it('the next attempt comes by timers alone, unless it was stopped', async () => {
    await check(
      fc.property(fc.array(MOMENT, { maxLength: 60 }), (moments) => {
        let state = step(INITIAL_STATE, { type: 'start' }).state;
        let now = 0;
        for (const { event, passed, random } of moments) {
          now += passed;
          state = step(state, event, { now, random }).state;
        }
        if (state.phase === 'stopped' || state.phase === 'live') return;
        const phases: Phase[] = [];
        for (let timers = 0; timers < 2; timers++) {
          const { state: after } = step(state, { type: 'timer' }, { now });
          state = after;
          phases.push(state.phase);
        }
        expect(phases).toContain('connecting');
      }),
      500,
    );
  });

  it('stopping leaves no socket and no timer, and nothing brings either back', async () => {
    const before = fc.array(MOMENT, { maxLength: 30 });
    await check(
      fc.property(before, ENDING, fc.array(EVENT, { maxLength: 20 }), (moments, ending, later) => {
        const world = new World();
        world.take({ type: 'start' }, 0, 0);
        for (const { event, passed, random } of moments) world.take(event, passed, random);
        world.take(ending, 0, 0);
        if (ending.type === 'closed' && world.state.phase !== 'stopped') world.take({ type: 'stop' }, 0, 0);
        expect(world).toMatchObject({ state: { phase: 'stopped' }, socket: false, timer: undefined });
        for (const event of later) expect(step(world.state, event)).toEqual({ state: world.state, effects: [] });
      }),
      250,
    );
  });
});

describe('the wait before a new attempt', () => {
  it('is below a ceiling that doubles with each failure in a row, up to its limit', async () => {
    await check(
      fc.property(fc.integer({ min: 1, max: 100 }), RANDOM_NUMBER, (failures, random) => {
        let state = step(INITIAL_STATE, { type: 'start' }).state;
        for (let failure = 0; failure < failures; failure++) {
          const { state: after, effects } = step(state, { type: 'timer' }, { random });
          const ceiling = backoffCeiling(failure, TIMES.firstRetryDelay, TIMES.maxRetryDelay);
          expect(effects).toContainEqual(setTimer(random * ceiling));
          state = step(after, { type: 'timer' }).state;
        }
      }),
      100,
    );
  });

  it('grows for a server that answers and drops everybody at once', () => {
    let state = step(INITIAL_STATE, { type: 'start' }).state;
    const waits: number[] = [];
    for (let round = 0; round < 9; round++) {
      for (const type of ['opened', 'committed'] as const) state = step(state, { type }).state;
      const { state: after, effects } = step(state, { type: 'closed', code: 1001, problem: '' });
      for (const effect of effects) if (effect.do === 'set-timer') waits.push(effect.milliseconds);
      state = step(after, { type: 'timer' }).state;
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });
});

describe('a connection that is live', () => {
  const live = (state: Partial<StateOf<'live'>>): StreamingState => ({ ...OF_PHASE.live, ...state });

  it('is given up two ping intervals after the last sign of life, of a server that answers pings', () => {
    const phases: Phase[] = [];
    let state = step(live({ heard: false }), { type: 'pong' }).state;
    for (let interval = 1; interval <= 2; interval++) {
      state = step(state, { type: 'timer' }).state;
      phases.push(state.phase);
    }
    expect(phases).toEqual(['live', 'waiting']);
  });

  it('is never given up for silence by a server that has not answered a ping yet', () => {
    let state = live({});
    for (let interval = 0; interval < 1_000; interval++) state = step(state, { type: 'timer' }).state;
    expect(state.phase).toBe('live');
  });

  it('is kept by any sign of life, not only by answers to pings', () => {
    let state = step(live({}), { type: 'pong' }).state;
    for (let interval = 0; interval < 100; interval++) {
      state = step(state, { type: 'timer' }).state;
      state = step(state, { type: interval % 2 === 0 ? 'activity' : 'committed' }).state;
    }
    expect(state.phase).toBe('live');
  });

  it('costs a server that has stopped answering pings one connection, not one after the other', () => {
    const connection = (answersPings: boolean): StreamingState => {
      let state = live({ answersPings, heard: true });
      for (let interval = 0; interval < 10 && state.phase === 'live'; interval++)
        state = step(state, { type: 'timer' }).state;
      return state;
    };
    const first = connection(true);
    expect(first).toMatchObject({ phase: 'waiting', answersPings: false });
    expect(connection(false).phase).toBe('live');
  });
});

describe('an answer to the request for data', () => {
  it('may take long while bytes come in, and not for ever', () => {
    let state: StreamingState = { ...OF_PHASE.syncing, since: 0 };
    let now = 0;
    let timer: number = ANSWER_SILENCE;
    while (now < 400_000) {
      if (timer <= 1_000) {
        now += timer;
        state = step(state, { type: 'timer' }, { now }).state;
        break;
      }
      now += 1_000;
      const { state: after, effects } = step(state, { type: 'activity' }, { now });
      for (const effect of effects) if (effect.do === 'set-timer') timer = effect.milliseconds;
      state = after;
    }
    expect(state.phase).toBe('waiting');
    expect(now).toBe(ANSWER_LIMIT);
  });
});
