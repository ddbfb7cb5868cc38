/**
 * `npm run check:redis`: `fbclient/redis` with each client that it names and a real Redis, which is absent, muted, stopped and
 * started again meanwhile.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSink, FBClient } from 'fbclient';
import { type Persistence, redisPersistence } from 'fbclient/redis';
import { ensureRedis, RedisServer } from '../../../../scripts/redis-server.js';
import { CLIENTS } from './clients.js';

/** Shorter than what any client has by itself, so that it is seen that this one holds. */
const DEADLINE = 700;
/** Beyond the deadline there is only what a busy machine takes. */
const MUCH = 5_000;

const late = { code: 'REDIS_DEADLINE' };

/** Tries until it succeeds, as the SDK does: each client has its own pause before it connects again. */
async function eventually<T>(attempt: () => Promise<T> | T): Promise<T> {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await sleep(50);
  }
}

/** A call ends near its deadline with a failure: which one is the client's affair, when there is no connection. */
async function failsInTime(call: unknown, error?: { readonly code: string }): Promise<void> {
  const start = performance.now();
  await assert.rejects(Promise.resolve(call), error ?? Error);
  const took = performance.now() - start;
  assert.ok(took < DEADLINE + MUCH, `it took ${Math.round(took)} ms`);
}

interface Scene {
  readonly title: string;
  /** Whether Redis runs when the application starts. */
  readonly running: boolean;
  show(persistence: Persistence, server: RedisServer): Promise<void>;
}

function envelope(value: string): object {
  const flag = {
    key: 'greeting',
    updatedAt: new Date().toISOString(),
    isArchived: false,
    isEnabled: true,
    variationType: 'string',
    variations: [{ id: 'v', value }],
    targetUsers: [],
    rules: [],
    fallthrough: { includedInExpt: false, variations: [{ id: 'v', rollout: [0, 1], exptRollout: 1 }] },
    disabledVariationId: 'v',
    exptIncludeAllTargets: false,
  };
  return { messageType: 'data-sync', data: { eventType: 'full', featureFlags: [flag], segments: [] } };
}

/** A client of flags whose source says only what the scene gives it. */
function flags(persistence: Persistence): { readonly client: FBClient; readonly sink: DataSink } {
  let given: DataSink | undefined;
  const dataSource = {
    start: (sink: DataSink) => {
      given = sink;
    },
    close: () => undefined,
  };
  const client = new FBClient({ envSecret: 'redis', disableEvents: true, dataSource, persistence });
  assert.ok(given);
  return { client, sink: given };
}

const greeting = (client: FBClient): unknown => client.variation('greeting', { key: 'ada' }, 'none');

const SCENES: readonly Scene[] = [
  {
    title: 'running: each environment has what was saved last',
    running: true,
    show: async (persistence) => {
      assert.equal(await persistence.load('one'), undefined);
      await persistence.save('one', '"first"');
      await persistence.save('one', '"second ü"');
      await persistence.save('two', '"other"');
      assert.equal(await persistence.load('one'), '"second ü"');
      assert.equal(await persistence.load('two'), '"other"');
    },
  },
  {
    title: 'absent at the start: fails at the deadline, and works once it is there',
    running: false,
    show: async (persistence, server) => {
      await failsInTime(persistence.load('one'), late);
      await failsInTime(persistence.save('one', '"first"'));
      await server.start();
      await eventually(() => persistence.save('one', '"second"'));
      assert.equal(await eventually(() => persistence.load('one')), '"second"');
    },
  },
  {
    title: 'muted: fails at the deadline, and the newest is what stays',
    running: true,
    show: async (persistence, server) => {
      await persistence.save('one', '"zero"');
      server.mute();
      await failsInTime(persistence.load('one'), late);
      await failsInTime(persistence.save('one', '"first"'), late);
      await failsInTime(persistence.save('one', '"second"'), late);
      server.unmute();
      await eventually(() => persistence.save('one', '"third"'));
      await sleep(DEADLINE);
      assert.equal(await persistence.load('one'), '"third"');
    },
  },
  {
    title: 'stopped and started again: fails within the deadline, and works again by itself',
    running: true,
    show: async (persistence, server) => {
      await persistence.save('one', '"zero"');
      await server.stop();
      await failsInTime(persistence.save('one', '"first"'));
      await failsInTime(persistence.load('one'));
      await server.start();
      await eventually(() => persistence.save('one', '"second"'));
      assert.equal(await eventually(() => persistence.load('one')), '"second"');
    },
  },
  {
    title: 'the SDK: serves what an earlier process saved, and goes on while Redis is away',
    running: true,
    show: async (persistence, server) => {
      const before = flags(persistence);
      assert.ok(await before.sink.accept(envelope('hello')));
      // The last save comes with `close()`.
      await before.client.close();
      const after = flags(persistence);
      assert.equal(await after.client.waitForInitialization(), 'ready');
      assert.deepEqual([after.client.status, greeting(after.client)], ['Stale', 'hello']);
      await server.stop();
      assert.ok(await after.sink.accept(envelope('hello again')));
      assert.deepEqual([after.client.status, greeting(after.client)], ['Ready', 'hello again']);
      const start = performance.now();
      await after.client.close();
      assert.ok(performance.now() - start < DEADLINE + MUCH, 'close() waits for Redis');
    },
  },
];

ensureRedis();
const started = performance.now();
for (const [name, connect] of Object.entries(CLIENTS)) {
  for (const { title, running, show } of SCENES) {
    await using server = await RedisServer.onFreePort();
    if (running) await server.start();
    const { client, disconnect } = connect(server.port);
    try {
      await show(redisPersistence({ client, deadline: DEADLINE }), server);
      console.log(`ok     ${name}: ${title}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAILED ${name}: ${title}\n${error instanceof Error ? error.stack : error}`);
    } finally {
      disconnect();
    }
  }
}
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
