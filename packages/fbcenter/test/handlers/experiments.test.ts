import { describe, expect, it } from 'vitest';
import { aFlag } from '../support/documents.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';

const SETTINGS = { flagKey: 'f', control: 'off', treatments: ['on'], metrics: [{ key: 'm' }] };
const halves = {
  variations: [
    { id: 'off', rollout: [0, 0.5], exptRollout: 1 },
    { id: 'on', rollout: [0.5, 1], exptRollout: 1 },
  ],
};

type Act = Exclude<keyof HandlerWorld['handlers']['experiments'], 'list' | 'forgetPseudonyms'>;

/** An environment with a flag that divides its users, a metric, and an experiment that was set up. */
async function withExperiment() {
  const world = await handlerWorld();
  const { ask, handlers } = world;
  await ask(handlers.flags.put, {
    params: { key: 'f' },
    body: aFlag({ exptIncludeAllTargets: false, fallthrough: halves }),
  });
  await ask(handlers.metrics.put, { params: { key: 'm' }, body: { type: 'conversion', event: 'purchase' } });
  const act = (
    name: Act,
    body?: unknown,
    more: { key?: string; query?: string; headers?: Record<string, string> } = {},
  ) => {
    const { key = 'e', ...rest } = more;
    return ask(handlers.experiments[name], { params: { key }, body, ...rest });
  };
  const made = await act('put', SETTINGS);
  expect([made.status, JSON.stringify(made.body)]).toEqual([201, expect.any(String)]);
  return { ...world, world, act, made };
}

describe('an experiment that is set up', () => {
  it('is answered with its defaults and the tag of its revision', async () => {
    const { made } = await withExperiment();
    expect(made.headers.etag).toBe('"1"');
    expect(made.body).toMatchObject({
      ...{ key: 'e', state: 'draft', revision: 1, name: 'e', hypothesis: '', ...SETTINGS },
      ...{ metrics: [{ key: 'm', role: 'goal', margin: null, plannedEffect: null }], method: 'always-valid' },
      ...{ alpha: 0.05, power: 0.8, excludedSegment: null, decision: null, iterations: [] },
    });
  });

  it.each<[change: object, path: string, message: string]>([
    [{ flagKey: undefined }, 'flagKey', 'Required: a string.'],
    [{ flagKey: 'nope' }, 'flagKey', 'There is no flag of this key.'],
    [{ flagKey: ' ' }, 'flagKey', 'Must not be blank.'],
    [{ control: 'nope' }, 'control', 'No variation of the flag has this id: there are on, off.'],
    [{ treatments: [] }, 'treatments', 'Required: a variation to compare with the control.'],
    [{ treatments: ['off'] }, 'treatments[0]', 'This is the control.'],
    [{ treatments: ['on', 'on'] }, 'treatments[1]', 'Another one before it is the same.'],
    [{ treatments: 'on' }, 'treatments', 'Expected an array, got a string.'],
    [{ metrics: [{}] }, 'metrics[0].key', 'Required: a string.'],
    [{ metrics: [{ key: 'm' }, { key: 'm' }] }, 'metrics[1].key', 'Another one before it has the same key.'],
    [{ metrics: [{ key: 'm', role: 'aim' }] }, 'metrics[0].role', 'Expected one of goal, guardrail, secondary.'],
    [{ metrics: [{ key: 'm', plannedEffect: 0 }] }, 'metrics[0].plannedEffect', 'Must not be 0.'],
    [
      { metrics: [{ key: 'm', plannedEffekt: 1 }] },
      'metrics[0].plannedEffekt',
      'There is no such field: did you mean "plannedEffect"?',
    ],
    [{ method: 'both' }, 'method', 'Expected always-valid or fixed.'],
    [{ alpha: 0 }, 'alpha', 'Must be from 0.000001 to 0.5.'],
    [{ power: 1 }, 'power', 'Must be from 0.5 to 0.999.'],
    [{ plannedUsers: 99 }, 'plannedUsers', 'Must be from 100 to 10000000000.'],
    [{ hypothesis: 'x'.repeat(2_001) }, 'hypothesis', 'Must not be longer than 2000 characters.'],
    [{ name: '' }, 'name', 'Must not be blank.'],
    [{ nmae: 'x' }, 'nmae', 'There is no such field: did you mean "name"?'],
    [{ excludedSegment: 5 }, 'excludedSegment', 'Expected a string or null, got a number.'],
  ])('is not one with %j', async (change, path, message) => {
    const { act } = await withExperiment();
    const { status, body } = await act('put', { ...SETTINGS, ...change }, { key: 'other' });
    expect([status, body.code]).toEqual([400, 'invalid-document']);
    expect(body.faults.map((fault: { path: string; message: string }) => [fault.path, fault.message])).toContainEqual([
      path,
      message,
    ]);
    expect((await act('get', undefined, { key: 'other' })).status).toBe(404);
  });

  it('is changed by whoever has seen it as it is', async () => {
    const { act } = await withExperiment();
    const put = (tag: string) => act('put', { ...SETTINGS, name: `for ${tag}` }, { headers: { 'if-match': tag } });
    expect((await put('"1"')).status).toBe(200);
    for (const tag of ['"1"', '"3"', '"x"', 'W/"2"']) {
      expect(await put(tag)).toMatchObject({ status: 412, body: { code: 'version-mismatch' } });
    }
    expect((await put('*')).body).toMatchObject({ revision: 3, name: 'for *' });
    expect(await act('put', SETTINGS, { headers: { 'if-none-match': '*' } })).toMatchObject({ status: 412 });
  });
});

describe('what is done with an experiment', () => {
  const acts = [
    'start',
    'pause',
    'resume',
    'restart',
    'stop',
    'decide',
    'recount',
    'archive',
    'restore',
    'delete',
  ] as const;
  const bodyOf = (act: (typeof acts)[number]) => (act === 'decide' ? { putBack: true } : undefined);

  it.each(acts)('is not done with one that there is not: %s', async (name) => {
    const { act, storage } = await withExperiment();
    const before = await storage.audit.list({ limit: 100 });
    expect(await act(name, bodyOf(name), { key: 'nope' })).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await storage.audit.list({ limit: 100 })).toEqual(before);
  });

  it.each(['pause', 'resume', 'stop', 'decide', 'recount', 'restart', 'restore'] as const)(
    'is not done with one that was not started: %s',
    async (name) => {
      const { act } = await withExperiment();
      const answer = await act(name, bodyOf(name));
      expect([answer.status, answer.body.code]).toEqual([409, 'wrong-state']);
      expect((await act('get')).body).toMatchObject({ state: 'draft', revision: 1 });
    },
  );

  it.each<[body: unknown]>([
    [undefined],
    [null],
    [{}],
    [{ rollOut: 5 }],
    [{ rollOut: null }],
    [{ putBack: false }],
    [{ putBack: 'true' }],
    [{ rollOut: 'on', putBack: true }],
    [['on']],
  ])('is no decision: %j', async (body) => {
    const { act } = await withExperiment();
    expect(await act('decide', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', message: 'Send {"rollOut": "the id of a variation"} or {"putBack": true}.' },
    });
  });

  it.each<[body: unknown]>([
    [{ adjustFlag: 'true' }],
    [{ adjustFlag: null }],
    [{ adjustFlag: 1 }],
    [[]],
    ['x'],
    [5],
    [null],
  ])('is no start: %j', async (body) => {
    const { act } = await withExperiment();
    for (const name of ['start', 'restart'] as const) {
      expect(await act(name, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', message: 'Send {"adjustFlag": true}, or no body.' },
      });
    }
  });

  it('says before a start what speaks against it, and a start says the same', async () => {
    const { act } = await withExperiment();
    const checks = (await act('checks')).body;
    const errors = checks.checks.filter(({ level }: { level: string }) => level === 'error');
    expect(checks.canStart).toBe(errors.length === 0);
    const started = await act('start', { adjustFlag: checks.canStart ? false : checks.canStartAdjusted });
    expect(started.status).toBe(checks.canStart || checks.canStartAdjusted ? 200 : 409);
  });

  it('is told by the answer and the log, step by step', async () => {
    const { act, storage } = await withExperiment();
    const steps: [Act, string][] = [
      ['start', 'running'],
      ['pause', 'paused'],
      ['resume', 'running'],
      ['restart', 'running'],
      ['recount', 'running'],
      ['stop', 'stopped'],
      ['archive', 'archived'],
      ['restore', 'stopped'],
    ];
    for (const [name, state] of steps) {
      const { status, body } = await act(name, /start$/.test(name) ? { adjustFlag: true } : undefined);
      expect([name, status, body.state]).toEqual([name, 200, state]);
    }
    const { iterations } = (await act('get')).body;
    expect(iterations.map(({ number, end }: { number: number; end: unknown }) => [number, end === null])).toEqual([
      [1, false],
      [2, false],
    ]);
    const entries = await storage.audit.list({ kind: 'experiment', limit: 100 });
    expect(entries.map(({ action }) => action).toReversed()).toEqual(['create', ...steps.map(([name]) => name)]);
  });
});

describe('the results of an experiment', () => {
  it.each(['results', 'csv', 'text', 'series'] as const)('are not there before it was started: %s', async (name) => {
    const { act } = await withExperiment();
    expect(await act(name)).toMatchObject({
      status: 404,
      body: { code: 'not-found', message: 'The experiment has not been started yet.' },
    });
  });

  it('are of the latest iteration, or of the one that is named', async () => {
    const { act } = await withExperiment();
    await act('start', { adjustFlag: true });
    await act('restart', { adjustFlag: true });
    expect((await act('results')).body.iteration.number).toBe(2);
    expect((await act('results', undefined, { query: 'iteration=1' })).body.iteration.number).toBe(1);
    expect(await act('results', undefined, { query: 'iteration=3' })).toMatchObject({
      status: 404,
      body: { code: 'not-found', message: 'There is no such iteration.' },
    });
    for (const query of ['iteration=0', 'iteration=x', 'iteration=1.5']) {
      expect(await act('results', undefined, { query })).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
    }
  });

  it.each(['width=10', 'width=x', 'width=100000'])('are not drawn with ?%s', async (query) => {
    const { act } = await withExperiment();
    await act('start', { adjustFlag: true });
    const answer = await act('text', undefined, { query });
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/^width must be a whole number from/) },
    });
  });

  it('of nobody say so, in words, as a table and as a drawing', async () => {
    const { act, world } = await withExperiment();
    await act('start', { adjustFlag: true });
    const { body } = await act('results');
    expect(body).toMatchObject({ key: 'e', users: 0, verdict: 'no-users', decision: null });
    expect(String((await act('csv')).body)).toContain('\n');
    expect(String((await act('text')).body)).toContain('e');
    expect((await act('series')).body).toEqual({ points: [] });
    const list = await world.ask(world.handlers.experiments.list);
    expect(list.body.items).toMatchObject([{ key: 'e', state: 'running', users: 0, verdict: 'no-users' }]);
  });
});
