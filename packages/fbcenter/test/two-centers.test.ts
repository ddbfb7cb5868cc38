import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPostgresStorage } from '../src/storage/postgres/open.js';
import { aFlag } from './support/documents.js';
import { startExperimentCenter, users } from './support/experiment-center.js';
import { HAS_POSTGRES, leasedSchema, newSchema, PATIENT, postgresUrl } from './support/postgres.js';
import { StreamClient, syncedClient } from './support/stream-client.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';

/** Waits until something holds, however slow the machine is. */
const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 15_000, interval: 20 });

describe.skipIf(!HAS_POSTGRES)('two centers on one PostgreSQL', () => {
  const url = postgresUrl;
  const storageIn = (schema: string) => openPostgresStorage({ url: url(), schema, patience: PATIENT });

  async function twoCenters(): Promise<readonly [TestCenter, TestCenter]> {
    const schema = await leasedSchema(url());
    const one = await startTestCenter({}, { storage: await storageIn(schema) });
    const other = await startTestCenter({}, { storage: await storageIn(schema) });
    return [one, other];
  }

  const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it('that start at the same time make everything once', async () => {
    const schema = newSchema();
    const storages = await Promise.all([storageIn(schema), storageIn(schema)]);
    const [one, other] = await Promise.all(storages.map((storage) => startTestCenter({}, { storage })));
    expect(other?.center.adminToken).toBe(one?.center.adminToken);
    expect(other?.environment).toEqual(one?.environment);
    const made = [one, other].map((center) => center?.center.made.environments.length);
    expect(made.sort()).toEqual([0, 1]);
  });

  it('take changes each, and push those of either to the SDKs of both, in the order of versions', async () => {
    const centers = await twoCenters();
    const streams = await Promise.all(centers.map((center) => syncedClient(center)));
    for (let round = 0; round < 6; round++) {
      const [writer, reader] = round % 2 === 0 ? centers : [centers[1], centers[0]];
      await put(writer.api, `/flags/f${round}`, aFlag());
      // Whoever has been pushed a change reads it there too.
      const pushed = await Promise.all(streams.map(({ client }) => client.next()));
      expect(pushed.map(({ data }) => data.featureFlags[0].key)).toEqual([`f${round}`, `f${round}`]);
      expect((await reader.api('GET', `/flags/f${round}`)).status).toBe(200);
    }
  });

  it('lose no update of one document, and give no version twice, however they write at once', async () => {
    const centers = await twoCenters();
    await put(centers[0].api, '/flags/f', aFlag());
    const reported = centers.map(() => [] as number[]);
    for (const [index, { center }] of centers.entries()) {
      center.onCommit(({ version }) => reported[index]?.push(version));
    }
    const writes = Array.from({ length: 24 }, (_, index) =>
      centers[index % 2 === 0 ? 0 : 1].api('POST', '/flags/f/toggle', { isEnabled: index % 3 === 0 }),
    );
    const answers = await Promise.all(writes);
    const changed = answers
      .filter(({ status }) => status === 200)
      .map(({ headers }) => Number(headers.get('etag')?.slice(1, -1)));
    const newest = Math.max(...changed);
    await eventually(() => {
      for (const versions of reported) expect(versions.at(-1)).toBe(newest);
    });
    for (const versions of reported) {
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    }
    const flags = await Promise.all(centers.map(({ api }) => api('GET', '/flags/f')));
    expect(flags[0]?.body).toEqual(flags[1]?.body);
  });

  it('forget a flag in both when it is deleted in one', async () => {
    const [one, other] = await twoCenters();
    await put(one.api, '/flags/f', aFlag());
    const listed = async () =>
      (await other.api('GET', '/flag-summaries')).body.items.map((item: { key: string }) => item.key);
    await eventually(async () => expect(await listed()).toEqual(['f']));
    await one.api('POST', '/flags/f/archive');
    expect((await one.api('DELETE', '/flags/f')).status).toBe(204);
    await eventually(async () => expect(await listed()).toEqual([]));
  });

  it('let nobody in with a secret that was revoked in the other, and end who is in with it', async () => {
    const [one, other] = await twoCenters();
    const { body: made } = await one.api('POST', '/secrets', { kind: 'server', name: 'second' });
    const client = new StreamClient(other, { secret: made.secret });
    await client.opened();
    expect((await one.api('DELETE', `/secrets/${made.id}`)).status).toBe(204);
    const statusAt = async (center: TestCenter) => {
      const sdk = { headers: { authorization: made.secret } };
      return (await center.call('GET', '/api/public/sdk/server/latest-all', sdk)).status;
    };
    expect(await statusAt(one)).toBe(401);
    // The other has asked a moment ago, and asks again when it hears of it, or soon in any case.
    await eventually(async () => expect(await statusAt(other)).toBe(401));
    expect(await client.closed).toMatchObject({ code: expect.any(Number) });
  });

  it('know tokens and sessions of each other, and refuse them at once when they are ended', async () => {
    const [one, other] = await twoCenters();
    const admin = bearing(one.center.adminToken);
    const made = await one.call('POST', '/api/v1/tokens', {
      ...admin,
      body: JSON.stringify({ name: 'CI', role: 'viewer' }),
    });
    expect(made.status, made.text).toBe(201);
    const list = () => other.call('GET', '/api/v1/environments', bearing(made.body.token));
    expect((await list()).status).toBe(200);
    expect((await one.call('DELETE', `/api/v1/tokens/${made.body.id}`, admin)).status).toBe(204);
    expect((await list()).status).toBe(401);
  });

  it('end the events that a page follows at the other with a token, when it is revoked, and those of nobody else', async () => {
    const [one, other] = await twoCenters();
    const admin = bearing(one.center.adminToken);
    const follow = async (token: string) => {
      const path = `${other.center.url}/api/v1/environments/${other.environment.key}/events`;
      const { body } = await fetch(path, bearing(token));
      const reader = body?.getReader();
      onTestFinished(async () => reader?.cancel());
      /** What comes until it is ended. */
      const rest = async () => {
        let text = '';
        for (;;) {
          const { done = true, value } = (await reader?.read()) ?? {};
          if (done) return text;
          text += Buffer.from(value ?? []).toString();
        }
      };
      return { reader, rest };
    };
    const body = JSON.stringify({ name: 'a page', role: 'viewer' });
    const made = await one.call('POST', '/api/v1/tokens', { ...admin, body });
    const [revoked, kept] = [await follow(made.body.token), await follow(other.center.adminToken)];
    await one.call('DELETE', `/api/v1/tokens/${made.body.id}`, admin);
    // By its second sign of life, 15 s later, it would be found out, too.
    expect(await revoked.rest()).toBe(':\n\n');
    await put(one.api, '/flags/f', aFlag());
    let text = '';
    while (!text.includes('event: change')) text += Buffer.from((await kept.reader?.read())?.value ?? []).toString();
  });

  it('add up what SDKs report to either', async () => {
    const centers = await twoCenters();
    await put(centers[0].api, '/flags/f', aFlag());
    const report = (center: TestCenter) =>
      center.call('POST', '/api/public/insight/track', {
        headers: { authorization: center.environment.serverSecret },
        body: JSON.stringify([
          {
            user: { keyId: 'ada' },
            variations: [{ featureFlagKey: 'f', variation: { id: 'on', value: 'true' }, timestamp: Date.now() }],
            metrics: [{ eventName: 'bought', numericValue: 2 }],
          },
        ]),
      });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => report(centers[index % 2 === 0 ? 0 : 1])),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    for (const { api } of centers) {
      const { body } = await api('GET', '/insights');
      expect(body.flags).toMatchObject([{ key: 'f', count: 40, variations: [{ id: 'on', count: 40 }] }]);
      expect(body.metrics).toMatchObject([{ eventName: 'bought', count: 40, sum: 80 }]);
    }
  });

  it('count for an experiment that was started in the other, and no more once it was stopped there', async () => {
    const schema = await leasedSchema(url());
    const one = await startExperimentCenter({ storage: await storageIn(schema) });
    const storage = await storageIn(schema);
    const other = await startTestCenter({}, { storage });
    await one.post('/experiments/e/start', { adjustFlag: true });
    const counted = async () => {
      const { body } = await one.api('GET', '/experiments/e/results');
      return (body.variations ?? []).reduce((sum: number, { users: count }: { users: number }) => sum + count, 0);
    };
    const send = (prefix: string, at: number) =>
      other.call('POST', '/api/public/insight/track', {
        headers: { authorization: other.environment.serverSecret },
        body: JSON.stringify(
          users(prefix, 'on', 5, 0, at).map(({ user, shown }) => ({
            user: { keyId: user, name: '', customizedProperties: [] },
            variations: [
              {
                featureFlagKey: 'checkout',
                variation: { id: shown, value: '' },
                timestamp: at,
                sendToExperiment: true,
              },
            ],
          })),
        ),
      });
    let round = 0;
    await eventually(async () => {
      round += 1;
      expect((await send(`early-${round}`, Date.now())).status).toBe(200);
      expect(await counted()).toBeGreaterThan(0);
    });
    await one.post('/experiments/e/stop');
    const before = await counted();
    await send('late', Date.now() + 60_000);
    expect(await counted()).toBe(before);
  });
});
