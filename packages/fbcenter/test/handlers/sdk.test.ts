import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.js';
import type { Answer } from '../../src/http/answer.js';
import { UnknownFlags } from '../../src/insights/unknown-flags.js';
import type { Environment } from '../../src/model/environment.js';
import { SharedMemory } from '../../src/runtime/shared-memory.js';
import { aStorage } from '../support/a-storage.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';
import { exchangeOf } from '../support/exchange.js';
import { FakeClock } from '../support/fake-clock.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { replacing } from '../support/replacing.js';
import { NOTHING } from '../support/tallies.js';
import { trackedCounts } from '../support/tracked.js';

const putFlag = (world: HandlerWorld, key: string, overrides = {}) =>
  world.ask(world.handlers.flags.put, { params: { key }, body: aFlag(overrides) });
const user = { keyId: 'u1', name: 'Ann', customizedProperties: [] };

describe('a poll', () => {
  const poll = (world: HandlerWorld, query = '') => world.ask(world.handlers.sdk.latestAll, { query });

  it('gets everything without a cursor, what is newer with one, and an empty body when nothing is', async () => {
    const world = await handlerWorld();
    await putFlag(world, 'a');
    await world.ask(world.handlers.segments.put, { params: { key: 's' }, body: aSegment() });
    await putFlag(world, 'b');
    const { time } = world.clock;
    const seen = async (query: string) => {
      const { body } = await poll(world, query);
      if (body === undefined) return 'nothing';
      const { eventType, featureFlags, segments } = body.data;
      return [eventType, ...featureFlags.map(({ key }: { key: string }) => key), segments.length];
    };
    expect(await seen('')).toEqual(['full', 'a', 'b', 1]);
    expect(await seen('timestamp=0')).toEqual(['full', 'a', 'b', 1]);
    expect(await seen(`timestamp=${time}`)).toEqual(['patch', 'b', 1]);
    expect(await seen(`timestamp=${time + 1}`)).toEqual(['patch', 'b', 0]);
    expect(await seen(`timestamp=${time + 2}`)).toBe('nothing');
    // A cursor that this environment never had is no reason to believe that the SDK holds something of it.
    for (const unknown of [1, time - 1, time + 3, Number.MAX_SAFE_INTEGER]) {
      expect(await seen(`timestamp=${unknown}`)).toEqual(['full', 'a', 'b', 1]);
    }
  });

  it.each(['-1', 'x', '', '1.5', '1e3', '9007199254740993', 'NaN', '%20'])(
    'with the cursor %j is refused',
    async (cursor) => {
      expect(await poll(await handlerWorld(), `timestamp=${cursor}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', message: expect.stringContaining('timestamp must be a whole number from 0') },
      });
    },
  );

  it('that cannot be answered gives its room back', async () => {
    const storage = await aStorage();
    const fail = async () => {
      throw new StorageError('The storage is unavailable: try again later.');
    };
    const changes = { ...storage.changes, everything: fail, pages: fail, since: fail };
    const world = await handlerWorld({ storage: replacing(storage, { changes }) });
    expect(await poll(world)).toMatchObject({ status: 503, body: { code: 'storage-unavailable' } });
    expect(world.budget.taken).toBe(0);
  });

  it('brings the room for its answer along', async () => {
    const world = await handlerWorld();
    const answer = await world.handlers.sdk.latestAll(exchangeOf({ environment: world.environment }));
    expect(answer.transfer).toBeDefined();
    answer.transfer?.end();
  });
});

describe('an evaluation of all flags', () => {
  type Evaluate = (world: HandlerWorld, environment: Environment, isGone?: () => boolean) => Promise<Answer>;
  const evaluations: readonly [string, Evaluate][] = [
    [
      "FeatBit's call",
      ({ handlers }, environment, isGone = () => false) =>
        handlers.sdk.evaluate(exchangeOf({ environment, isGone, body: { user } })),
    ],
    [
      "OpenFeature's",
      ({ handlers }, environment, isGone = () => false) =>
        handlers.ofrep.flags(exchangeOf({ environment, isGone, body: { context: { targetingKey: 'u' } } })),
    ],
  ];
  const value = 'x'.repeat(100_000);
  const variations = [
    { id: 'on', value },
    { id: 'off', value: '' },
  ];

  it("counts its bytes as its own while it waits to be sent, and gives them back: FeatBit's call", async () => {
    const world = await handlerWorld();
    for (const key of ['a', 'b']) await putFlag(world, key, { variationType: 'string', variations });
    const answer = await world.handlers.sdk.evaluate(exchangeOf({ environment: world.environment, body: { user } }));
    // What the kernel may hold of it, and the answer itself.
    expect(world.budget.taken).toBeGreaterThan(400_000);
    expect(world.budget.taken).toBeLessThan(420_000);
    answer.transfer?.end();
    expect(world.budget.taken).toBe(0);
  });

  it.each<[string, (world: HandlerWorld, name: string) => Promise<Answer>]>([
    [
      "OpenFeature's",
      ({ handlers, environment }, targetingKey) =>
        handlers.ofrep.flags(exchangeOf({ environment, body: { context: { targetingKey } } })),
    ],
    [
      "of browsers' SDKs",
      ({ handlers, environment }, keyId) => handlers.clientSdk.latestAll(exchangeOf({ environment, body: { keyId } })),
    ],
  ])('shares its bytes with those of all users who are served the same: %s', async (_, ask) => {
    const world = await handlerWorld();
    for (const key of ['a', 'b']) await putFlag(world, key, { variationType: 'string', variations });
    const memory = new SharedMemory();
    const sizes: number[] = [];
    for (let user = 0; user < 20; user++) {
      const { body, transfer } = await ask(world, `u${user}`);
      if (body.kind !== 'json-bytes') expect.unreachable();
      memory.hold(body.content);
      sizes.push(memory.bytes);
      transfer?.end();
    }
    expect(sizes[0]).toBeGreaterThan(200_000);
    expect((sizes.at(-1) ?? 0) - (sizes[0] ?? 0)).toBeLessThan(20_000);
  });

  it.each(evaluations)('is not made for a client that is gone, and takes no room: %s', async (_, ask) => {
    const world = await handlerWorld();
    for (const key of ['a', 'b']) await putFlag(world, key, { variationType: 'string', variations });
    await expect(ask(world, world.environment, () => true)).rejects.toMatchObject({ statusCode: 408 });
    expect(world.budget.taken).toBe(0);
  });

  it.each(evaluations)('is not made before there is room for it: %s', async (_, ask) => {
    const world = await handlerWorld();
    for (const key of ['a', 'b']) await putFlag(world, key, { variationType: 'string', variations });
    await world.live.of(world.environment.id).flags.current();
    const before = await world.budget.take(64 * 1024 * 1024, '', false);
    let isMade = false;
    const asked = ask(world, world.environment).then(({ transfer }) => {
      isMade = true;
      transfer?.end();
    });
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    expect(isMade).toBe(false);
    before.end();
    await asked;
    expect(world.budget.taken).toBe(0);
  });
});

describe('events', () => {
  const track = (world: HandlerWorld, body: unknown) => world.ask(world.handlers.sdk.track, { body });
  const served = (featureFlagKey: string, id: string, more = {}) => ({ featureFlagKey, variation: { id }, ...more });
  const metric = (numericValue: unknown, eventName: unknown = 'buy') => ({ eventName, numericValue });

  it('are counted, and each is either accepted or rejected', async () => {
    const world = await handlerWorld();
    await putFlag(world, 'f');
    const body = [
      { user, variations: [served('f', 'on'), served('f', 'off', { sendToExperiment: true }), served('g', 'on')] },
      { user, metrics: [metric(2), metric('3.5'), metric('four')] },
      { user },
      { variations: [served('f', 'on')] },
      'no item',
    ];
    const answer = await track(world, body);
    expect([answer.status, answer.body, trackedCounts(answer.headers)]).toEqual([
      200,
      undefined,
      { accepted: 5, rejected: 4 },
    ]);
    const report = (await world.ask(world.handlers.insights.get)).body;
    expect(report).toMatchObject({
      flags: [{ key: 'f', count: 2 }],
      metrics: [{ eventName: 'buy', count: 2, sum: 5.5, min: 2, max: 3.5 }],
      identifications: 1,
      rejected: 4,
    });
  });

  it('of flags that nobody has made are noted up to a thousand of a request, of a server secret only', async () => {
    const noted: string[] = [];
    const world = await handlerWorld({
      unknownFlags: Object.assign(new UnknownFlags(new FakeClock()), {
        note: (_: string, key: string) => void noted.push(key),
      }),
    });
    const body = [{ user, variations: Array.from({ length: 1_500 }, (_, index) => served(`made-up-${index}`, 'on')) }];
    const caller = (secret: 'server' | 'client') =>
      ({ kind: 'sdk', environment: world.environment, secret, secretId: 's' }) as const;
    await world.ask(world.handlers.sdk.track, { body, caller: caller('client') });
    expect(noted).toEqual([]);
    const { headers } = await world.ask(world.handlers.sdk.track, { body, caller: caller('server') });
    expect(trackedCounts(headers).rejected).toBe(1_500);
    expect(noted).toHaveLength(1_000);
  });

  it('of a variation or a flag that is not there are rejected, of an archived flag not', async () => {
    const world = await handlerWorld();
    await putFlag(world, 'f');
    await world.ask(world.handlers.flags.archive, { params: { key: 'f' } });
    const variations = [served('f', 'on'), served('f', 'other'), served('g', 'on'), served('__proto__', 'on')];
    expect(trackedCounts((await track(world, [{ user, variations }])).headers)).toEqual({ accepted: 1, rejected: 3 });
  });

  it.each([undefined, null, {}, 'text', 7])('of the body %j are refused, and counted nowhere', async (body) => {
    const world = await handlerWorld();
    expect(await track(world, body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect(world.reported).toEqual([]);
  });

  it('of nobody are accepted, and are nothing', async () => {
    const world = await handlerWorld();
    expect(trackedCounts((await track(world, [])).headers)).toEqual({ accepted: 0, rejected: 0 });
    expect(world.reported).toEqual([NOTHING]);
  });

  it('are reported once they are kept, and not when they could not be', async () => {
    const world = await handlerWorld();
    await track(world, [{ user }]);
    expect(world.reported).toEqual([{ ...NOTHING, identifications: 1 }]);
    const storage = await aStorage();
    const record = async () => {
      throw new StorageError('The disk is full: make room on it.');
    };
    const insights = { ...storage.insights, record };
    const full = await handlerWorld({ storage: replacing(storage, { insights }) });
    expect(await track(full, [{ user }])).toMatchObject({ status: 503 });
    expect(full.reported).toEqual([]);
  });

  it('begin anew once they are forgotten', async () => {
    const world = await handlerWorld();
    await putFlag(world, 'f');
    await track(world, [{ user, variations: [served('f', 'on')], metrics: [metric(1)] }, {}]);
    expect(await world.ask(world.handlers.insights.reset)).toEqual({ status: 204, headers: {}, body: undefined });
    expect((await world.ask(world.handlers.insights.get)).body).toEqual({
      flags: [],
      metrics: [],
      identifications: 0,
      rejected: 0,
      overflow: { evaluations: 0, metrics: 0 },
    });
  });

  it('of several variations are one flag in the report, with the sum of its counts', async () => {
    const world = await handlerWorld();
    await putFlag(world, 'f');
    await putFlag(world, 'g');
    const experiment = { sendToExperiment: true };
    await track(world, [{ user, variations: [served('f', 'on'), served('g', 'on'), served('f', 'off', experiment)] }]);
    await track(world, [{ user, variations: [served('f', 'off')] }]);
    const lastAt = new Date(world.clock.time).toISOString();
    expect((await world.ask(world.handlers.insights.get)).body.flags).toEqual([
      {
        key: 'f',
        count: 3,
        variations: [
          { id: 'off', count: 2, experimentCount: 1, lastAt },
          { id: 'on', count: 1, experimentCount: 0, lastAt },
        ],
      },
      { key: 'g', count: 1, variations: [{ id: 'on', count: 1, experimentCount: 0, lastAt }] },
    ]);
  });
});

describe('an evaluation in the center', () => {
  const evaluate = (world: HandlerWorld, body: unknown) => world.ask(world.handlers.sdk.evaluate, { body });
  const results = async (world: HandlerWorld, body: unknown) =>
    Object.fromEntries(
      // biome-ignore lint/suspicious/noExplicitAny: what came
      (await evaluate(world, body)).body.map(({ key, variation }: any) => [
        key,
        variation.value ?? variation.matchReason,
      ]),
    );

  async function withFlags() {
    const world = await handlerWorld();
    await putFlag(world, 'plain', { tags: ['a'] });
    await putFlag(world, 'ruled', {
      tags: ['a', 'b'],
      rules: [aRule({ property: 'country', op: 'Equal', value: 'de' }, 'off')],
    });
    await putFlag(world, 'off', { isEnabled: false });
    await putFlag(world, 'gone', { isArchived: true, tags: ['b'] });
    return world;
  }

  it('has every flag, with what was served and why', async () => {
    const world = await withFlags();
    const german = { ...user, customizedProperties: [{ name: 'country', value: 'de' }] };
    expect(await results(world, { user })).toEqual({
      plain: 'true',
      ruled: 'true',
      off: 'false',
      gone: 'flag archived',
    });
    expect(await results(world, { user: german })).toMatchObject({ ruled: 'false' });
    const { body } = await evaluate(world, { user: german, filter: { keys: ['ruled'] } });
    expect(body).toEqual([
      {
        key: 'ruled',
        variation: { id: 'off', type: 'boolean', value: 'false', matchReason: '', sendToExperiment: true },
      },
    ]);
  });

  it.each<[filter: unknown, keys: readonly string[]]>([
    [undefined, ['gone', 'off', 'plain', 'ruled']],
    [null, ['gone', 'off', 'plain', 'ruled']],
    ['text', ['gone', 'off', 'plain', 'ruled']],
    [{}, ['gone', 'off', 'plain', 'ruled']],
    [{ keys: null, tags: null, tagFilterMode: null }, ['gone', 'off', 'plain', 'ruled']],
    [{ keys: [] }, ['gone', 'off', 'plain', 'ruled']],
    [{ keys: ['plain', 'plain', 'none'] }, ['plain']],
    [{ keys: ['__proto__', 'constructor'] }, []],
    [{ tags: [] }, ['gone', 'off', 'plain', 'ruled']],
    [{ tags: ['a'] }, ['plain', 'ruled']],
    [{ tags: ['a', 'b'] }, ['ruled']],
    [{ tags: ['a', 'b'], tagFilterMode: 'or' }, ['gone', 'plain', 'ruled']],
    [{ tags: ['c'], tagFilterMode: 'or' }, []],
    [{ keys: ['off', 'gone'], tags: ['b'] }, ['gone']],
  ])('filtered by %j has the flags %j', async (filter, keys) => {
    expect(Object.keys(await results(await withFlags(), { user, filter })).sort()).toEqual(keys);
  });

  it.each<[body: unknown, message: string]>([
    [undefined, 'user.keyId must be'],
    [null, 'user.keyId must be'],
    [{}, 'user.keyId must be'],
    [{ user: null }, 'user.keyId must be'],
    [{ user: { keyId: '' } }, 'user.keyId must be'],
    [{ user: { keyId: ' ' } }, 'user.keyId must be'],
    [{ user: { keyId: 5 } }, 'user.keyId must be'],
    [{ user: { name: 'Ann' } }, 'user.keyId must be'],
    [{ user, filter: { keys: 'plain' } }, 'filter.keys must be an array of strings'],
    [{ user, filter: { keys: ['plain', 5] } }, 'filter.keys must be an array of strings'],
    [{ user, filter: { tags: {} } }, 'filter.tags must be an array of strings'],
    [{ user, filter: { tagFilterMode: 'AND' } }, 'filter.tagFilterMode must be "and" or "or"'],
    [{ user, filter: { tagFilterMode: true } }, 'filter.tagFilterMode must be "and" or "or"'],
  ])('of %j is refused', async (body, message) => {
    expect(await evaluate(await handlerWorld(), body)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', message: expect.stringContaining(message) },
    });
  });

  it('follows each change, and no deleted flag is in it', async () => {
    const world = await withFlags();
    await evaluate(world, { user });
    await world.ask(world.handlers.flags.toggle, { params: { key: 'plain' } });
    await world.ask(world.handlers.flags.delete, { params: { key: 'gone' } });
    expect(await results(world, { user })).toEqual({ plain: 'false', ruled: 'true', off: 'false' });
  });

  it('is counted nowhere: SDKs report what they serve', async () => {
    const world = await withFlags();
    await evaluate(world, { user });
    expect((await world.ask(world.handlers.insights.get)).body.flags).toEqual([]);
  });
});

describe('health', () => {
  it('lives whatever the storage does, and is ready when it answers', async () => {
    const storage = await aStorage();
    let problem: Error | undefined;
    const ping = async () => {
      if (problem !== undefined) throw problem;
    };
    const world = await handlerWorld({ storage: replacing(storage, { ping }) });
    const healthy = { status: 200, headers: {}, body: { status: 'Healthy' } };
    expect(await world.ask(world.handlers.health.readiness)).toEqual(healthy);
    problem = new StorageError('The disk is full: make room on it.');
    expect(await world.ask(world.handlers.health.readiness)).toMatchObject({
      status: 503,
      body: { code: 'storage-unavailable' },
    });
    expect(await world.ask(world.handlers.health.liveness)).toEqual(healthy);
    problem = undefined;
    expect(await world.ask(world.handlers.health.readiness)).toEqual(healthy);
  });
});
