import { describe, expect, it, onTestFinished } from 'vitest';
import { ExperimentIntake } from '../../src/experiments/intake/intake.js';
import { Upkeep } from '../../src/experiments/upkeep.js';
import type { CountedEvent } from '../../src/storage/experiments.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { anEnvironment } from '../support/environments.js';
import { anIteration } from '../support/experiments.js';
import { FakeClock } from '../support/fake-clock.js';
import { memoryLogger } from '../support/memory-logger.js';

const HOUR = 3_600_000;

async function setUp() {
  const clock = new FakeClock();
  const storage = openSqliteStorage({ clock });
  onTestFinished(() => storage.close());
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  const { experiments, experimentData: data } = storage;
  const iteration = await experiments.addIteration(environment.id, anIteration(clock.time));
  const intake = new ExperimentIntake({ experiments, data, clock });
  await intake.load();
  const results: string[] = [];
  const upkeep = new Upkeep({
    ...{ storage, intake, clock, log: memoryLogger() },
    onResults: (_, key) => results.push(key),
  });
  let requests = 0;
  const expose = async (...users: number[]) => {
    const events = users.map(
      (user, place): CountedEvent => ({
        ...{ kind: 'exposure', place, user, at: clock.time, iteration: iteration.id, variation: user % 2 },
      }),
    );
    const request = { hash: `r${++requests}`, events, next: undefined, uncounted: new Map() };
    await data.take(environment.id, [request], [iteration]);
    upkeep.counted(environment.id, [iteration]);
  };
  return { clock, storage, environment, iteration, intake, upkeep, results, expose, data };
}

describe('the upkeep of experiments', () => {
  it('reports results once for all that was counted since the last look, and nothing without', async () => {
    const { upkeep, expose, results } = await setUp();
    await upkeep.look();
    expect(results).toEqual([]);
    await expose(1);
    await expose(2);
    await upkeep.look();
    await upkeep.look();
    expect(results).toEqual(['bigger-button']);
  });

  it('adds a point to the series when it is time for one', async () => {
    const { upkeep, expose, clock, data, iteration } = await setUp();
    for (const [after, users] of [
      [0, 1],
      [1_000, 2],
      [10_000, 3],
      [10_500, 4],
      [25_000, 5],
    ] as const) {
      clock.time = iteration.start + after;
      await expose(users);
      await upkeep.look();
    }
    const series = await data.series(iteration.id);
    expect(series.map(({ at, users }) => [at - iteration.start, users])).toEqual([
      [0, 1],
      [10_000, 3],
      [25_000, 5],
    ]);
    expect(series[0]?.intervals).toEqual([
      { metric: 'purchases', variation: 'on', uplift: null, low: null, high: null },
    ]);
  });

  it('freezes an iteration 72 hours after its end: its users are gone, its sums stay', async () => {
    const { upkeep, expose, clock, storage, data, intake, environment, iteration, results } = await setUp();
    await expose(1, 2, 3);
    const ended = { ...iteration, end: clock.time + 1 };
    await storage.experiments.saveIteration(ended);
    await intake.replace(environment.id, ended);
    const before = await data.sums(iteration.id);
    clock.time += 72 * HOUR;
    await upkeep.look();
    expect(await storage.experiments.openIterations()).toHaveLength(1);
    clock.time += HOUR;
    await upkeep.look();
    expect(await storage.experiments.openIterations()).toEqual([]);
    expect(intake.iterations(environment.id)).toEqual([]);
    expect(await data.sums(iteration.id)).toEqual(before);
    expect(results.at(-1)).toBe('bigger-button');
    await data.rebuild(iteration);
    expect((await data.sums(iteration.id))?.variations.map(({ users }) => users)).toEqual([0, 0]);
  });

  it('forgets requests after a day', async () => {
    const { upkeep, expose, clock, data, environment, iteration } = await setUp();
    await expose(1);
    const again = async () => {
      const request = {
        hash: 'r1',
        events: [],
        next: undefined,
        uncounted: new Map([[iteration.id, { late: 1, oversized: 0, undeclared: 0 }]]),
      };
      await data.take(environment.id, [request], [iteration]);
      return (await data.sums(iteration.id))?.late;
    };
    clock.time += 23 * HOUR;
    await upkeep.look();
    expect(await again()).toBe(0);
    clock.time += 2 * HOUR;
    await upkeep.look();
    expect(await again()).toBe(1);
  });

  it('ends when it is closed', async () => {
    const { upkeep } = await setUp();
    upkeep.start();
    await upkeep.close();
    await upkeep.close();
  });
});
