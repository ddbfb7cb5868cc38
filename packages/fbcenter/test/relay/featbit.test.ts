import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RelayOptions } from '../../src/relay/relay-options.js';
import { resolveRelayOptions } from '../../src/relay/relay-options.js';
import { startRelayWith } from '../../src/relay.js';
import { eventually } from '../support/eventually.js';
import { memoryLogger } from '../support/memory-logger.js';
import { featBitFlag, ScriptedFeatBit } from '../support/scripted-featbit.js';
import { StreamClient } from '../support/stream-client.js';
import type { TestCenter } from '../support/test-center.js';

const SERVER = 'server-secret-of-featbit-that-has-forty-four';
const CLIENT = 'client-secret-of-featbit-that-has-forty-four';
const T = Date.UTC(2026, 0, 1);

/** A relay in front of a server that does what FeatBit does, and worse. */
async function aRelay(upstream: ScriptedFeatBit, options: Partial<RelayOptions> = {}) {
  const log = memoryLogger();
  const relay = await startRelayWith(
    resolveRelayOptions({
      upstream: upstream.url,
      port: 0,
      environments: [{ key: 'prod', serverSecret: SERVER, clientSecret: CLIENT }],
      logger: log,
      startWait: 30_000,
      ...options,
    }),
    {},
  );
  onTestFinished(() => relay.close());
  const server = async (timestamp = 0) => {
    const center = { center: relay, environment: { serverSecret: SERVER } } as unknown as TestCenter;
    const client = new StreamClient(center);
    await client.opened();
    client.requestSync(timestamp);
    return { client, answer: await client.next() };
  };
  const browser = async () => {
    const center = { center: relay, environment: { serverSecret: CLIENT } } as unknown as TestCenter;
    const query = `type=client&token=${encodeConnectionToken(CLIENT, Date.now(), 0.5)}`;
    const client = new StreamClient(center, { query });
    await client.opened();
    client.send({ messageType: 'data-sync', data: { timestamp: 0, user: { keyId: 'u', name: 'U' } } });
    return { client, answer: await client.next() };
  };
  const poll = async () => {
    const response = await fetch(`${relay.url}/api/public/sdk/server/latest-all`, {
      headers: { authorization: SERVER },
    });
    const { data } = JSON.parse(await response.text());
    return data.featureFlags.map(
      ({ key, updatedAt }: { key: string; updatedAt: string }) => `${key}@${Date.parse(updatedAt) - T}`,
    );
  };
  const track = (body: unknown, secret = SERVER) =>
    fetch(`${relay.url}/api/public/insight/track`, {
      method: 'POST',
      headers: { authorization: secret },
      body: JSON.stringify(body),
    });
  return { relay, log, server, browser, poll, track };
}

const keysIn = ({ data }: { data: { featureFlags: { key?: string; id: string }[] } }) =>
  data.featureFlags.map(({ key, id }) => key ?? id);

describe('a relay in front of FeatBit', () => {
  it('comes with the secret that it was given, and passes documents on as they are', async () => {
    const upstream = await ScriptedFeatBit.start();
    const flag = featBitFlag('a', T, { description: 'ключ 🚩', newMember: { x: [1, null] } });
    upstream.flags = [flag];
    const { server } = await aRelay(upstream);
    const { answer } = await server();
    expect(answer.data).toEqual({ eventType: 'full', featureFlags: [flag], segments: [] });
    expect(upstream.credentials).toEqual([SERVER]);
  });

  it('passes deletions on as everything anew, to server SDKs and to browsers', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T), featBitFlag('b', T + 1)];
    const { server, browser, log } = await aRelay(upstream);
    const [{ client }, { client: page, answer }] = [await server(), await browser()];
    expect(keysIn(answer)).toEqual(['a', 'b']);
    // Nothing is pushed for it; the next connection asks for what is newer, and everything shows it.
    upstream.flags = [featBitFlag('a', T)];
    upstream.send({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: upstream.flags, segments: [] },
    });
    const full = await client.next();
    expect(full.data.eventType).toBe('full');
    expect(keysIn(full)).toEqual(['a']);
    const values = await page.next();
    expect(values.data).toMatchObject({ eventType: 'full', userKeyId: 'u' });
    expect(keysIn(values)).toEqual(['a']);
    expect(log.lines).toContain(
      'warn upstream has lost or taken back flags or segments: everybody is given everything anew',
    );
  });

  it('is quiet about a full message that says what is held', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T), featBitFlag('b', T + 1)];
    const { server } = await aRelay(upstream);
    const { client } = await server();
    upstream.send({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: upstream.flags, segments: [] },
    });
    upstream.change(featBitFlag('c', T + 2));
    const next = await client.next();
    expect(next.data.eventType).toBe('patch');
    expect(keysIn(next)).toEqual(['c']);
  });

  it('gives a change to everybody that FeatBit stamps earlier than one that it has pushed before', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T)];
    const { server, poll } = await aRelay(upstream);
    const { client } = await server();
    upstream.change(featBitFlag('b', T + 50));
    expect(keysIn(await client.next())).toEqual(['b']);
    upstream.change(featBitFlag('late', T + 40));
    expect(keysIn(await client.next())).toEqual(['late']);
    upstream.change(featBitFlag('same', T + 50));
    expect(keysIn(await client.next())).toEqual(['same']);
    // Whoever has been told of b only comes with its time, and gets both.
    const { answer } = await server(T + 50);
    expect(answer.data.eventType).toBe('patch');
    expect(keysIn(answer).toSorted()).toEqual(['late', 'same']);
    expect(await poll()).toEqual(['a@0', 'b@50', 'late@40', 'same@50']);
  });

  it('never gives a full message that is older than a patch before it, though FeatBit does', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T)];
    const { server, poll } = await aRelay(upstream);
    const { client } = await server();
    upstream.change(featBitFlag('a', T + 10));
    expect(keysIn(await client.next())).toEqual(['a']);
    // Read before the change, and sent after it; what FeatBit answers to the next question has the change.
    upstream.send({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: [featBitFlag('a', T)], segments: [] },
    });
    await eventually(() => upstream.received.length).toBeGreaterThan(1);
    upstream.change(featBitFlag('b', T + 20));
    const next = await client.next();
    expect(next.data.eventType).toBe('patch');
    expect(keysIn(next)).toEqual(['b']);
    expect(await poll()).toEqual(['a@10', 'b@20']);
  });

  it('takes no change for undone that FeatBit really has undone', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T), featBitFlag('b', T + 1)];
    const { server, poll } = await aRelay(upstream);
    const { client } = await server();
    upstream.change(featBitFlag('b', T + 10));
    await client.next();
    upstream.flags = [featBitFlag('a', T)];
    upstream.send({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: upstream.flags, segments: [] },
    });
    const full = await client.next();
    expect(full.data.eventType).toBe('full');
    expect(await poll()).toEqual(['a@0']);
  });

  it('leaves out a document that no SDK could read, and serves the rest', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T), featBitFlag('broken', T + 1, { rules: null })];
    const { poll, log } = await aRelay(upstream);
    expect(await poll()).toEqual(['a@0']);
    expect(log.lines.join('\n')).toMatch(/error flag "broken" was skipped/);
  });

  it('takes flags without tags, as some servers send them, to browsers and evaluations too', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T, { tags: null }), featBitFlag('b', T + 1, { tags: undefined })];
    const { browser, relay } = await aRelay(upstream);
    expect(keysIn((await browser()).answer)).toEqual(['a', 'b']);
    const answer = await fetch(`${relay.url}/api/public/featureflag/evaluate`, {
      method: 'POST',
      headers: { authorization: SERVER },
      body: JSON.stringify({ user: { keyId: 'u' }, filter: { tags: ['x'] } }),
    });
    expect(await answer.json()).toEqual([]);
  });

  it('goes on serving when FeatBit refuses it, and says so', async () => {
    const upstream = await ScriptedFeatBit.start();
    upstream.flags = [featBitFlag('a', T)];
    const { relay, poll, log } = await aRelay(upstream);
    upstream.refuses = true;
    upstream.cut();
    await eventually(() => relay.state().environments[0]?.state, { timeout: 15_000 }).toBe('refused');
    expect(await poll()).toEqual(['a@0']);
    expect(log.lines).toContain('error upstream refuses the relay: check the secret, and the clock of this machine');
    expect(relay.state().status).toBe('Stale');
  });

  it('gives FeatBit each insight once, and once more only when its answer was lost', async () => {
    const upstream = await ScriptedFeatBit.start();
    const { track, relay } = await aRelay(upstream);
    expect((await track([{ user: { keyId: 'a' } }])).status).toBe(200);
    await eventually(() => upstream.insights).toEqual([{ user: { keyId: 'a' } }]);
    upstream.insightStatus = 503;
    expect((await track([{ user: { keyId: 'b' } }], CLIENT)).status).toBe(200);
    upstream.insightStatus = 200;
    await eventually(() => upstream.insights.length, { timeout: 15_000 }).toBe(2);
    upstream.insightStatus = 'cut';
    await track([{ user: { keyId: 'c' } }]);
    await eventually(() => upstream.insights.length, { timeout: 15_000 }).toBe(3);
    upstream.insightStatus = 200;
    await eventually(() => relay.state().insights.sent, { timeout: 15_000 }).toBe(3);
    expect(upstream.insights.filter((insight) => JSON.stringify(insight).includes('"c"'))).toHaveLength(2);
  });
});
