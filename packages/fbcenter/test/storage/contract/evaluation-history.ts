import { array, asyncProperty, constantFrom, record as fields, integer, oneof } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_UNITS, BUCKETS, type BucketUnit, bucketAt } from '../../../src/model/buckets.js';
import type { InsightLimits } from '../../../src/storage/insights.js';
import type { Storage } from '../../../src/storage/storage.js';
import { anEnvironment } from '../../support/environments.js';
import { check } from '../../support/property.js';
import { evaluation, NOTHING } from '../../support/tallies.js';
import type { SetUp } from './subject.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How every storage counts evaluations over time. */
export function evaluationHistoryContract(setUp: SetUp): void {
  describe('evaluations over time', () => {
    /** Records evaluations of one variation of the flag `f`. */
    async function begin(limits?: InsightLimits) {
      const subject = await setUp(limits);
      const { storage, environment, clock } = subject;
      const record = (count: number, variation = 'on', flag = 'f') =>
        storage.insights.record(
          new Map([[environment.id, { ...NOTHING, evaluations: [evaluation(flag, variation, count)] }]]),
        );
      const history = (unit: BucketUnit, flag = 'f') => everything(storage, environment.id, flag, unit, clock.time);
      const usage = (flagKeys?: readonly string[]) =>
        storage.insights.usage(environment.id, bucketAt('hour', clock.time) - 23, flagKeys);
      return { ...subject, record, history, usage };
    }

    it('are counted by the minute, the hour and the day at once, the current ones too', async () => {
      const { clock, record, history } = await begin();
      const start = clock.time;
      const steps = [0, 20 * SECOND, MINUTE, 30 * MINUTE, HOUR, HOUR, DAY];
      for (const step of steps) {
        clock.time += step;
        await record(1);
      }
      expect((await history('minute')).map(({ count }) => count)).toEqual([1]);
      expect((await history('hour')).map(({ bucket, count }) => [bucket - bucketAt('hour', start), count])).toEqual([
        [0, 4],
        [1, 1],
        [2, 1],
        [26, 1],
      ]);
      expect((await history('day')).map(({ bucket, count }) => [bucket - bucketAt('day', start), count])).toEqual([
        [0, 6],
        [1, 1],
      ]);
    });

    it('are counted for each variation, flag and environment by itself', async () => {
      const { storage, environment, clock, record, history } = await begin();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      await storage.insights.record(new Map([[other.id, { ...NOTHING, evaluations: [evaluation('f', 'on', 100)] }]]));
      for (let round = 0; round < 3; round++) {
        await record(2);
        await record(3, 'off');
        await record(5, 'on', 'g');
        clock.time += MINUTE;
      }
      const sums = async (flag: string, id = environment.id) => {
        const totals: Record<string, number> = {};
        for (const { variationId, count } of await everything(storage, id, flag, 'minute', clock.time))
          totals[variationId] = (totals[variationId] ?? 0) + count;
        return totals;
      };
      expect(await sums('f')).toEqual({ on: 6, off: 9 });
      expect(await sums('g')).toEqual({ on: 15 });
      expect(await sums('f', other.id)).toEqual({ on: 100 });
      expect(await history('day', 'unknown')).toEqual([]);
    });

    it.each(BUCKET_UNITS)('are kept as long as is said, by the %s, and are cut to what is asked for', async (unit) => {
      const { storage, environment, clock, record, history } = await begin();
      const { length, kept } = BUCKETS[unit];
      for (let round = 0; round < kept + 10; round++) {
        await record(round + 1);
        clock.time += length;
      }
      clock.time -= length;
      const now = bucketAt(unit, clock.time);
      const counts = await history(unit);
      expect(counts).toHaveLength(kept);
      expect([counts[0], counts.at(-1)]).toEqual([
        { variationId: 'on', bucket: now - kept + 1, count: 11 },
        { variationId: 'on', bucket: now, count: kept + 10 },
      ]);
      const some = await storage.insights.history(environment.id, 'f', unit, now - 5, now - 3);
      expect(some.map(({ bucket }) => bucket - now)).toEqual([-5, -4, -3]);
    });

    it('add up to what was recorded, whatever the clock does', async () => {
      const step = fields({
        // Mostly onwards, sometimes a clock that is set back.
        step: oneof(integer({ min: 0, max: 90 * SECOND }), integer({ min: -HOUR, max: 5 * HOUR })),
        count: integer({ min: 1, max: 9 }),
        variation: constantFrom('on', 'off'),
      });
      const trial = asyncProperty(array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        const { clock, record, history, usage } = await begin();
        const expected = new Map<string, number>();
        let latest = clock.time;
        for (const { step, count, variation } of steps) {
          clock.time += step;
          latest = Math.max(latest, clock.time);
          await record(count, variation);
          for (const unit of BUCKET_UNITS) {
            const place = `${unit} ${bucketAt(unit, clock.time)} ${variation}`;
            expected.set(place, (expected.get(place) ?? 0) + count);
          }
        }
        clock.time = latest;
        const found = new Map<string, number>();
        for (const unit of BUCKET_UNITS) {
          for (const { variationId, bucket, count } of await history(unit))
            found.set(`${unit} ${bucket} ${variationId}`, count);
        }
        const isKept = ([place]: readonly [string, number]) => {
          const [unit = 'day', bucket] = place.split(' ') as [BucketUnit, string];
          return Number(bucket) > bucketAt(unit, latest) - BUCKETS[unit].kept;
        };
        // What came too late for the bucket that it belongs to may be missing; nothing may be made up.
        for (const [place, count] of [...expected].filter(isKept))
          expect([place, found.get(place)]).toEqual([place, count]);
        for (const place of found.keys()) expect(expected.has(place)).toBe(true);
        const total = steps.reduce((sum, { count }) => sum + count, 0);
        expect(await usage()).toMatchObject([{ flagKey: 'f', count: total }]);
      });
      await check(trial, 25);
    });

    it.each<[string, readonly string[], readonly string[], readonly string[]]>([
      // What each flag is when all of them are recorded together.
      ['are all of this minute', [], ['f', 'g', 'h'], ['f', 'g', 'h']],
      ['are all of an earlier minute', ['f', 'g', 'h'], [], ['f', 'g', 'h']],
      ['are all new', [], [], ['f', 'g', 'h']],
      ['are some of each kind', ['f'], ['g'], ['f', 'g', 'h']],
      ['find no room for a new one', ['f'], ['g', 'i'], ['f', 'g', 'h', 'i']],
    ])('are counted once when those of several flags come together that %s', async (_, earlier, current, together) => {
      const { storage, environment, clock, record, history } = await begin();
      for (const flag of earlier) await record(10, 'on', flag);
      clock.time += MINUTE;
      for (const flag of current) await record(100, 'on', flag);
      const evaluations = together.map((flag, index) => evaluation(flag, 'on', index + 1, index));
      await storage.insights.record(new Map([[environment.id, { ...NOTHING, evaluations }]]));
      const known = (flag: string) => (earlier.includes(flag) ? 10 : 0) + (current.includes(flag) ? 100 : 0);
      const kept = together.filter((flag) => flag !== 'h' || !together.includes('i'));
      const report = await storage.insights.report(environment.id);
      expect(report.evaluations).toEqual(
        kept.map((flag) => {
          const place = together.indexOf(flag);
          return { ...evaluation(flag, 'on', known(flag) + place + 1, place), lastAt: clock.time };
        }),
      );
      expect(report.overflow.evaluations).toBe(kept.includes('h') ? 0 : together.indexOf('h') + 1);
      for (const flag of kept) {
        const counts = (await history('minute', flag)).map(({ count }) => count);
        const now = known(flag) + together.indexOf(flag) + 1;
        expect([flag, counts]).toEqual([flag, earlier.includes(flag) ? [10, now - 10] : [now]]);
      }
    });

    it('are counted by their own names, whatever is in them', async () => {
      const { storage, environment, clock } = await begin({ evaluationEntries: 20, metricEntries: 1 });
      const names = ['a', 'A', 'ä', 'a"', 'a\\', '["a"]', '1', '1.0', 'null', '🙂', 'a ', '$[0]'];
      const variationOf = (index: number) => names[names.length - 1 - index] ?? '';
      for (let round = 1; round <= 3; round++) {
        const evaluations = names.map((name, index) => evaluation(name, variationOf(index), round * (index + 1)));
        await storage.insights.record(new Map([[environment.id, { ...NOTHING, evaluations }]]));
        clock.time += SECOND;
      }
      const { evaluations } = await storage.insights.report(environment.id);
      const counts = new Map(
        evaluations.map(({ flagKey, variationId, count }) => [`${flagKey} ${variationId}`, count]),
      );
      expect(counts).toEqual(new Map(names.map((name, index) => [`${name} ${variationOf(index)}`, 6 * (index + 1)])));
    });

    it('are summed up for lists: how many, when last, and the hours of a day', async () => {
      const { clock, record, usage } = await begin();
      await record(7);
      clock.time += 25 * HOUR;
      await record(1);
      await record(2, 'off');
      clock.time += HOUR;
      await record(4);
      await record(9, 'on', 'g');
      const hour = bucketAt('hour', clock.time);
      const f = {
        flagKey: 'f',
        count: 14,
        lastAt: clock.time,
        hours: new Map([
          [hour, 4],
          [hour - 1, 3],
        ]),
      };
      const g = { flagKey: 'g', count: 9, lastAt: clock.time, hours: new Map([[hour, 9]]) };
      expect(await usage()).toEqual([f, g]);
      expect(await usage(['g', 'unknown'])).toEqual([g]);
      expect(await usage([])).toEqual([]);
    });

    it('are summed up for however many flags', async () => {
      const { storage, environment, usage } = await begin({ evaluationEntries: 2_000, metricEntries: 1 });
      const keys = Array.from({ length: 950 }, (_, index) => `f${index}`).sort();
      const evaluations = keys.flatMap((key) => [evaluation(key, 'on', 1), evaluation(key, 'off', 1)]);
      await storage.insights.record(new Map([[environment.id, { ...NOTHING, evaluations }]]));
      expect((await usage()).map(({ flagKey, count }) => [flagKey, count])).toEqual(keys.map((key) => [key, 2]));
      expect((await usage(keys.slice(0, 450))).map(({ flagKey }) => flagKey)).toEqual(keys.slice(0, 450));
    });

    it('are forgotten with their flag, and with everything', async () => {
      const { storage, environment, clock, record, history } = await begin();
      for (let round = 0; round < 3; round++) {
        for (const flag of ['f', 'g']) await record(1, 'on', flag);
        clock.time += DAY;
      }
      await storage.insights.forget(environment.id, 'f');
      expect([await history('day'), (await history('day', 'g')).length]).toEqual([[], 3]);
      await record(1);
      expect((await history('day')).map(({ count }) => count)).toEqual([1]);
      await storage.insights.forget(environment.id);
      expect([await history('day'), await history('day', 'g')]).toEqual([[], []]);
    });

    it('outlive the storage', async () => {
      const { reopen, clock, environment, record } = await begin();
      if (reopen === undefined) return;
      await record(1);
      clock.time += HOUR;
      await record(2);
      const storage = await reopen();
      const counts = await everything(storage, environment.id, 'f', 'hour', clock.time);
      expect(counts.map(({ count }) => count)).toEqual([1, 2]);
    });
  });
}

function everything(storage: Storage, environmentId: string, flagKey: string, unit: BucketUnit, now: number) {
  return storage.insights.history(environmentId, flagKey, unit, 0, bucketAt(unit, now));
}
