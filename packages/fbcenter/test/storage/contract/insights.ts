import { describe, expect, it } from 'vitest';
import { anEnvironment } from '../../support/environments.js';
import { evaluation, metric, NOTHING } from '../../support/tallies.js';
import type { SetUp } from './subject.js';

/** How every storage adds up what SDKs report. */
export function insightsContract(setUp: SetUp): void {
  describe('the users of flags', () => {
    it('are kept by the day, each flag and environment by itself, the latest sketch of a day', async () => {
      const { storage, environment } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const { insights } = storage;
      const sketch = (day: number, text: string, flagKey = 'f', environmentId = environment.id) => ({
        ...{ environmentId, flagKey, day, text },
      });
      await insights.saveReach(
        [sketch(12, 'b'), sketch(11, 'a'), sketch(12, 'g', 'g'), sketch(12, 'o', 'f', other.id)],
        0,
      );
      await insights.saveReach([sketch(12, 'later')], 0);
      expect(await insights.reach(environment.id, 'f', 0)).toEqual([
        { day: 11, text: 'a' },
        { day: 12, text: 'later' },
      ]);
      expect(await insights.reach(environment.id, 'f', 12)).toEqual([{ day: 12, text: 'later' }]);
      expect(await insights.reach(environment.id, 'g', 0)).toEqual([{ day: 12, text: 'g' }]);
      expect(await insights.reach(other.id, 'f', 0)).toEqual([{ day: 12, text: 'o' }]);
      expect(await insights.reach(environment.id, 'none', 0)).toEqual([]);
    });

    it('go when they are too old, and with what was reported', async () => {
      const { storage, environment } = await setUp();
      const { insights } = storage;
      const sketch = (day: number, flagKey = 'f') => ({ environmentId: environment.id, flagKey, day, text: `${day}` });
      const days = async (flagKey = 'f') => (await insights.reach(environment.id, flagKey, 0)).map(({ day }) => day);
      await insights.saveReach([sketch(1), sketch(2), sketch(3), sketch(1, 'g')], 0);
      await insights.saveReach([sketch(4)], 3);
      expect([await days(), await days('g')]).toEqual([[3, 4], [1]]);
      await insights.forget(environment.id, 'f');
      expect([await days(), await days('g')]).toEqual([[], [1]]);
      await insights.forget(environment.id);
      expect(await days('g')).toEqual([]);
    });
  });

  describe('insights', () => {
    it('add up, for each environment by itself', async () => {
      const { storage, environment, clock } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      await storage.insights.record(
        new Map([
          [
            environment.id,
            {
              evaluations: [evaluation('f', 'on', 3, 1), evaluation('f', 'off', 1)],
              metrics: [metric('buy', 2.5, -1)],
              identifications: 2,
              rejected: 1,
            },
          ],
          [other.id, { ...NOTHING, evaluations: [evaluation('f', 'on', 7)] }],
        ]),
      );
      clock.time += 5;
      await storage.insights.record(
        new Map([
          [
            environment.id,
            {
              ...NOTHING,
              evaluations: [evaluation('f', 'on', 2, 2)],
              metrics: [metric('buy', 10)],
              identifications: 1,
            },
          ],
        ]),
      );
      const at = clock.time;
      expect(await storage.insights.report(environment.id)).toEqual({
        evaluations: [
          { ...evaluation('f', 'off', 1), lastAt: at - 5 },
          { ...evaluation('f', 'on', 5, 3), lastAt: at },
        ],
        metrics: [{ eventName: 'buy', count: 3, sum: 11.5, min: -1, max: 10, lastAt: at }],
        identifications: 3,
        rejected: 1,
        overflow: { evaluations: 0, metrics: 0 },
      });
      expect((await storage.insights.report(other.id)).evaluations).toEqual([
        { ...evaluation('f', 'on', 7), lastAt: at - 5 },
      ]);
    });

    it('take no more entries than allowed, count the rest, and still add to the entries there are', async () => {
      const { storage, environment } = await setUp();
      const evaluations = ['a', 'b', 'c', 'd', 'e'].map((key) => evaluation(key, 'on', 10));
      const metrics = ['x', 'y', 'z'].map((name) => metric(name, 1));
      for (let round = 0; round < 2; round++) {
        await storage.insights.record(new Map([[environment.id, { ...NOTHING, evaluations, metrics }]]));
      }
      const report = await storage.insights.report(environment.id);
      expect(report.evaluations.map(({ flagKey, count }) => [flagKey, count])).toEqual([
        ['a', 20],
        ['b', 20],
        ['c', 20],
      ]);
      expect(report.metrics.map(({ eventName, count }) => [eventName, count])).toEqual([
        ['x', 2],
        ['y', 2],
      ]);
      expect(report.overflow).toEqual({ evaluations: 40, metrics: 2 });
    });

    it('keep a sum finite', async () => {
      const { storage, environment } = await setUp();
      for (let round = 0; round < 3; round++) {
        const metrics = [metric('big', 1.7e308), metric('small', -1.7e308)];
        await storage.insights.record(new Map([[environment.id, { ...NOTHING, metrics }]]));
      }
      const { metrics } = await storage.insights.report(environment.id);
      expect(metrics.map(({ sum }) => sum)).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE]);
    });

    it('are forgotten for a flag, or for an environment as a whole, and leave room', async () => {
      const { storage, environment } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const evaluations = ['a', 'b', 'c'].map((key) => evaluation(key, 'on', 10));
      const tally = { evaluations, metrics: [metric('buy', 1)], identifications: 1, rejected: 1 };
      await storage.insights.record(
        new Map([
          [environment.id, tally],
          [other.id, tally],
        ]),
      );
      await storage.insights.forget(environment.id, 'a');
      await storage.insights.record(
        new Map([[environment.id, { ...NOTHING, evaluations: [evaluation('d', 'on', 1)] }]]),
      );
      const report = await storage.insights.report(environment.id);
      expect(report.evaluations.map(({ flagKey }) => flagKey)).toEqual(['b', 'c', 'd']);
      expect(report).toMatchObject({ metrics: [{ eventName: 'buy' }], identifications: 1, rejected: 1 });
      await storage.insights.forget(environment.id);
      expect(await storage.insights.report(environment.id)).toEqual({
        ...NOTHING,
        overflow: { evaluations: 0, metrics: 0 },
      });
      expect((await storage.insights.report(other.id)).evaluations).toHaveLength(3);
    });

    it('keep nothing when one environment is not there', async () => {
      const { storage, environment } = await setUp();
      const tally = { ...NOTHING, evaluations: [evaluation('f', 'on')] };
      const recording = storage.insights.record(
        new Map([
          [environment.id, tally],
          [anEnvironment().id, tally],
        ]),
      );
      await expect(recording).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect((await storage.insights.report(environment.id)).evaluations).toEqual([]);
    });
  });
}
