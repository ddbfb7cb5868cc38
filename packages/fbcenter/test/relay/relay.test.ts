import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FBClient } from 'fbclient';
import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newSecret } from '../../src/access/secrets.js';
import type { CenterOptions } from '../../src/options.js';
import { type RelayOptions, resolveRelayOptions } from '../../src/relay/relay-options.js';
import { type Relay, type RelayInternals, startRelayWith } from '../../src/relay.js';
import { aFlag, aSegment } from '../support/documents.js';
import { eventually } from '../support/eventually.js';
import { MemoryFiles } from '../support/memory-files.js';
import { memoryLogger } from '../support/memory-logger.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { put, startTestCenter, type TestCenter } from '../support/test-center.js';
import { Wire } from '../support/wire.js';

/** Starts a relay in front of a center, for one test. */
async function aRelay(
  { environment }: Pick<TestCenter, 'environment'>,
  upstream: string,
  options: Partial<RelayOptions> = {},
  internals: RelayInternals = {},
) {
  const log = memoryLogger();
  const { serverSecret, clientSecret } = environment;
  const resolved = resolveRelayOptions({
    upstream,
    port: 0,
    environments: [{ key: 'dev', serverSecret, clientSecret }],
    logger: log,
    startWait: 30_000,
    ...options,
  });
  const relay = await startRelayWith(resolved, internals);
  onTestFinished(() => relay.close());
  const call = (method: string, path: string, init: RequestInit = {}) => fetch(relay.url + path, { ...init, method });
  const poll = async (query = '', secret = serverSecret) => {
    const response = await call('GET', `/api/public/sdk/server/latest-all${query}`, {
      headers: { authorization: secret },
    });
    const text = await response.text();
    const data = text === '' || response.status !== 200 ? undefined : JSON.parse(text).data;
    return { status: response.status, age: response.headers.get('age'), text, data };
  };
  const keys = async () => (await poll()).data?.featureFlags.map(({ key }: { key: string }) => key).toSorted();
  const stream = async (query?: string) => {
    const token = { center: relay, environment } as unknown as TestCenter;
    const client = new StreamClient(token, query === undefined ? {} : { query });
    await client.opened();
    return client;
  };
  return { relay, log, call, poll, keys, stream };
}

const stateOf = (relay: Relay) => relay.state().environments[0];

describe('a relay in front of a center', () => {
  it('serves what the center has, and what changes there, to server SDKs', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    await put(center.api, '/segments/s', aSegment());
    const { relay, poll, stream } = await aRelay(center, center.center.url);
    const direct = await center.call('GET', '/api/public/sdk/server/latest-all', {
      headers: { authorization: center.environment.serverSecret },
    });
    const { data, age } = await poll();
    expect(data).toEqual(direct.body.data);
    expect(age).toBe('0');
    const client = await stream();
    client.requestSync(0);
    expect((await client.next()).data).toEqual(direct.body.data);
    await put(center.api, '/flags/b', aFlag());
    const patch = await client.next();
    expect(patch.data).toMatchObject({ eventType: 'patch', featureFlags: [{ key: 'b' }], segments: [] });
    // A cursor of the center's means the same here.
    const { updatedAt } = patch.data.featureFlags[0];
    expect(await poll(`?timestamp=${Date.parse(updatedAt)}`)).toMatchObject({ status: 200, text: '' });
    expect(stateOf(relay)).toMatchObject({
      key: 'dev',
      state: 'live',
      ageSeconds: 0,
      flags: 2,
      segments: 1,
      connections: 1,
    });
  });

  it('serves browsers, OpenFeature and the evaluate call', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const { call, stream } = await aRelay(center, center.center.url);
    const { clientSecret, serverSecret } = center.environment;
    const user = { keyId: 'u', name: 'U', customizedProperties: [] };
    const json = { 'content-type': 'application/json' };
    const post = async (path: string, secret: string, body: unknown) =>
      (
        await call('POST', path, { headers: { authorization: secret, ...json }, body: JSON.stringify(body) })
      ).json() as Promise<Record<string, unknown>>;
    expect(await post('/api/public/sdk/client/latest-all', clientSecret, user)).toMatchObject({
      data: { eventType: 'full', userKeyId: 'u', featureFlags: [{ id: 'a', variation: 'true' }] },
    });
    expect(await post('/api/public/featureflag/evaluate', serverSecret, { user })).toMatchObject([
      { key: 'a', variation: { value: 'true' } },
    ]);
    const context = { context: { targetingKey: 'u' } };
    expect(await post('/ofrep/v1/evaluate/flags/a', `Bearer ${clientSecret}`, context)).toMatchObject({ value: true });
    const bulk = await post('/ofrep/v1/evaluate/flags', `Bearer ${clientSecret}`, context);
    expect(bulk).toMatchObject({ flags: [{ key: 'a', value: true }], eventStreams: [{ type: 'sse' }] });
    const manifest = await call('GET', '/openfeature/v0/manifest', { headers: { 'x-api-key': serverSecret } });
    expect(await manifest.json()).toMatchObject({ flags: [{ key: 'a', type: 'boolean' }] });

    const client = await stream(`type=client&token=${encodeConnectionToken(clientSecret, Date.now(), 0.5)}`);
    client.send({ messageType: 'data-sync', data: { timestamp: 0, user } });
    expect((await client.next()).data.featureFlags).toMatchObject([{ id: 'a', variation: 'true' }]);
    await put(center.api, '/flags/a', aFlag({ isEnabled: false }));
    expect((await client.next()).data).toMatchObject({
      eventType: 'patch',
      featureFlags: [{ id: 'a', variation: 'false' }],
    });
  });

  it('has one connection to upstream, however many SDKs it has', async () => {
    const center = await startTestCenter();
    const { relay, stream } = await aRelay(center, center.center.url);
    for (let count = 0; count < 20; count++) await stream();
    await eventually(() => stateOf(relay)?.connections).toBe(20);
    const { body } = await center.api('GET', '/connections');
    expect(body.items).toHaveLength(1);
  });

  it('passes archives on as patches', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const { stream } = await aRelay(center, center.center.url);
    const server = await stream();
    server.requestSync(0);
    await server.next();
    const browser = await stream(
      `type=client&token=${encodeConnectionToken(center.environment.clientSecret, Date.now(), 0.5)}`,
    );
    browser.send({ messageType: 'data-sync', data: { timestamp: 0, user: { keyId: 'u', name: 'U' } } });
    await browser.next();
    await center.api('POST', '/flags/a/archive');
    expect((await server.next()).data).toMatchObject({
      eventType: 'patch',
      featureFlags: [{ key: 'a', isArchived: true }],
    });
    expect((await browser.next()).data.featureFlags).toMatchObject([{ id: 'a', matchReason: 'flag archived' }]);
  });

  it('passes insights on with the secret that they came with', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const { call, relay } = await aRelay(center, center.center.url);
    const insight = {
      user: { keyId: 'u', name: 'U', customizedProperties: [] },
      variations: [
        { featureFlagKey: 'a', variation: { id: 'on', value: 'true' }, timestamp: Date.now(), sendToExperiment: false },
      ],
    };
    for (const secret of [center.environment.serverSecret, center.environment.clientSecret]) {
      const answer = await call('POST', '/api/public/insight/track', {
        headers: { authorization: secret },
        body: JSON.stringify([insight]),
      });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe('');
    }
    await eventually(() => relay.state().insights.sent).toBe(2);
    expect((await center.api('GET', '/insights')).body.flags).toMatchObject([{ key: 'a', count: 2 }]);
  });

  it.each<[what: string, body: string, status: number]>([
    ['no JSON', '[', 400],
    ['no array', '{}', 400],
    ['an empty array', '[]', 200],
  ])('answers insights that are %s as a center does', async (_, body, status) => {
    const center = await startTestCenter();
    const { call } = await aRelay(center, center.center.url);
    const headers = { authorization: center.environment.serverSecret };
    expect((await call('POST', '/api/public/insight/track', { headers, body })).status).toBe(status);
  });
});

describe('the secrets at a relay', () => {
  it('are those that it was given, each kind for its own', async () => {
    const center = await startTestCenter();
    const second = newSecret(center.environment.id);
    const { serverSecret, clientSecret } = center.environment;
    const { poll, call } = await aRelay(center, center.center.url, {
      environments: [{ key: 'dev', serverSecret: [serverSecret, second], clientSecret }],
    });
    expect((await poll('', serverSecret)).status).toBe(200);
    expect((await poll('', second)).status).toBe(200);
    expect((await poll('', clientSecret)).status).toBe(401);
    expect((await poll('', newSecret(center.environment.id))).status).toBe(401);
    const track = (authorization: string) =>
      call('POST', '/api/public/insight/track', { headers: { authorization }, body: '[]' });
    expect((await track(clientSecret)).status).toBe(200);
    expect((await track('nonsense')).status).toBe(401);
  });

  it.each<[what: string, type: string, of: 'server' | 'client' | 'nobody', age: number, code: number]>([
    ['a secret of another kind', 'client', 'server', 0, 4003],
    ['a secret that is unknown', 'server', 'nobody', 0, 4003],
    ['a type that is none', 'x', 'server', 0, 4003],
    ['a clock that is off, from which most SDKs come back', 'server', 'server', 60_000, 1001],
  ])('are refused on the stream as a center refuses them: %s', async (_, type, of, age, code) => {
    const center = await startTestCenter();
    const { relay } = await aRelay(center, center.center.url, {}, { streamingLimits: { holdTime: 1 } });
    const { serverSecret, clientSecret, id } = center.environment;
    const secret = of === 'server' ? serverSecret : of === 'client' ? clientSecret : newSecret(id);
    const query = `type=${type}&token=${encodeConnectionToken(secret, Date.now() - age, 0.5)}`;
    const client = new StreamClient({ center: relay, environment: center.environment } as unknown as TestCenter, {
      query,
    });
    expect((await client.closed).code).toBe(code);
  });

  it('are in no log, no answer and, on disk, in no file', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const folder = temporaryFolder();
    const lines: string[] = [];
    const write = (message: string, fields?: object) => void lines.push(message + JSON.stringify(fields ?? {}));
    const logger = { debug: write, info: write, warn: write, error: write };
    const { relay, call } = await aRelay(center, center.center.url, { dataFolder: folder, logger });
    const health = await (await call('GET', '/health')).text();
    await call('POST', '/api/public/insight/track', {
      headers: { authorization: center.environment.serverSecret },
      body: '[{"user":{"keyId":"u"}}]',
    });
    await relay.close();
    const files = readdirSync(folder).map((name) => `${name} ${readFileSync(join(folder, name), 'latin1')}`);
    expect(files.length).toBeGreaterThan(0);
    for (const text of [...lines, health, ...files]) {
      expect(text).not.toContain(center.environment.serverSecret);
      expect(text).not.toContain(center.environment.clientSecret);
    }
  });
});

/** A center that can be started again on the same port with the same data. */
async function aRestartable(folder = temporaryFolder()) {
  const first = await startTestCenter({ dataFolder: folder });
  const port = Number(new URL(first.center.url).port);
  const again = (options: CenterOptions = {}) => startTestCenter({ dataFolder: folder, port, ...options });
  return { first, again };
}

describe('an upstream that goes away', () => {
  it('leaves everything served, with its age; what changed meanwhile comes when it is back', async () => {
    const { first, again } = await aRestartable();
    await put(first.api, '/flags/a', aFlag());
    const { relay, log, keys, poll, stream, call } = await aRelay(first, first.center.url);
    const client = await stream();
    client.requestSync(0);
    await client.next();
    await first.center.close();
    await eventually(() => stateOf(relay)?.state).toBe('interrupted');
    expect(await keys()).toEqual(['a']);
    await eventually(async () => Number((await poll()).age)).toBeGreaterThan(0);
    expect(await (await call('GET', '/health')).json()).toMatchObject({
      status: 'Stale',
      environments: [{ hasData: true }],
    });
    expect((await call('GET', '/health/readiness')).status).toBe(200);
    // Somebody new is let in, and gets what there is.
    const newcomer = await stream();
    newcomer.requestSync(0);
    expect((await newcomer.next()).data.featureFlags).toMatchObject([{ key: 'a' }]);
    expect(log.lines).toContain('warn upstream is away: what was last known is served');

    const second = await again();
    await put(second.api, '/flags/b', aFlag());
    expect((await client.next()).data).toMatchObject({ eventType: 'patch', featureFlags: [{ key: 'b' }] });
    expect((await newcomer.next()).data).toMatchObject({ featureFlags: [{ key: 'b' }] });
    await eventually(() => stateOf(relay)?.state).toBe('live');
    expect(log.lines).toContain('info upstream is back');
    expect((await call('GET', '/health')).status).toBe(200);
  }, 60_000);

  it('costs no insight: each is counted once when it is back', async () => {
    const { first, again } = await aRestartable();
    await put(first.api, '/flags/a', aFlag());
    const { relay, call } = await aRelay(first, first.center.url, { dataFolder: temporaryFolder() });
    const track = (user: number) =>
      call('POST', '/api/public/insight/track', {
        headers: { authorization: first.environment.serverSecret },
        body: JSON.stringify([
          {
            user: { keyId: `u${user}`, name: '', customizedProperties: [] },
            variations: [
              { featureFlagKey: 'a', variation: { id: 'on', value: 'true' }, timestamp: 1, sendToExperiment: false },
            ],
          },
        ]),
      });
    await track(0);
    await eventually(() => relay.state().insights.sent).toBe(1);
    await first.center.close();
    for (let user = 1; user <= 30; user++) expect((await track(user)).status).toBe(200);
    const second = await again();
    await eventually(() => relay.state().insights.sent, { timeout: 30_000 }).toBe(31);
    expect((await second.api('GET', '/insights')).body.flags).toMatchObject([{ key: 'a', count: 31 }]);
  }, 60_000);

  it('and is restored from a backup gives everybody what it has now, though versions are behind', async () => {
    const { first } = await aRestartable();
    await put(first.api, '/flags/a', aFlag());
    const wire = await Wire.to(first.center.url);
    const { stream } = await aRelay(first, wire.url);
    const client = await stream();
    client.requestSync(0);
    const { data } = await client.next();
    await put(first.api, '/flags/a', aFlag({ isEnabled: false }));
    await put(first.api, '/flags/b', aFlag());
    await client.next();
    await client.next();
    // The same environment as it was before the last two changes.
    const { serverSecret, clientSecret } = first.environment;
    const restored = await startTestCenter({
      environments: [{ key: 'dev', serverSecret, clientSecret, flags: [{ key: 'a', ...aFlag() }] }],
    });
    wire.target(restored.center.url);
    wire.cut();
    const full = await client.next();
    expect(full.data.eventType).toBe('full');
    expect(full.data.featureFlags).toMatchObject([{ key: 'a', isEnabled: true }]);
    expect(full.data.featureFlags).toHaveLength(data.featureFlags.length);
  }, 60_000);
});

describe('a start without upstream', () => {
  const nowhere = 'http://127.0.0.1:9';

  it('serves the snapshot of the run before, and says how old it is', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const dataFolder = temporaryFolder();
    const before = await aRelay(center, center.center.url, { dataFolder });
    await before.relay.close();
    const { relay, keys, stream, log, poll } = await aRelay(center, nowhere, { dataFolder, startWait: 0 });
    expect(await keys()).toEqual(['a']);
    expect(Number((await poll()).age)).toBeGreaterThanOrEqual(0);
    expect(stateOf(relay)).toMatchObject({ hasData: true, snapshot: 'kept' });
    expect(stateOf(relay)?.state).not.toBe('live');
    const client = await stream();
    client.requestSync(0);
    expect((await client.next()).data.featureFlags).toMatchObject([{ key: 'a' }]);
    expect(log.lines).toContain('info a snapshot is there to be served');
  });

  it('after a kill serves what was kept a second after the last change', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const files = new MemoryFiles();
    await aRelay(center, center.center.url, {}, { files });
    await eventually(() => files.writes.some((write) => write.endsWith('.snapshot')), { timeout: 15_000 }).toBe(true);
    const { keys } = await aRelay(center, nowhere, { startWait: 0 }, { files });
    expect(await keys()).toEqual(['a']);
  });

  it.each<[what: string, damage: (text: string) => string]>([
    ['was cut off', (text) => text.slice(0, -20)],
    ['has a bit flipped', (text) => text.replace('"kind":"flag"', '"kind":"flaf"')],
    ['is empty', () => ''],
    ['is something else', () => '{"format":"x"}\n{}\n'],
    ['is of another environment', (text) => text.replace(/"environmentId":"[^"]+"/, '"environmentId":"x"')],
  ])(
    'tells SDKs to come again when the snapshot %s, and is in order once upstream is there',
    async (_, damage) => {
      const center = await startTestCenter();
      await put(center.api, '/flags/a', aFlag());
      const dataFolder = temporaryFolder();
      const before = await aRelay(center, center.center.url, { dataFolder });
      await before.relay.close();
      const name = readdirSync(dataFolder).find((file) => file.endsWith('.snapshot')) ?? '';
      const path = join(dataFolder, name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      writeFileSync(path, damage(readFileSync(path, 'utf8')));
      const wire = await Wire.to(center.center.url);
      wire.cut(true);
      const { poll, log, keys } = await aRelay(center, wire.url, { dataFolder, startWait: 0 });
      expect((await poll()).status).toBe(503);
      expect(log.lines).toContain('error a snapshot cannot be used: until upstream answers there is no data');
      wire.open();
      await eventually(keys, { timeout: 20_000 }).toEqual(['a']);
    },
    60_000,
  );

  it('and without a snapshot refuses nobody for good: streams and polls come again, insights are kept', async () => {
    const center = await startTestCenter();
    const { poll, stream, call, relay } = await aRelay(center, nowhere, { startWait: 0 });
    expect((await poll()).status).toBe(503);
    await expect(stream()).rejects.toThrow(/503/);
    const insights = await call('POST', '/api/public/insight/track', {
      headers: { authorization: center.environment.serverSecret },
      body: '[{"user":{"keyId":"u"}}]',
    });
    expect(insights.status).toBe(200);
    expect(relay.state()).toMatchObject({ status: 'NoData', ageSeconds: null });
    expect((await call('GET', '/health/readiness')).status).toBe(503);
    expect((await call('GET', '/health/liveness')).status).toBe(200);
  });
});

describe('a disk that fails', () => {
  it('leaves the relay going on from memory, which is logged once', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const files = new MemoryFiles();
    files.failure = MemoryFiles.full();
    const { relay, keys, log, call } = await aRelay(center, center.center.url, {}, { files });
    await eventually(() => stateOf(relay)?.snapshot, { timeout: 15_000 }).toBe('failing');
    await put(center.api, '/flags/b', aFlag());
    await eventually(keys).toEqual(['a', 'b']);
    for (let count = 0; count < 3; count++) {
      await call('POST', '/api/public/insight/track', {
        headers: { authorization: center.environment.serverSecret },
        body: '[{"user":{"keyId":"u"}}]',
      });
    }
    await eventually(() => relay.state().insights.sent).toBe(3);
    expect(log.lines.filter((line) => line.includes('snapshot cannot be written'))).toHaveLength(1);
    expect(log.lines.filter((line) => line.includes('cannot be kept on disk'))).toHaveLength(1);
  }, 60_000);

  it('and an upstream that is away are told at /health and in the log, and what is over the bound is sent later by SDKs', async () => {
    const { first, again } = await aRestartable();
    await put(first.api, '/flags/a', aFlag());
    const files = new MemoryFiles();
    files.failure = MemoryFiles.full();
    const options = { spoolBytes: 65_536 };
    const { relay, call, keys, log, stream } = await aRelay(first, first.center.url, options, { files });
    await eventually(() => stateOf(relay)?.snapshot, { timeout: 15_000 }).toBe('failing');
    await first.center.close();
    await eventually(() => stateOf(relay)?.state).toBe('interrupted');
    const body = JSON.stringify([{ user: { keyId: 'u'.repeat(10_000) } }]);
    const track = async () =>
      call('POST', '/api/public/insight/track', { headers: { authorization: first.environment.serverSecret }, body });
    const answers = [];
    for (let count = 0; count < 8; count++) answers.push(await track());
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 503, 503]);
    expect(await answers.at(-1)?.json()).toEqual({
      code: 'busy',
      message: expect.stringContaining('send these later'),
    });
    expect(await (await call('GET', '/health')).json()).toMatchObject({
      status: 'Stale',
      environments: [{ state: 'interrupted', snapshot: 'failing', hasData: true }],
      insights: { isOnDisk: false, turnedAway: 2, sent: 0 },
    });
    for (const told of ['a snapshot cannot be written', 'insights cannot be kept on disk', 'no more insights can wait'])
      expect(
        log.lines.filter((line) => line.includes(told)),
        told,
      ).toHaveLength(1);
    // Flags are served all the same, to whoever comes.
    expect(await keys()).toEqual(['a']);
    const client = await stream();
    client.requestSync(0);
    expect((await client.next()).data.featureFlags).toMatchObject([{ key: 'a' }]);
    expect((await call('GET', '/health/readiness')).status).toBe(200);

    await again();
    await eventually(() => relay.state().insights, { timeout: 30_000 }).toMatchObject({ sent: 6, waitingBytes: 0 });
    expect((await track()).status).toBe(200);
    await eventually(() => relay.state().insights.sent, { timeout: 30_000 }).toBe(7);
  }, 60_000);
});

describe('a relay behind a relay', () => {
  it('serves the same, and a change passes through both', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const near = await aRelay(center, center.center.url);
    const far = await aRelay(center, near.relay.url);
    expect((await far.poll()).data).toEqual((await near.poll()).data);
    const client = await far.stream();
    client.requestSync(0);
    await client.next();
    await put(center.api, '/flags/b', aFlag());
    expect((await client.next()).data.featureFlags).toMatchObject([{ key: 'b' }]);
  });
});

describe('the SDK behind a relay', () => {
  it('starts, follows, and goes on while upstream is away', async () => {
    const { first, again } = await aRestartable();
    await put(first.api, '/flags/a', aFlag());
    const { relay } = await aRelay(first, first.center.url);
    const client = new FBClient({
      envSecret: first.environment.serverSecret,
      streamingUrl: relay.url,
      eventUrl: relay.url,
    });
    onTestFinished(() => client.close());
    expect(await client.waitForInitialization(10_000)).toBe('ready');
    const user = { key: 'u' };
    expect(client.boolVariation('a', user, false)).toBe(true);
    await put(first.api, '/flags/a', aFlag({ isEnabled: false }));
    await eventually(() => client.boolVariation('a', user, true)).toBe(false);
    await first.center.close();
    await eventually(() => stateOf(relay)?.state).toBe('interrupted');
    expect(client.boolVariation('a', user, true)).toBe(false);
    const second = await again();
    await put(second.api, '/flags/a', aFlag());
    await eventually(() => client.boolVariation('a', user, false), { timeout: 20_000 }).toBe(true);
    await client.flushAndWait(10_000);
    await eventually(() => relay.state().insights.sent, { timeout: 20_000 }).toBeGreaterThan(3);
  }, 60_000);
});

describe('a relay', () => {
  it('closes with the code after which every SDK comes back, and leaves port and folder free', async () => {
    const center = await startTestCenter();
    const dataFolder = temporaryFolder();
    const { relay, stream } = await aRelay(center, center.center.url, { dataFolder });
    const client = await stream();
    await relay.close();
    expect((await client.closed).code).toBe(1001);
    const port = Number(new URL(relay.url).port);
    const again = await aRelay(center, center.center.url, { dataFolder, port });
    expect(again.relay.url).toBe(relay.url);
  });

  it('does not share its folder', async () => {
    const center = await startTestCenter();
    const dataFolder = temporaryFolder();
    await aRelay(center, center.center.url, { dataFolder });
    await expect(aRelay(center, center.center.url, { dataFolder })).rejects.toMatchObject({ code: 'folder-in-use' });
  });

  it('says what to do when its port is taken, and leaves nothing behind', async () => {
    const center = await startTestCenter();
    const dataFolder = temporaryFolder();
    const port = Number(new URL(center.center.url).port);
    await expect(aRelay(center, center.center.url, { dataFolder, port })).rejects.toMatchObject({
      code: 'port-in-use',
    });
    await aRelay(center, center.center.url, { dataFolder });
  });

  it('has nothing of the management API', async () => {
    const center = await startTestCenter();
    const { call } = await aRelay(center, center.center.url);
    for (const path of ['/api/v1/environments', '/api/v1/openapi.json', '/', '/welcome']) {
      expect((await call('GET', path)).status).toBe(404);
    }
  });

  it('keeps several environments apart', async () => {
    const center = await startTestCenter({ environments: [{ key: 'dev' }, { key: 'prod' }] });
    await put(center.api, '/flags/a', aFlag());
    const [dev, prod] = center.center.environments;
    if (dev === undefined || prod === undefined) throw new Error('no environments');
    const { poll, relay } = await aRelay(center, center.center.url, {
      environments: [dev, prod].map(({ key, serverSecret }) => ({ key, serverSecret })),
    });
    expect((await poll('', dev.serverSecret)).data.featureFlags).toHaveLength(1);
    expect((await poll('', prod.serverSecret)).data.featureFlags).toHaveLength(0);
    expect(relay.state().environments.map(({ key }) => key)).toEqual(['dev', 'prod']);
  });
});
