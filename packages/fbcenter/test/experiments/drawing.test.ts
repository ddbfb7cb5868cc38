import { describe, expect, it } from 'vitest';
import { DRAWING, drawResults } from '../../src/experiments/drawing.js';
import { EXPERIMENT, startExperimentCenter, users } from '../support/experiment-center.js';
import { FakeClock } from '../support/fake-clock.js';
import { put } from '../support/test-center.js';

async function drawn() {
  const clock = new FakeClock();
  const center = await startExperimentCenter({ clock });
  const { api, post, track } = center;
  await put(api, '/metrics/revenue', { type: 'sum', event: 'purchase', name: 'Revenue' });
  await put(api, '/metrics/errors', { type: 'conversion', event: 'error', name: 'Errors', lowerIsBetter: true });
  const metrics = [{ key: 'purchases' }, { key: 'errors', role: 'guardrail' }, { key: 'revenue' }];
  await put(api, '/experiments/e', { ...EXPERIMENT, metrics });
  await post('/experiments/e/start');
  const draw = async (query = '') => (await api('GET', `/experiments/e/results.txt${query}`)).text;
  return {
    ...center,
    clock,
    draw,
    fill: () => track(...users('c', 'off', 1_000, 200, clock.time), ...users('t', 'on', 1_000, 300, clock.time)),
  };
}

describe('the drawing of results', () => {
  it('says everything in a hundred columns', async () => {
    const { draw, fill } = await drawn();
    await fill();
    expect(await draw()).toMatchInlineSnapshot(`
      "New checkout (e) on the flag checkout: running, iteration 1, since 2025-01-01 00:00
      BETTER  “true” is better in Purchases: +50 %, between +15 % and +99 %. By exactly how much is not
      known, nor whether for every group of users.
      Method: always valid: look as often as you like.

      Users: 2,000 in all; 10,000 planned for each pair of variations
        false (control)  1,000 users  50.0 %  planned 50.0 %
        true             1,000 users  50.0 %  planned 50.0 %
        The split is as planned (p = 1.000).

      Goals                                                     −100 %               0              +100 %
        Purchases  true  20.00 % → 30.00 %  +50 %  better                            │  ├──────●─────────┤

      Guardrails                                                −100 %               0              +100 %
        Errors     true  0.00 % → 0.00 %           no-variance                       │

      Secondary metrics                                         −100 %               0              +100 %
        Revenue    true  2 → 3              +50 %  better                            │  ├──────●─────────┤

      Last event: 2025-01-01 00:00
      "
    `);
  });

  it('of nobody says so', async () => {
    const { draw } = await drawn();
    expect(await draw('?width=80')).toContain('NO-USERS  Nobody has been exposed yet');
  });

  it('names who is left out, and what was changed meanwhile', async () => {
    const { api, draw, fill, track, clock, results } = await drawn();
    await fill();
    await track({ user: 'c-1', shown: 'on', at: clock.time });
    const flag = (await api('GET', '/flags/checkout')).body;
    await put(api, '/flags/checkout', { ...flag, targetUsers: [{ keyIds: ['x'], variationId: 'on' }] });
    while ((await results()).iteration.marks.length === 0);
    const text = await draw();
    expect(text).toContain('Users left out, seen with several variations: 1');
    expect(text).toMatch(/admin changed targets/);
    expect(text).toMatch(/^UNSOUND/m);
  });

  it('is never wider than it may be, but for what is drawn, and takes no width that nobody has', async () => {
    const { api, draw, fill } = await drawn();
    await fill();
    for (const width of [60, 80, 120, 240]) {
      for (const line of (await draw(`?width=${width}`)).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    }
    for (const width of [59, 241, 'x'])
      expect((await api('GET', `/experiments/e/results.txt?width=${width}`)).status).toBe(400);
  });

  it('lets no text move the cursor', async () => {
    const { results, fill } = await drawn();
    await fill();
    const body = await results();
    body.variations[1].value = '\u001b[2Jtrue\r';
    body.sentence = '\u001b]0;x\u0007';
    expect(drawResults(body, DRAWING.fallback)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it.each([
    [-0.05, 0.5, 0.2],
    [-3, 4, 0.5],
    [0.001, 0.002, 0.0015],
  ])('of an interval from %d to %d has its ends and its middle on the scale', async (low, high, uplift) => {
    const { results, fill } = await drawn();
    await fill();
    const body = await results();
    const [goal] = body.metrics;
    goal.comparisons[0].result.relative = { status: 'ok', low, high, uplift, g: 0 };
    body.metrics = [goal];
    const [line = ''] = drawResults(body, 100)
      .split('\n')
      .filter((one) => one.includes('●'));
    expect([line.includes(low < -1 ? '◀' : '├'), line.includes(high > 1 ? '▶' : '┤')]).toEqual([true, true]);
    const [start, dot, end] = [line.search(/[◀├]/), line.indexOf('●'), line.search(/[▶┤]/)];
    expect(start < dot && dot < end).toBe(true);
  });
});
