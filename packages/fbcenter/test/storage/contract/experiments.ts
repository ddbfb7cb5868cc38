import { describe, expect, it } from 'vitest';
import type { Experiment, Iteration } from '../../../src/model/experiment.js';
import type { CountedEvent, CountedRequest, ExperimentData } from '../../../src/storage/experiments.js';
import { anEnvironment } from '../../support/environments.js';
import { aMetric, anIteration, aPlan, SOMEBODY, sumsOfUsers } from '../../support/experiments.js';
import type { SetUp } from './subject.js';

const START = 1_000_000;

function anExperiment(overrides: Partial<Experiment> = {}): Experiment {
  return {
    key: 'bigger-button',
    revision: 1,
    state: 'draft',
    settings: {
      name: 'Bigger button',
      hypothesis: 'It is seen “sooner”',
      flagKey: 'checkout',
      control: 'off',
      treatments: ['on'],
      metrics: [],
      method: 'always-valid',
      alpha: 0.05,
      power: 0.8,
      plannedUsers: 10_000,
      excludedSegment: null,
    },
    createdAt: 5,
    createdBy: SOMEBODY,
    updatedAt: 5,
    decision: null,
    ...overrides,
  };
}

const exposure = (place: number, user: number, variation: number, at = START, iteration = 1): CountedEvent => ({
  kind: 'exposure',
  place,
  user,
  at,
  iteration,
  variation,
});
const metric = (place: number, user: number, value: number, at = START, event = 'purchase'): CountedEvent => ({
  kind: 'metric',
  place,
  user,
  at,
  event,
  value,
});
function request(hash: string, events: readonly CountedEvent[], overrides: Partial<CountedRequest> = {}) {
  return {
    hash,
    events,
    next: undefined,
    uncounted: new Map(),
    ...overrides,
  } satisfies CountedRequest;
}

/** Forgets events that are not needed. @returns in how many parts. */
async function forgetEvents(
  data: ExperimentData,
  environmentId: string,
  needed: ReadonlyMap<string, number>,
): Promise<number> {
  let parts = 1;
  for (
    let progress = await data.forgetEvents(environmentId, needed);
    progress !== undefined;
    progress = await data.forgetEvents(environmentId, needed, progress)
  ) {
    parts += 1;
  }
  return parts;
}

/** How every storage keeps experiments and what they count. */
export function experimentsContract(setUp: SetUp): void {
  describe('experiments', () => {
    it('have metrics, for each environment by itself, ordered by key', async () => {
      const { storage, environment } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const { experiments } = storage;
      const [b, a] = [aMetric({ key: 'b' }), aMetric({ key: 'a', type: 'sum', cap: 0.5 })];
      await experiments.saveMetric(environment.id, b);
      await experiments.saveMetric(environment.id, a);
      await experiments.saveMetric(other.id, b);
      await experiments.saveMetric(environment.id, { ...b, name: 'Other' });
      expect(await experiments.metrics(environment.id)).toEqual([a, { ...b, name: 'Other' }]);
      expect(await experiments.deleteMetric(environment.id, 'b')).toBe(true);
      expect(await experiments.deleteMetric(environment.id, 'b')).toBe(false);
      expect(await experiments.metrics(environment.id)).toEqual([a]);
      expect(await experiments.metrics(other.id)).toEqual([b]);
    });

    it('are saved only by whoever knows their revision', async () => {
      const { storage, environment } = await setUp();
      const { experiments } = storage;
      const first = anExperiment();
      expect(await experiments.save(environment.id, first, 1)).toBe(false);
      expect(await experiments.get(environment.id, first.key)).toBeUndefined();
      expect(await experiments.save(environment.id, first, 0)).toBe(true);
      const second = anExperiment({ revision: 2, state: 'running' });
      for (const wrong of [0, 2, 3]) expect(await experiments.save(environment.id, second, wrong)).toBe(false);
      expect(await experiments.get(environment.id, first.key)).toEqual(first);
      expect(await experiments.save(environment.id, second, 1)).toBe(true);
      await experiments.save(environment.id, anExperiment({ key: 'a' }), 0);
      expect((await experiments.list(environment.id)).map(({ key, revision }) => [key, revision])).toEqual([
        ['a', 1],
        ['bigger-button', 2],
      ]);
      expect(await experiments.list(anEnvironment().id)).toEqual([]);
    });

    it('have iterations under numbers of their own, and ids that are nobody else’s', async () => {
      const { storage, environment } = await setUp();
      const { experiments } = storage;
      const first = await experiments.addIteration(environment.id, anIteration(START));
      const second = await experiments.addIteration(environment.id, anIteration(START + 1));
      const third = await experiments.addIteration(environment.id, { ...anIteration(START), experimentKey: 'x' });
      expect([first, second, third].map(({ number }) => number)).toEqual([1, 2, 1]);
      expect(new Set([first.id, second.id, third.id]).size).toBe(3);
      expect(await experiments.iterations(environment.id, 'bigger-button')).toEqual([first, second]);
      const frozen = { ...first, end: START + 9, stoppedBy: SOMEBODY, isFrozen: true };
      await experiments.saveIteration(frozen);
      expect(await experiments.iterations(environment.id, 'bigger-button')).toEqual([frozen, second]);
      expect(await experiments.openIterations()).toEqual([
        { environmentId: environment.id, iteration: second },
        { environmentId: environment.id, iteration: third },
      ]);
    });

    it('are deleted with all that they have counted', async () => {
      const { storage, environment } = await setUp();
      const { experiments, experimentData: data } = storage;
      await experiments.save(environment.id, anExperiment(), 0);
      const iteration = await experiments.addIteration(environment.id, anIteration(START));
      const events = Array.from({ length: 1_200 }, (_, user) => exposure(user, user, 0, START, iteration.id));
      await data.take(environment.id, [request('r', events)], [iteration]);
      await data.saveSeries(iteration.id, [{ at: 1, users: 2, intervals: [] }]);
      let calls = 1;
      while (!(await experiments.delete(environment.id, 'bigger-button'))) calls += 1;
      expect(calls).toBeGreaterThan(2);
      expect(await experiments.get(environment.id, 'bigger-button')).toBeUndefined();
      expect(await experiments.iterations(environment.id, 'bigger-button')).toEqual([]);
      expect([await data.sums(iteration.id), await data.series(iteration.id)]).toEqual([undefined, []]);
    });
  });

  describe('what experiments count', () => {
    async function counting(...metrics: Parameters<typeof aMetric>[0][]) {
      const subject = await setUp();
      const { storage, environment } = subject;
      const plan = aPlan((metrics.length === 0 ? [{}] : metrics).map(aMetric));
      const iteration = await storage.experiments.addIteration(environment.id, anIteration(START, plan));
      let current: Iteration = iteration;
      let requests = 0;
      return {
        ...subject,
        data: storage.experimentData,
        iteration,
        setIteration: async (change: Partial<Iteration>) => {
          current = { ...iteration, ...change };
          await storage.experiments.saveIteration(current);
        },
        take: (...events: CountedEvent[]) =>
          storage.experimentData.take(environment.id, [request(`r${++requests}`, events)], [current]),
        takeRequests: (...all: CountedRequest[]) => storage.experimentData.take(environment.id, all, [current]),
        sums: async () => {
          const sums = await storage.experimentData.sums(iteration.id);
          if (sums === undefined) throw new Error('nothing was counted');
          return sums;
        },
      };
    }

    it('is nothing at first', async () => {
      const { data, iteration } = await counting();
      expect(await data.sums(iteration.id)).toBeUndefined();
      expect(await data.series(iteration.id)).toEqual([]);
    });

    it('is one value for each exposed user, 0 for who did nothing', async () => {
      const { take, sums } = await counting({}, { key: 'n', type: 'count' }, { key: 's', type: 'sum' });
      await take(exposure(1, 7, 0), exposure(2, 8, 1), exposure(3, 9, 1), metric(4, 8, 10), metric(5, 8, 2.5));
      const [off, on] = (await sums()).variations;
      expect(off).toMatchObject({ users: 1, metrics: [sumsOfUsers([[0]]), sumsOfUsers([[0]]), sumsOfUsers([[0]])] });
      expect(on).toMatchObject({
        users: 2,
        metrics: [sumsOfUsers([[1], [0]]), sumsOfUsers([[2], [0]]), sumsOfUsers([[12.5], [0]])],
      });
      expect((await sums()).newest).toBe(START);
    });

    it.each([
      ['exposure first', [exposure(1, 7, 0, START + 10), metric(2, 7, 5, START + 10)], 5],
      ['the event first', [metric(1, 7, 5, START + 10), exposure(2, 7, 0, START + 10)], 5],
      ['an event before the exposure', [metric(1, 7, 5, START + 9), exposure(2, 7, 0, START + 10)], 0],
      [
        'an earlier exposure that comes late',
        [exposure(1, 7, 0, START + 10), metric(2, 7, 5, START + 9), exposure(3, 7, 0, START + 8)],
        5,
      ],
      ['several exposures', [exposure(1, 7, 0), exposure(2, 7, 0, START + 1), metric(3, 7, 5, START + 2)], 5],
      ['several events of a millisecond', [exposure(1, 7, 0), metric(2, 7, 5), metric(3, 7, 5), metric(4, 7, -1)], 9],
    ])('counts from the first exposure on: %s', async (_, events, sum) => {
      const together = await counting({ type: 'sum' });
      await together.take(...events);
      const apart = await counting({ type: 'sum' });
      for (const event of events) await apart.take(event);
      for (const { sums } of [together, apart]) {
        expect((await sums()).variations[0]).toMatchObject({ users: 1, metrics: [sumsOfUsers([[sum]])] });
      }
    });

    it('has windows, which for a retention begin days after the exposure', async () => {
      const hour = 3_600_000;
      const { take, sums } = await counting(
        { windowHours: 2, type: 'count' },
        { key: 'r', type: 'retention', delayDays: 1, windowHours: 24 },
      );
      await take(exposure(0, 1, 0));
      const counts: unknown[] = [];
      for (const after of [0, 2 * hour - 1, 2 * hour, 24 * hour - 1, 24 * hour, 48 * hour - 1, 48 * hour]) {
        await take(metric(0, 1, 1, START + after));
        counts.push((await sums()).variations[0]?.metrics.map(({ sum }) => sum));
      }
      expect(counts).toEqual([
        [1, 0],
        [2, 0],
        [2, 0],
        [2, 0],
        [2, 1],
        [2, 1],
        [2, 1],
      ]);
    });

    it('has caps on what a user comes to, not on an event', async () => {
      const { take, sums } = await counting({ type: 'sum', cap: 10 }, { key: 'n', type: 'count', cap: 2 });
      await take(exposure(0, 1, 0), metric(1, 1, 8), metric(2, 1, 8), metric(3, 1, -10));
      const [sum, count] = (await sums()).variations[0]?.metrics ?? [];
      expect(sum).toMatchObject({ ...sumsOfUsers([[6]]), largest: 10 });
      expect(count).toMatchObject(sumsOfUsers([[2]]));
    });

    it('has ratios of what users come to', async () => {
      const { take, sums } = await counting({
        type: 'ratio',
        aggregation: 'sum',
        denominator: { event: 'session', aggregation: 'count' },
      });
      await take(
        ...[exposure(0, 1, 0), metric(1, 1, 8), metric(2, 1, 1, START, 'session'), metric(3, 1, 1, START, 'session')],
        ...[exposure(4, 2, 0), metric(5, 2, 1, START, 'session'), exposure(6, 3, 0)],
      );
      expect((await sums()).variations[0]?.metrics[0]).toMatchObject(
        sumsOfUsers([
          [8, 2],
          [0, 1],
          [0, 0],
        ]),
      );
    });

    it('leaves out whoever is seen with several variations, with everything', async () => {
      const { take, sums } = await counting({ type: 'sum' });
      await take(exposure(0, 1, 0), metric(1, 1, 8), exposure(2, 2, 0), metric(3, 2, 4));
      await take(exposure(0, 1, 1, START + 5), metric(1, 1, 8, START + 6));
      await take(exposure(0, 1, 0, START + 7));
      const { variations, excluded } = await sums();
      expect(variations.map(({ users }) => users)).toEqual([1, 0]);
      expect(variations[0]?.metrics[0]).toMatchObject(sumsOfUsers([[4]]));
      expect(variations[1]?.metrics[0]).toMatchObject(sumsOfUsers([]));
      expect(excluded).toEqual({ several: 1, targeted: 0, segment: 0 });
    });

    it.each([
      ['targets of the flag', -2, { several: 0, targeted: 1, segment: 0 }],
      ['users of the segment that is left out', -3, { several: 0, targeted: 0, segment: 1 }],
    ])('leaves out %s, for good', async (_, reason, excluded) => {
      const { take, sums } = await counting({ type: 'sum' });
      await take(exposure(0, 1, 0), metric(1, 1, 8));
      await take(exposure(0, 1, reason, START + 5));
      await take(exposure(0, 1, 1), metric(1, 1, 8, START + 9));
      expect(await sums()).toMatchObject({ variations: [{ users: 0 }, { users: 0 }], excluded });
    });

    it('is the same after a huge value has come and gone', async () => {
      const { take, sums } = await counting({ type: 'sum' });
      await take(exposure(0, 1, 0), metric(1, 1, 0.1), exposure(2, 2, 0), metric(3, 2, 0.2));
      const before = await sums();
      await take(exposure(0, 3, 0, START + 1), metric(1, 3, 1e12, START + 1));
      await take(exposure(0, 3, 1, START + 2));
      const { sum, sumSquares } = (await sums()).variations[0]?.metrics[0] ?? {};
      expect({ sum, sumSquares }).toEqual({
        sum: before.variations[0]?.metrics[0]?.sum,
        sumSquares: before.variations[0]?.metrics[0]?.sumSquares,
      });
    });

    it('ends before the end, and lets nobody in while it is paused', async () => {
      const { take, setIteration, sums } = await counting({ type: 'sum' });
      await setIteration({ end: START + 100, pauses: [{ from: START + 20, to: START + 40 }] });
      for (const [user, at] of [19, 20, 39, 40, 99, 100, -1].entries()) await take(exposure(0, user, 0, START + at));
      expect((await sums()).variations[0]?.users).toBe(3);
      await take(metric(0, 0, 5, START + 30), metric(1, 0, 7, START + 100), metric(2, 0, 2, START + 99));
      expect((await sums()).variations[0]?.metrics[0]?.sum).toBe(7);
    });

    it('counts a request once, however often it is delivered', async () => {
      const { takeRequests, sums } = await counting({ type: 'sum' });
      const events = [exposure(1, 1, 0), metric(2, 1, 8)];
      const late = { uncounted: new Map([[1, { late: 2, oversized: 3, undeclared: 4 }]]) };
      await takeRequests(request('r', events, late), request('r', events, late), request('s', [metric(1, 1, 1)]));
      await takeRequests(request('r', events, late));
      expect(await sums()).toMatchObject({
        variations: [{ users: 1, metrics: [sumsOfUsers([[9]])] }, {}],
        ...{ replays: 2, late: 2, oversized: 3, undeclared: 4 },
      });
    });

    it('goes on with a request that was cut off in the middle', async () => {
      const { takeRequests, sums } = await counting({ type: 'sum' });
      const events = [exposure(1, 1, 0), metric(2, 1, 8), metric(5, 1, 1), metric(6, 1, 0.5)];
      const parts = [
        request('r', events.slice(0, 2), {
          next: 5,
          uncounted: new Map([[1, { late: 1, oversized: 0, undeclared: 0 }]]),
        }),
        request('r', events.slice(2), { uncounted: new Map([[1, { late: 1, oversized: 0, undeclared: 0 }]]) }),
      ] as const;
      await takeRequests(parts[0]);
      for (let delivery = 0; delivery < 2; delivery++) for (const part of parts) await takeRequests(part);
      expect(await sums()).toMatchObject({
        variations: [{ users: 1, metrics: [sumsOfUsers([[9.5]])] }, {}],
        ...{ replays: 1, late: 1 },
      });
    });

    it('counts an event for every iteration that measures it, and for no environment but its own', async () => {
      const { storage, environment, data, iteration } = await counting();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const second = await storage.experiments.addIteration(environment.id, anIteration(START + 50));
      const foreign = await storage.experiments.addIteration(other.id, anIteration(START));
      const both = [iteration, second];
      const exposures = both.map(({ id }, place) => exposure(place, 1, place, START + 60, id));
      await data.take(environment.id, [request('r', [...exposures, metric(9, 1, 1, START + 70)])], both);
      await data.take(other.id, [request('s', [exposure(0, 1, 0, START + 1, foreign.id)])], [foreign]);
      const counted = async (id: number) =>
        (await data.sums(id))?.variations.map(({ users, metrics }) => [users, metrics[0]?.sum]);
      expect(await counted(iteration.id)).toEqual([
        [1, 1],
        [0, 0],
      ]);
      expect(await counted(second.id)).toEqual([
        [0, 0],
        [1, 1],
      ]);
      expect(await counted(foreign.id)).toEqual([
        [1, 0],
        [0, 0],
      ]);
    });

    it('keeps nothing of a transaction that fails', async () => {
      const { takeRequests, breakStep, sums, data, iteration } = await counting({ type: 'sum' });
      const whole = request('r', [exposure(1, 1, 0), metric(2, 1, 8), exposure(3, 2, 1)]);
      for (let step = 0; step < 100; step++) {
        const wasReached = breakStep(step);
        const outcome = await takeRequests(whole).then(
          () => 'taken',
          () => 'failed',
        );
        if (!wasReached()) break;
        if (outcome === 'failed') expect(await data.sums(iteration.id)).toBeUndefined();
      }
      expect(await sums()).toMatchObject({ replays: 0, variations: [{ users: 1 }, { users: 1 }] });
    });

    it('is the same when it is made anew from what is kept', async () => {
      const { take, data, iteration, sums } = await counting({ type: 'sum', cap: 3 }, { key: 'c' });
      const users = Array.from({ length: 450 }, (_, user) => user);
      await take(...users.map((user) => exposure(user, user, user % 2, START + (user % 7))));
      await take(...users.map((user) => metric(user, user, (user % 5) / 10, START + (user % 11))));
      await take(exposure(0, 3, 0), exposure(1, 4, -2), metric(2, 5, 9, START + 90));
      const before = await sums();
      let calls = 1;
      for (let progress = await data.rebuild(iteration); progress; progress = await data.rebuild(iteration, progress)) {
        calls += 1;
      }
      expect(calls).toBe(3);
      const after = await sums();
      expect({ ...after, variations: after.variations.map(({ users: n }) => n) }).toEqual({
        ...before,
        variations: before.variations.map(({ users: n }) => n),
      });
      for (const [at, { metrics }] of after.variations.entries()) {
        for (const [index, { sum, sumSquares, nonzero }] of metrics.entries()) {
          const was = before.variations[at]?.metrics[index];
          expect([sum, sumSquares, nonzero]).toEqual([was?.sum, was?.sumSquares, was?.nonzero]);
        }
      }
    });

    it('has users only until it is frozen; the sums stay', async () => {
      const { storage, environment, take, data, iteration, sums } = await counting({ type: 'sum' });
      await take(exposure(0, 1, 0), metric(1, 1, 8), exposure(2, 2, 0));
      const before = await sums();
      let calls = 0;
      while (!(await data.forgetUsers(iteration.id))) calls += 1;
      await forgetEvents(data, environment.id, new Map());
      expect(calls).toBeGreaterThan(0);
      expect(await sums()).toEqual(before);
      // What is not there any more cannot be counted anew.
      await data.rebuild(iteration);
      expect((await sums()).variations.map(({ users }) => users)).toEqual([0, 0]);
      await storage.experiments.saveIteration({ ...iteration, isFrozen: true });
      expect(await storage.experiments.openIterations()).toEqual([]);
    });

    it('keeps single events that another open iteration needs', async () => {
      const { storage, environment, data, iteration } = await counting({ type: 'sum' });
      const second = await storage.experiments.addIteration(
        environment.id,
        anIteration(START, aPlan([aMetric({ type: 'sum' })])),
      );
      await data.take(environment.id, [request('r', [metric(1, 1, 8)])], [iteration, second]);
      while (!(await data.forgetUsers(iteration.id)));
      await forgetEvents(data, environment.id, new Map([['purchase', START]]));
      await data.take(environment.id, [request('s', [exposure(1, 1, 0, START, second.id)])], [second]);
      expect((await data.sums(second.id))?.variations[0]?.metrics[0]?.sum).toBe(8);
    });

    it('looks back to what users did before they entered, in whatever order it comes', async () => {
      const day = 86_400_000;
      const before: readonly CountedEvent[] = [
        metric(0, 7, 1, START - 2 * day - 1),
        metric(1, 7, 2, START - 2 * day),
        metric(2, 7, 4, START - 1),
        metric(3, 7, 8, START),
        metric(4, 7, 16, START + 5),
      ];
      for (const events of [
        [...before, exposure(5, 7, 0, START)],
        [exposure(5, 7, 0, START), ...before],
        [exposure(5, 7, 0, START + 3), ...before.toReversed(), exposure(6, 7, 0, START)],
      ]) {
        const { take, sums, data, iteration, setIteration } = await counting({ type: 'sum', cap: 20 });
        const looking = { ...iteration, plan: { ...iteration.plan, covariateDays: 2 } };
        await setIteration(looking);
        for (const event of events) await take(event);
        // 8 + 16, capped, and 2 + 4 in the two days before.
        const expected = { ...sumsOfUsers([[20, 6]]), largest: 20 };
        expect((await sums()).variations[0]?.metrics[0]).toMatchObject(expected);
        await data.rebuild(looking);
        expect((await sums()).variations[0]?.metrics[0]).toMatchObject(expected);
      }
    });

    it('keeps events that no iteration counts yet, for one that will look back to them', async () => {
      const { storage, environment, data } = await counting();
      await data.take(
        environment.id,
        [request('early', [metric(1, 1, 8, START - 50), metric(2, 1, 1, START - 50)])],
        [],
      );
      const plan = aPlan([aMetric({ type: 'sum' })], { covariateDays: 1 });
      const iteration = await storage.experiments.addIteration(environment.id, anIteration(START, plan));
      await data.take(environment.id, [request('now', [exposure(1, 1, 0, START, iteration.id)])], [iteration]);
      expect((await data.sums(iteration.id))?.variations[0]?.metrics[0]).toMatchObject(sumsOfUsers([[0, 9]]));
    });

    it('forgets events of names that nobody needs, and those that are older than anybody needs, part by part', async () => {
      const { storage, environment, data } = await counting();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const events = Array.from({ length: 1_200 }, (_, user) => [
        metric(4 * user, user, 1, START - 10),
        metric(4 * user + 1, user, 2, START - 10),
        metric(4 * user + 2, user, 4, START + 5),
        metric(4 * user + 3, user, 8, START, 'click'),
      ]).flat();
      await data.take(environment.id, [request('r', events)], []);
      await data.take(other.id, [request('s', [metric(0, 1, 32, START - 10)])], []);
      expect(await forgetEvents(data, environment.id, new Map([['purchase', START - 9]]))).toBeGreaterThan(3);
      expect(await forgetEvents(data, environment.id, new Map([['purchase', START - 9]]))).toBeLessThan(10);
      // What is left is seen by who enters.
      const plan = aPlan([aMetric({ type: 'sum' }), aMetric({ type: 'sum', key: 'clicks', event: 'click' })]);
      const seenIn = async (id: string) => {
        const iteration = await storage.experiments.addIteration(id, anIteration(START - 100, plan));
        const exposures = [0, 1, 1_199].map((user, place) => exposure(place, user, 0, START - 100, iteration.id));
        await data.take(id, [request(`enter ${id}`, exposures)], [iteration]);
        return (await data.sums(iteration.id))?.variations[0]?.metrics.map(({ sum }) => sum);
      };
      expect(await seenIn(environment.id)).toEqual([12, 0]);
      expect(await seenIn(other.id)).toEqual([32, 0]);
    });

    it('forgets requests after a time, and counts them then as new ones', async () => {
      const { takeRequests, data, clock, sums } = await counting({ type: 'sum' });
      await takeRequests(request('old', [exposure(1, 1, 0), metric(2, 1, 1)]));
      clock.time += 1_000;
      await takeRequests(request('new', [metric(2, 1, 1)]));
      expect(await data.forgetRequests(clock.time)).toBe(true);
      await takeRequests(request('old', [metric(2, 1, 1)]), request('new', [metric(2, 1, 1)]));
      expect((await sums()).variations[0]?.metrics[0]?.sum).toBe(3);
    });

    it('has a series of looks', async () => {
      const { data, iteration } = await counting();
      const point = {
        at: 5,
        users: 2,
        intervals: [{ metric: 'm', variation: 'on', uplift: 0.1, low: null, high: 0.2 }],
      };
      await data.saveSeries(iteration.id, [point]);
      await data.saveSeries(iteration.id, [point, { ...point, at: 6 }]);
      expect(await data.series(iteration.id)).toEqual([point, { ...point, at: 6 }]);
    });

    it('names users by a key of the environment, which is another one once it was dropped', async () => {
      const { storage, environment, data } = await counting();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const key = await data.pseudonymKey(environment.id);
      expect(key).toMatch(/^[0-9a-f]{64}$/);
      expect(await data.pseudonymKey(environment.id)).toBe(key);
      expect(await data.pseudonymKey(other.id)).not.toBe(key);
      await data.dropPseudonymKey(environment.id);
      expect(await data.pseudonymKey(environment.id)).not.toBe(key);
    });
  });
}
