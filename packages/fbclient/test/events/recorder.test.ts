import { beforeEach, describe, expect, it } from 'vitest';
import { EventRecorder, type EventSettings } from '../../src/events/recorder.js';
import { Log } from '../../src/runtime/log.js';
import { exposure, UNENCODABLE } from '../support/events.js';
import { FakePlatform, type FakeRequest } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';

const SETTINGS: EventSettings = {
  url: 'http://events.test/featbit',
  secret: 'the-secret',
  maxPerRequest: 3,
  maxRetries: 2,
  retryInterval: 200,
  requestTimeout: 5_000,
  privateAttributes: new Set(),
  maxInQueue: 20,
  flushInterval: 1_000,
  deduplicationWindow: 0,
};

const ADA = { key: 'ada' };

let platform: FakePlatform;
let logger: RecordingLogger;

beforeEach(() => {
  platform = new FakePlatform();
  logger = new RecordingLogger();
});

function recorder(settings: Partial<EventSettings> = {}): EventRecorder {
  return new EventRecorder({ ...SETTINGS, ...settings }, platform, platform.net, new Log(logger, platform.clock));
}

function record(events: EventRecorder, ...keys: string[]): void {
  for (const key of keys) events.identified({ key });
}

/** The users whose events a request carries. */
function carried(request: FakeRequest): string[] {
  return (request.json as { user: { keyId: string } }[]).map(({ user }) => user.keyId);
}

const requested = (): string[][] => platform.net.requests.map(carried);
const request = (index: number): FakeRequest => must(platform.net.requests.at(index));

/** Everything that was recorded is in exactly one place. */
function accounted(events: EventRecorder, recorded: number): void {
  const { accepted, sent, failed, queued, dropped } = events.counters;
  const { queueFull, tooLarge, invalidUser, invalidEvent, deduplicated, unencodable, stopped, closed } = dropped;
  const refused = queueFull + tooLarge + invalidUser + invalidEvent + deduplicated;
  expect(accepted + refused).toBeLessThanOrEqual(recorded);
  expect(sent + failed + queued + unencodable + refused + stopped + closed).toBe(recorded);
}

describe('events are sent', () => {
  it('as one JSON array, with the secret as it is, to the insight API below the base URL', () => {
    const events = recorder();
    record(events, 'ada');
    events.flush();
    expect(request(0).request).toEqual({
      method: 'POST',
      url: 'http://events.test/featbit/api/public/insight/track',
      headers: { Authorization: 'the-secret', 'Content-Type': 'application/json; charset=utf-8' },
      body: '[{"user":{"keyId":"ada","name":"","customizedProperties":[]}}]',
      timeout: 5_000,
      maxBody: 65_536,
    });
  });

  it('when the interval is over, counted from the first that waits', async () => {
    const events = recorder();
    record(events, 'a');
    await platform.clock.advance(600);
    record(events, 'b');
    await platform.clock.advance(399);
    expect(requested()).toEqual([]);
    await platform.clock.advance(1);
    expect(requested()).toEqual([['a', 'b']]);
  });

  it('by a timer that is there only while events wait', async () => {
    const events = recorder();
    expect(platform.clock.timers()).toBe(0);
    record(events, 'a');
    expect(platform.clock.timers('background')).toBe(1);
    await platform.clock.advance(1_000);
    request(0).respond(200);
    expect(platform.clock.timers()).toBe(0);
    record(events, 'b');
    await platform.clock.advance(1_000);
    expect(requested()).toEqual([['a'], ['b']]);
  });

  it('when a batch is full, at once', () => {
    const events = recorder();
    record(events, 'a', 'b');
    expect(requested()).toEqual([]);
    record(events, 'c', 'd');
    expect(requested()).toEqual([['a', 'b', 'c']]);
  });

  it('when asked, in batches', () => {
    const events = recorder({ maxPerRequest: 2 });
    record(events, 'a');
    events.flush();
    record(events, 'b', 'c', 'd');
    events.flush();
    expect(requested()).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('each of them: three equal metrics are three events', () => {
    const events = recorder();
    for (let time = 0; time < 3; time++) events.measured(ADA, 'paid', 1);
    expect(carried(request(0))).toEqual(['ada', 'ada', 'ada']);
  });

  it('in four requests at a time at most; the next begins when one ends', () => {
    const events = recorder({ maxPerRequest: 1 });
    record(events, 'a', 'b', 'c', 'd', 'e', 'f');
    expect(requested()).toEqual([['a'], ['b'], ['c'], ['d']]);
    expect(events.counters).toMatchObject({ unsettledRequests: 4, queued: 2 });
    request(2).respond(200);
    expect(requested().at(-1)).toEqual(['e']);
    expect(events.counters).toMatchObject({ sent: 1, unsettledRequests: 4, queued: 1 });
  });

  it('without private attributes', () => {
    const events = recorder({ privateAttributes: new Set(['email']) });
    events.identified({ key: 'ada', email: 'MARKED', country: 'NL' });
    events.flush();
    expect(request(0).request.body).not.toContain('MARKED');
    expect(request(0).request.body).toContain('NL');
  });
});

describe('a batch that fails', () => {
  it.each<[string, (of: FakeRequest) => void]>([
    ['by HTTP status 500', (of) => of.respond(500)],
    ['by HTTP status 400', (of) => of.respond(400)],
    ['by HTTP status 408', (of) => of.respond(408)],
    ['by HTTP status 429', (of) => of.respond(429)],
    ['by the network', (of) => of.fail('ECONNRESET')],
    ['by its deadline', (of) => of.fail('no complete answer in 5000 ms')],
  ])('%s is sent again as it was, so many times and no more', async (_name, fail) => {
    const events = recorder();
    record(events, 'a', 'b', 'c');
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(platform.net.requests.length).toBe(attempt + 1);
      fail(request(attempt));
      await platform.clock.advance(10_000);
    }
    expect(requested()).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect(events.counters).toMatchObject({ accepted: 3, sent: 0, failed: 3, failedRequests: 3, unsettledRequests: 0 });
    expect(logger.codes('error')).toEqual(['events-lost']);
    accounted(events, 3);
  });

  it.each([
    [0, 200, 400],
    [0.5, 150, 300],
    [0.999_999, 100, 200],
  ])(
    'waits half an interval and up to the other half, doubled each time (random %d)',
    async (chance, first, second) => {
      platform.chance = chance;
      const events = recorder({ maxPerRequest: 1 });
      record(events, 'a');
      request(0).fail('ECONNRESET');
      expect(platform.clock.untilNext).toBeCloseTo(first, 0);
      await platform.clock.advance(first + 1);
      request(1).fail('ECONNRESET');
      expect(platform.clock.untilNext).toBeCloseTo(second, 0);
    },
  );

  it('never waits longer than five minutes, however often it is tried', async () => {
    platform.chance = 0;
    const events = recorder({ maxRetries: 60, maxPerRequest: 1 });
    record(events, 'a');
    for (let attempt = 0; attempt < 60; attempt++) {
      request(attempt).fail('ECONNRESET');
      const wait = must(platform.clock.untilNext);
      expect(wait).toBeLessThanOrEqual(300_000);
      expect(wait).toBeGreaterThanOrEqual(Math.min(200 * 2 ** attempt, 300_000));
      await platform.clock.advance(wait);
    }
    request(60).fail('ECONNRESET');
    expect(events.counters.failed).toBe(1);
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['100000', 300_000],
  ])('waits as long as the server asks: Retry-After %s', (retryAfter, milliseconds) => {
    const events = recorder({ maxPerRequest: 1 });
    record(events, 'a');
    request(0).respond(503, { retryAfter });
    expect(platform.clock.untilNext).toBe(milliseconds);
  });

  it('is not tried again where no retries are wanted', () => {
    const events = recorder({ maxRetries: 0 });
    record(events, 'a', 'b', 'c');
    request(0).respond(500);
    expect(events.counters).toMatchObject({ failed: 3, unsettledRequests: 0 });
  });

  it('holds up nobody: later events go on meanwhile', async () => {
    const events = recorder();
    record(events, 'a', 'b', 'c');
    request(0).respond(503, { retryAfter: '60' });
    record(events, 'd', 'e', 'f');
    expect(requested()).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
    request(1).respond(200);
    record(events, 'g');
    await platform.clock.advance(1_000);
    request(2).respond(200);
    expect(events.counters).toMatchObject({ sent: 4, unsettledRequests: 1 });
    await platform.clock.advance(60_000);
    request(3).respond(200);
    expect(carried(request(3))).toEqual(['a', 'b', 'c']);
    expect(events.counters).toMatchObject({ sent: 7, failed: 0 });
  });

  it('can succeed at last: then nothing is lost', async () => {
    const events = recorder();
    record(events, 'a', 'b', 'c');
    request(0).fail('ECONNREFUSED');
    await platform.clock.advance(1_000);
    request(1).respond(202);
    expect(events.counters).toMatchObject({ sent: 3, failed: 0, failedRequests: 1, lastError: 'ECONNREFUSED' });
    expect(logger.codes('error')).toEqual([]);
  });
});

describe('a server that refuses this client’s events for good', () => {
  it('is told once; nothing more is sent, whatever comes', async () => {
    const events = recorder({ maxPerRequest: 1 });
    record(events, 'a', 'b', 'c', 'd', 'e');
    request(0).respond(404);
    record(events, 'f');
    events.flush();
    await platform.clock.advance(60_000);
    expect(platform.net.requests.length).toBe(4);
    expect(platform.net.openRequests).toEqual([]);
    expect(logger.codes('error')).toEqual(['events-refused']);
    expect(logger.text).toContain('404');
    expect(events.counters).toMatchObject({ accepted: 5, sent: 0, queued: 0, unsettledRequests: 0 });
    expect(events.counters.dropped.stopped).toBe(6);
    accounted(events, 6);
  });

  it('is visible in the counters', () => {
    const events = recorder();
    record(events, 'a', 'b', 'c');
    request(0).respond(401);
    expect(events.counters).toMatchObject({ failedRequests: 1, lastError: 'HTTP status 401' });
  });

  it('ends all waits and leaves no timer', async () => {
    const events = recorder();
    record(events, 'a', 'b', 'c');
    request(0).respond(500);
    record(events, 'd');
    const wait = events.flushAndWait(60_000, 5_000);
    request(1).respond(403);
    await expect(wait).resolves.toBe(true);
    expect(platform.clock.timers('awaited')).toBe(0);
    await expect(events.flushAndWait(60_000, 5_000)).resolves.toBe(true);
    await events.close(5_000);
    expect(platform.net.requests.length).toBe(2);
  });
});

describe('events that are not taken in', () => {
  it('because the queue is full are dropped, counted and told, and those before them are sent', () => {
    const events = recorder({ maxPerRequest: 1, maxInQueue: 3 });
    record(events, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
    expect(events.counters.dropped.queueFull).toBe(2);
    expect(logger.entries.filter(({ fields }) => fields?.reason === 'queueFull').length).toBe(2);
    for (let index = 0; index < 7; index++) request(index).respond(200);
    expect(requested().flat()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    accounted(events, 9);
  });

  it('because they are too large are dropped, counted and told, without being shown', () => {
    const events = recorder();
    events.identified({ key: 'ada', note: 'MARKED'.repeat(50_000) });
    record(events, 'b');
    events.flush();
    expect(requested()).toEqual([['b']]);
    expect(events.counters.dropped.tooLarge).toBe(1);
    expect(logger.text).not.toContain('MARKED');
  });

  it('because they cannot be encoded lose themselves only, and nobody waits for them', async () => {
    const events = recorder();
    record(events, 'a');
    events.evaluated(ADA, UNENCODABLE);
    record(events, 'c');
    const wait = events.flushAndWait(1_000, 1_000);
    expect(requested()).toEqual([['a', 'c']]);
    expect(events.counters.dropped.unencodable).toBe(1);
    const later = events.flushAndWait(1_000, 1_000);
    request(0).respond(200);
    await platform.clock.settle();
    expect(platform.clock.timers('awaited')).toBe(0);
    await expect(wait).resolves.toBe(true);
    await expect(later).resolves.toBe(true);
    accounted(events, 3);
  });

  it('alone in their batch cost no request', async () => {
    const events = recorder();
    events.evaluated(ADA, UNENCODABLE);
    await expect(events.flushAndWait(1_000, 1_000)).resolves.toBe(true);
    expect(platform.net.requests).toEqual([]);
    accounted(events, 1);
  });

  it.each<[string, (events: EventRecorder) => void]>([
    ['invalidUser', (events) => events.identified({ key: ' ' })],
    ['invalidEvent', (events) => events.measured(ADA, ' ', 1)],
  ])('because they make no sense are dropped, counted and logged: %s', (reason, recorded) => {
    const events = recorder();
    recorded(events);
    expect(events.counters.dropped).toMatchObject({ [reason]: 1 });
    expect(logger.entries).toMatchObject([{ level: 'warn', fields: { code: 'event-dropped', reason } }]);
  });
});

describe('waiting for events to be sent', () => {
  it('is over at once when there are none', async () => {
    await expect(recorder().flushAndWait(1_000, 1_000)).resolves.toBe(true);
    expect(platform.clock.timers()).toBe(0);
  });

  it('asks for them to be sent, and ends when the last is, in whatever order', async () => {
    const events = recorder();
    record(events, 'a', 'b', 'c', 'd');
    let ended: boolean | undefined;
    void events.flushAndWait(10_000, 10_000).then((result) => {
      ended = result;
    });
    expect(requested()).toEqual([['a', 'b', 'c'], ['d']]);
    request(1).respond(200);
    await platform.clock.settle();
    expect(ended).toBeUndefined();
    request(0).respond(200);
    await platform.clock.settle();
    expect(ended).toBe(true);
  });

  it('is for what was accepted before the call only', async () => {
    const events = recorder();
    record(events, 'a');
    const wait = events.flushAndWait(10_000, 10_000);
    record(events, 'b', 'c', 'd');
    request(0).respond(200);
    await expect(wait).resolves.toBe(true);
    expect(platform.net.openRequests.map(carried)).toEqual([['b', 'c', 'd']]);
  });

  it('is for the first ones of a batch too, when later ones joined them', async () => {
    const events = recorder({ maxPerRequest: 1 });
    record(events, 'a', 'b', 'c', 'd', 'e');
    const wait = events.flushAndWait(10_000, 10_000);
    record(events, 'f', 'g');
    for (let index = 0; index < 5; index++) request(index).respond(200);
    await expect(wait).resolves.toBe(true);
    expect(events.counters.sent).toBe(5);
  });

  it('is over when they have finally failed', async () => {
    const events = recorder({ maxRetries: 1 });
    record(events, 'a');
    const wait = events.flushAndWait(60_000, 60_000);
    request(0).respond(500);
    await platform.clock.advance(1_000);
    request(1).respond(500);
    await expect(wait).resolves.toBe(true);
  });

  it('includes what is under way and what waits for its retry', async () => {
    const events = recorder();
    record(events, 'a', 'b', 'c');
    request(0).respond(503, { retryAfter: '5' });
    const wait = events.flushAndWait(60_000, 60_000);
    await platform.clock.advance(5_000);
    request(1).respond(200);
    await expect(wait).resolves.toBe(true);
  });

  it('ends in time, says so, and the events go on', async () => {
    const events = recorder();
    record(events, 'a');
    const wait = events.flushAndWait(3_000, 60_000);
    await platform.clock.advance(3_000);
    await expect(wait).resolves.toBe(false);
    request(0).respond(200);
    expect(events.counters.sent).toBe(1);
  });

  it('can be had by many at once', async () => {
    const events = recorder({ maxPerRequest: 1 });
    record(events, 'a');
    const first = events.flushAndWait(10_000, 10_000);
    record(events, 'b');
    const second = events.flushAndWait(10_000, 10_000);
    request(0).respond(200);
    await expect(first).resolves.toBe(true);
    request(1).respond(200);
    await expect(second).resolves.toBe(true);
    expect(platform.clock.timers('awaited')).toBe(0);
  });
});

describe('closing', () => {
  it('makes one last attempt for everything and no retry', async () => {
    const events = recorder({ maxPerRequest: 2 });
    record(events, 'a', 'b');
    request(0).respond(503, { retryAfter: '60' });
    record(events, 'c', 'd', 'e');
    const closed = events.close(5_000);
    expect(requested().slice(1)).toEqual([['c', 'd'], ['a', 'b'], ['e']]);
    request(1).respond(500);
    request(2).respond(200);
    request(3).fail('ECONNRESET');
    await closed;
    expect(platform.net.requests.length).toBe(4);
    expect(platform.clock.timers('awaited')).toBe(0);
    expect(events.counters).toMatchObject({ sent: 2, failed: 3, queued: 0, unsettledRequests: 0 });
    accounted(events, 5);
  });

  it('works off a queue that needs more than four requests', async () => {
    const events = recorder({ maxPerRequest: 1, maxInQueue: 100 });
    record(events, ...Array.from({ length: 30 }, (_, index) => `${index}`));
    const closed = events.close(5_000);
    for (let index = 0; index < 30; index++) request(index).respond(200);
    await closed;
    expect(events.counters).toMatchObject({ sent: 30, queued: 0 });
  });

  it('gives up in time, cancels what is under way, and accounts for it', async () => {
    const events = recorder({ maxPerRequest: 1 });
    record(events, 'a', 'b', 'c', 'd', 'e', 'f');
    const closed = events.close(5_000);
    await platform.clock.advance(5_000);
    await closed;
    expect(platform.net.openRequests).toEqual([]);
    expect(platform.net.requests.every(({ cancelled }) => cancelled)).toBe(true);
    expect(events.counters.dropped.closed).toBe(6);
    expect(logger.codes('error')).toEqual(['events-lost']);
    accounted(events, 6);
    await platform.clock.advance(60_000);
    expect(platform.net.requests.length).toBe(4);
  });

  it('takes no more events, and counts them', async () => {
    const events = recorder();
    await events.close(5_000);
    record(events, 'a', 'b', 'c');
    events.flush();
    await platform.clock.advance(60_000);
    expect(platform.net.requests).toEqual([]);
    expect(events.counters.dropped.closed).toBe(3);
    expect(platform.clock.timers()).toBe(0);
  });

  it('is over at once when there is nothing to send', async () => {
    const events = recorder();
    await events.close(5_000);
    expect(platform.clock.timers()).toBe(0);
    expect(logger.entries).toEqual([]);
  });
});

describe('repeated evaluations', () => {
  const windowed = { deduplicationWindow: 10_000, maxPerRequest: 1_000, maxInQueue: 50_000 };

  it('are all sent unless that is switched on', () => {
    const events = recorder();
    for (let time = 0; time < 3; time++) events.evaluated(ADA, exposure('flag'));
    expect(events.counters).toMatchObject({ accepted: 3, dropped: { deduplicated: 0 } });
  });

  it('within the window of the first are dropped and counted, not told', async () => {
    const events = recorder(windowed);
    events.evaluated(ADA, exposure('flag'));
    events.evaluated(ADA, exposure('flag'));
    await platform.clock.advance(9_999);
    events.evaluated(ADA, exposure('flag'));
    await platform.clock.advance(1);
    events.evaluated(ADA, exposure('flag'));
    events.evaluated(ADA, exposure('flag'));
    expect(events.counters).toMatchObject({ accepted: 2, dropped: { deduplicated: 3 } });
    expect(logger.entries).toEqual([]);
  });

  it('are the same only with the same flag, variation and user', () => {
    const events = recorder(windowed);
    for (const [flagKey, key, variationId] of [
      ['flag', 'ada', 'v-on'],
      ['flag', 'ada', 'v-off'],
      ['flag', 'bob', 'v-on'],
      ['galf', 'ada', 'v-on'],
      ['a', 'b,"c', 'd'],
      ['a,"b', 'c', 'd'],
    ] as const) {
      events.evaluated({ key }, exposure(flagKey, variationId));
    }
    expect(events.counters).toMatchObject({ accepted: 6, dropped: { deduplicated: 0 } });
  });

  it('leave metrics and users alone', () => {
    const events = recorder(windowed);
    for (let time = 0; time < 3; time++) {
      events.measured(ADA, 'paid', 1);
      events.identified({ key: 'ada' });
    }
    expect(events.counters).toMatchObject({ accepted: 6, dropped: { deduplicated: 0 } });
  });

  it('are remembered up to ten thousand; the oldest are forgotten first', () => {
    const events = recorder(windowed);
    for (let user = 0; user <= 10_000; user++) events.evaluated({ key: `user ${user}` }, exposure('flag'));
    events.evaluated({ key: 'user 10000' }, exposure('flag'));
    events.evaluated({ key: 'user 1' }, exposure('flag'));
    expect(events.counters.dropped.deduplicated).toBe(2);
    events.evaluated({ key: 'user 0' }, exposure('flag'));
    expect(events.counters).toMatchObject({ accepted: 10_002, dropped: { deduplicated: 2 } });
  });

  it('are forgotten by when they were recorded last', async () => {
    const events = recorder(windowed);
    for (let user = 0; user < 10_000; user++) events.evaluated({ key: `user ${user}` }, exposure('flag'));
    await platform.clock.advance(10_000);
    events.evaluated({ key: 'user 0' }, exposure('flag'));
    events.evaluated({ key: 'one more' }, exposure('flag'));
    events.evaluated({ key: 'user 0' }, exposure('flag'));
    expect(events.counters).toMatchObject({ accepted: 10_002, dropped: { deduplicated: 1 } });
  });

  it('are no repetition of one that was not taken in', () => {
    const events = recorder({ ...windowed, maxInQueue: 1 });
    events.identified({ key: 'in the way' });
    events.evaluated(ADA, exposure('flag'));
    events.flush();
    events.evaluated(ADA, exposure('flag'));
    expect(events.counters).toMatchObject({ accepted: 2, dropped: { queueFull: 1, deduplicated: 0 } });
  });

  it('end with their window even when the wall clock is set back', async () => {
    const events = recorder(windowed);
    events.evaluated(ADA, exposure('flag'));
    platform.clock.setWallClock(platform.clock.now() - 86_400_000);
    await platform.clock.advance(10_000);
    events.evaluated(ADA, exposure('flag'));
    expect(events.counters).toMatchObject({ accepted: 2, dropped: { deduplicated: 0 } });
  });
});
