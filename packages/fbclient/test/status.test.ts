import { beforeEach, describe, expect, it } from 'vitest';
import type { SyncError } from '../src/errors.js';
import { Log } from '../src/runtime/log.js';
import { Notifier } from '../src/runtime/notifier.js';
import { type InitializationResult, type Status, StatusKeeper, type UpdateState } from '../src/status.js';
import { FakeClock } from './support/fake-clock.js';
import { RecordingLogger } from './support/recording-logger.js';

const START_WAIT = 15_000;

let clock: FakeClock;
let logger: RecordingLogger;
let keeper: StatusKeeper;
beforeEach(() => {
  clock = new FakeClock();
  logger = new RecordingLogger();
  keeper = new StatusKeeper(clock, new Notifier(clock, new Log(logger, clock)), START_WAIT);
});

function error(code: SyncError['code'] = 'interrupted'): SyncError {
  return { code, message: `it was ${code}`, at: clock.now() };
}

/** What can happen to a client, by name. */
const HAPPENINGS = {
  serving: () => keeper.serving(undefined),
  inSync: () => keeper.inSync(),
  interrupted: () => keeper.interrupted(error()),
  refused: () => keeper.refused(error('rejected')),
  closed: () => keeper.closed(),
} as const;
type Happening = keyof typeof HAPPENINGS;
const ALL = Object.keys(HAPPENINGS) as Happening[];

/** The ways into each state, and what each happening makes of it. */
const TRANSITIONS: Readonly<
  Record<
    string,
    { readonly way: readonly Happening[]; readonly initialized: boolean } & Readonly<Record<Happening, Status>>
  >
> = {
  'NotReady at the start': {
    way: [],
    initialized: false,
    serving: 'Stale',
    inSync: 'Ready',
    interrupted: 'NotReady',
    refused: 'Closed',
    closed: 'Closed',
  },
  'NotReady after a failed attempt': {
    way: ['interrupted'],
    initialized: false,
    serving: 'Stale',
    inSync: 'Ready',
    interrupted: 'NotReady',
    refused: 'Closed',
    closed: 'Closed',
  },
  Ready: {
    way: ['inSync'],
    initialized: true,
    serving: 'Stale',
    inSync: 'Ready',
    interrupted: 'Stale',
    refused: 'Closed',
    closed: 'Closed',
  },
  'Stale from the start': {
    way: ['serving'],
    initialized: true,
    serving: 'Stale',
    inSync: 'Ready',
    interrupted: 'Stale',
    refused: 'Closed',
    closed: 'Closed',
  },
  'Stale after an interruption': {
    way: ['inSync', 'interrupted'],
    initialized: true,
    serving: 'Stale',
    inSync: 'Ready',
    interrupted: 'Stale',
    refused: 'Closed',
    closed: 'Closed',
  },
  'Closed by a refusal, without data': {
    way: ['refused'],
    initialized: false,
    serving: 'Closed',
    inSync: 'Ready',
    interrupted: 'Closed',
    refused: 'Closed',
    closed: 'Closed',
  },
  'Closed by a refusal, with data': {
    way: ['inSync', 'interrupted', 'refused', 'interrupted'],
    initialized: true,
    serving: 'Closed',
    inSync: 'Ready',
    interrupted: 'Closed',
    refused: 'Closed',
    closed: 'Closed',
  },
  'Closed for good, after a refusal': {
    way: ['refused', 'closed'],
    initialized: false,
    serving: 'Closed',
    inSync: 'Closed',
    interrupted: 'Closed',
    refused: 'Closed',
    closed: 'Closed',
  },
  'Closed for good': {
    way: ['inSync', 'closed'],
    initialized: true,
    serving: 'Closed',
    inSync: 'Closed',
    interrupted: 'Closed',
    refused: 'Closed',
    closed: 'Closed',
  },
};

describe.each(Object.entries(TRANSITIONS))('%s', (_name, { way, initialized, ...after }) => {
  it.each(ALL)('and then %s', (happening) => {
    for (const step of way) HAPPENINGS[step]();
    expect(keeper.initialized).toBe(initialized);
    HAPPENINGS[happening]();
    expect(keeper.status).toBe(after[happening]);
    expect(keeper.currentState.status).toBe(after[happening]);
    const gotData = !way.includes('closed') && (happening === 'serving' || happening === 'inSync');
    expect(keeper.initialized).toBe(initialized || gotData);
  });
});

describe('the current state', () => {
  it('knows since when the status is what it is, not since when it was told', async () => {
    const start = clock.now();
    expect(keeper.currentState.since).toBe(start);
    await clock.advance(100);
    keeper.interrupted(error());
    expect(keeper.currentState.since).toBe(start);
    keeper.inSync();
    await clock.advance(100);
    keeper.inSync();
    expect(keeper.currentState.since).toBe(start + 100);
  });

  it('has the age of the data: none, growing from each confirmation, unknown, or what was said', async () => {
    expect(keeper.currentState).not.toHaveProperty('dataAge');
    keeper.serving(undefined);
    expect(keeper.currentState).not.toHaveProperty('dataAge');
    keeper.serving(60_000);
    await clock.advance(500);
    expect(keeper.currentState.dataAge).toBe(60_500);
    keeper.inSync(false);
    expect(keeper.currentState).toMatchObject({ status: 'Ready', dataAge: 60_500 });
    keeper.inSync();
    expect(keeper.currentState.dataAge).toBe(0);
    await clock.advance(1_000);
    keeper.inSync(false);
    await clock.advance(234);
    keeper.interrupted(error());
    expect(keeper.currentState.dataAge).toBe(1_234);
    keeper.closed();
    await clock.advance(1);
    expect(keeper.currentState.dataAge).toBe(1_235);
  });

  it('does not follow the wall clock in that', async () => {
    keeper.inSync();
    clock.setWallClock(0);
    await clock.advance(10);
    expect(keeper.currentState.dataAge).toBe(10);
  });

  it('has the last error until synchronization is healthy again', () => {
    expect(keeper.currentState).not.toHaveProperty('error');
    keeper.interrupted(error('connect-failed'));
    expect(keeper.currentState.error?.code).toBe('connect-failed');
    keeper.serving(undefined);
    expect(keeper.currentState.error?.code).toBe('connect-failed');
    keeper.inSync();
    expect(keeper.currentState).not.toHaveProperty('error');
    keeper.interrupted(error('silent'));
    keeper.closed();
    expect(keeper.currentState.error?.code).toBe('silent');
  });
});

describe('waiting for the first data', () => {
  it.each<[readonly Happening[], InitializationResult]>([
    [['inSync'], 'ready'],
    [['serving'], 'ready'],
    [['interrupted', 'inSync'], 'ready'],
    [['inSync', 'interrupted'], 'ready'],
    [['inSync', 'refused'], 'ready'],
    [['refused'], 'failed'],
    [['interrupted', 'refused'], 'failed'],
    [['refused', 'interrupted'], 'failed'],
    [['refused', 'serving'], 'ready'],
    [['refused', 'inSync'], 'ready'],
    [['closed'], 'closed'],
    [['inSync', 'closed'], 'closed'],
    [['refused', 'closed'], 'closed'],
  ])('after %j is over at once: %s', async (way, result) => {
    for (const step of way) HAPPENINGS[step]();
    await expect(keeper.waitForInitialization(60_000)).resolves.toBe(result);
    await expect(keeper.waitForInitialization({ signal: AbortSignal.abort() })).resolves.toBe(result);
    expect(clock.timers()).toBe(0);
  });

  it.each<[Happening, InitializationResult]>([
    ['inSync', 'ready'],
    ['serving', 'ready'],
    ['refused', 'failed'],
    ['closed', 'closed'],
  ])('ends with %s: %s', async (happening, result) => {
    const waits = [keeper.waitForInitialization(), keeper.waitForInitialization(60_000)];
    HAPPENINGS[happening]();
    await expect(Promise.all(waits)).resolves.toEqual([result, result]);
    expect(clock.timers()).toBe(0);
  });

  it('goes on through failed attempts', async () => {
    const wait = keeper.waitForInitialization(60_000);
    for (let attempt = 0; attempt < 5; attempt++) keeper.interrupted(error('connect-failed'));
    await clock.advance(59_999);
    keeper.inSync();
    await expect(wait).resolves.toBe('ready');
  });

  it('ends in its own time, startWait unless told otherwise; a late success reaches later waits', async () => {
    const short = keeper.waitForInitialization(1_000);
    const standard = keeper.waitForInitialization();
    await clock.advance(1_000);
    await expect(short).resolves.toBe('timeout');
    await clock.advance(START_WAIT - 1_000);
    await expect(standard).resolves.toBe('timeout');
    keeper.inSync();
    await expect(keeper.waitForInitialization()).resolves.toBe('ready');
  });

  it('ends with its signal and only itself', async () => {
    const abort = new AbortController();
    const given = keeper.waitForInitialization({ signal: abort.signal, timeout: 60_000 });
    const other = keeper.waitForInitialization(60_000);
    abort.abort();
    await expect(given).resolves.toBe('timeout');
    keeper.inSync();
    await expect(other).resolves.toBe('ready');
  });

  it('is not ended by a refusal while what an earlier run saved is being read', async () => {
    keeper.restoring(true);
    const waits = [keeper.waitForInitialization(), keeper.waitForInitialization()];
    keeper.refused(error('rejected'));
    await clock.advance(1_000);
    keeper.serving(60_000);
    keeper.restoring(false);
    await expect(Promise.all(waits)).resolves.toEqual(['ready', 'ready']);
    expect(keeper.currentState).toMatchObject({ status: 'Closed', dataAge: 60_000, error: { code: 'rejected' } });
  });

  it('is ended by a refusal once nothing saved can be expected', async () => {
    keeper.restoring(true);
    const wait = keeper.waitForInitialization();
    keeper.refused(error('rejected'));
    keeper.restoring(false);
    await expect(wait).resolves.toBe('failed');
  });

  it('of no time looks and ends', async () => {
    const wait = keeper.waitForInitialization(0);
    await clock.advance(0);
    await expect(wait).resolves.toBe('timeout');
  });
});

describe('waiting to be in sync', () => {
  it.each<[readonly Happening[], boolean]>([
    [['inSync'], true],
    [['serving', 'inSync'], true],
    [['refused'], false],
    [['refused', 'serving'], false],
    [['refused', 'inSync'], true],
    [['closed'], false],
    [['inSync', 'closed'], false],
  ])('after %j is over at once: %s', async (way, result) => {
    for (const step of way) HAPPENINGS[step]();
    await expect(keeper.waitForOKState(60_000)).resolves.toBe(result);
    expect(clock.timers()).toBe(0);
  });

  it.each<[readonly Happening[]]>([[[]], [['interrupted']], [['serving']], [['inSync', 'interrupted']]])(
    'after %j lasts until it is, or the time is over',
    async (way) => {
      for (const step of way) HAPPENINGS[step]();
      const short = keeper.waitForOKState(1_000);
      const long = keeper.waitForOKState(10_000);
      await clock.advance(1_000);
      await expect(short).resolves.toBe(false);
      keeper.inSync();
      await expect(long).resolves.toBe(true);
    },
  );

  it.each<Happening>(['refused', 'closed'])('ends with %s', async (happening) => {
    const wait = keeper.waitForOKState();
    HAPPENINGS[happening]();
    await expect(wait).resolves.toBe(false);
  });
});

describe('listeners to the status', () => {
  it('are told each change of status or error, after it, in order, with the state of that moment', async () => {
    const told: [UpdateState['status'], string | undefined, Status][] = [];
    keeper.addListener((state) => told.push([state.status, state.error?.code, keeper.status]));
    keeper.interrupted(error('connect-failed'));
    keeper.interrupted(error('connect-failed'));
    keeper.interrupted(error('connect-timeout'));
    keeper.inSync();
    keeper.inSync();
    keeper.interrupted(error('interrupted'));
    keeper.closed();
    expect(told).toEqual([]);
    await clock.settle();
    expect(told).toEqual([
      ['NotReady', 'connect-failed', 'Closed'],
      ['NotReady', 'connect-timeout', 'Closed'],
      ['Ready', undefined, 'Closed'],
      ['Stale', 'interrupted', 'Closed'],
      ['Closed', 'interrupted', 'Closed'],
    ]);
  });

  it('are told of a refusal, and of being let in again', async () => {
    const told: unknown[] = [];
    keeper.inSync();
    keeper.addListener(({ status, error: last }) => told.push([status, last?.code]));
    keeper.refused(error('rejected'));
    keeper.interrupted(error('connect-failed'));
    keeper.refused(error('rejected'));
    keeper.inSync();
    await clock.settle();
    expect(told).toEqual([
      ['Closed', 'rejected'],
      ['Ready', undefined],
    ]);
  });

  it('are told nothing once they are removed, not even what was on its way', async () => {
    const told: string[] = [];
    const remove = keeper.addListener(() => told.push('first'));
    keeper.addListener(() => told.push('second'));
    keeper.inSync();
    remove();
    remove();
    await clock.settle();
    expect(told).toEqual(['second']);
  });

  it('are two when one function is added twice', async () => {
    const told: string[] = [];
    const listener = (): void => {
      told.push('told');
    };
    const remove = keeper.addListener(listener);
    keeper.addListener(listener);
    keeper.inSync();
    await clock.settle();
    expect(told.length).toBe(2);
    remove();
    keeper.closed();
    await clock.settle();
    expect(told.length).toBe(3);
  });

  it('are not told of what was before them', async () => {
    const told: Status[] = [];
    keeper.inSync();
    keeper.addListener(({ status }) => told.push(status));
    await clock.settle();
    keeper.closed();
    await clock.settle();
    expect(told).toEqual(['Closed']);
  });

  it('disturb nobody when they fail, or are none', async () => {
    const told: Status[] = [];
    keeper.addListener(() => {
      throw new Error('MARKED');
    });
    keeper.addListener(undefined as never);
    keeper.addListener(({ status }) => told.push(status));
    keeper.inSync();
    await clock.settle();
    expect(told).toEqual(['Ready']);
    expect(logger.codes()).toEqual(['listener-failed', 'listener-failed']);
    expect(logger.text).not.toContain('MARKED');
  });
});
