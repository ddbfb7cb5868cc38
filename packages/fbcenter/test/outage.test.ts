import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PostgresServer } from '../../../scripts/test-support/postgres-server.js';
import { openPostgresStorage } from '../src/storage/postgres/open.js';
import { aFlag } from './support/documents.js';
import { memoryLogger } from './support/memory-logger.js';
import { HAS_POSTGRES, newSchema } from './support/postgres.js';
import { syncedClient } from './support/stream-client.js';
import { put, startTestCenter } from './support/test-center.js';

/** Waits until something holds, however slow the machine is. */
const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 20_000, interval: 50 });

/** Longer than a center has it, for a machine that has much else to do. */
const PATIENCE = { connect: 3_000, lock: 3_000, statement: 4_000, answer: 5_000 };

/** The ways in which a database can be away, and how it comes back. */
const OUTAGES: readonly (readonly [title: string, begin: (server: PostgresServer) => Promise<() => Promise<void>>])[] =
  [
    [
      'is stopped',
      async (server) => {
        await server.stop('fast');
        return () => server.start();
      },
    ],
    [
      'crashes',
      async (server) => {
        await server.stop('immediate');
        return () => server.start();
      },
    ],
    [
      'hangs with all its connections',
      async (server) => {
        const thaw = server.freeze();
        return async () => thaw();
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

  async function running() {
    const log = memoryLogger();
    const storage = await openPostgresStorage({ url: server.url(), schema: newSchema(), log, patience: PATIENCE });
    const center = await startTestCenter({}, { storage });
    await put(center.api, '/flags/f', aFlag());
    const { client } = await syncedClient(center);
    const sdk = { headers: { authorization: center.environment.serverSecret } };
    return {
      ...center,
      client,
      log,
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
      const { api, call, center, poll, evaluate, ready, client, environment, log } = await running();
      const readings = async () => {
        const answers = [await poll(), await evaluate(), await api('GET', '/flags')];
        return answers.map(({ status, body }) => ({ status, body }));
      };
      const before = await readings();
      expect(before.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await ready()).toBe(200);
      const end = await begin(server);
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
});
