import postgres from 'postgres';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPostgresStorage } from '../src/storage/postgres/open.js';
import { aFlag } from './support/documents.js';
import { memoryLogger } from './support/memory-logger.js';
import { HAS_POSTGRES, newDatabase, newSchema, PATIENT, postgresUrl } from './support/postgres.js';
import { type StreamClient, syncedClient } from './support/stream-client.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';

/** What is older in a copy of the database. */
const TABLES = ['environments', 'documents', 'versions', 'removals'];

const keysIn = ({ data }: { readonly data: { readonly featureFlags: readonly { readonly key: string }[] } }) =>
  data.featureFlags.map(({ key }) => key).sort();
const versionsIn = ({
  data,
}: {
  readonly data: { readonly featureFlags: readonly { readonly updatedAt: string }[] };
}) => data.featureFlags.map(({ updatedAt }) => Date.parse(updatedAt));

describe.skipIf(!HAS_POSTGRES)('centers on a PostgreSQL in whose place an older copy was put', () => {
  const url = postgresUrl;

  async function running() {
    const schema = newSchema();
    const sql = postgres(url(), {
      max: 1,
      fetch_types: false,
      onnotice: () => {},
      connection: { search_path: schema },
    });
    onTestFinished(() => sql.end());
    const storages = [1, 2].map(() => openPostgresStorage({ url: url(), schema, patience: PATIENT }));
    const centers = [];
    for (const storage of storages) centers.push(await startTestCenter({}, { storage: await storage }));
    const [one, other] = centers;
    if (one === undefined || other === undefined) throw new Error('no centers');
    const copy = async () => {
      for (const table of TABLES) await sql.unsafe(`CREATE TABLE copy_of_${table} AS TABLE ${table}`);
      return () =>
        sql.begin(async (within) => {
          await within.unsafe('SET LOCAL session_replication_role = replica');
          for (const table of TABLES) {
            await within.unsafe(`DELETE FROM ${table}`);
            await within.unsafe(`INSERT INTO ${table} SELECT * FROM copy_of_${table}`);
            await within.unsafe(`DROP TABLE copy_of_${table}`);
          }
        });
    };
    return { one, other, copy };
  }

  /** The next message with everything. */
  async function nextFull(client: StreamClient) {
    for (;;) {
      const message = await client.next();
      if (message.data.eventType === 'full') return message;
    }
  }

  it.each([
    ['and nobody changes anything', false],
    ['and something is changed in the copy before anybody has noticed', true],
  ])(
    'have every SDK take what the copy says, in versions that nobody has had, %s',
    async (_, isChanged) => {
      const { one, other, copy } = await running();
      await put(one.api, '/flags/a', aFlag());
      await put(one.api, '/flags/b', aFlag());
      const restore = await copy();
      const streams = await Promise.all([one, other].map((center) => syncedClient(center)));
      // What is lost by the restore: a flag, and a newer state of another.
      await put(one.api, '/flags/lost', aFlag());
      await put(other.api, '/flags/a', aFlag({ isEnabled: false }));
      let newest = 0;
      for (const { client } of streams) {
        for (let pushes = 0; pushes < 2; pushes++) newest = Math.max(newest, ...versionsIn(await client.next()));
      }
      await restore();
      if (isChanged) await put(one.api, '/flags/c', aFlag());
      for (const { client } of streams) {
        const message = await nextFull(client);
        expect(keysIn(message)).toEqual(isChanged ? ['a', 'b', 'c'] : ['a', 'b']);
        expect(Math.min(...versionsIn(message))).toBeGreaterThan(newest);
        expect(message.data.featureFlags.find(({ key }: { key: string }) => key === 'a').isEnabled).toBe(true);
      }
      // Who comes back with what was lost is given everything, too, and changes go on from there.
      for (const center of [one, other]) {
        const { client, answer } = await syncedClient(center, newest);
        expect([answer.data.eventType, keysIn(answer).includes('lost')]).toEqual(['full', false]);
        await put(center.api, '/flags/after', aFlag());
        expect(keysIn(await client.next())).toEqual(['after']);
      }
      const audit = await one.call('GET', '/api/v1/audit?action=restore', {
        headers: { authorization: `Bearer ${one.center.adminToken}` },
      });
      await vi.waitFor(() => expect(audit.body.items.length).toBeGreaterThan(0));
    },
    120_000,
  );
});

describe.skipIf(!HAS_POSTGRES)('a center that starts on a copy of its database, after all centers were stopped', () => {
  /** A center on a database of its own, which can be copied while it is stopped. */
  async function aHome() {
    const admin = postgres(postgresUrl(), { max: 1, fetch_types: false, onnotice: () => {} });
    onTestFinished(() => admin.end());
    const original = await newDatabase(postgresUrl());
    const nameIn = (url: string) => new URL(url).pathname.slice(1);
    const log = memoryLogger();
    return {
      log,
      original,
      /** Runs a center on a database until the work is done. */
      running: async <T>(url: string, work: (center: TestCenter) => Promise<T>): Promise<T> => {
        const storage = await openPostgresStorage({ url, patience: PATIENT, log });
        const center = await startTestCenter({}, { storage });
        const result = await work(center);
        await center.center.close();
        return result;
      },
      copyOf: async (url: string): Promise<string> => {
        const copy = new URL(url);
        copy.pathname = `/${newSchema()}`;
        await admin.unsafe(`CREATE DATABASE ${nameIn(String(copy))} TEMPLATE ${nameIn(url)}`);
        return String(copy);
      },
      run: (url: string, sql: string) => {
        const client = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
        return client.unsafe(sql).then(() => client.end());
      },
    };
  }

  const COPIED =
    'warn the database is a copy: every document was given a new version, so that all SDKs take what it has';

  /** Writes two flags. @returns the greatest version. */
  const twoFlags = async (test: TestCenter) => {
    for (const key of ['a', 'b']) await put(test.api, `/flags/${key}`, aFlag());
    return Math.max(...versionsIn((await syncedClient(test)).answer));
  };

  it('has every SDK take what the copy says, in versions that nobody can have had, and says so', async () => {
    const { running, copyOf, original, log } = await aHome();
    await running(original, twoFlags);
    const copy = await copyOf(original);
    // What is lost by the restore.
    const newest = await running(original, async (test) => {
      await put(test.api, '/flags/lost', aFlag());
      await put(test.api, '/flags/a', aFlag({ isEnabled: false }));
      return Math.max(...versionsIn((await syncedClient(test)).answer));
    });
    expect(log.lines).not.toContain(COPIED);
    const renewed = await running(copy, async (test) => {
      const { answer, client } = await syncedClient(test, newest);
      expect([answer.data.eventType, keysIn(answer)]).toEqual(['full', ['a', 'b']]);
      expect(Math.min(...versionsIn(answer))).toBeGreaterThan(newest);
      expect(answer.data.featureFlags.find(({ key }: { key: string }) => key === 'a').isEnabled).toBe(true);
      await put(test.api, '/flags/after', aFlag());
      expect(keysIn(await client.next())).toEqual(['after']);
      const audit = await test.call('GET', '/api/v1/audit?action=restore', {
        headers: { authorization: `Bearer ${test.center.adminToken}` },
      });
      expect(audit.body.items).toMatchObject([{ actor: { name: 'fbcenter' }, action: 'restore' }]);
      return versionsIn((await syncedClient(test)).answer);
    });
    expect(log.lines.filter((line) => line === COPIED)).toHaveLength(1);
    // From then on it is the database that it was.
    expect(await running(copy, async (test) => versionsIn((await syncedClient(test)).answer))).toEqual(renewed);
    expect(log.lines.filter((line) => line === COPIED)).toHaveLength(1);
  }, 120_000);

  it('does it once, however many centers start at the same time', async () => {
    const { running, copyOf, original, log } = await aHome();
    await running(original, twoFlags);
    const copy = await copyOf(original);
    const storages = await Promise.all([1, 2, 3].map(() => openPostgresStorage({ url: copy, patience: PATIENT, log })));
    await Promise.all(storages.map((storage) => storage.close()));
    expect(log.lines.filter((line) => line === COPIED)).toHaveLength(1);
  }, 120_000);

  it('does it when it is told to, for a copy that cannot be told from the database', async () => {
    const { running, original, run, log } = await aHome();
    const before = await running(original, twoFlags);
    await run(original, "UPDATE fbcenter.origin SET identity = 'restored'");
    const after = await running(original, async (test) => versionsIn((await syncedClient(test)).answer));
    expect(Math.min(...after)).toBeGreaterThan(before);
    expect(log.lines.filter((line) => line === COPIED)).toHaveLength(1);
  }, 120_000);

  it('does it again for a copy of the copy, with versions that are greater still', async () => {
    const { running, copyOf, original } = await aHome();
    await running(original, twoFlags);
    const copy = await copyOf(original);
    const versions = (test: TestCenter) => syncedClient(test).then(({ answer }) => versionsIn(answer));
    const first = await running(copy, versions);
    const second = await running(await copyOf(copy), versions);
    expect(Math.min(...second)).toBeGreaterThan(Math.max(...first));
  }, 120_000);
});
