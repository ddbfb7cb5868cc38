import { describe, expect, it } from 'vitest';
import { EXPERIMENT, startExperimentCenter, users } from '../support/experiment-center.js';
import { FakeClock } from '../support/fake-clock.js';
import { put } from '../support/test-center.js';

/** What FeatBit's own experiments get wrong, each shown not to be so here: with a running center, by its API alone. */
async function running(metrics: Readonly<Record<string, object>> = {}, settings: object = {}) {
  const clock = new FakeClock();
  const center = await startExperimentCenter({ clock });
  for (const [key, metric] of Object.entries(metrics)) await put(center.api, `/metrics/${key}`, metric);
  await put(center.api, '/experiments/e', {
    ...EXPERIMENT,
    metrics: [{ key: 'purchases' }, ...Object.keys(metrics).map((key) => ({ key }))],
    ...settings,
  });
  await center.post('/experiments/e/start');
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  const metric = async (key: string): Promise<any> => {
    const { metrics: all } = await center.results();
    return all.find((one: { key: string }) => one.key === key);
  };
  return { ...center, clock, metric };
}

const REVENUE = { revenue: { type: 'sum', event: 'purchase' } };

describe('a fault of FeatBit’s experiments is none of ours', () => {
  it('a purchase counts once, however often the flag was evaluated', async () => {
    const { track, clock, metric } = await running(REVENUE);
    const at = clock.time;
    await track(...Array.from({ length: 5 }, () => ({ user: 'a', shown: 'on', at })));
    await track({ user: 'a', event: 'purchase', value: 10, at: at + 1 });
    expect((await metric('revenue')).values[1]).toMatchObject({ users: 1, total: 10, value: 10 });
  });

  it('a purchase before the exposure does not count', async () => {
    const { track, clock, metric } = await running(REVENUE);
    const at = clock.time + 1_000;
    await track({ user: 'a', event: 'purchase', value: 10, at: at - 1 }, { user: 'a', shown: 'on', at });
    expect((await metric('revenue')).values[1]).toMatchObject({ users: 1, total: 0 });
  });

  it('a user who was seen with both variations counts in neither, and is shown', async () => {
    const { track, clock, metric, results } = await running(REVENUE);
    const at = clock.time;
    await track(
      { user: 'a', shown: 'on', at },
      { user: 'a', shown: 'off', at: at + 1 },
      { user: 'a', event: 'purchase', at: at + 2 },
    );
    expect((await metric('revenue')).values).toMatchObject([
      { users: 0, total: 0 },
      { users: 0, total: 0 },
    ]);
    expect((await results()).excluded.several).toBe(1);
  });

  it('users without an event are part of the mean, with 0', async () => {
    const { track, clock, metric } = await running(REVENUE);
    await track(...users('t', 'on', 4, 1, clock.time));
    expect((await metric('revenue')).values[1]).toMatchObject({ users: 4, nonzero: 1, total: 10, value: 2.5 });
  });

  it('a significant result is said as soon as it is one, whatever the size for the observed effect would be', async () => {
    const { track, clock, results } = await running({}, { method: 'fixed', plannedUsers: 2_000 });
    await track(...users('c', 'off', 1_000, 50, clock.time), ...users('t', 'on', 1_000, 75, clock.time));
    // For the observed effect of 50 % it would want 1,470 users in each variation, and refuse.
    expect(await results()).toMatchObject({ verdict: 'better', users: 2_000 });
  });

  it('p is of the difference, and the same both ways', async () => {
    const pValues: number[] = [];
    for (const [off, on] of [
      [50, 75],
      [75, 50],
    ] as const) {
      const { track, clock, metric } = await running({}, { method: 'fixed', plannedUsers: 2_000 });
      await track(...users('c', 'off', 1_000, off, clock.time), ...users('t', 'on', 1_000, on, clock.time));
      pValues.push((await metric('purchases')).comparisons[0].result.pValue);
    }
    expect(pValues.map((pValue) => pValue.toFixed(3))).toEqual(['0.021', '0.021']);
    expect(pValues[0]).toBe(pValues[1]);
  });

  it('looking every minute, several metrics and the split are accounted for', async () => {
    const { track, clock, results } = await running({ second: { type: 'conversion', event: 'signup' } });
    await track(...users('c', 'off', 500, 50, clock.time), ...users('t', 'on', 500, 60, clock.time));
    const { method, split, metrics } = await results();
    expect({ method, split: split.status }).toEqual({ method: 'always-valid', split: 'ok' });
    expect(metrics[0].comparisons[0].adjustedPValue).toEqual(expect.any(Number));
    expect(metrics[0].comparisons[0].result.multiplier).toBeGreaterThan(2.5);
  });

  it('a batch that is delivered twice counts once', async () => {
    const { track, send, clock, metric, results } = await running(REVENUE);
    const at = clock.time;
    const body = await track({ user: 'a', shown: 'on', at }, { user: 'a', event: 'purchase', value: 10, at });
    expect(await send(body)).toBe(200);
    expect((await metric('revenue')).values[1]).toMatchObject({ total: 10 });
    expect((await results()).replays).toBe(1);
  });

  it('values are doubles all the way, and small p are numbers', async () => {
    const { track, clock, metric } = await running(REVENUE);
    const at = clock.time;
    await track({ user: 'a', shown: 'on', at }, { user: 'a', event: 'purchase', value: 16_777_217.1, at });
    expect((await metric('revenue')).values[1].total).toBe(16_777_217.1);
    await track(...users('c', 'off', 1_000, 50, at));
    await track(...users('t', 'on', 1_000, 750, at));
    const { pValue } = (await metric('purchases')).comparisons[0].result;
    expect(pValue).toBeGreaterThan(0);
    expect(pValue).toBeLessThan(1e-200);
  });

  it('alpha is what was frozen at the start, also after the end', async () => {
    const { api, post, results } = await running({}, { alpha: 0.01 });
    await post('/experiments/e/stop');
    await put(api, '/experiments/e', { ...EXPERIMENT, alpha: 0.2 });
    expect((await results()).alpha).toBe(0.01);
  });

  it('the split is compared with the planned shares, so that 90 to 10 is no alarm', async () => {
    const clock = new FakeClock();
    const center = await startExperimentCenter({ clock });
    const flag = (await center.api('GET', '/flags/checkout')).body;
    const variations = [
      { id: 'off', rollout: [0, 0.9], exptRollout: 1 },
      { id: 'on', rollout: [0.9, 1], exptRollout: 1 },
    ];
    await put(center.api, '/flags/checkout', { ...flag, fallthrough: { ...flag.fallthrough, variations } });
    await center.post('/experiments/e/start');
    await center.track(...users('c', 'off', 900, 90, clock.time), ...users('t', 'on', 100, 10, clock.time));
    const { split, variations: shown } = await center.results();
    expect(split).toMatchObject({ status: 'ok', alarm: false });
    expect(split.expected[0]).toBeCloseTo(900);
    expect(shown.map(({ weight }: { weight: number }) => weight.toFixed(3))).toEqual(['0.900', '0.100']);
  });
});
