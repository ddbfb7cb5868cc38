import postgres from 'postgres';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPostgresStorage } from '../src/storage/postgres/open.js';
import { aFlag } from './support/documents.js';
import { HAS_POSTGRES, newSchema, PATIENT, postgresUrl } from './support/postgres.js';
import { type StreamClient, syncedClient } from './support/stream-client.js';
import { put, startTestCenter } from './support/test-center.js';

/** What is older in a copy of the database. */
const TABLES = ['environments', 'documents', 'versions', 'removals'];

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

  const keysIn = ({ data }: { readonly data: { readonly featureFlags: readonly { readonly key: string }[] } }) =>
    data.featureFlags.map(({ key }) => key).sort();
  const versionsIn = ({
    data,
  }: {
    readonly data: { readonly featureFlags: readonly { readonly updatedAt: string }[] };
  }) => data.featureFlags.map(({ updatedAt }) => Date.parse(updatedAt));

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
