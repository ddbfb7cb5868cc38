import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enteringShare } from '../../../src/experiments/flag-shares.js';
import { Sketch } from '../../../src/experiments/traffic/sketch.js';
import { daysUntil, trafficIn } from '../../../src/experiments/traffic/traffic.js';
import { startExperimentCenter, users } from '../../support/experiment-center.js';
import { FakeClock } from '../../support/fake-clock.js';
import { check } from '../../support/property.js';

const DAY = 86_400_000;

/** A day on which these users came. */
function row(day: number, ...users: readonly number[]) {
  const sketch = new Sketch();
  for (const user of users) sketch.add(Math.imul(user + 1, 0x9e3779b1) >>> 0, Math.imul(user + 1, 0x85ebca6b) >>> 0);
  return { day, text: deflateRawSync(sketch.bytes()).toString('base64') };
}

describe('the traffic of a flag', () => {
  it.each<[string, Parameters<typeof trafficIn>[0], readonly number[] | undefined]>([
    ['nothing when nobody came', [], undefined],
    ['today alone on the first day', [row(10, 1, 2, 3)], [3]],
    ['full days only, as soon as there is one', [row(9, 1, 2), row(10, 1, 2, 3)], [2]],
    ['different users, the latest days first', [row(7, 1, 2, 5, 6), row(8, 1, 2), row(9, 1, 3), row(10, 9)], [2, 3, 5]],
    ['days without anybody too', [row(6, 1), row(9, 2)], [1, 1, 1, 2]],
    ['days up to yesterday, although nobody came then', [row(8, 1, 2)], [0, 2]],
  ])('is %s', (_, rows, expected) => {
    expect(trafficIn(rows, 10)?.users).toEqual(expected);
  });

  it('never has fewer users in more days', async () => {
    const day = fc.array(fc.nat(200), { maxLength: 50 });
    const property = fc.property(fc.array(day, { minLength: 1, maxLength: 28 }), (days) => {
      const { users: curve } = trafficIn(
        days.map((people, at) => row(at, ...people)),
        days.length,
      ) ?? { users: [] };
      expect(curve).toHaveLength(days.length);
      expect(curve.toSorted((a, b) => a - b)).toEqual(curve);
    });
    await check(property, 60);
  });

  it.each<[wanted: number, curve: readonly number[], days: number | undefined]>([
    [50, [100], 0.5],
    [100, [100], 1],
    [250, [100], 2.5],
    [150, [100, 200, 300], 1.5],
    [300, [100, 200, 300], 3],
    // 100 new ones a day in the latter half: as on the last two of three days.
    [500, [100, 200, 300], 5],
    // People come back: 100 on the first day, 20 new ones a day later.
    [160, [100, 120, 140, 160], 4],
    [260, [100, 120, 140, 160], 9],
    [161, [100, 160, 160, 160], undefined],
    [1, [0], undefined],
  ])('has %d different users of %j after %s days', (wanted, curve, days) => {
    expect(daysUntil(wanted, { users: curve })).toEqual(days);
  });

  it('takes longer for more users', async () => {
    const curve = fc
      .array(fc.nat(1_000), { minLength: 1, maxLength: 28 })
      .map((list) => list.toSorted((a, b) => a - b));
    const property = fc.property(curve, fc.integer({ min: 1, max: 5_000 }), fc.nat(1_000), (list, wanted, more) => {
      const [one, other] = [wanted, wanted + more].map(
        (n) => daysUntil(n, { users: list }) ?? Number.POSITIVE_INFINITY,
      );
      expect(other).toBeGreaterThanOrEqual(one ?? 0);
      expect(one).toBeGreaterThan(0);
    });
    await check(property, 200);
  });

  it.each([
    ['everybody', 1, false, 1],
    ['a tenth of each', 0.1, false, 0.2],
    ['everybody when all targets are let in', 0.1, true, 1],
  ])('enters with %s', (_, exptRollout, exptIncludeAllTargets, share) => {
    const fallthrough = {
      includedInExpt: true,
      variations: [
        { id: 'off', rollout: [0, 0.5] as const, exptRollout },
        { id: 'on', rollout: [0.5, 1] as const, exptRollout },
      ],
    };
    const flag = { rules: [], exptIncludeAllTargets, fallthrough };
    expect(enteringShare(flag, ['off', 'on'])).toBeCloseTo(share, 12);
  });
});

describe('before a start', () => {
  it('the days are reckoned from the different users of the flag, who need not be in any experiment', async () => {
    const clock = new FakeClock();
    const { api, track } = await startExperimentCenter({ clock });
    const checks = async () => (await api('GET', '/experiments/e/checks')).body;
    expect(await checks()).toMatchObject({ usersPerDay: null, plannedDays: null });
    const seen = (shown: string, from: number) =>
      users(`${shown}-${from}`, shown, 500, 0, clock.time).map((event) => ({ ...event, sendToExperiment: false }));
    for (let day = 0; day < 4; day++) {
      await track(...seen('off', day), ...seen('on', day), ...seen('on', day));
      clock.time += DAY;
    }
    const { usersPerDay, plannedDays, checks: list } = await checks();
    // 1,000 new ones a day, and 10,000 are planned.
    expect(Math.abs(usersPerDay / 1_000 - 1)).toBeLessThan(0.12);
    expect(Math.abs(plannedDays / 10 - 1)).toBeLessThan(0.2);
    const size = list.find(({ code }: { code: string }) => code === 'planned-size');
    expect(size).toMatchObject({
      level: 'ok',
      message: expect.stringMatching(/different users in 4 days: that takes \d+ days\./),
    });
  });
});
