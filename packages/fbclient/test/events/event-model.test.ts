import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UNENCODABLE } from '../support/events.js';
import type { FakeRequest } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { check } from '../support/property.js';
import { carriedBy, RecorderWorld } from '../support/recorder-world.js';

// Whatever is recorded, asked for and answered, in whatever order: every event is in exactly one place, none is sent again
// once it was taken, the server is spared where it must be, and nobody waits for ever or too short.

const MAX_RETRIES = 2;
const MAX_PER_REQUEST = 4;
const MAX_IN_QUEUE = 12;

type Outcome = number | 'no connection' | 'cut' | 'time-out';

type Action =
  | { readonly do: 'record'; readonly count: number }
  | { readonly do: 'record-bad' | 'record-large' | 'flush' | 'wait' | 'lose-patience' }
  | { readonly do: 'answer'; readonly which: number; readonly outcome: Outcome; readonly retryAfter?: string }
  | { readonly do: 'pass'; readonly milliseconds: number };

const WHICH = fc.integer({ min: 0, max: 3 });

function answers(...outcomes: Outcome[]): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constant('answer' as const), which: WHICH, outcome: fc.constantFrom(...outcomes) });
}

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('record' as const), count: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ do: 'record-bad' }, { do: 'record-large' }) },
  { weight: 3, arbitrary: fc.constantFrom<Action>({ do: 'flush' }, { do: 'wait' }, { do: 'lose-patience' }) },
  { weight: 4, arbitrary: answers(200, 202) },
  { weight: 3, arbitrary: answers(400, 413, 500) },
  { weight: 2, arbitrary: answers(408, 429, 503, 'no connection') },
  { weight: 1, arbitrary: answers(301, 401, 404) },
  { weight: 1, arbitrary: answers(504, 'cut', 'time-out') },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: WHICH,
      outcome: fc.constantFrom(503, 403),
      retryAfter: fc.constantFrom('0', '1', '60'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(0, 1, 100, 200, 800, 1_000, 5_000, 45_000),
    }),
  },
);

interface Waiting {
  readonly upTo: number;
  result: boolean | undefined;
}

/** What the server has seen of an event. */
interface Seen {
  requests: number;
  /** Requests that were answered with a pause; they do not count as attempts. */
  pauses: number;
  taken: boolean;
  isCut: boolean;
  /** Elapsed milliseconds; the last time that it was not answered. */
  unanswered: number | undefined;
}

class Model {
  readonly world = new RecorderWorld({
    maxPerRequest: MAX_PER_REQUEST,
    maxRetries: MAX_RETRIES,
    maxInQueue: MAX_IN_QUEUE,
  });
  readonly waits: Waiting[] = [];
  recorded = 0;
  #isClosing = false;
  readonly #seen = new Map<string, Seen>();
  /** Events that somebody waited for, and learned that they are settled. */
  readonly #settled = new Set<string>();
  #looked = 0;
  /** The recorder's number of each event that was accepted, by the key that it bears. */
  readonly #numbers = new Map<string, number>();
  /** Elapsed milliseconds until which nothing may be sent. */
  #pausedUntil = 0;
  #wasSlow = true;
  readonly #begun = new Map<FakeRequest, number>();

  async take(action: Action): Promise<void> {
    const { events, platform } = this.world;
    const open = platform.net.openRequests;
    switch (action.do) {
      case 'record':
        for (let event = 0; event < action.count; event++) this.#record((key) => events.identified({ key }));
        break;
      case 'record-bad':
        this.#record((key) => events.evaluated({ key }, UNENCODABLE));
        break;
      case 'record-large':
        this.#record((key) => events.identified({ key, note: 'x'.repeat(300_000) }));
        break;
      case 'flush':
        events.flush();
        break;
      case 'wait':
        this.wait(3_600_000);
        break;
      case 'lose-patience':
        this.wait(100);
        break;
      case 'answer':
        this.answer(open[action.which], action.outcome, action.retryAfter);
        break;
      case 'pass':
        await this.pass(action.milliseconds);
        break;
    }
    await platform.clock.settle();
    this.judge();
  }

  /** Lets time pass step by step, so that each request is looked at when it begins. */
  async pass(milliseconds: number): Promise<void> {
    const { clock } = this.world.platform;
    for (let left = milliseconds; left >= 0; ) {
      const step = Math.min(clock.untilNext ?? left, left);
      await clock.advance(step);
      this.look();
      left -= Math.max(step, 1);
    }
  }

  wait(milliseconds: number): void {
    const waiting: Waiting = { upTo: this.world.events.counters.accepted, result: undefined };
    this.waits.push(waiting);
    void this.world.events.flushAndWait(milliseconds, milliseconds).then((result) => {
      waiting.result = result;
      this.look();
      if (!result) return;
      expect(this.underWay(waiting.upTo), 'the wait ended too early').toBe(0);
      for (const [key, number] of this.#numbers) if (number <= waiting.upTo) this.#settled.add(key);
    });
  }

  answer(request: FakeRequest | undefined, outcome: Outcome, retryAfter?: string): void {
    if (request === undefined) return;
    this.look();
    const now = this.world.platform.clock.elapsed();
    for (const key of carriedBy(request)) {
      const seen = must(this.#seen.get(key));
      if (outcome === 200 || outcome === 202) seen.taken = true;
      // The first cut is followed by a request soon.
      if (outcome === 'time-out' || outcome === 504 || (outcome === 'cut' && seen.isCut)) seen.unanswered = now;
      if (outcome === 'cut') seen.isCut = true;
      if (isPause(outcome)) seen.pauses += 1;
    }
    if (isPause(outcome) && !this.#isClosing) this.#pausedUntil = Math.max(this.#pausedUntil, now + 60_000);
    const took = now - must(this.#begun.get(request));
    if (took > 1_000) this.#wasSlow = true;
    else if (outcome === 200 || outcome === 202) this.#wasSlow = false;
    if (outcome === 'cut') request.cut();
    else if (outcome === 'no connection') request.fail('ECONNREFUSED');
    else if (outcome === 'time-out') request.timeOut();
    else request.respond(outcome, retryAfter === undefined ? {} : { retryAfter });
    this.look();
  }

  close(): { ended: boolean } {
    this.#isClosing = true;
    this.#pausedUntil = 0;
    const closing = { ended: false };
    void this.world.events.close(5_000).then(() => {
      closing.ended = true;
    });
    this.look();
    return closing;
  }

  /** Judges new requests. */
  look(): void {
    const { net, clock } = this.world.platform;
    const now = clock.elapsed();
    for (; this.#looked < net.requests.length; this.#looked++) {
      const request = must(net.requests[this.#looked]);
      this.#begun.set(request, now);
      expect(now, 'sent in a pause').toBeGreaterThanOrEqual(this.#pausedUntil);
      if (this.#wasSlow) expect(net.openRequests, 'several at a slow server').toHaveLength(1);
      const keys = carriedBy(request);
      expect(keys.length).toBeLessThanOrEqual(MAX_PER_REQUEST);
      for (const key of keys) this.#lookAt(key, now);
    }
    const open = net.openRequests.flatMap(carriedBy);
    expect(new Set(open).size, 'under way twice').toBe(open.length);
  }

  /** Events up to a number that are under way. */
  underWay(upTo: number): number {
    const keys = this.world.platform.net.openRequests.flatMap(carriedBy);
    return keys.filter((key) => must(this.#numbers.get(key)) <= upTo).length;
  }

  judge(): void {
    this.look();
    const { accepted, notAccepted, sent, failed, queued, unsettled, dropped, unsettledRequests } =
      this.world.events.counters;
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(sent + failed + lost - notAccepted + queued + unsettled, 'the counters do not add up').toBe(accepted);
    const { openRequests } = this.world.platform.net;
    expect(openRequests.length).toBeLessThanOrEqual(4);
    expect(unsettledRequests).toBeLessThanOrEqual(4 * MAX_PER_REQUEST);
    expect(queued).toBeLessThanOrEqual(MAX_IN_QUEUE);
    expect(sent).toBe([...this.#seen.values()].filter(({ taken }) => taken).length);
    const settled = sent + failed + lost + queued;
    const open = openRequests.flatMap(carriedBy).length;
    expect(settled + open, 'an event is in two places').toBeLessThanOrEqual(this.recorded);
    if (unsettledRequests === 0) expect(settled, 'an event is in no place').toBe(this.recorded);
    if (!this.#isClosing) {
      // Too large is found when an event is recorded, or by the server.
      expect(accepted).toBeLessThanOrEqual(this.recorded - dropped.queueFull);
      expect(accepted).toBeGreaterThanOrEqual(this.recorded - dropped.queueFull - dropped.tooLarge);
    }
    for (const { upTo, result } of this.waits) {
      if (result === undefined) expect(queued + unsettledRequests, `nothing is left up to ${upTo}`).toBeGreaterThan(0);
    }
  }

  #record(record: (key: string) => void): void {
    this.recorded += 1;
    const key = `${this.recorded}`;
    const before = this.world.events.counters.accepted;
    record(key);
    const { accepted } = this.world.events.counters;
    if (accepted > before) this.#numbers.set(key, accepted);
    this.look();
  }

  #lookAt(key: string, now: number): void {
    const seen = this.#seen.get(key) ?? { requests: 0, pauses: 0, taken: false, isCut: false, unanswered: undefined };
    this.#seen.set(key, seen);
    expect(seen.taken, 'sent again although it was taken').toBe(false);
    expect(this.#settled.has(key), 'sent again although it was settled').toBe(false);
    if (seen.unanswered !== undefined) expect(now - seen.unanswered).toBeGreaterThanOrEqual(30_000);
    seen.requests += 1;
    // The retries of its batch, a request for each halving and one more for when it stands alone.
    expect(seen.requests - seen.pauses).toBeLessThanOrEqual(1 + MAX_RETRIES + Math.log2(MAX_PER_REQUEST) + 1);
  }
}

function isPause(outcome: Outcome): boolean {
  return outcome === 301 || outcome === 401 || outcome === 403 || outcome === 404;
}

const ACTIONS = fc.array(ACTION, { maxLength: 60 });

it('every event is in exactly one place, and none is sent again once it was taken', async () => {
  await check(
    fc.asyncProperty(ACTIONS, async (actions) => {
      const model = new Model();
      for (const action of actions) await model.take(action);
    }),
    400,
  );
});

it('a good server gets all that was not dropped, and every wait ends', async () => {
  await check(
    fc.asyncProperty(ACTIONS, async (actions) => {
      const model = new Model();
      for (const action of actions) await model.take(action);
      await model.take({ do: 'wait' });
      const { events, platform } = model.world;
      while (events.counters.unsettledRequests > 0 || events.counters.queued > 0) {
        if (platform.net.openRequests.length === 0) await model.take({ do: 'pass', milliseconds: 300_000 });
        await model.take({ do: 'answer', which: 0, outcome: 200 });
      }
      expect(model.waits.every(({ result }) => result !== undefined)).toBe(true);
      expect(model.waits.at(-1)?.result).toBe(true);
    }),
    150,
  );
});

it('closing ends in time and leaves every event accounted for', async () => {
  const outcomes = fc.array(
    fc.constantFrom<Outcome>(200, 400, 401, 413, 500, 503, 'no connection', 'cut', 'time-out'),
    {
      maxLength: 9,
    },
  );
  await check(
    fc.asyncProperty(ACTIONS, outcomes, async (actions, answered) => {
      const model = new Model();
      for (const action of actions) await model.take(action);
      const closing = model.close();
      const { events, platform } = model.world;
      for (const outcome of answered) model.answer(platform.net.openRequests[0], outcome);
      await platform.clock.advance(5_000);
      expect(closing.ended).toBe(true);
      const { counters } = events;
      expect([counters.queued, counters.unsettledRequests, platform.net.openRequests.length]).toEqual([0, 0, 0]);
      model.judge();
      const requests = platform.net.requests.length;
      await platform.clock.advance(86_400_000);
      expect(platform.net.requests.length).toBe(requests);
      expect(model.waits.every(({ result }) => result !== undefined)).toBe(true);
    }),
    200,
  );
});
