import { describe, expect, it } from 'vitest';
import type { FakeRequest } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { carriedBy, RecorderWorld } from '../support/recorder-world.js';

describe('requests', () => {
  it('carry one JSON array, with the secret as it is, to the insight API below the base URL', () => {
    const world = new RecorderWorld();
    world.record('ada');
    world.events.flush();
    expect(world.request(0).request).toEqual({
      method: 'POST',
      url: 'http://events.test/featbit/api/public/insight/track',
      headers: { Authorization: 'the-secret', 'Content-Type': 'application/json; charset=utf-8' },
      body: '[{"user":{"keyId":"ada","name":"","customizedProperties":[]}}]',
      timeout: 5_000,
      maxBody: 65_536,
    });
  });

  it('begin with one alone; when its answer comes fast there are four at a time, and the next begins when one ends', () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.recordMany(8);
    expect(world.requested).toEqual([['1']]);
    world.request(0).respond(200);
    expect(world.requested.slice(1)).toEqual([['2'], ['3'], ['4'], ['5']]);
    world.request(2).respond(200);
    expect(world.requested.slice(5)).toEqual([['6']]);
    expect(world.events.counters).toMatchObject({ sent: 2, unsettledRequests: 4, queued: 2 });
  });

  it('wait for each other while the last answer took over a second', async () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 1 });
    world.recordMany(8);
    expect(world.requested).toHaveLength(4);
    await world.pass(1_001);
    for (const index of [0, 1, 2]) world.request(index).respond(200);
    expect(world.requested, 'one is still under way').toHaveLength(4);
    world.request(3).respond(200);
    expect(world.requested).toHaveLength(5);
    await world.pass(1_000);
    world.request(4).respond(200);
    expect(world.platform.net.openRequests.map(carriedBy)).toEqual([['6'], ['7'], ['8']]);
  });

  it.each([401, 404, 413, 500, 503])('that are answered fast with %d do not make the next ones more', (status) => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.recordMany(6);
    world.request(0).respond(status);
    expect(world.platform.net.openRequests.length).toBeLessThanOrEqual(1);
  });

  it('that fail without an answer do not make the next ones fewer', () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 1 });
    world.recordMany(6);
    world.request(0).fail('ECONNREFUSED');
    expect(world.platform.net.openRequests).toHaveLength(3);
    world.request(1).respond(200);
    expect(world.platform.net.openRequests).toHaveLength(3);
  });
});

describe('a batch that fails', () => {
  it.each<[string, (request: FakeRequest) => void]>([
    ['by HTTP status 503', (request) => request.respond(503)],
    ['by HTTP status 408', (request) => request.respond(408)],
    ['by HTTP status 429', (request) => request.respond(429)],
    ['by the network', (request) => request.fail('ECONNREFUSED')],
  ])('%s is sent again as it was, so many times and no more', async (_name, fail) => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(world.requested).toHaveLength(attempt + 1);
      fail(world.request(attempt));
      await world.pass(10_000);
    }
    expect(new Set(world.platform.net.requests.map(({ request }) => request.body)).size).toBe(1);
    expect(world.events.counters).toMatchObject({ sent: 0, failed: 3, failedRequests: 3, unsettledRequests: 0 });
    expect(world.logger.codes('error')).toEqual(['events-lost']);
    world.expectAccounted(3);
  });

  it('is not tried again where no retries are wanted', () => {
    const world = new RecorderWorld({ maxRetries: 0 });
    world.record('a', 'b', 'c');
    world.request(0).respond(503);
    expect(world.events.counters).toMatchObject({ failed: 3, unsettledRequests: 0 });
  });

  it('holds up nobody: later events go on meanwhile', async () => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    world.request(0).respond(503, { retryAfter: '60' });
    world.record('d', 'e', 'f');
    expect(world.requested).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
    world.request(1).respond(200);
    world.record('g');
    await world.pass(1_000);
    world.request(2).respond(200);
    expect(world.events.counters).toMatchObject({ sent: 4, unsettledRequests: 1 });
    await world.pass(60_000);
    world.request(3).respond(200);
    expect(world.requested.at(3)).toEqual(['a', 'b', 'c']);
    expect(world.events.counters).toMatchObject({ sent: 7, failed: 0 });
  });

  it('is one of four at most; what else there is waits in the queue', () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 1 });
    world.recordMany(10);
    for (let index = 0; index < 4; index++) world.request(index).respond(503);
    expect(world.requested).toHaveLength(4);
    expect(world.events.counters).toMatchObject({ unsettledRequests: 4, queued: 6 });
  });

  it('can succeed at last: then nothing is lost', async () => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    world.request(0).fail('ECONNREFUSED');
    await world.pass(1_000);
    world.request(1).respond(202);
    expect(world.events.counters).toMatchObject({ sent: 3, failed: 0, failedRequests: 1, lastError: 'ECONNREFUSED' });
    expect(world.logger.codes('error')).toEqual([]);
  });
});

describe('a batch that is not answered', () => {
  it('in time is sent again once, half a minute later at least', async () => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    world.request(0).timeOut();
    expect(await waitForRequest(world)).toBe(45_000);
    expect(world.requested[1]).toEqual(['a', 'b', 'c']);
    world.request(1).timeOut();
    await world.pass(600_000);
    expect(world.requested).toHaveLength(2);
    expect(world.events.counters).toMatchObject({ failed: 0, dropped: { unanswered: 3 }, failedRequests: 2 });
    expect(world.logger.codes()).toEqual(['events-unanswered']);
    world.expectAccounted(3);
  });

  it('because its connection is cut is sent again soon, and once more half a minute after the second cut', async () => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    world.request(0).cut();
    expect(await waitForRequest(world)).toBeLessThanOrEqual(1_000);
    world.request(1).cut();
    expect(await waitForRequest(world)).toBe(45_000);
    expect(world.requested[2]).toEqual(['a', 'b', 'c']);
    world.request(2).cut();
    await world.pass(600_000);
    expect(world.requested).toHaveLength(3);
    expect(world.events.counters).toMatchObject({ failed: 0, dropped: { unanswered: 3 }, failedRequests: 3 });
    expect(world.logger.codes()).toEqual(['events-unanswered']);
    world.expectAccounted(3);
  });

  it('lets others go meanwhile, one at a time', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.record('a', 'b', 'c');
    await world.pass(5_000);
    world.request(0).timeOut();
    expect(world.requested).toEqual([['a'], ['b']]);
    world.request(1).respond(200);
    expect(world.requested).toEqual([['a'], ['b'], ['c']]);
    await world.pass(60_000);
    world.request(2).respond(200);
    expect(world.requested.at(-1)).toEqual(['a']);
  });
});

describe('batches that were not answered', () => {
  it('hold up no later ones while they wait, in bounded number', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1, maxInQueue: 100, requestTimeout: 100 });
    world.recordMany(50);
    for (let index = 0; index < 32; index++) {
      await world.pass(100);
      world.request(index).timeOut();
    }
    expect(world.requested).toHaveLength(32);
    expect(world.events.counters).toMatchObject({ unsettledRequests: 32, queued: 18 });
    await waitForRequest(world);
    world.request(32).respond(200);
    expect(world.requested.slice(32, 34)).toEqual([['1'], ['33']]);
  });
});

/** Answers as a server that refuses every batch with one of some users in it. */
async function refuseBatchesWith(world: RecorderWorld, status: number, poisoned: ReadonlySet<string>): Promise<void> {
  for (let round = 0; round < 200; round++) {
    for (const request of world.platform.net.openRequests) {
      request.respond(carriedBy(request).some((key) => poisoned.has(key)) ? status : 200);
    }
    await world.pass(1_000);
  }
}

/** The users whose events were answered with 200, as often as they were. */
function delivered(world: RecorderWorld, poisoned: ReadonlySet<string>): string[] {
  const taken = world.requested.filter((keys) => !keys.some((key) => poisoned.has(key)));
  return taken.flat().sort((a, b) => Number(a) - Number(b));
}

describe('an event that the server refuses, and the batch with it', () => {
  const places: Readonly<Record<string, readonly string[]>> = {
    first: ['1'],
    last: ['50'],
    'in the middle': ['25'],
    'first and last': ['1', '50'],
    'two beside each other': ['25', '26'],
    'three of them': ['1', '2', '50'],
  };
  const all = Array.from({ length: 50 }, (_, index) => `${index + 1}`);

  describe.each([400, 500])('with %d', (status) => {
    it.each(Object.entries(places))('is found and lost alone: %s', async (_name, keys) => {
      const poisoned = new Set(keys);
      const world = new RecorderWorld({ maxPerRequest: 50, maxInQueue: 100 });
      world.recordMany(50);
      await refuseBatchesWith(world, status, poisoned);
      expect(delivered(world, poisoned)).toEqual(all.filter((key) => !poisoned.has(key)));
      const { length } = keys;
      expect(world.events.counters).toMatchObject({ sent: 50 - length, failed: length, unsettledRequests: 0 });
      // After the retries of the whole batch two requests for each of six halvings, and one more for an event that stands alone.
      expect(world.requested.length).toBeLessThanOrEqual((status === 500 ? 4 : 1) + 13 * length);
      world.expectAccounted(50);
    });
  });

  it('costs none of the others when one of its parts meets a fault that passes', async () => {
    const world = new RecorderWorld({ maxPerRequest: 50, maxInQueue: 100 });
    world.recordMany(50);
    let hasFailed = false;
    for (let index = 0; index < world.platform.net.requests.length; index++) {
      const request = world.request(index);
      if (carriedBy(request).includes('1')) request.respond(500);
      else if (hasFailed) request.respond(200);
      else {
        hasFailed = true;
        request.respond(503);
      }
      while (world.platform.net.requests.length === index + 1 && world.events.counters.unsettledRequests > 0) {
        await world.pass(1_000);
      }
    }
    expect(world.events.counters).toMatchObject({ sent: 49, failed: 1, unsettledRequests: 0 });
    world.expectAccounted(50);
  });

  it.each([2, 3, 7, 50])('costs a bounded number of requests even if all of %d are refused', async (count) => {
    const poisoned = new Set(all);
    const world = new RecorderWorld({ maxPerRequest: count, maxInQueue: 100 });
    world.recordMany(count);
    for (let hour = 0; hour < 30; hour++) {
      await refuseBatchesWith(world, 400, poisoned);
      await world.pass(3_600_000);
    }
    // The halvings of n events are 2n - 1 requests; each event has a second chance by itself.
    expect(world.requested.length).toBeLessThanOrEqual(2 * count - 1 + count);
    expect(world.events.counters).toMatchObject({ sent: 0, failed: count, unsettledRequests: 0 });
  });

  it('is reported by kind and size, without what is in it', async () => {
    const world = new RecorderWorld({ maxPerRequest: 2 });
    world.events.measured({ key: 'MARKED', email: 'MARKED' }, 'MARKED', 1);
    world.record('b');
    await refuseBatchesWith(world, 400, new Set(['MARKED']));
    expect(world.logger.entries).toMatchObject([
      { level: 'warn', fields: { code: 'event-dropped', reason: 'failed', kind: 'metric', bytes: 241 } },
    ]);
    expect(world.logger.text).toContain('metric, 241 bytes');
    expect(world.logger.text).toContain('HTTP status 400');
    expect(world.logger.text).not.toContain('MARKED');
  });

  it('five times in a row makes delivery pause: a server that refuses every event is not asked about each', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1, maxInQueue: 100, maxRetries: 0 });
    world.recordMany(20);
    for (let index = 0; index < world.platform.net.requests.length; index++) world.request(index).respond(400);
    expect(world.events.counters).toMatchObject({ failed: 5, queued: 15, unsettledRequests: 0 });
    expect(world.logger.codes('error')).toEqual(['events-refused']);
    // Not for long, since the server does not refuse the client; for longer when it goes on.
    expect(await waitForRequest(world)).toBe(2_000);
    for (let index = 5; index < world.platform.net.requests.length; index++) world.request(index).respond(400);
    expect(await waitForRequest(world)).toBe(3_000);
    for (let index = 10; index < world.platform.net.requests.length; index++) world.request(index).respond(200);
    expect(world.events.counters).toMatchObject({ sent: 10, failed: 10 });
  });
});

describe('the size of a request', () => {
  const bytesOf = ({ request }: FakeRequest): number => Buffer.byteLength(must(request.body));

  it.each([
    ['ASCII', 'x', 200_000],
    ['what JSON escapes', '\u0001', 40_000],
    ['Chinese', '旗', 90_000],
    ['emoji', '🚩', 60_000],
  ])('is less than 1 MiB on the wire: %s', (_name, text, length) => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 50, maxInQueue: 100 });
    for (let user = 1; user <= 30; user++) world.events.identified({ key: `${user}`, note: text.repeat(length) });
    world.events.flush();
    for (let index = 0; index < world.platform.net.requests.length; index++) world.request(index).respond(200);
    const sizes = world.platform.net.requests.map(bytesOf);
    expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
    expect(Math.max(...sizes)).toBeGreaterThan(250_000);
    expect(world.requested.flat()).toEqual(Array.from({ length: 30 }, (_, index) => `${index + 1}`));
    expect(world.events.counters.sent).toBe(31);
  });

  it('is more than that for no event: one that is too large alone is dropped by kind and size, without a request', () => {
    const world = new RecorderWorld({ maxPerRequest: 3 });
    world.record('a');
    world.events.identified({ key: 'b', note: '\u0001MARKED'.repeat(30_000) });
    world.events.identified({ key: 'c', note: '\u0001'.repeat(200_000) });
    for (let index = 0; index < world.platform.net.requests.length; index++) world.request(index).respond(200);
    expect(world.requested).toEqual([['a', 'b']]);
    expect(world.events.counters).toMatchObject({ sent: 2, dropped: { tooLarge: 1 } });
    expect(world.logger.entries).toMatchObject([
      { level: 'warn', fields: { code: 'event-dropped', reason: 'tooLarge', kind: 'identify', bytes: 1_200_086 } },
    ]);
    expect(world.logger.text).not.toContain('MARKED');
    world.expectAccounted(3);
  });

  /** A server that takes so many bytes at once, which is less than we would send. */
  function takeAtMost(world: RecorderWorld, limit: number): void {
    for (let index = 0; index < world.platform.net.requests.length; index++) {
      const request = world.request(index);
      request.respond(bytesOf(request) > limit ? 413 : 200);
    }
  }

  it('is halved where the server takes less (413), and the next batches are made to fit', () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 50, maxInQueue: 200 });
    for (let user = 1; user <= 50; user++) world.events.identified({ key: `${user}`, note: 'x'.repeat(10_000) });
    takeAtMost(world, 100_000);
    expect(world.events.counters).toMatchObject({ sent: 51, failed: 0, dropped: { tooLarge: 0 }, queued: 0 });
    const { failedRequests } = world.events.counters;
    for (let user = 51; user <= 100; user++) world.events.identified({ key: `${user}`, note: 'x'.repeat(10_000) });
    world.events.flush();
    takeAtMost(world, 100_000);
    expect(world.events.counters).toMatchObject({ sent: 101, failedRequests });
  });

  it('can be too much for a single event (413): only that is dropped', () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 3 });
    world.record('a');
    world.events.identified({ key: 'b', note: 'x'.repeat(20_000) });
    world.record('c');
    takeAtMost(world, 10_000);
    expect(world.events.counters).toMatchObject({ sent: 3, failed: 0, dropped: { tooLarge: 1 } });
    expect(world.logger.entries).toMatchObject([{ fields: { reason: 'tooLarge', kind: 'identify', bytes: 20_086 } }]);
    world.expectAccounted(4);
  });
});

describe('a server that refuses this client', () => {
  it('is left alone for a minute at least, and gets everything when it takes events again', async () => {
    const world = new RecorderWorld({ maxPerRequest: 2, maxInQueue: 10 });
    world.record('a', 'b', 'c');
    world.request(0).respond(404);
    world.record('d');
    world.events.flush();
    await world.pass(59_999);
    expect(world.requested).toEqual([['a', 'b']]);
    expect(world.events.counters).toMatchObject({ failed: 0, queued: 2, unsettledRequests: 1 });
    await world.pass(60_001);
    expect(world.requested).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    world.request(1).respond(200);
    world.request(2).respond(200);
    expect(world.requested.at(2)).toEqual(['c', 'd']);
    expect(world.events.counters).toMatchObject({ sent: 4, failed: 0, queued: 0 });
    expect(world.logger.codes()).toEqual(['events-refused', 'events-accepted']);
    world.expectAccounted(4);
  });

  it('is asked with one request at a time, after pauses that grow up to ten minutes, with jitter', async () => {
    const pauses = async (chance: number): Promise<number[]> => {
      const world = new RecorderWorld({ maxPerRequest: 1 });
      world.platform.chance = chance;
      world.recordMany(8);
      const waits: number[] = [];
      for (let refusal = 0; refusal < 5; refusal++) {
        world.request(-1).respond(401);
        expect(world.platform.net.openRequests).toEqual([]);
        // Less than the flush timer, which is there as well, is not the pause.
        waits.push(await waitForRequest(world));
      }
      return waits;
    };
    expect(await pauses(0)).toEqual([120_000, 240_000, 480_000, 600_000, 600_000]);
    expect(await pauses(0.999_999)).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('may ask for a longer pause', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.record('a');
    world.request(0).respond(403, { retryAfter: '300' });
    expect(await waitForRequest(world)).toBe(300_000);
  });

  it('is reported once for each cause, not for each refusal, and again when it took events meanwhile', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1, maxInQueue: 100 });
    world.recordMany(9);
    for (const status of [401, 401, 401, 404, 404, 200, 401]) {
      world.request(-1).respond(status);
      await waitForRequest(world);
    }
    expect(world.logger.codes()).toEqual(['events-refused', 'events-refused', 'events-accepted', 'events-refused']);
    expect(world.logger.entries.map(({ message }) => /HTTP status \d+/.exec(message)?.[0])).toEqual([
      'HTTP status 401',
      'HTTP status 404',
      undefined,
      'HTTP status 401',
    ]);
  });

  it('is named with the target that it redirects to, without credentials', () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.record('a');
    world.request(0).respond(301, { location: 'https://user:MARKED@flags.example.com/api/public/insight/track' });
    expect(world.logger.entries[0]?.message).toContain('https://flags.example.com/api/public/insight/track');
    expect(world.logger.text).not.toContain('MARKED');
    expect(world.events.counters.lastError).toContain('flags.example.com');
  });

  it('lets the queue fill, and what does not fit is counted', async () => {
    const world = new RecorderWorld({ maxPerRequest: 2, maxInQueue: 4 });
    world.recordMany(2);
    world.request(0).respond(401);
    world.record('3', '4', '5', '6', '7', '8');
    expect(world.events.counters).toMatchObject({ queued: 4, dropped: { queueFull: 2 } });
    await waitForRequest(world);
    for (let index = 1; index < world.platform.net.requests.length; index++) world.request(index).respond(200);
    expect(world.events.counters).toMatchObject({ sent: 6, queued: 0 });
    world.expectAccounted(8);
  });

  it('does not hold up what waits for events longer than that waits', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.record('a');
    world.request(0).respond(401);
    const wait = world.events.flushAndWait(5_000, 5_000);
    await world.pass(5_000);
    await expect(wait).resolves.toBe(false);
  });
});

/** Lets time pass until there is a request. @returns how long that took, in milliseconds. */
async function waitForRequest(world: RecorderWorld): Promise<number> {
  const before = world.platform.net.requests.length;
  let passed = 0;
  while (world.platform.net.requests.length === before && world.platform.clock.untilNext !== undefined) {
    const next = world.untilNext;
    await world.pass(next);
    passed += next;
  }
  return Math.round(passed / 1_000) * 1_000;
}

describe('closing', () => {
  it('makes one last attempt for everything and no retry', async () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 2 });
    world.record('a', 'b');
    world.request(0).respond(503, { retryAfter: '60' });
    world.record('c', 'd', 'e');
    const closed = world.events.close(5_000);
    expect(world.requested.slice(1)).toEqual([['c', 'd'], ['a', 'b'], ['e']]);
    world.request(1).respond(503);
    world.request(2).respond(200);
    world.request(3).fail('ECONNREFUSED');
    await closed;
    expect(world.requested).toHaveLength(4);
    expect(world.platform.clock.timers('awaited')).toBe(0);
    expect(world.events.counters).toMatchObject({ sent: 3, failed: 3, queued: 0, unsettledRequests: 0 });
    world.expectAccounted(6);
  });

  it('works off a queue that needs many requests', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1, maxInQueue: 100 });
    world.recordMany(30);
    const closed = world.events.close(5_000);
    for (let index = 0; index < 30; index++) world.request(index).respond(200);
    await closed;
    expect(world.events.counters).toMatchObject({ sent: 30, queued: 0 });
  });

  it('gives up in time, cancels what is under way, and counts what it cannot know apart from what was not sent', async () => {
    const world = RecorderWorld.withFastServer({ maxPerRequest: 1 });
    world.recordMany(6);
    const closed = world.events.close(5_000);
    await world.pass(5_000);
    await closed;
    expect(world.platform.net.openRequests).toEqual([]);
    expect(world.platform.net.requests.every(({ cancelled }) => cancelled)).toBe(true);
    expect(world.events.counters).toMatchObject({ failed: 0, dropped: { unanswered: 4, closed: 2 } });
    expect(world.logger.codes()).toEqual(['events-lost', 'events-unanswered']);
    world.expectAccounted(7);
    await world.pass(600_000);
    expect(world.requested).toHaveLength(4);
  });

  it('makes a last attempt for what was not answered first, and refused since: the server works on it no more', async () => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    world.request(0).timeOut();
    await waitForRequest(world);
    world.request(1).respond(503);
    const closed = world.events.close(5_000);
    expect(world.requested).toHaveLength(3);
    world.request(2).respond(200);
    await closed;
    expect(world.events.counters).toMatchObject({ sent: 3, dropped: { unanswered: 0, closed: 0 } });
  });

  it('does not send again what was not answered, and is over at once when there is nothing else', async () => {
    const world = new RecorderWorld();
    world.record('a', 'b', 'c');
    world.request(0).timeOut();
    await world.events.close(5_000);
    expect(world.requested).toHaveLength(1);
    expect(world.platform.clock.timers('awaited')).toBe(0);
    expect(world.events.counters).toMatchObject({ dropped: { unanswered: 3, closed: 0 }, unsettledRequests: 0 });
  });

  it('asks a server that refused the client once more, and gives up when it refuses again', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.recordMany(5);
    world.request(0).respond(401);
    const closed = world.events.close(5_000);
    expect(world.requested).toEqual([['1'], ['1']]);
    world.request(1).respond(401);
    await closed;
    expect(world.requested).toHaveLength(2);
    expect(world.events.counters).toMatchObject({ sent: 0, dropped: { closed: 5 }, queued: 0 });
    expect(world.logger.entries.at(-1)?.message).toContain('HTTP status 401');
    world.expectAccounted(5);
  });

  it('asks a server that refused the client once more, and sends everything when it does not', async () => {
    const world = new RecorderWorld({ maxPerRequest: 1 });
    world.recordMany(5);
    world.request(0).respond(401);
    const closed = world.events.close(5_000);
    for (let index = 1; index <= 5; index++) world.request(index).respond(200);
    await closed;
    expect(world.events.counters).toMatchObject({ sent: 5, queued: 0 });
  });

  it('still finds an event that the server refuses', async () => {
    const world = new RecorderWorld({ maxPerRequest: 4 });
    world.record('1', '2', '3');
    const closed = world.events.close(5_000);
    for (let index = 0; index < world.platform.net.requests.length; index++) {
      world.request(index).respond(must(world.requested[index]).includes('2') ? 400 : 200);
    }
    await closed;
    expect(world.events.counters).toMatchObject({ sent: 2, failed: 1 });
    world.expectAccounted(3);
  });

  it('is over at once when there is nothing to send', async () => {
    const world = new RecorderWorld();
    await world.events.close(5_000);
    expect(world.platform.clock.timers()).toBe(0);
    expect(world.logger.entries).toEqual([]);
  });
});
