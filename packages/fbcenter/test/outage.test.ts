import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PostgresServer } from '../../../scripts/test-support/postgres-server.js';
import { loadLibrary } from '../src/storage/postgres/library.js';
import { openPostgresStorage } from '../src/storage/postgres/open.js';
import { DatabaseProxy } from './support/database-proxy.js';
import { aFlag } from './support/documents.js';
import { memoryLogger } from './support/memory-logger.js';
import { BreakableLibrary, HAS_POSTGRES, newSchema, PATIENT, postgresUrl } from './support/postgres.js';
import { syncedClient } from './support/stream-client.js';
import { put, startTestCenter } from './support/test-center.js';

/** Waits until something holds, however slow the machine is. */
const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 20_000, interval: 50 });

/** Longer than a center has it, for a machine that has much else to do. */
const PATIENCE = { connect: 3_000, lock: 3_000, statement: 4_000, answer: 5_000, silence: 2_500 };

/** What can be done to a database, and to the way to it. */
interface Victim {
  readonly server: PostgresServer;
  readonly proxy: DatabaseProxy;
  readonly library: BreakableLibrary;
}

/** The ways in which a database can be away, and how it comes back. */
const OUTAGES: readonly (readonly [title: string, begin: (victim: Victim) => Promise<() => Promise<void> | void>])[] = [
  [
    'is stopped',
    async ({ server }) => {
      await server.stop('fast');
      return () => server.start();
    },
  ],
  [
    'crashes',
    async ({ server }) => {
      await server.stop('immediate');
      return () => server.start();
    },
  ],
  ['hangs with all its connections', async ({ server }) => server.freeze()],
  [
    'is so slow that no answer comes in time',
    async ({ proxy }) => {
      proxy.slowDown(2 * PATIENCE.answer);
      return () => proxy.slowDown(0);
    },
  ],
  [
    'cannot be reached',
    async ({ proxy }) => {
      proxy.refuse(true);
      return () => proxy.refuse(false);
    },
  ],
  [
    'has a full disk',
    async ({ library }) => {
      library.refuseWrites('53100');
      return () => library.refuseWrites();
    },
  ],
  [
    'takes no changes',
    async ({ server }) => {
      const set = async (isReadOnly: boolean) => {
        await server.execute(`ALTER SYSTEM SET default_transaction_read_only = ${isReadOnly}`);
        await server.execute('SELECT pg_reload_conf()');
        // It is on its way: once a new connection has it, the others have been told.
        const value = isReadOnly ? 'on' : 'off';
        await eventually(async () =>
          expect((await server.execute('SHOW default_transaction_read_only')).trim()).toBe(value),
        );
      };
      await set(true);
      return () => set(false);
    },
  ],
];

describe.skipIf(!HAS_POSTGRES)('a center whose PostgreSQL is away', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    // Otherwise a crash may take back what was acknowledged.
    server = await PostgresServer.start(['synchronous_commit=on']);
  }, 120_000);
  afterAll(() => server[Symbol.asyncDispose](), 120_000);

  async function running(on = server) {
    const log = memoryLogger();
    const proxy = await DatabaseProxy.start(on.port);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const breakable = new BreakableLibrary();
    const library = await breakable.library();
    const url = proxy.url(on.url());
    const storage = await openPostgresStorage({ url, schema: newSchema(), log, patience: PATIENCE, library });
    const center = await startTestCenter({}, { storage });
    await put(center.api, '/flags/f', aFlag());
    const { client } = await syncedClient(center);
    const sdk = { headers: { authorization: center.environment.serverSecret } };
    return {
      ...center,
      client,
      log,
      victim: { server: on, proxy, library: breakable },
      poll: (query = '') => center.call('GET', `/api/public/sdk/server/latest-all${query}`, sdk),
      evaluate: () =>
        center.call('POST', '/api/public/featureflag/evaluate', {
          ...sdk,
          body: JSON.stringify({ user: { keyId: 'ada' } }),
        }),
      ready: async () => (await center.call('GET', '/health/readiness')).status,
    };
  }

  it.each(OUTAGES)(
    'answers writes with 503 and reads from memory when it %s, and recovers by itself',
    async (_, begin) => {
      const { api, call, center, poll, evaluate, ready, client, environment, log, victim } = await running();
      const readings = async () => {
        const answers = [await poll(), await evaluate(), await api('GET', '/flags')];
        return answers.map(({ status, body }) => ({ status, body }));
      };
      const before = await readings();
      expect(before.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await ready()).toBe(200);
      const end = await begin(victim);
      try {
        const refused = await api('PUT', '/flags/g', aFlag());
        expect([refused.status, refused.body.code]).toEqual([503, 'storage-unavailable']);
        expect(refused.body.message).toMatch(/database .* Nothing was changed\.$/);
        await eventually(async () => expect(await ready()).toBe(503));
        expect(await readings()).toEqual(before);
        const { answer } = await syncedClient({ center, environment, api, call });
        expect(answer.data.featureFlags.map(({ key }: { key: string }) => key)).toEqual(['f']);
        expect(client.socket.readyState).toBe(client.socket.OPEN);
      } finally {
        await end();
      }
      await eventually(async () => expect((await api('PUT', '/flags/h', aFlag())).status).toBeOneOf([200, 201]));
      expect((await client.next()).data.featureFlags[0].key).toBe('h');
      await eventually(async () => expect(await ready()).toBe(200));
      expect((await api('GET', '/flags/g')).status).toBe(404);
      const written = log.lines.join();
      expect(written).not.toContain(environment.serverSecret);
    },
    120_000,
  );

  it('goes on with a standby that is promoted, and refuses changes until then', async () => {
    const primary = await PostgresServer.start(['synchronous_commit=on']);
    onTestFinished(() => primary[Symbol.asyncDispose]());
    const { api, ready, client, victim } = await running(primary);
    const standby = await primary.startStandby();
    onTestFinished(() => standby[Symbol.asyncDispose]());
    await put(api, '/flags/g', aFlag());
    expect((await client.next()).data.featureFlags[0].key).toBe('g');
    // It has everything by now: what it lacked would be lost, as nobody waits for a standby by default.
    await eventually(async () => {
      const rows = await standby.query(
        'SELECT pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn() AS has_all, count(*) FROM pg_stat_wal_receiver',
      );
      expect(rows).toEqual([{ has_all: true, count: 1 }]);
    });
    await primary.stop('immediate');
    victim.proxy.leadTo(standby.port);
    await eventually(async () => {
      const { status, body } = await api('PUT', '/flags/h', aFlag());
      expect([status, body.message]).toEqual([503, expect.stringContaining('may be a standby')]);
    });
    expect(await ready()).toBe(503);
    expect((await api('GET', '/flags/g')).status).toBe(200);
    await standby.promote();
    await eventually(async () => expect((await api('PUT', '/flags/h', aFlag())).status).toBeOneOf([200, 201]));
    expect((await client.next()).data.featureFlags[0].key).toBe('h');
    await eventually(async () => expect(await ready()).toBe(200));
  }, 120_000);
});

describe.skipIf(!HAS_POSTGRES)('a center beside a newer one, which has taken the tables further', () => {
  const url = postgresUrl;

  async function tables(steps: number) {
    const schema = newSchema();
    const first = await openPostgresStorage({ url: url(), schema, patience: PATIENT });
    onTestFinished(() => first.close());
    const sql = (await loadLibrary())(url(), { max: 1, connect_timeout: 30, connection: { search_path: schema } });
    onTestFinished(() => sql.end({ timeout: 1 }));
    // What a step may do: it adds what the version before can do without.
    await sql.unsafe("ALTER TABLE environments ADD COLUMN of_tomorrow text NOT NULL DEFAULT 'x'", []);
    await sql.unsafe('CREATE TABLE of_tomorrow (id text PRIMARY KEY)', []);
    await sql.unsafe(`UPDATE schema_version SET number = number + ${steps}`, []);
    return { schema, first };
  }

  it('goes on, and can be started again, one step behind', async () => {
    const { schema, first } = await tables(1);
    const running = await startTestCenter({}, { storage: first });
    const again = await openPostgresStorage({ url: url(), schema, patience: PATIENT });
    const started = await startTestCenter({}, { storage: again });
    for (const [index, { api }] of [running, started].entries()) await put(api, `/flags/f${index}`, aFlag());
    await eventually(async () => {
      const answers = await Promise.all([running, started].map(({ api }) => api('GET', '/flags')));
      expect(answers.map(({ body }) => body.items.length)).toEqual([2, 2]);
    });
  });

  it('is not started two steps behind', async () => {
    const { schema } = await tables(2);
    await expect(openPostgresStorage({ url: url(), schema, patience: PATIENT })).rejects.toMatchObject({
      code: 'newer-data',
    });
  });
});
