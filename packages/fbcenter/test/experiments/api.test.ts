import { describe, expect, it } from 'vitest';
import { aFlag } from '../support/documents.js';
import { CHECKOUT, EXPERIMENT, startExperimentCenter, users } from '../support/experiment-center.js';
import { FakeClock } from '../support/fake-clock.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { put, startTestCenter } from '../support/test-center.js';

type Api = Awaited<ReturnType<typeof startExperimentCenter>>['api'];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The center's clock, which stands still. */
async function startOnFakeClock() {
  const clock = new FakeClock();
  const center = await startExperimentCenter({ clock });
  const start = () => center.post('/experiments/e/start');
  return { ...center, clock, start };
}

describe('metrics', () => {
  it('are made, replaced, listed and deleted', async () => {
    const { api } = await startOnFakeClock();
    expect((await api('PUT', '/metrics/revenue', { type: 'sum', event: 'order' })).status).toBe(201);
    expect((await api('PUT', '/metrics/revenue', { type: 'sum', event: 'order', cap: 5 })).status).toBe(200);
    const { items } = (await api('GET', '/metrics')).body;
    expect(items.map(({ key, cap }: { key: string; cap: number }) => [key, cap])).toEqual([
      ['purchases', null],
      ['revenue', 5],
    ]);
    expect((await api('PUT', '/metrics/x', { type: 'mean' })).body).toMatchObject({ code: 'invalid-document' });
    expect((await api('DELETE', '/metrics/revenue')).status).toBe(204);
    expect((await api('DELETE', '/metrics/revenue')).body.code).toBe('not-found');
  });

  it('that an experiment has are not deleted', async () => {
    const { api } = await startOnFakeClock();
    expect((await api('DELETE', '/metrics/purchases')).body).toMatchObject({ code: 'metric-in-use' });
  });

  it('are offered for events that have come and that none counts', async () => {
    const { api, track, clock } = await startOnFakeClock();
    const at = clock.time;
    await track(
      { user: 'a', event: 'signup', at },
      { user: 'a', event: 'signup', at },
      { user: 'a', event: 'purchase', at },
    );
    expect((await api('GET', '/metrics')).body.offered).toEqual([
      { event: 'signup', count: 2, lastAt: new Date(at).toISOString() },
    ]);
  });
});

describe('an experiment', () => {
  it('is made as a draft, changed by whoever knows its revision, and deleted', async () => {
    const { api } = await startOnFakeClock();
    const made = await api('PUT', '/experiments/x', EXPERIMENT);
    expect(made).toMatchObject({
      status: 201,
      body: { key: 'x', state: 'draft', revision: 1, plannedUsers: 10_000, iterations: [] },
    });
    expect(made.headers.get('etag')).toBe('"1"');
    const change = { ...EXPERIMENT, plannedUsers: 5_000 };
    expect((await api('PUT', '/experiments/x', change, { 'if-match': '"7"' })).status).toBe(412);
    expect((await api('PUT', '/experiments/x', change, { 'if-none-match': '*' })).status).toBe(412);
    expect((await api('PUT', '/experiments/y', change, { 'if-match': '"1"' })).status).toBe(412);
    expect((await api('PUT', '/experiments/x', change, { 'if-match': '"1"' })).body).toMatchObject({
      revision: 2,
      plannedUsers: 5_000,
    });
    expect((await api('GET', '/experiments')).body.items.map(({ key }: { key: string }) => key)).toEqual(['e', 'x']);
    expect((await api('DELETE', '/experiments/x')).status).toBe(204);
    expect((await api('GET', '/experiments/x')).body.code).toBe('not-found');
    for (const [method, path] of [
      ['POST', '/start'],
      ['GET', '/results'],
      ['GET', '/checks'],
      ['DELETE', ''],
    ] as const) {
      expect((await api(method, `/experiments/x${path}`)).body.code).toBe('not-found');
    }
  });

  it('has no results before its start, and says what speaks against the start', async () => {
    const { api } = await startOnFakeClock();
    expect((await api('GET', '/experiments/e/results')).body).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('not been started'),
    });
    expect((await api('GET', '/experiments')).body.items[0]).toMatchObject({ verdict: 'not-started', start: null });
    const { canStart, checks } = (await api('GET', '/experiments/e/checks')).body;
    expect(canStart).toBe(true);
    expect(checks.map(({ code, level }: { code: string; level: string }) => `${level} ${code}`)).toEqual([
      'ok not-served',
      'warning metric-unseen',
      'warning traffic-unknown',
    ]);
  });

  it('that the flag lets nobody into starts only when the flag may be set so, and the flag says who has set it', async () => {
    const { api, post } = await startOnFakeClock();
    await put(api, '/flags/checkout', { ...CHECKOUT, fallthrough: { ...CHECKOUT.fallthrough, includedInExpt: false } });
    expect((await api('GET', '/experiments/e/checks')).body).toMatchObject({ canStart: false, canStartAdjusted: true });
    const refused = await post('/experiments/e/start', undefined, 409);
    expect(refused.body).toMatchObject({ code: 'not-ready', message: expect.stringContaining('"adjustFlag": true') });
    await post('/experiments/e/start', { adjustFlg: true }, 400);
    expect((await post('/experiments/e/start', { adjustFlag: true })).body.state).toBe('running');
    const flag = (await api('GET', '/flags/checkout')).body;
    expect(flag).toMatchObject({
      exptIncludeAllTargets: false,
      fallthrough: { includedInExpt: true },
      updatorId: 'admin',
    });
  });

  it('that cannot start says everything that is wrong', async () => {
    const { api, post } = await startOnFakeClock();
    await put(api, '/flags/checkout', aFlag());
    await put(api, '/experiments/e', { ...EXPERIMENT, metrics: [{ key: 'nope' }] });
    const { message } = (await post('/experiments/e/start', { adjustFlag: true }, 409)).body;
    expect(message).toContain('No rule of the flag serves all compared variations');
    expect(message).toContain('There is no metric nope');
    expect((await api('GET', '/experiments/e')).body).toMatchObject({ state: 'draft', iterations: [] });
  });

  it('goes its way: running, paused, running, stopped, running again, stopped, archived, gone', async () => {
    const { api, start, post, clock, track, results } = await startOnFakeClock();
    const seen: string[] = [];
    const act = async (action: string) => seen.push((await post(`/experiments/e/${action}`)).body.state);
    await start();
    await track({ user: 'a', shown: 'off', at: clock.time });
    await act('pause');
    clock.time += HOUR;
    await track({ user: 'b', shown: 'off', at: clock.time });
    await act('resume');
    clock.time += HOUR;
    await track({ user: 'c', shown: 'off', at: clock.time });
    await act('stop');
    expect(await results()).toMatchObject({ users: 2, iteration: { number: 1, pauses: [{}], isFrozen: false } });
    expect((await api('PUT', '/experiments/e', { ...EXPERIMENT, alpha: 0.01 })).body.state).toBe('stopped');
    clock.time += HOUR;
    await act('start');
    await track({ user: 'd', shown: 'on', at: clock.time });
    expect(await results()).toMatchObject({ users: 1, alpha: 0.01, iteration: { number: 2 } });
    expect(await results('?iteration=1')).toMatchObject({ users: 2, alpha: 0.05 });
    expect((await api('GET', '/experiments/e/results?iteration=3')).status).toBe(404);
    expect((await api('PUT', '/experiments/e', EXPERIMENT)).body).toMatchObject({ code: 'wrong-state' });
    expect((await api('DELETE', '/experiments/e')).body).toMatchObject({ code: 'wrong-state' });
    for (const action of ['stop', 'archive', 'restore', 'archive']) await act(action);
    expect(seen).toEqual(['paused', 'running', 'stopped', 'running', 'stopped', 'archived', 'stopped', 'archived']);
    expect((await api('DELETE', '/experiments/e')).status).toBe(204);
    await put(api, '/experiments/e', EXPERIMENT);
    expect((await api('GET', '/experiments/e')).body).toMatchObject({ state: 'draft', iterations: [] });
  });

  it('counts from the start of the new iteration when it is begun anew', async () => {
    const { start, post, clock, track, results } = await startOnFakeClock();
    await start();
    await track({ user: 'a', shown: 'off', at: clock.time });
    clock.time += HOUR;
    expect((await post('/experiments/e/restart')).body).toMatchObject({
      state: 'running',
      iterations: [{ number: 1 }, { number: 2 }],
    });
    await track({ user: 'b', shown: 'on', at: clock.time }, { user: 'c', shown: 'on', at: clock.time - 1 });
    expect(await results()).toMatchObject({ users: 1, iteration: { number: 2, end: null } });
    expect(await results('?iteration=1')).toMatchObject({
      users: 2,
      iteration: { end: new Date(clock.time).toISOString() },
    });
  });

  it('ends after the newest event that it has counted, whatever the clocks of SDKs', async () => {
    const { start, post, clock, track, results } = await startOnFakeClock();
    await start();
    const ahead = clock.time + 4 * 60_000;
    await track({ user: 'a', shown: 'off', at: ahead });
    await post('/experiments/e/stop');
    expect(await results()).toMatchObject({ users: 1, iteration: { end: new Date(ahead + 1).toISOString() } });
  });

  it('goes on where it was when the center was stopped and started, and knows what it has taken', async () => {
    const options = { dataFolder: temporaryFolder() };
    const { api, center, environment, call, ...first } = await startExperimentCenter({}, options);
    await first.post('/experiments/e/start');
    const at = Date.now();
    const body = await first.track({ user: 'a', shown: 'off', at }, { user: 'a', event: 'purchase', at });
    const before = await first.results();
    await center.close();
    const second = await startTestCenter(options);
    const headers = { authorization: environment.serverSecret };
    for (const sent of [body, body.replaceAll('"a"', '"b"')]) {
      expect((await second.call('POST', '/api/public/insight/track', { headers, body: sent })).status).toBe(200);
    }
    const after = (await second.api('GET', '/experiments/e/results')).body;
    expect([before.users, after.users, after.replays]).toEqual([1, 2, 1]);
  });
});

describe('a change of the flag while an experiment runs', () => {
  it('is seen, marked and shown, and nothing sound is concluded', async () => {
    const { api, start, track, clock, results } = await startOnFakeClock();
    await start();
    await track(...users('c', 'off', 400, 40, clock.time), ...users('t', 'on', 400, 120, clock.time));
    expect(await results()).toMatchObject({ verdict: 'better', iteration: { isSound: true, marks: [] } });
    clock.time += HOUR;
    await put(api, '/flags/checkout', { ...CHECKOUT, name: 'Only another name' });
    await put(api, '/flags/checkout', { ...CHECKOUT, targetUsers: [{ keyIds: ['x'], variationId: 'on' }] });
    const { verdict, sentence, iteration } = await settled(results, ({ iteration: { marks } }) => marks.length > 0);
    expect(verdict).toBe('unsound');
    expect(sentence).toContain('targets');
    expect(iteration).toMatchObject({ isSound: false, marks: [{ what: ['targets'], by: 'admin', isUnsound: true }] });
  });

  it('of the switch alone is shown, and changes nothing', async () => {
    const { start, post, track, clock, results } = await startOnFakeClock();
    await start();
    await track({ user: 'a', shown: 'off', at: clock.time });
    await post('/flags/checkout/toggle');
    const { iteration, verdict } = await settled(results, ({ iteration: { marks } }) => marks.length > 0);
    expect(iteration).toMatchObject({ isSound: true, marks: [{ what: ['switch'], isUnsound: false }] });
    expect(verdict).not.toBe('unsound');
  });

  it('can be one of a segment that the flag asks about', async () => {
    const { api, start, results } = await startOnFakeClock();
    await put(api, '/segments/beta', { included: ['a'] });
    const rules = [
      {
        conditions: [{ property: 'User is in segment', op: null, value: '["beta"]' }],
        includedInExpt: true,
        variations: CHECKOUT.fallthrough.variations,
      },
    ];
    await put(api, '/flags/checkout', { ...CHECKOUT, rules });
    await start();
    await put(api, '/segments/beta', { included: ['a', 'b'] });
    const { iteration } = await settled(results, ({ iteration: { marks } }) => marks.length > 0);
    expect(iteration.marks).toMatchObject([{ what: ['segment beta'], isUnsound: true }]);
  });
});

/** Marks are made after the change was answered: asks until they are there. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
async function settled(results: () => Promise<any>, isThere: (body: any) => boolean): Promise<any> {
  for (;;) {
    const body = await results();
    if (isThere(body)) return body;
  }
}

describe('results', () => {
  it('say everything that a result depends on', async () => {
    const { start, track, clock, results } = await startOnFakeClock();
    await start();
    const at = clock.time;
    await track(...users('c', 'off', 1_000, 100, at), ...users('t', 'on', 1_000, 160, at));
    await track({ user: 'c-0', shown: 'on', at });
    const body = await results();
    expect(body).toMatchObject({
      key: 'e',
      state: 'running',
      verdict: 'better',
      method: 'always-valid',
      users: 1_999,
      plannedUsers: 10_000,
      lastEventAt: new Date(at + 1).toISOString(),
      excluded: { several: 1, targeted: 0, segment: 0 },
      late: 0,
      replays: 0,
      refusedRequests: 0,
      split: { status: 'ok', alarm: false },
      variations: [
        { id: 'off', isControl: true, users: 999, weight: 0.5 },
        { id: 'on', isControl: false, users: 1_000, weight: 0.5 },
      ],
      metrics: [
        {
          key: 'purchases',
          values: [
            { variation: 'off', users: 999, nonzero: 99, value: 99 / 999 },
            { variation: 'on', users: 1_000, nonzero: 160, value: 0.16 },
          ],
          comparisons: [{ variation: 'on', verdict: 'better', result: { status: 'ok' }, bayes: {} }],
        },
      ],
    });
    expect(body.sentence).toMatch(/^“true” is better in Purchases: \+6\d %, between \+\d\.\d % and \+\d+ %\./);
  });

  it('are no verdict before there may be one, however clear it looks', async () => {
    const { start, track, clock, results } = await startOnFakeClock();
    await start();
    expect(await results()).toMatchObject({ verdict: 'no-users' });
    await track(...users('c', 'off', 99, 30, clock.time), ...users('t', 'on', 99, 90, clock.time));
    expect(await results()).toMatchObject({
      verdict: 'collecting',
      sentence: expect.stringContaining('Nothing may be concluded yet'),
    });
    await track({ user: 'c-x', shown: 'off', at: clock.time }, { user: 't-x', shown: 'on', at: clock.time });
    expect(await results()).toMatchObject({ verdict: 'better' });
  });

  it('of a wrong split conclude nothing', async () => {
    const { start, track, clock, results } = await startOnFakeClock();
    await start();
    await track(...users('c', 'off', 400, 40, clock.time), ...users('t', 'on', 600, 200, clock.time));
    expect(await results()).toMatchObject({ verdict: 'wrong-split', split: { alarm: true } });
  });

  it('of a guardrail that suffers say so first', async () => {
    const { api, start, track, clock, results } = await startOnFakeClock();
    await put(api, '/metrics/errors', { type: 'conversion', event: 'error', lowerIsBetter: true });
    await put(api, '/experiments/e', {
      ...EXPERIMENT,
      metrics: [{ key: 'purchases' }, { key: 'errors', role: 'guardrail' }],
    });
    await start();
    await track(...users('c', 'off', 500, 50, clock.time), ...users('t', 'on', 500, 150, clock.time));
    const failing = [
      ...Array.from({ length: 30 }, (_, index) => `c-${index}`),
      ...Array.from({ length: 120 }, (_, index) => `t-${index}`),
    ];
    await track(...failing.map((user) => ({ user, event: 'error', at: clock.time + 1 })));
    const body = await results();
    expect(body.verdict).toBe('harm');
    expect(body.sentence).toMatch(/^“true” does harm to errors.*“true” is better in Purchases/);
  });

  it('warn of users with several variations, and of one who makes a sum alone', async () => {
    const { api, start, track, clock, results } = await startOnFakeClock();
    await put(api, '/metrics/revenue', { type: 'sum', event: 'purchase' });
    await put(api, '/experiments/e', { ...EXPERIMENT, metrics: [{ key: 'revenue' }] });
    await start();
    await track(...users('c', 'off', 300, 300, clock.time), ...users('t', 'on', 300, 300, clock.time));
    expect((await results()).warnings).toEqual([]);
    await track(...users('c', 'on', 10, 0, clock.time + 5), {
      user: 't-0',
      event: 'purchase',
      value: 1_000,
      at: clock.time + 5,
    });
    expect((await results()).warnings.map(({ code }: { code: string }) => code)).toEqual([
      'several-variations',
      'one-user',
    ]);
  });

  it('leave out targets of the flag, and users of a segment', async () => {
    const { api, start, track, clock, results } = await startOnFakeClock();
    await put(api, '/segments/bots', {
      included: ['bot'],
      rules: [{ conditions: [{ property: 'agent', op: 'Contains', value: 'crawler' }] }],
    });
    await put(api, '/flags/checkout', { ...CHECKOUT, targetUsers: [{ keyIds: ['boss'], variationId: 'on' }] });
    await put(api, '/experiments/e', { ...EXPERIMENT, excludedSegment: 'bots' });
    await start();
    const at = clock.time;
    await track(
      { user: 'boss', shown: 'on', at },
      { user: 'bot', shown: 'on', at },
      { user: 'x', shown: 'on', at, attributes: { agent: 'a crawler' } },
      { user: 'y', shown: 'on', at, attributes: { agent: 'a browser' } },
    );
    expect(await results()).toMatchObject({ users: 1, excluded: { several: 0, targeted: 1, segment: 2 } });
  });

  it('can be had as a table', async () => {
    const { api, start, track, clock } = await startOnFakeClock();
    await put(api, '/metrics/=1+1', { type: 'sum', event: 'a,"b' });
    await put(api, '/experiments/e', { ...EXPERIMENT, metrics: [{ key: 'purchases' }, { key: '=1+1' }] });
    await start();
    await track(...users('c', 'off', 4, 1, clock.time), ...users('t', 'on', 4, 2, clock.time));
    const response = await fetchText(api, '/experiments/e/results.csv');
    const [head, ...rows] = response.trimEnd().split('\r\n');
    expect(head?.split(',')).toHaveLength(19);
    expect(rows.map((row) => row.split(',').slice(0, 9))).toEqual([
      ['purchases', 'goal', 'off', 'true', '4', '1', '1', '0.25', ''],
      ['purchases', 'goal', 'on', 'false', '4', '2', '2', '0.5', 'collecting'],
      ["'=1+1", 'secondary', 'off', 'true', '4', '0', '0', '0', ''],
      ["'=1+1", 'secondary', 'on', 'false', '4', '0', '0', '0', 'no-variance'],
    ]);
    for (const row of rows) expect(row.split(',')).toHaveLength(19);
  });

  it('are the same when they are counted anew', async () => {
    const { start, track, clock, results, post } = await startOnFakeClock();
    await start();
    await track(...users('c', 'off', 300, 30, clock.time), ...users('t', 'on', 300, 60, clock.time));
    const before = await results();
    await post('/experiments/e/recount');
    expect(await results()).toEqual(before);
  });
});

describe('an experiment that has ended', () => {
  it('rolls the winner out through the ordinary edit', async () => {
    const { api, start, post, results } = await startOnFakeClock();
    await start();
    await post('/experiments/e/decide', { rollOut: 'nope' }, 400);
    await post('/experiments/e/decide', {}, 400);
    await post('/experiments/e/decide', { rollOut: 'on', putBack: true }, 400);
    const decided = await post('/experiments/e/decide', { rollOut: 'on' });
    expect(decided.body).toMatchObject({
      state: 'stopped',
      decision: { kind: 'roll-out', variation: 'on', by: { kind: 'settings-token' } },
    });
    expect((await api('GET', '/flags/checkout')).body).toMatchObject({
      updatorId: 'admin',
      fallthrough: { includedInExpt: false, variations: [{ id: 'on', rollout: [0, 1] }] },
    });
    expect((await results()).iteration).toMatchObject({ isSound: true, marks: [] });
  });

  it('puts the control back', async () => {
    const { api, start, post } = await startOnFakeClock();
    await start();
    await post('/experiments/e/stop');
    await post('/experiments/e/decide', { putBack: true });
    expect((await api('GET', '/flags/checkout')).body.fallthrough.variations).toMatchObject([
      { id: 'off', rollout: [0, 1] },
    ]);
  });

  it.each<[what: string, code: string, change: (api: Api) => Promise<unknown>]>([
    [
      'serves the other one to all',
      'not-ready',
      (api) => put(api, '/flags/checkout', aFlag({ fallthrough: { variations: [{ id: 'off', rollout: [0, 1] }] } })),
    ],
    ['is archived', 'archived', (api) => api('POST', '/flags/checkout/archive')],
  ])('is not decided while its flag %s: it goes on, and no decision is kept', async (_, code, change) => {
    const { api, start, post } = await startOnFakeClock();
    await start();
    await change(api);
    const { body } = await post('/experiments/e/decide', { rollOut: 'on' }, 409);
    expect(body.code).toBe(code);
    expect((await api('GET', '/experiments/e')).body).toMatchObject({ state: 'running', decision: null });
  });

  it('is decided on the flag that it ran on, whatever flag is chosen for its next iteration', async () => {
    const { api, start, post } = await startOnFakeClock();
    await put(api, '/flags/other', { ...CHECKOUT, key: 'other' });
    await start();
    await post('/experiments/e/stop');
    await put(api, '/experiments/e', { ...EXPERIMENT, flagKey: 'other' });
    await post('/experiments/e/decide', { rollOut: 'on' });
    const served = async (key: string) => (await api('GET', `/flags/${key}`)).body.fallthrough.variations.length;
    expect([await served('checkout'), await served('other')]).toEqual([1, 2]);
  });

  it('takes events that are late for 72 hours, and not those that happened after its end', async () => {
    const { start, post, track, clock, results } = await startOnFakeClock();
    await start();
    const begin = clock.time;
    clock.time += HOUR;
    await post('/experiments/e/stop');
    clock.time += 71 * HOUR;
    await track({ user: 'a', shown: 'on', at: begin + 5 }, { user: 'b', shown: 'on', at: begin + HOUR });
    expect(await results()).toMatchObject({ users: 1, late: 0 });
    clock.time += 2 * HOUR;
    await track({ user: 'c', shown: 'on', at: begin + 5 });
    expect(await results()).toMatchObject({ users: 1, late: 1 });
  });

  it('keeps pseudonyms only as long as it counts', async () => {
    const { api, start, post } = await startOnFakeClock();
    expect((await api('DELETE', '/pseudonyms')).status).toBe(204);
    await start();
    expect((await api('DELETE', '/pseudonyms')).body).toMatchObject({ code: 'wrong-state' });
    await post('/experiments/e/stop');
    expect((await api('DELETE', '/pseudonyms')).body).toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining('72 hours'),
    });
  });
});

describe('the list of experiments', () => {
  it('says of each what runs, since when, for how many days, and the verdict in a word', async () => {
    const { api, start, track, clock } = await startOnFakeClock();
    await put(api, '/experiments/e', { ...EXPERIMENT, metrics: [{ key: 'purchases', plannedEffect: 0.1 }] });
    await start();
    const began = new Date(clock.time).toISOString();
    await track(...users('c', 'off', 500, 50, clock.time), ...users('t', 'on', 500, 55, clock.time));
    clock.time += DAY;
    expect((await api('GET', '/experiments')).body.items[0]).toMatchObject({
      ...{
        key: 'e',
        name: 'New checkout',
        flagKey: 'checkout',
        state: 'running',
        start: began,
        end: null,
        users: 1_000,
      },
      ...{ verdict: 'undecided', daysLeft: expect.any(Number), sentence: expect.stringContaining('more users') },
    });
  });
});

/** An answer that is no JSON. */
async function fetchText(api: Awaited<ReturnType<typeof startExperimentCenter>>['api'], path: string): Promise<string> {
  return (await api('GET', path)).text;
}
