import { describe, expect, it, onTestFinished } from 'vitest';
import { mergeText, REACH_DAYS, ReachRecorder } from '../../../src/experiments/traffic/reach.js';
import { Sketch } from '../../../src/experiments/traffic/sketch.js';
import { decodeInsights } from '../../../src/insights/decode.js';
import { bucketAt } from '../../../src/model/buckets.js';
import { openSqliteStorage } from '../../../src/storage/sqlite/open.js';
import { anEnvironment } from '../../support/environments.js';
import { FakeClock } from '../../support/fake-clock.js';
import { memoryLogger } from '../../support/memory-logger.js';

const DAY = 86_400_000;

async function setUp() {
  const clock = new FakeClock();
  const storage = openSqliteStorage({ clock });
  onTestFinished(() => storage.close());
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  const { insights } = storage;
  const start = (isShared = false) => new ReachRecorder({ insights, clock, log: memoryLogger(), isShared });
  const evaluate = (recorder: ReachRecorder, users: readonly string[], featureFlagKey = 'f') => {
    const body = users.map((keyId) => ({ user: { keyId }, variations: [{ featureFlagKey, variation: { id: 'on' } }] }));
    decodeInsights(body, undefined, recorder.listener(environment.id));
  };
  const counts = async (flagKey = 'f') => {
    const rows = await insights.reach(environment.id, flagKey, 0);
    return rows.map(({ day, text }) => {
      const sketch = new Sketch();
      mergeText(sketch, text);
      return [day - bucketAt('day', new FakeClock().time), Math.round(sketch.estimate())];
    });
  };
  return { clock, insights, environment, recorder: start(), start, startShared: () => start(true), evaluate, counts };
}

const people = (from: number, count: number) => Array.from({ length: count }, (_, index) => `user-${from + index}`);

describe('the users of flags', () => {
  it('are counted once a day, by the flag', async () => {
    const { recorder, evaluate, counts } = await setUp();
    evaluate(recorder, ['a', 'b', 'a', 'a']);
    evaluate(recorder, ['a', 'c']);
    evaluate(recorder, ['z'], 'other');
    await recorder.write();
    expect(await counts()).toEqual([[0, 3]]);
    expect(await counts('other')).toEqual([[0, 1]]);
  });

  it.each([10, 100, 1_000, 20_000])('are about right with the keys that %d users have', async (count) => {
    const { recorder, evaluate, counts } = await setUp();
    for (let from = 0; from < count; from += 4_000) evaluate(recorder, people(from, Math.min(4_000, count - from)));
    await recorder.write();
    const [[, estimate = 0] = []] = await counts();
    expect(Math.abs(estimate - count)).toBeLessThan(Math.max(1, 0.1 * count));
  });

  it('are those of both when the center was started anew in between', async () => {
    const { recorder, start, evaluate, counts } = await setUp();
    evaluate(recorder, people(0, 40));
    await recorder.close();
    const second = start();
    evaluate(second, people(20, 40));
    await second.close();
    const [[day, estimate = 0] = []] = await counts();
    expect(day).toBe(0);
    expect(Math.abs(estimate - 60)).toBeLessThanOrEqual(3);
  });

  it('are kept by the day, for 28 days before today', async () => {
    const { recorder, evaluate, counts, clock } = await setUp();
    for (let day = 0; day < 35; day++) {
      evaluate(recorder, people(day, day + 1));
      // What was not written when the day was over is written later.
      if (day % 3 === 0) await recorder.write();
      clock.time += DAY;
    }
    evaluate(recorder, ['x']);
    await recorder.write();
    const days = await counts();
    expect(days.map(([day]) => day)).toEqual(Array.from({ length: REACH_DAYS + 1 }, (_, index) => 7 + index));
    expect(days.at(-1)?.[1]).toBe(1);
  });

  it('are forgotten with their flag, and with all that was reported', async () => {
    const { recorder, evaluate, counts, insights, environment } = await setUp();
    evaluate(recorder, ['a']);
    evaluate(recorder, ['a'], 'other');
    await recorder.write();
    evaluate(recorder, ['b']);
    await insights.forget(environment.id, 'f');
    recorder.forget(environment.id, 'f');
    await recorder.write();
    expect(await counts()).toEqual([]);
    expect(await counts('other')).toEqual([[0, 1]]);
    evaluate(recorder, ['c'], 'other');
    await insights.forget(environment.id);
    recorder.forget(environment.id);
    await recorder.write();
    expect(await counts('other')).toEqual([]);
  });

  it('of two centers are put together, whoever writes last', async () => {
    const { startShared, evaluate, counts } = await setUp();
    const [one, other] = [startShared(), startShared()];
    evaluate(one, people(0, 100));
    await one.write();
    evaluate(other, people(50, 100));
    await other.write();
    evaluate(one, people(200, 10));
    await one.write();
    const [[day, users] = []] = await counts();
    expect(day).toBe(0);
    expect(users).toBeGreaterThan(145);
    expect(users).toBeLessThan(175);
  });

  it('of a flag that is forgotten and used again take one place of those that there are for flags', async () => {
    const { recorder, evaluate, counts, environment } = await setUp();
    for (let round = 0; round < 4_100; round++) {
      evaluate(recorder, ['a']);
      recorder.forget(environment.id, 'f');
    }
    evaluate(recorder, ['a']);
    await recorder.write();
    expect(await counts()).toEqual([[0, 1]]);
  });

  it('are written again when they could not be written, and nobody is disturbed', async () => {
    const clock = new FakeClock();
    const log = memoryLogger();
    const saved: number[] = [];
    let isBroken = true;
    const recorder = new ReachRecorder({
      ...{ clock, log },
      insights: {
        reach: async () => [],
        saveReach: async (days) => {
          if (isBroken) throw new Error('the disk is full');
          saved.push(days.length);
        },
      },
    });
    const body = [{ user: { keyId: 'a' }, variations: [{ featureFlagKey: 'f', variation: { id: 'on' } }] }];
    decodeInsights(body, undefined, recorder.listener('e'));
    await recorder.write();
    expect(saved).toEqual([]);
    isBroken = false;
    await recorder.write();
    expect(saved).toEqual([1]);
    await recorder.write();
    expect(saved).toEqual([1]);
  });

  it('take a kilobyte of a flag, of 4,000 flags a day and no more', async () => {
    const written = new Set<string>();
    const recorder = new ReachRecorder({
      clock: new FakeClock(),
      log: memoryLogger(),
      insights: {
        reach: async () => [],
        saveReach: async (days) => {
          for (const { flagKey, text } of days) {
            written.add(flagKey);
            expect(text.length).toBeLessThan(1_400);
          }
        },
      },
    });
    const listener = recorder.listener('e');
    for (let flag = 0; flag < 4_500; flag++) {
      listener.evaluated(0, { keyId: 'a' }, { featureFlagKey: `f${flag}`, variation: { id: 'on' } });
    }
    await recorder.write();
    expect(written.size).toBe(4_000);
  });

  it.each(['', 'no base64 …', 'AAAA', Buffer.from('text').toString('base64')])(
    'that are damaged (%j) are nobody',
    (text) => {
      const sketch = new Sketch();
      mergeText(sketch, text);
      expect(sketch.estimate()).toBe(0);
    },
  );
});
