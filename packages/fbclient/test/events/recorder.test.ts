import { describe, expect, it } from 'vitest';
import type { EventRecorder } from '../../src/events/recorder.js';
import { exposure, UNENCODABLE } from '../support/events.js';
import { carriedBy, RecorderWorld } from '../support/recorder-world.js';

const ADA = { key: 'ada' };

describe('events are sent', () => {
  it('when the interval is over, counted from the first that waits', async () => {
    const world = new RecorderWorld();
    world.record('a');
    await world.platform.clock.advance(600);
    world.record('b');
    await world.platform.clock.advance(399);
    expect(world.requested).toEqual([]);
    await world.platform.clock.advance(1);
    expect(world.requested).toEqual([['a', 'b']]);
  });

  it('by a timer that is there only while events wait', async () => {
    const world = new RecorderWorld();
    expect(world.platform.clock.timers()).toBe(0);
    world.record('a');
    expect(world.platform.clock.timers('background')).toBe(1);
    await world.platform.clock.advance(1_000);
    world.request(0).respond(200);
    expect(world.platform.clock.timers()).toBe(0);
    world.record('b');
    await world.platform.clock.advance(1_000);
    expect(world.requested).toEqual([['a'], ['b']]);
  });

  it('when a batch is full, at once', () => {
    const world = new RecorderWorld();
    world.record('a', 'b');
    expect(world.requested).toEqual([]);
    world.record('c', 'd');
    expect(world.requested).toEqual([['a', 'b', 'c']]);
  });

  it('when asked, in batches', () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 2 });
    world.record('a');
    world.events.flush();
    world.record('b', 'c', 'd');
    world.events.flush();
    expect(world.requested).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('each of them: three equal metrics are three events', () => {
    const world = new RecorderWorld();
    for (let time = 0; time < 3; time++) world.events.measured(ADA, 'paid', 1);
    expect(carriedBy(world.request(0))).toEqual(['ada', 'ada', 'ada']);
  });

  it('without private attributes', () => {
    const world = new RecorderWorld({ privateAttributes: new Set(['email']) });
    world.events.identified({ key: 'ada', email: 'MARKED', country: 'NL' });
    world.events.flush();
    expect(world.request(0).request.body).not.toContain('MARKED');
    expect(world.request(0).request.body).toContain('NL');
  });
});

describe('events that are not taken in', () => {
  it('because the queue is full are dropped, counted and logged, and those before them are sent', () => {
    const world = new RecorderWorld({ maxPerRequest: 1, maxInQueue: 3 });
    world.record('a', 'b', 'c', 'd', 'e', 'f');
    expect(world.events.counters.dropped.queueFull).toBe(2);
    expect(world.logger.entries.filter(({ fields }) => fields?.reason === 'queueFull').length).toBe(2);
    for (let index = 0; index < 4; index++) world.request(index).respond(200);
    expect(world.requested.flat()).toEqual(['a', 'b', 'c', 'd']);
    world.expectAccounted(6);
  });

  it('are told apart from accepted ones that were dropped for the same reason', async () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 2 });
    world.events.identified({ key: 'too large for an event', note: 'x'.repeat(300_000) });
    world.events.identified({ key: 'too large for the server', note: 'x'.repeat(1_000) });
    world.events.flush();
    world.request(0).respond(413);
    world.record('a');
    const closed = world.events.close(1);
    world.record('late');
    await world.pass(1);
    await closed;
    expect(world.events.counters).toMatchObject({
      accepted: 3,
      notAccepted: 2,
      sent: 1,
      dropped: { tooLarge: 2, closed: 1, unanswered: 1 },
      unsettled: 0,
    });
    world.expectAccounted(5);
  });

  it('because they are too large are dropped, counted and logged, without being shown', () => {
    const world = new RecorderWorld();
    world.events.identified({ key: 'ada', note: 'MARKED'.repeat(50_000) });
    world.record('b');
    world.events.flush();
    expect(world.requested).toEqual([['b']]);
    expect(world.events.counters.dropped.tooLarge).toBe(1);
    expect(world.logger.entries).toMatchObject([
      { fields: { reason: 'tooLarge', kind: 'identify', characters: 300_258 } },
    ]);
    expect(world.logger.text).not.toContain('MARKED');
  });

  it('because they cannot be encoded lose themselves only, and nobody waits for them', async () => {
    const world = new RecorderWorld();
    world.record('a');
    world.events.evaluated(ADA, UNENCODABLE);
    world.record('c');
    const wait = world.events.flushAndWait(1_000, 1_000);
    world.request(0).respond(200);
    const later = world.events.flushAndWait(1_000, 1_000);
    world.request(1).respond(200);
    expect(world.requested).toEqual([['a'], ['c']]);
    expect(world.events.counters).toMatchObject({ sent: 2, dropped: { unencodable: 1 } });
    await world.platform.clock.settle();
    expect(world.platform.clock.timers('awaited')).toBe(0);
    await expect(wait).resolves.toBe(true);
    await expect(later).resolves.toBe(true);
    world.expectAccounted(3);
  });

  it('alone in their batch cost no request', async () => {
    const world = new RecorderWorld();
    world.events.evaluated(ADA, UNENCODABLE);
    await expect(world.events.flushAndWait(1_000, 1_000)).resolves.toBe(true);
    expect(world.platform.net.requests).toEqual([]);
    world.expectAccounted(1);
  });

  it.each<[string, (events: EventRecorder) => void]>([
    ['invalidUser', (events) => events.identified({ key: ' ' })],
    ['invalidEvent', (events) => events.measured(ADA, ' ', 1)],
  ])('because they make no sense are dropped, counted and logged: %s', (reason, recorded) => {
    const world = new RecorderWorld();
    recorded(world.events);
    expect(world.events.counters.dropped).toMatchObject({ [reason]: 1 });
    expect(world.logger.entries).toMatchObject([{ level: 'warn', fields: { code: 'event-dropped', reason } }]);
  });
});

/** What the server is sent: the bodies, parsed. */
function payloads(world: RecorderWorld): readonly unknown[] {
  world.events.flush();
  return world.platform.net.requests.flatMap(({ json }) => json as unknown[]);
}

describe('what makes FeatBit’s server refuse a whole batch', () => {
  const HALF = 'a\ud83d';
  const OTHER_HALF = '\udea9b';

  it('half of a surrogate pair, in any text that goes out: U+FFFD takes its place', () => {
    const world = new RecorderWorld();
    world.events.evaluated(
      { key: HALF, name: OTHER_HALF, [HALF]: OTHER_HALF },
      { flag: { key: HALF }, variation: { id: OTHER_HALF, value: HALF }, sendToExperiment: () => false },
    );
    world.events.measured({ key: '🚩', [`${HALF}x`]: `\udea9\ud83d` }, OTHER_HALF, 1);
    const sent = JSON.stringify(payloads(world));
    expect(sent).not.toMatch(/\\ud[89a-f]/);
    expect(sent.isWellFormed()).toBe(true);
    expect(payloads(world)).toMatchObject([
      {
        user: { keyId: 'a\ufffd', name: '\ufffdb', customizedProperties: [{ name: 'a\ufffd', value: '\ufffdb' }] },
        variations: [{ featureFlagKey: 'a\ufffd', variation: { id: '\ufffdb', value: 'a\ufffd' } }],
      },
      {
        user: { keyId: '🚩', customizedProperties: [{ name: 'a\ufffdx', value: '\ufffd\ufffd' }] },
        metrics: [{ eventName: '\ufffdb' }],
      },
    ]);
  });

  it.each([
    [1_767_225_600_000.75, 1_767_225_600_000],
    [-0.5, 0],
    [-1.5, -1],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [1e300, 0],
  ])('a time that is not a whole number: the clock says %d, the event %d', (now, timestamp) => {
    const world = new RecorderWorld();
    world.platform.clock.setWallClock(now);
    world.events.measured(ADA, 'paid', 1);
    world.events.evaluated(ADA, exposure('flag'));
    expect(payloads(world)).toMatchObject([{ metrics: [{ timestamp }] }, { variations: [{ timestamp }] }]);
  });

  it.each([3.5e38, -3.5e38, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN])(
    'a measure that a 32-bit float cannot hold, %d: the event is dropped, counted and logged',
    (value) => {
      const world = new RecorderWorld();
      world.events.measured(ADA, 'before', 1);
      world.events.measured(ADA, 'paid', value);
      world.events.measuredAll(ADA, { paid: value, after: 2 });
      expect(payloads(world)).toMatchObject([
        { metrics: [{ eventName: 'before' }] },
        { metrics: [{ eventName: 'after' }] },
      ]);
      expect(world.events.counters.dropped.invalidEvent).toBe(2);
      expect(world.logger.entries[0]?.message).toContain('32-bit float');
    },
  );

  it.each([3.402_823_466_385_288_6e38, -3.4e38, 1e-45, 1e-300, Number.MIN_VALUE, -0])(
    'a measure that a 32-bit float can hold, if only as about nothing, is sent as it is: %d',
    (value) => {
      const world = new RecorderWorld();
      world.events.measured(ADA, 'paid', value);
      expect(payloads(world)).toMatchObject([{ metrics: [{ numericValue: value === 0 ? 0 : value }] }]);
    },
  );
});

describe('waiting for events to be sent', () => {
  it('is over at once when there are none', async () => {
    const world = new RecorderWorld();
    await expect(world.events.flushAndWait(1_000, 1_000)).resolves.toBe(true);
    expect(world.platform.clock.timers()).toBe(0);
  });

  it('asks for them to be sent, and ends when the last is, in whatever order', async () => {
    const world = RecorderWorld.withFastServer();
    world.record('a', 'b', 'c', 'd');
    let ended: boolean | undefined;
    void world.events.flushAndWait(10_000, 10_000).then((result) => {
      ended = result;
    });
    expect(world.requested).toEqual([['a', 'b', 'c'], ['d']]);
    world.request(1).respond(200);
    await world.platform.clock.settle();
    expect(ended).toBeUndefined();
    world.request(0).respond(200);
    await world.platform.clock.settle();
    expect(ended).toBe(true);
  });

  it('is for what was accepted before the call only', async () => {
    const world = new RecorderWorld();
    world.record('a');
    const wait = world.events.flushAndWait(10_000, 10_000);
    world.record('b', 'c', 'd');
    world.request(0).respond(200);
    await expect(wait).resolves.toBe(true);
    expect(world.platform.net.openRequests.map(carriedBy)).toEqual([['b', 'c', 'd']]);
  });

  it('is for the first ones of a batch too, when later ones joined them', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.record('a', 'b', 'c', 'd', 'e');
    const wait = world.events.flushAndWait(10_000, 10_000);
    world.record('f', 'g');
    for (let index = 0; index < 5; index++) world.request(index).respond(200);
    await expect(wait).resolves.toBe(true);
    expect(world.events.counters.sent).toBe(5);
  });

  it('is over when they have finally failed', async () => {
    const world = new RecorderWorld({ maxRetries: 1 });
    world.record('a');
    const wait = world.events.flushAndWait(60_000, 60_000);
    world.request(0).respond(500);
    await world.platform.clock.advance(1_000);
    world.request(1).respond(500);
    await expect(wait).resolves.toBe(true);
  });

  it('includes what is under way and what waits for its retry', async () => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    world.request(0).respond(503, { retryAfter: '5' });
    const wait = world.events.flushAndWait(60_000, 60_000);
    await world.platform.clock.advance(5_000);
    world.request(1).respond(200);
    await expect(wait).resolves.toBe(true);
  });

  it('ends in time, says so, and the events go on', async () => {
    const world = new RecorderWorld();
    world.record('a');
    const wait = world.events.flushAndWait(3_000, 60_000);
    await world.platform.clock.advance(3_000);
    await expect(wait).resolves.toBe(false);
    world.request(0).respond(200);
    expect(world.events.counters.sent).toBe(1);
  });

  it('can be had by many at once', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.record('a');
    const first = world.events.flushAndWait(10_000, 10_000);
    world.record('b');
    const second = world.events.flushAndWait(10_000, 10_000);
    world.request(0).respond(200);
    await expect(first).resolves.toBe(true);
    world.request(1).respond(200);
    await expect(second).resolves.toBe(true);
    expect(world.platform.clock.timers('awaited')).toBe(0);
  });
});

describe('closing', () => {
  it('takes no more events, and counts them', async () => {
    const world = new RecorderWorld();
    await world.events.close(5_000);
    world.record('a', 'b', 'c');
    world.events.flush();
    await world.platform.clock.advance(60_000);
    expect(world.platform.net.requests).toEqual([]);
    expect(world.events.counters.dropped.closed).toBe(3);
    expect(world.platform.clock.timers()).toBe(0);
  });
});

describe('repeated evaluations', () => {
  const windowed = { deduplicationWindow: 10_000, maxPerRequest: 1_000, maxInQueue: 50_000 };

  it('are all sent unless that is switched on', () => {
    const world = new RecorderWorld();
    for (let time = 0; time < 3; time++) world.events.evaluated(ADA, exposure('flag'));
    expect(world.events.counters).toMatchObject({ accepted: 3, dropped: { deduplicated: 0 } });
  });

  it('within the window of the first are dropped and counted, not logged', async () => {
    const world = new RecorderWorld(windowed);
    world.events.evaluated(ADA, exposure('flag'));
    world.events.evaluated(ADA, exposure('flag'));
    await world.platform.clock.advance(9_999);
    world.events.evaluated(ADA, exposure('flag'));
    await world.platform.clock.advance(1);
    world.events.evaluated(ADA, exposure('flag'));
    world.events.evaluated(ADA, exposure('flag'));
    expect(world.events.counters).toMatchObject({ accepted: 2, dropped: { deduplicated: 3 } });
    expect(world.logger.entries).toEqual([]);
  });

  it('are the same only with the same flag, variation and user', () => {
    const world = new RecorderWorld(windowed);
    for (const [flagKey, key, variationId] of [
      ['flag', 'ada', 'v-on'],
      ['flag', 'ada', 'v-off'],
      ['flag', 'bob', 'v-on'],
      ['galf', 'ada', 'v-on'],
      ['a', 'b,"c', 'd'],
      ['a,"b', 'c', 'd'],
    ] as const) {
      world.events.evaluated({ key }, exposure(flagKey, variationId));
    }
    expect(world.events.counters).toMatchObject({ accepted: 6, dropped: { deduplicated: 0 } });
  });

  it('leave metrics and users alone', () => {
    const world = new RecorderWorld(windowed);
    for (let time = 0; time < 3; time++) {
      world.events.measured(ADA, 'paid', 1);
      world.events.identified({ key: 'ada' });
    }
    expect(world.events.counters).toMatchObject({ accepted: 6, dropped: { deduplicated: 0 } });
  });

  it('are remembered up to ten thousand; the oldest are forgotten first', () => {
    const world = new RecorderWorld(windowed);
    for (let user = 0; user <= 10_000; user++) world.events.evaluated({ key: `user ${user}` }, exposure('flag'));
    world.events.evaluated({ key: 'user 10000' }, exposure('flag'));
    world.events.evaluated({ key: 'user 1' }, exposure('flag'));
    expect(world.events.counters.dropped.deduplicated).toBe(2);
    world.events.evaluated({ key: 'user 0' }, exposure('flag'));
    expect(world.events.counters).toMatchObject({ accepted: 10_002, dropped: { deduplicated: 2 } });
  });

  it('are forgotten by when they were recorded last', async () => {
    const world = new RecorderWorld(windowed);
    for (let user = 0; user < 10_000; user++) world.events.evaluated({ key: `user ${user}` }, exposure('flag'));
    await world.platform.clock.advance(10_000);
    world.events.evaluated({ key: 'user 0' }, exposure('flag'));
    world.events.evaluated({ key: 'one more' }, exposure('flag'));
    world.events.evaluated({ key: 'user 0' }, exposure('flag'));
    expect(world.events.counters).toMatchObject({ accepted: 10_002, dropped: { deduplicated: 1 } });
  });

  it('are no repetition of one that was not taken in', () => {
    const world = new RecorderWorld({ ...windowed, maxInQueue: 1 });
    world.events.identified({ key: 'in the way' });
    world.events.evaluated(ADA, exposure('flag'));
    world.events.flush();
    world.events.evaluated(ADA, exposure('flag'));
    expect(world.events.counters).toMatchObject({ accepted: 2, dropped: { queueFull: 1, deduplicated: 0 } });
  });

  it('end with their window even when the wall clock is set back', async () => {
    const world = new RecorderWorld(windowed);
    world.events.evaluated(ADA, exposure('flag'));
    world.platform.clock.setWallClock(world.platform.clock.now() - 86_400_000);
    await world.platform.clock.advance(10_000);
    world.events.evaluated(ADA, exposure('flag'));
    expect(world.events.counters).toMatchObject({ accepted: 2, dropped: { deduplicated: 0 } });
  });
});
