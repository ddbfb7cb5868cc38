import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newSecret } from '../../../src/access/secrets.js';
import { type RelayOptions, resolveRelayOptions } from '../../../src/relay/relay-options.js';
import { type Relay, type RelayInternals, startRelayWith } from '../../../src/relay.js';
import { eventually } from '../../support/eventually.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { featBitFlag, ScriptedFeatBit } from '../../support/scripted-featbit.js';
import { StreamClient } from '../../support/stream-client.js';
import type { TestCenter } from '../../support/test-center.js';

const KEY = `rp-${'k'.repeat(40)}`;
const T = Date.UTC(2026, 0, 1);
const PROD = '20000000-0000-4000-8000-000000000001';
const DEV = '20000000-0000-4000-8000-000000000002';
const SECRETS = { [PROD]: newSecret(PROD), [DEV]: newSecret(DEV) };
const PAGES = { [PROD]: newSecret(PROD), [DEV]: newSecret(DEV) };

type Id = typeof PROD | typeof DEV;

const secretsOf = (id: Id, envKey: string) => [
  { type: 'server', projectKey: 'shop', envId: id, envKey, value: SECRETS[id] },
  { type: 'client', projectKey: 'shop', envId: id, envKey, value: PAGES[id] },
];
const item = (id: Id, flags: readonly ReturnType<typeof featBitFlag>[]) => ({
  envId: id,
  secrets: secretsOf(id, id === PROD ? 'prod' : 'dev'),
  featureFlags: flags.map((flag) => ({ ...flag, envId: id })),
  segments: [],
});
const rpFull = (...items: readonly object[]) => ({ messageType: 'data-sync', data: { eventType: 'rp_full', items } });

/** A server that gives an agent what a test says. */
async function aServer(...items: readonly object[]) {
  const server = await ScriptedFeatBit.start();
  const requests: unknown[] = [];
  const statuses: unknown[] = [];
  const registered: string[] = [];
  const state = { items };
  server.serve = (path, credential, body) => {
    if (path !== '/api/public/agent/register' || credential !== KEY) return { status: 401, body: '' };
    registered.push(body);
    return { status: 200, body: JSON.parse(body) };
  };
  server.answerTo = ({ messageType, data }) => {
    if (messageType === 'rp-agent-status') statuses.push(data);
    if (messageType !== 'data-sync') return undefined;
    requests.push(data);
    return rpFull(...state.items);
  };
  return { server, requests, statuses, registered, state };
}

async function aRelay(options: Partial<RelayOptions>, internals: RelayInternals = {}) {
  const log = memoryLogger();
  const relay = await startRelayWith(
    resolveRelayOptions({ port: 0, relayKey: KEY, logger: log, startWait: 30_000, ...options }),
    internals,
  );
  onTestFinished(() => relay.close());
  const poll = async (id: Id) => {
    const response = await fetch(`${relay.url}/api/public/sdk/server/latest-all`, {
      headers: { authorization: SECRETS[id] ?? '' },
    });
    if (response.status !== 200) return response.status;
    const { data } = JSON.parse(await response.text());
    return data.featureFlags.map(({ key }: { key: string }) => key).toSorted();
  };
  const asAgent = (method: string, path: string, body?: unknown, authorization = KEY) =>
    fetch(relay.url + path, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { relay, log, poll, asAgent };
}

const streamOf = async (relay: Relay, query: string) => {
  const client = new StreamClient({ center: relay } as unknown as TestCenter, { query, secret: 'x' });
  await client.opened();
  return client;
};
const agentOf = (relay: Relay, key = KEY) => streamOf(relay, `type=relay-proxy&token=${key}`);
const keysIn = (message: { data: { featureFlags: { key: string }[] } }) =>
  message.data.featureFlags.map(({ key }) => key);

describe('a relay that is an agent of its upstream', () => {
  it('registers, has all environments over one connection, and serves them with the secrets that it is told', async () => {
    const { server, requests, registered } = await aServer(
      item(PROD, [featBitFlag('a', T)]),
      item(DEV, [featBitFlag('b', T)]),
    );
    const { relay, poll } = await aRelay({ upstream: server.url });
    expect(registered).toHaveLength(1);
    expect(server.credentials).toEqual([KEY]);
    expect(requests).toEqual([{ timestamp: 0 }]);
    expect(await poll(PROD)).toEqual(['a']);
    expect(await poll(DEV)).toEqual(['b']);
    expect(server.connections).toBe(1);
    expect(relay.state().environments.map(({ key, state }) => `${key} ${state}`)).toEqual([
      'shop:prod live',
      'shop:dev live',
    ]);
    const page = await streamOf(
      relay,
      `type=client&token=${encodeConnectionToken(PAGES[PROD] ?? '', Date.now(), 0.5)}`,
    );
    page.send({ messageType: 'data-sync', data: { timestamp: 0, user: { keyId: 'u', name: 'U' } } });
    expect((await page.next()).data.featureFlags).toMatchObject([{ id: 'a', variation: 'true' }]);
  });

  it('passes each change on to the environment that it says it is of', async () => {
    const { server } = await aServer(item(PROD, []), item(DEV, []));
    const { poll } = await aRelay({ upstream: server.url });
    server.push([{ ...featBitFlag('a', T), envId: DEV }]);
    await eventually(() => poll(DEV)).toEqual(['a']);
    expect(await poll(PROD)).toEqual([]);
  });

  it('asks for everything on each connection, and follows what is gone and which secrets count', async () => {
    const { server, requests, state } = await aServer(
      item(PROD, [featBitFlag('a', T), featBitFlag('b', T + 1)]),
      item(DEV, []),
    );
    const { relay, poll, log } = await aRelay({ upstream: server.url });
    const client = await streamOf(
      relay,
      `type=server&token=${encodeConnectionToken(SECRETS[PROD] ?? '', Date.now(), 0.5)}`,
    );
    client.requestSync(0);
    expect(keysIn(await client.next())).toEqual(['a', 'b']);
    state.items = [item(PROD, [featBitFlag('a', T)])];
    server.cut();
    const full = await client.next();
    expect(full.data.eventType).toBe('full');
    expect(keysIn(full)).toEqual(['a']);
    expect(await poll(DEV)).toBe(401);
    expect(requests).toEqual([{ timestamp: 0 }, { timestamp: 0 }]);
    expect(log.lines).toContain('warn upstream does not give an environment to this relay any more: it is not served');
  });

  it('asks once more when a full message is older than what was pushed before it', async () => {
    const { server, requests, state } = await aServer(item(PROD, [featBitFlag('a', T)]));
    const { poll } = await aRelay({ upstream: server.url });
    server.push([{ ...featBitFlag('b', T + 10), envId: PROD }]);
    await eventually(() => poll(PROD)).toEqual(['a', 'b']);
    // Read before the change; the answer to the next question has it.
    state.items = [item(PROD, [featBitFlag('a', T), featBitFlag('b', T + 10)])];
    server.send(rpFull(item(PROD, [featBitFlag('a', T)])));
    await eventually(() => requests.length).toBe(2);
    expect(await poll(PROD)).toEqual(['a', 'b']);
  });

  it('takes patches of several environments, which come without secrets', async () => {
    const { server } = await aServer(item(PROD, [featBitFlag('a', T)]));
    const { poll } = await aRelay({ upstream: server.url });
    const patch = { ...item(PROD, [featBitFlag('b', T + 1)]), secrets: [] };
    server.send({ messageType: 'data-sync', data: { eventType: 'rp_patch', items: [patch] } });
    await eventually(() => poll(PROD)).toEqual(['a', 'b']);
  });

  it.each<[what: string, message: unknown]>([
    ['no JSON object', []],
    ['of no event type', { messageType: 'data-sync', data: { eventType: 'x' } }],
    ['without items', { messageType: 'data-sync', data: { eventType: 'rp_full' } }],
    ['with an item that is none', { messageType: 'data-sync', data: { eventType: 'rp_full', items: [{}] } }],
    [
      'with an item without lists',
      { messageType: 'data-sync', data: { eventType: 'rp_full', items: [{ envId: PROD, secrets: [] }] } },
    ],
  ])('is not disturbed by a message that is %s', async (_, message) => {
    const { server } = await aServer(item(PROD, [featBitFlag('a', T)]));
    const { poll, log } = await aRelay({ upstream: server.url });
    server.send(message);
    server.push([{ ...featBitFlag('b', T + 1), envId: PROD }]);
    await eventually(() => poll(PROD)).toEqual(['a', 'b']);
    expect(log.lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
  });

  it('starts without upstream from what an earlier run has kept, secrets included', async () => {
    const files = new MemoryFiles();
    const { server } = await aServer(item(PROD, [featBitFlag('a', T)]));
    const before = await aRelay({ upstream: server.url }, { files });
    await before.relay.close();
    const { poll, relay } = await aRelay({ upstream: 'http://127.0.0.1:9', startWait: 0 }, { files });
    expect(await poll(PROD)).toEqual(['a']);
    expect(relay.state().status).toBe('Stale');
  });

  it('says that its key is refused, and goes on serving', async () => {
    const files = new MemoryFiles();
    const { server } = await aServer(item(PROD, [featBitFlag('a', T)]));
    const before = await aRelay({ upstream: server.url }, { files });
    await before.relay.close();
    server.serve = () => ({ status: 401, body: '' });
    const { poll, relay, log } = await aRelay({ upstream: server.url, startWait: 0 }, { files });
    await eventually(() => relay.state().environments[0]?.state).toBe('refused');
    expect(await poll(PROD)).toEqual(['a']);
    expect(log.lines).toContain('error upstream refuses the relay: check the secret, and the clock of this machine');
  });

  it('sends insights with the secret of the SDK', async () => {
    const { server } = await aServer(item(PROD, []));
    const { relay } = await aRelay({ upstream: server.url });
    const answer = await fetch(`${relay.url}/api/public/insight/track`, {
      method: 'POST',
      headers: { authorization: PAGES[PROD] ?? '' },
      body: '[{"user":{"keyId":"u"}}]',
    });
    expect(answer.status).toBe(200);
    await eventually(() => server.insights).toEqual([{ user: { keyId: 'u' } }]);
  });
});

describe('an agent behind a relay', () => {
  const behind = async () => {
    const { server, state } = await aServer(item(PROD, [featBitFlag('a', T)]), item(DEV, [featBitFlag('b', T + 5)]));
    return { server, state, ...(await aRelay({ upstream: server.url })) };
  };

  it('is given everything with the secrets, then each change', async () => {
    const { relay, server } = await behind();
    const agent = await agentOf(relay);
    agent.send({ messageType: 'ping', data: {} });
    expect(await agent.next()).toEqual({ messageType: 'pong', data: {} });
    agent.requestSync(0);
    const { data } = await agent.next();
    expect(data.eventType).toBe('rp_full');
    expect(data.items.map(({ envId }: { envId: string }) => envId)).toEqual([PROD, DEV]);
    expect(data.items[0].secrets).toEqual(secretsOf(PROD, 'prod'));
    expect(data.items[0].featureFlags).toMatchObject([{ key: 'a', envId: PROD }]);
    server.push([{ ...featBitFlag('c', T + 9), envId: DEV }]);
    expect(await agent.next()).toMatchObject({
      messageType: 'data-sync',
      data: { eventType: 'patch', featureFlags: [{ key: 'c', envId: DEV }], segments: [] },
    });
  });

  it('that says what it has is given what is newer', async () => {
    const { relay, server, poll } = await behind();
    server.push([{ ...featBitFlag('c', T + 9), envId: DEV }]);
    await eventually(() => poll(DEV)).toEqual(['b', 'c']);
    const agent = await agentOf(relay);
    const envs = [
      { envId: PROD, timestamp: T },
      { envId: DEV, timestamp: T + 5 },
    ];
    agent.send({ messageType: 'data-sync', data: { timestamp: T + 5, envs } });
    const { data } = await agent.next();
    expect(data).toMatchObject({
      eventType: 'rp_patch',
      items: [
        { envId: PROD, secrets: [], featureFlags: [], segments: [] },
        { envId: DEV, secrets: [], featureFlags: [{ key: 'c' }], segments: [] },
      ],
    });
  });

  it.each<[what: string, data: object]>([
    [
      'it has something unknown',
      {
        timestamp: T,
        envs: [
          { envId: PROD, timestamp: T },
          { envId: DEV, timestamp: T + 1 },
        ],
      },
    ],
    ['it does not have an environment', { timestamp: T, envs: [{ envId: PROD, timestamp: T }] }],
    ['it says nothing of environments', { timestamp: T }],
  ])('is given everything when %s', async (_, data) => {
    const { relay } = await behind();
    const agent = await agentOf(relay);
    agent.send({ messageType: 'data-sync', data });
    expect((await agent.next()).data.eventType).toBe('rp_full');
  });

  it('is given everything anew when something is gone, or another secret counts', async () => {
    const { relay, server, state } = await behind();
    const agent = await agentOf(relay);
    agent.requestSync(0);
    await agent.next();
    state.items = [item(PROD, [featBitFlag('a', T)]), item(DEV, [])];
    server.cut();
    const gone = await agent.next();
    expect(gone.data.eventType).toBe('rp_full');
    expect(gone.data.items[1].featureFlags).toEqual([]);
    state.items = [item(PROD, [featBitFlag('a', T)])];
    server.cut();
    const fewer = await agent.next();
    expect(fewer.data.items.map(({ envId }: { envId: string }) => envId)).toEqual([PROD]);
  });

  it.each(['', 'rp-x', `rp-${'z'.repeat(40)}`, SECRETS[PROD] ?? ''])(
    'with the key %j is refused with 4003',
    async (key) => {
      const { relay } = await behind();
      const client = new StreamClient({ center: relay } as unknown as TestCenter, {
        query: `type=relay-proxy&token=${key}`,
        secret: 'x',
      });
      expect((await client.closed).code).toBe(4003);
    },
  );

  it('can be a relay, behind which SDKs are served', async () => {
    const { relay, server } = await behind();
    const far = await aRelay({ upstream: relay.url });
    expect(await far.poll(PROD)).toEqual(['a']);
    server.push([{ ...featBitFlag('c', T + 9), envId: PROD }]);
    await eventually(() => far.poll(PROD)).toEqual(['a', 'c']);
  });

  it('comes again while there is nothing to give it', async () => {
    const { relay } = await aRelay({ upstream: 'http://127.0.0.1:9', startWait: 0 });
    await expect(agentOf(relay)).rejects.toThrow(/503/);
  });
});

describe('what FeatBit calls of an agent', () => {
  const full = () => ({ eventType: 'rp_full', items: [item(PROD, [featBitFlag('a', T)])] });

  it('fills a relay without upstream, whose SDKs are given it; a backup is what a bootstrap takes', async () => {
    const { asAgent, poll, relay } = await aRelay({});
    expect(await poll(PROD)).toBe(401);
    const posted = await asAgent('POST', '/api/public/proxy/bootstrap', full());
    expect(await posted.json()).toEqual({ serves: 'shop:prod', dataVersion: T });
    expect(await poll(PROD)).toEqual(['a']);
    const client = await streamOf(
      relay,
      `type=server&token=${encodeConnectionToken(SECRETS[PROD] ?? '', Date.now(), 0.5)}`,
    );
    client.requestSync(0);
    await client.next();
    const backup = await (await asAgent('GET', '/api/public/proxy/backup')).json();
    expect(backup).toEqual(full());
    const status = JSON.parse(await (await asAgent('GET', '/api/public/proxy/status')).text());
    expect(status).toMatchObject({ serves: 'shop:prod', dataVersion: T, syncState: 'Interrupted' });
    await asAgent('POST', '/api/public/proxy/bootstrap', {
      eventType: 'rp_full',
      items: [item(PROD, [featBitFlag('b', T)])],
    });
    const after = await client.next();
    expect(after.data.eventType).toBe('full');
    expect(keysIn(after)).toEqual(['b']);
    expect(relay.state()).toMatchObject({ status: 'Stale' });
  });

  it('outlives a restart', async () => {
    const files = new MemoryFiles();
    const before = await aRelay({}, { files });
    await before.asAgent('POST', '/api/public/proxy/bootstrap', full());
    await before.relay.close();
    const after = await aRelay({}, { files });
    expect(await after.poll(PROD)).toEqual(['a']);
  });

  it.each<[what: string, body: unknown]>([
    ['nothing', undefined],
    ['a patch', { eventType: 'rp_patch', items: [] }],
    ['a whole message', { messageType: 'data-sync', data: full() }],
    [
      'a document that is broken',
      { eventType: 'rp_full', items: [item(PROD, [featBitFlag('a', T, { rules: null })])] },
    ],
  ])('is refused with a sentence when it posts %s, and nothing is changed', async (_, body) => {
    const { asAgent, poll } = await aRelay({});
    await asAgent('POST', '/api/public/proxy/bootstrap', full());
    const answer = await asAgent('POST', '/api/public/proxy/bootstrap', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid-request' });
    expect(await poll(PROD)).toEqual(['a']);
  });

  it('does not fill a relay that has an upstream', async () => {
    const { server } = await aServer(item(PROD, []));
    const { asAgent } = await aRelay({ upstream: server.url });
    expect((await asAgent('POST', '/api/public/proxy/bootstrap', full())).status).toBe(409);
  });

  it.each<[string, string, unknown]>([
    ['POST', '/api/public/agent/register', 'id'],
    ['GET', '/api/public/proxy/status', undefined],
    ['GET', '/api/public/proxy/backup', undefined],
    ['POST', '/api/public/proxy/bootstrap', {}],
  ])('needs the key: %s %s', async (method, path, body) => {
    const { asAgent } = await aRelay({});
    for (const key of ['', 'x', `${KEY}x`, SECRETS[PROD] ?? '']) {
      expect((await asAgent(method, path, body, key)).status).toBe(401);
    }
    expect((await asAgent(method, path, body)).status).not.toBe(401);
  });

  it('registers an agent by its id', async () => {
    const { asAgent } = await aRelay({});
    const answer = await asAgent('POST', '/api/public/agent/register', 'agent-1');
    expect([answer.status, await answer.text()]).toEqual([200, 'agent-1']);
    expect((await asAgent('POST', '/api/public/agent/register', { id: 1 })).status).toBe(400);
  });

  it('is not there for a relay without a key', async () => {
    const { server } = await aServer(item(PROD, []));
    const { asAgent, relay } = await aRelay({
      upstream: server.url,
      relayKey: undefined,
      startWait: 0,
      environments: [{ key: 'prod', serverSecret: SECRETS[PROD] ?? '' }],
    });
    expect((await asAgent('GET', '/api/public/proxy/status')).status).toBe(401);
    expect(relay.state().environments).toHaveLength(1);
  });
});
