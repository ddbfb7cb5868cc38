import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gathering } from '../../src/experiments/intake/gathering.js';
import { ExperimentIntake } from '../../src/experiments/intake/intake.js';
import {
  type EventSums,
  type ExposureEvent,
  type MetricEvent,
  sumEvents,
} from '../../src/experiments/statistics/events.js';
import { decodeInsights } from '../../src/insights/decode.js';
import type { IterationSums, MetricDefinition } from '../../src/model/experiment.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { anEnvironment } from '../support/environments.js';
import { aMetric, anIteration, aPlan } from '../support/experiments.js';
import { FakeClock } from '../support/fake-clock.js';
import { check } from '../support/property.js';

const START = Date.UTC(2025, 0, 1);
const LENGTH = 100;
const RUNS = 90;
/** Each run has a storage of its own, which takes its time on a busy machine. */
const PATIENCE = 180_000;

const METRICS: readonly MetricDefinition[] = [
  aMetric({ key: 'converted', event: 'buy' }),
  aMetric({ key: 'windowed', event: 'buy', windowHours: 20 / 3_600_000 }),
  aMetric({ key: 'clicks', type: 'count', event: 'click', cap: 2 }),
  aMetric({ key: 'revenue', type: 'sum', event: 'buy', cap: 40 }),
  aMetric({ key: 'uncapped', type: 'sum', event: 'buy' }),
];

/** A time before the start, within, or after the end. */
const time = fc.integer({ min: -10, max: LENGTH + 10 }).map((offset) => START + offset);
const user = fc.constantFrom('ada', 'bob', 'cy', 'dee', 'eve');
const exposure = fc.record({
  type: fc.constant('exposure' as const),
  user,
  variation: fc.oneof(
    { weight: 6, arbitrary: fc.constant('off') },
    { weight: 1, arbitrary: fc.constantFrom('on', 'x') },
  ),
  at: time,
  inExperiment: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
const metric = fc.record({
  type: fc.constant('metric' as const),
  user,
  event: fc.constantFrom('buy', 'click', 'other'),
  // Of both kinds: sums of fractions are rounded, and halves are not.
  value: fc.oneof(
    fc.integer({ min: -40, max: 80 }).map((half) => half / 2),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  ),
  at: time,
});
type Event = ExposureEvent | MetricEvent;
const batches = fc.array(fc.array(fc.oneof(exposure, metric), { minLength: 1, maxLength: 12 }), { maxLength: 8 });

/** A batch as an SDK sends it, an item for each event. */
function bodyOf(batch: readonly Event[], nonce: number): unknown {
  return batch.map((event) => ({
    // Two batches of the same events are two, as two requests never have the same text by chance.
    user: { keyId: event.user, customizedProperties: [{ name: 'nonce', value: String(nonce) }] },
    ...(event.type === 'exposure'
      ? {
          variations: [
            {
              featureFlagKey: 'checkout',
              variation: { id: event.variation },
              timestamp: event.at,
              sendToExperiment: event.inExperiment,
            },
          ],
        }
      : { metrics: [{ eventName: event.event, numericValue: event.value, timestamp: event.at }] }),
  }));
}

async function setUp(metrics: readonly MetricDefinition[] = METRICS) {
  const clock = new FakeClock(START + LENGTH);
  const storage = openSqliteStorage({ clock });
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  const plan = aPlan(metrics);
  const iteration = await storage.experiments.addIteration(environment.id, {
    ...anIteration(START, plan),
    end: START + LENGTH,
  });
  const intake = new ExperimentIntake({ experiments: storage.experiments, data: storage.experimentData, clock });
  await intake.load();
  return {
    storage,
    iteration,
    clock,
    intake,
    async deliver(body: unknown): Promise<void> {
      const gathering = intake.gather(environment.id, { isTargeted: () => false, isInSegment: () => false });
      if (gathering === undefined) throw new Error('there is an iteration');
      decodeInsights(body, undefined, gathering);
      await intake.take(environment.id, gathering, JSON.stringify(body));
    },
    sums: async () => (await storage.experimentData.sums(iteration.id)) ?? undefined,
  };
}

/** The same numbers in the same form. */
function expected({ variations, usersWithSeveralVariations }: EventSums) {
  return {
    several: usersWithSeveralVariations,
    variations: ['off', 'on'].map((id) => ({
      users: variations[id]?.users ?? 0,
      metrics: METRICS.map(({ key }) => {
        const { sum = 0, sumSquares = 0, nonzero = 0 } = variations[id]?.metrics[key] ?? {};
        return { sum, sumSquares, nonzero };
      }),
    })),
  };
}

function actual(sums: IterationSums | undefined) {
  return {
    several: sums?.excluded.several ?? 0,
    variations: ['off', 'on'].map((_, at) => ({
      users: sums?.variations[at]?.users ?? 0,
      metrics: METRICS.map((_, index) => {
        const { sum = 0, sumSquares = 0, nonzero = 0 } = sums?.variations[at]?.metrics[index] ?? {};
        return { sum, sumSquares, nonzero };
      }),
    })),
  };
}

/** Within the rounding of a sum of a hundred values of up to a million, and of their squares. */
function expectSame(one: ReturnType<typeof actual>, other: ReturnType<typeof actual>): void {
  const numbers = ({ several, variations }: typeof one) => [
    several,
    ...variations.flatMap(({ users, metrics }) => [users, ...metrics.flatMap((all) => Object.values(all))]),
  ];
  const [left, right] = [numbers(one), numbers(other)];
  for (const [index, value] of left.entries()) {
    const wanted = right[index] ?? Number.NaN;
    const isNear = Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(value), Math.abs(wanted));
    if (!isNear) expect({ index, numbers: left }).toEqual({ index, numbers: right });
  }
}

describe('what is counted as events come', () => {
  it(
    'is what all of them together come to, in whatever order and parts they come, and however often',
    async () => {
      await check(
        fc.asyncProperty(batches, fc.infiniteStream(fc.nat()), async (all, chance) => {
          const subject = await setUp();
          const bodies = all.map((batch, index) => bodyOf(batch, index));
          // Some come twice, in any order; some wait for the one before, others share its transaction.
          const deliveries = bodies.flatMap((body) => (chance.next().value % 3 === 0 ? [body, body] : [body]));
          deliveries.sort(() => (chance.next().value % 2) - 0.5);
          let last: Promise<void> = Promise.resolve();
          const running: Promise<void>[] = [];
          for (const body of deliveries) {
            if (chance.next().value % 2 === 0) await last;
            last = subject.deliver(body);
            running.push(last);
          }
          await Promise.all(running);
          const metrics = METRICS.map(({ key, event, type, cap, windowHours }) => ({
            key,
            event,
            aggregation: type === 'count' || type === 'sum' ? type : ('conversion' as const),
            cap: cap ?? undefined,
            window: windowHours === null ? undefined : windowHours * 3_600_000,
          }));
          const experiment = { variations: ['off', 'on'], start: START, end: START + LENGTH, metrics };
          const sums = sumEvents({ experiment, batches: [all.flat()] });
          expectSame(actual(await subject.sums()), expected(sums));

          // And the same again from what is kept of single events.
          let progress = await subject.storage.experimentData.rebuild(subject.iteration);
          while (progress) progress = await subject.storage.experimentData.rebuild(subject.iteration, progress);
          expectSame(actual(await subject.sums()), expected(sums));
          await subject.storage.close();
        }),
        RUNS,
      );
    },
    PATIENCE,
  );

  it(
    'is exactly the same for every order when values are whole',
    async () => {
      const whole = fc.array(
        fc.oneof(
          exposure,
          metric.map((event) => ({ ...event, value: Math.round(event.value) })),
        ),
        {
          minLength: 1,
          maxLength: 30,
        },
      );
      await check(
        fc.asyncProperty(whole, fc.infiniteStream(fc.nat()), async (events, chance) => {
          const outcomes = [];
          for (let round = 0; round < 2; round++) {
            const subject = await setUp();
            const order = [...events].sort(() => (chance.next().value % 2) - 0.5);
            for (const [index, event] of order.entries()) await subject.deliver(bodyOf([event], index));
            outcomes.push(actual(await subject.sums()));
            await subject.storage.close();
          }
          expect(outcomes[0]).toEqual(outcomes[1]);
        }),
        RUNS / 3,
      );
    },
    PATIENCE,
  );
});

describe('an event that comes', () => {
  const at = START + 10;
  const item = (event: object) => [{ user: { keyId: 'ada' }, ...event }];
  const shown = (timestamp: unknown, more: object = {}) =>
    item({
      variations: [{ featureFlagKey: 'checkout', variation: { id: 'on' }, timestamp, sendToExperiment: true, ...more }],
    });
  const bought = (numericValue: number, timestamp: unknown) =>
    item({ metrics: [{ eventName: 'buy', numericValue, timestamp }] });

  it.each<[string, unknown, { readonly users: number; readonly undeclared?: number }]>([
    ['within the experiment', shown(at), { users: 1 }],
    ['at its start', shown(START), { users: 1 }],
    ['before its start', shown(START - 1), { users: 0 }],
    ['at its end', shown(START + LENGTH), { users: 0 }],
    ['without a time, which is now', shown(undefined), { users: 1 }],
    ['with a time that is no number', shown('yesterday'), { users: 1 }],
    ['with its time as a text, within the experiment', shown(String(at)), { users: 1 }],
    ['with its time as a text, before its start', shown(String(START - 1)), { users: 0 }],
    ['far ahead, which is now', shown(START + 10 * 60_000), { users: 1 }],
    ['a little ahead, which is after the end', shown(START + 4 * 60_000), { users: 0 }],
    ['that the SDK does not let in', shown(at, { sendToExperiment: false }), { users: 0 }],
    ['that the SDK says nothing of', shown(at, { sendToExperiment: undefined }), { users: 0, undeclared: 1 }],
    ['before its start, that the SDK says nothing of', shown(START - 1, { sendToExperiment: undefined }), { users: 0 }],
    ['of another flag', shown(at, { featureFlagKey: 'banner' }), { users: 0 }],
    ['of a variation that is not compared', shown(at, { variation: { id: 'x' } }), { users: 0 }],
  ])('%s', async (_, body, { users, undeclared = 0 }) => {
    const { clock, deliver, sums, storage } = await setUp();
    clock.time = START + 20;
    await deliver(body);
    const counted = await sums();
    const { late = 0 } = counted ?? {};
    expect([counted?.variations[1]?.users ?? 0, counted?.undeclared ?? 0, late]).toEqual([users, undeclared, 0]);
    await storage.close();
  });

  it.each([
    [72 * 3_600_000, { users: 1, late: 0 }],
    [72 * 3_600_000 + 1, { users: 0, late: 1 }],
  ])('%i ms after its time counts, or counts as late', async (delay, counted) => {
    const { clock, deliver, sums, storage } = await setUp();
    clock.time = at + delay;
    await deliver(shown(at));
    expect({ users: (await sums())?.variations[1]?.users, late: (await sums())?.late }).toEqual(counted);
    await deliver(bought(5, at));
    expect((await sums())?.late).toBe(counted.late * 2);
    await storage.close();
  });

  it.each([
    [1e12, 1e12, 0],
    [1.1e12, 0, 1],
    [-1.1e12, 0, 1],
  ])('with the value %d counts as %d, and %i times as too large', async (value, sum, oversized) => {
    const { clock, deliver, sums, storage } = await setUp([aMetric({ type: 'sum', event: 'buy' })]);
    clock.time = START + 20;
    await deliver(shown(at));
    await deliver(bought(value, at));
    const counted = await sums();
    expect([counted?.variations[1]?.metrics[0]?.sum, counted?.oversized]).toEqual([sum, oversized]);
    await storage.close();
  });
});

describe('who is left out', () => {
  it('is asked for each exposure that counts, with the user as it was sent', async () => {
    const { intake, iteration, storage } = await setUp();
    const watched = intake.iterations((await storage.environments.list())[0]?.id ?? '');
    expect(watched.map(({ id }) => id)).toEqual([iteration.id]);
    const asked: unknown[] = [];
    const body = bodyOf([{ type: 'exposure', user: 'ada', variation: 'on', at: START, inExperiment: true }], 7);
    const gathering = intake.gather((await storage.environments.list())[0]?.id ?? '', {
      isTargeted: (flag, user) => asked.push([flag, user]) > 0,
      isInSegment: () => false,
    });
    expect(gathering).toBeInstanceOf(Gathering);
    decodeInsights(body, undefined, gathering);
    expect(asked).toEqual([['checkout', 'ada']]);
    expect(gathering?.events).toMatchObject([{ kind: 'exposure', variation: -2 }]);
    await storage.close();
  });
});
