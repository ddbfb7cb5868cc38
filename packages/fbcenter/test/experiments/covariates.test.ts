import { describe, expect, it } from 'vitest';
import { cuped, sumsOf } from '../../src/experiments/statistics/index.js';
import { EXPERIMENT, type SentEvent, startExperimentCenter } from '../support/experiment-center.js';
import { FakeClock } from '../support/fake-clock.js';

const DAY = 86_400_000;
const REVENUE = { type: 'sum', event: 'order' };
const ADJUSTED = { ...EXPERIMENT, metrics: [{ key: 'revenue', role: 'goal' }], covariateDays: 7 };

/** Users who spend about what they spent before: it foretells most of the differences between them. */
const PEOPLE = Array.from({ length: 400 }, (_, index) => {
  const habit = ((index * 37) % 100) + 1;
  const isTreated = index % 2 === 1;
  return {
    key: `person-${index}`,
    shown: isTreated ? 'on' : 'off',
    before: habit,
    after: habit + ((index * 13) % 7) + (isTreated ? 8 : 0),
  };
});

async function setUp(settings: object = ADJUSTED) {
  const clock = new FakeClock();
  const center = await startExperimentCenter({ clock });
  await center.api('PUT', '/metrics/revenue', REVENUE);
  await center.api('PUT', '/experiments/e', settings);
  const orders = (which: 'before' | 'after', at = clock.time): readonly SentEvent[] =>
    PEOPLE.map((person) => ({ user: person.key, event: 'order', value: person[which], at }));
  const exposures = (): readonly SentEvent[] => PEOPLE.map(({ key, shown }) => ({ user: key, shown, at: clock.time }));
  return { ...center, clock, orders, exposures };
}

function joint(shown: string) {
  const people = PEOPLE.filter((person) => person.shown === shown);
  const before = sumsOf(people.map((person) => person.before));
  return {
    ...sumsOf(people.map((person) => person.after)),
    covariateSum: before.sum,
    covariateSumSquares: before.sumSquares,
    sumProducts: people.reduce((sum, person) => sum + person.before * person.after, 0),
  };
}

/** Collects for some days, starts, and lets everybody enter and order. */
async function runWhole(settings: object) {
  const subject = await setUp(settings);
  const { clock, track, post, orders, exposures, results } = subject;
  await track(...orders('before'));
  clock.time += 5 * DAY;
  await post('/experiments/e/start');
  clock.time += 1_000;
  await track(...exposures());
  clock.time += 1_000;
  await track(...orders('after'));
  return { ...subject, body: await results(), comparison: (await results()).metrics[0].comparisons[0].result };
}

describe('what users did before they entered', () => {
  it('is subtracted: the same difference in expectation, and intervals that are many times narrower', async () => {
    const { body, comparison, post, results } = await runWhole(ADJUSTED);
    const expected = cuped({ control: joint('off'), treatment: joint('on') });
    if (expected.status !== 'ok') throw new Error(expected.status);
    expect(body.covariateDays).toBe(7);
    expect(comparison.difference).toBeCloseTo(expected.difference, 9);
    expect(comparison.standardError).toBeCloseTo(expected.standardError, 9);
    expect(comparison.varianceReduction).toBeCloseTo(expected.varianceReduction, 9);
    expect(comparison.varianceReduction).toBeGreaterThan(0.9);
    // And when it is counted anew from the single events.
    await post('/experiments/e/recount');
    expect((await results()).metrics[0].comparisons[0].result).toEqual(comparison);
  });

  it('is not looked at unless that was chosen', async () => {
    const { body, comparison } = await runWhole({ ...ADJUSTED, covariateDays: null });
    expect(body.covariateDays).toBe(null);
    expect(comparison.varianceReduction).toBe(null);
    const control = PEOPLE.filter(({ shown }) => shown === 'off').map(({ after }) => after);
    expect(comparison.control).toBeCloseTo(sumsOf(control).sum / control.length, 9);
  });

  it('counts as far back as was chosen, and no further', async () => {
    const { comparison } = await runWhole({ ...ADJUSTED, covariateDays: 4 });
    expect(comparison.varianceReduction).toBe(0);
  });

  it('is kept from the moment on in which it was chosen', async () => {
    const { api, clock, track, post, orders, exposures, results } = await setUp({ ...ADJUSTED, covariateDays: null });
    await track(...orders('before'));
    await api('PUT', '/experiments/e', ADJUSTED);
    clock.time += DAY;
    await track(...orders('before'));
    clock.time += DAY;
    await post('/experiments/e/start');
    await track(...exposures(), ...orders('after', clock.time + 1));
    const { result } = (await results()).metrics[0].comparisons[0];
    // What was sent before is not there: users have ordered once, not twice.
    const expected = cuped({ control: joint('off'), treatment: joint('on') });
    if (expected.status !== 'ok') throw new Error(expected.status);
    expect(result.difference).toBeCloseTo(expected.difference, 9);
  });

  it.each([
    ['a draft that is deleted', async (api: Api) => api('DELETE', '/experiments/e')],
    [
      'a draft that looks back no more',
      async (api: Api) => api('PUT', '/experiments/e', { ...ADJUSTED, covariateDays: null }),
    ],
  ] as const)('is not kept for %s', async (_, change) => {
    const { api, track, post, orders, exposures, clock, results } = await setUp();
    await change(api);
    await track(...orders('before'));
    await api('PUT', '/experiments/e', ADJUSTED);
    clock.time += 1_000;
    await post('/experiments/e/start');
    await track(...exposures(), ...orders('after', clock.time + 1));
    expect((await results()).metrics[0].comparisons[0].result.varianceReduction).toBe(0);
  });

  it('is not asked of ratios, which have a denominator', async () => {
    const { api, track, clock, post, exposures, orders, results } = await setUp();
    await api('PUT', '/metrics/revenue', { type: 'ratio', event: 'order', denominator: { event: 'order' } });
    await track(...orders('before'));
    clock.time += DAY;
    await post('/experiments/e/start');
    await track(...exposures(), ...orders('after', clock.time + 1));
    const { result } = (await results()).metrics[0].comparisons[0];
    expect(result.varianceReduction).toBe(null);
    expect(result.control).toBeGreaterThan(1);
  });

  it.each([
    [0, 'Must be from 1 to 28.'],
    [29, 'Must be from 1 to 28.'],
    [1.5, 'Must be a whole number of days.'],
  ])('cannot go back for %s days', async (covariateDays, message) => {
    const { api } = await setUp();
    const { status, body } = await api('PUT', '/experiments/e', { ...ADJUSTED, covariateDays });
    expect(status).toBe(400);
    expect(body.errors ?? body.faults ?? body).toMatchObject([{ path: 'covariateDays', message }]);
  });

  it('is a check before the start: how much of it is known', async () => {
    const { api, clock } = await setUp();
    const check = async () => {
      const { checks } = (await api('GET', '/experiments/e/checks')).body;
      return checks.find(({ code }: { code: string }) => code === 'covariate-days');
    };
    expect(await check()).toMatchObject({ level: 'warning', message: expect.stringContaining('in 7 days more') });
    clock.time += 6 * DAY;
    expect(await check()).toMatchObject({ level: 'warning', message: expect.stringContaining('in a day more') });
    clock.time += DAY;
    expect(await check()).toMatchObject({ level: 'ok' });
  });

  it('is said in the terminal, with what it gains', async () => {
    const { api } = await runWhole(ADJUSTED);
    const { text } = await api('GET', '/experiments/e/results.txt?width=200');
    expect(text).toMatch(
      /What users did in the 7 days before they entered is subtracted; less variance: revenue 9\d %\./,
    );
  });
});

type Api = Awaited<ReturnType<typeof setUp>>['api'];
