import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventRecorder } from '../../src/events/recorder.js';
import { Log } from '../../src/runtime/log.js';
import { UNENCODABLE } from '../support/events.js';
import { FakePlatform, type FakeRequest } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { check } from '../support/property.js';

// Whatever is recorded, asked for and answered, in whatever order: every event is in exactly one place, is delivered at
// most once, and nobody waits for ever or too short.

const MAX_RETRIES = 2;

type Action =
  | { readonly do: 'record'; readonly count: number }
  | { readonly do: 'record-bad' | 'record-large' | 'flush' | 'wait' | 'lose-patience' }
  | { readonly do: 'answer'; readonly which: number; readonly status: number; readonly retryAfter?: string }
  | { readonly do: 'fail'; readonly which: number }
  | { readonly do: 'pass'; readonly milliseconds: number };

const WHICH = fc.integer({ min: 0, max: 3 });
const ACTION: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('record' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ do: 'record-bad' }, { do: 'record-large' }) },
  { weight: 3, arbitrary: fc.constantFrom<Action>({ do: 'flush' }, { do: 'wait' }, { do: 'lose-patience' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: WHICH,
      status: fc.constantFrom(200, 200, 200, 202, 400, 429, 500, 503),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: WHICH,
      status: fc.constant(503),
      retryAfter: fc.constantFrom('0', '1', '60'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), which: WHICH }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(0, 1, 100, 200, 800, 1_000, 5_000),
    }),
  },
);

interface Waiting {
  readonly upTo: number;
  result: boolean | undefined;
  /** What was not settled when it ended well. */
  left: readonly number[];
}

class World {
  readonly platform = new FakePlatform();
  readonly events: EventRecorder;
  recorded = 0;
  readonly waits: Waiting[] = [];
  readonly #delivered = new Set<number>();
  /** Where each batch is, by its body, which is the same in every attempt. */
  readonly #batches = new Map<string, { attempts: number; done: boolean; readonly numbers: readonly number[] }>();
  #seen = 0;
  /** The number of the event that was accepted last, as the processor counts. */
  #accepted = 0;
  /** The processor's number of each event that was accepted, by the number that it bears. */
  readonly #numberOf = new Map<number, number>();

  constructor() {
    const settings = {
      url: 'http://events.test',
      secret: 'x',
      maxPerRequest: 3,
      maxRetries: MAX_RETRIES,
      retryInterval: 200,
      requestTimeout: 5_000,
      privateAttributes: new Set<string>(),
      maxInQueue: 10,
      flushInterval: 1_000,
      deduplicationWindow: 0,
    };
    this.events = new EventRecorder(
      settings,
      this.platform,
      this.platform.net,
      new Log(undefined, this.platform.clock),
    );
  }

  async take(action: Action): Promise<void> {
    const open = this.platform.net.openRequests;
    switch (action.do) {
      case 'record':
        for (let event = 0; event < action.count; event++) this.record({});
        break;
      case 'record-bad':
        this.recorded += 1;
        this.events.evaluated({ key: `${this.recorded}` }, UNENCODABLE);
        this.#note();
        break;
      case 'record-large':
        this.record({ note: 'x'.repeat(300_000) });
        break;
      case 'flush':
        this.events.flush();
        break;
      case 'wait':
        this.wait(3_600_000);
        break;
      case 'lose-patience':
        this.wait(100);
        break;
      case 'answer':
        this.answer(open[action.which], action.status, action.retryAfter);
        break;
      case 'fail':
        this.answer(open[action.which], undefined);
        break;
      case 'pass':
        await this.platform.clock.advance(action.milliseconds);
        break;
    }
    await this.platform.clock.settle();
    this.judge();
  }

  record(attributes: object): void {
    this.recorded += 1;
    this.events.identified({ key: `${this.recorded}`, ...attributes });
    this.#note();
  }

  /** Takes note of whether the event that was recorded last was accepted. */
  #note(): void {
    const { accepted } = this.events.counters;
    if (accepted === this.#accepted) return;
    this.#accepted = accepted;
    this.#numberOf.set(this.recorded, accepted);
  }

  wait(milliseconds: number): void {
    const waiting: Waiting = { upTo: this.events.counters.accepted, result: undefined, left: [] };
    this.waits.push(waiting);
    void this.events.flushAndWait(milliseconds, milliseconds).then((result) => {
      waiting.result = result;
      this.look();
      if (result) waiting.left = this.unsettled(waiting.upTo);
    });
  }

  answer(request: FakeRequest | undefined, status: number | undefined, retryAfter?: string): void {
    if (request === undefined) return;
    this.look();
    const batch = must(this.#batches.get(must(request.request.body)));
    if (status !== undefined && status < 300) {
      for (const number of batch.numbers) {
        expect(this.#delivered.has(number), 'delivered twice').toBe(false);
        this.#delivered.add(number);
      }
    }
    batch.done = (status !== undefined && status < 300) || batch.attempts > MAX_RETRIES;
    if (status === undefined) request.fail('ECONNRESET');
    else request.respond(status, retryAfter === undefined ? {} : { retryAfter });
  }

  /** Takes note of new requests. */
  look(): void {
    for (; this.#seen < this.platform.net.requests.length; this.#seen++) {
      const request = must(this.platform.net.requests[this.#seen]);
      const body = must(request.request.body);
      const batch = this.#batches.get(body);
      if (batch === undefined) {
        const numbers = (request.json as { user: { keyId: string } }[]).map(({ user }) => Number(user.keyId));
        expect(numbers.length).toBeLessThanOrEqual(3);
        this.#batches.set(body, { attempts: 1, done: false, numbers });
      } else {
        expect(batch.done, 'sent again although it was settled').toBe(false);
        batch.attempts += 1;
        expect(batch.attempts).toBeLessThanOrEqual(MAX_RETRIES + 1);
      }
    }
  }

  /** Events up to a number that are in batches that are not settled. */
  unsettled(upTo: number): number[] {
    const batches = [...this.#batches.values()].filter(({ done }) => !done);
    return batches.flatMap(({ numbers }) => numbers).filter((number) => must(this.#numberOf.get(number)) <= upTo);
  }

  judge(): void {
    this.look();
    const { accepted, sent, failed, queued, dropped, unsettledRequests } = this.events.counters;
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(this.platform.net.openRequests.length).toBeLessThanOrEqual(4);
    expect(unsettledRequests).toBeLessThanOrEqual(4);
    expect(queued).toBeLessThanOrEqual(10);
    expect(sent).toBe(this.#delivered.size);
    const underWay = this.unsettled(Number.POSITIVE_INFINITY).length;
    expect(sent + failed + lost + queued + underWay, 'every event is in one place').toBe(this.recorded);
    expect(accepted).toBe(this.recorded - dropped.queueFull - dropped.tooLarge - dropped.closed);
    // A wait ends well when all is settled, not before and not after.
    for (const { left } of this.waits) expect(left).toEqual([]);
    const waiting = this.waits.filter(({ result }) => result === undefined);
    for (const { upTo } of waiting) expect(queued + this.unsettled(upTo).length).toBeGreaterThan(0);
  }
}

const ACTIONS = fc.array(ACTION, { maxLength: 50 });

it('every event is in exactly one place, and delivered at most once', async () => {
  await check(
    fc.asyncProperty(ACTIONS, async (actions) => {
      const world = new World();
      for (const action of actions) await world.take(action);
    }),
    300,
  );
});

it('a good server gets all that was not dropped, and every wait ends', async () => {
  await check(
    fc.asyncProperty(ACTIONS, async (actions) => {
      const world = new World();
      for (const action of actions) await world.take(action);
      await world.take({ do: 'wait' });
      while (world.events.counters.unsettledRequests > 0 || world.events.counters.queued > 0) {
        if (world.platform.net.openRequests.length === 0) await world.take({ do: 'pass', milliseconds: 300_000 });
        await world.take({ do: 'answer', which: 0, status: 200 });
      }
      expect(world.waits.every(({ result }) => result !== undefined)).toBe(true);
      expect(world.waits.at(-1)?.result).toBe(true);
    }),
    150,
  );
});

it('closing ends in time and leaves every event accounted for', async () => {
  await check(
    fc.asyncProperty(ACTIONS, fc.array(fc.constantFrom(200, 500), { maxLength: 6 }), async (actions, statuses) => {
      const world = new World();
      for (const action of actions) await world.take(action);
      let closed = false;
      void world.events.close(5_000).then(() => {
        closed = true;
      });
      for (const status of statuses) world.platform.net.openRequests[0]?.respond(status);
      await world.platform.clock.advance(5_000);
      expect(closed).toBe(true);
      const { sent, failed, queued, dropped, unsettledRequests } = world.events.counters;
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      expect([queued, unsettledRequests, world.platform.net.openRequests.length]).toEqual([0, 0, 0]);
      expect(sent + failed + lost).toBe(world.recorded);
      const requests = world.platform.net.requests.length;
      await world.platform.clock.advance(86_400_000);
      expect(world.platform.net.requests.length).toBe(requests);
      expect(world.waits.every(({ result }) => result !== undefined)).toBe(true);
    }),
    150,
  );
});
