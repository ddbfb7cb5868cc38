import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { newSecret } from '../src/access/secrets.js';
import type { CenterInternals } from '../src/center.js';
import { StorageError } from '../src/errors.js';
import { ClientFlags } from '../src/evaluation/client-flags.js';
import { LiveEnvironments } from '../src/live/environments.js';
import { wireId } from '../src/live/wire-id.js';
import { ByteBudget } from '../src/runtime/byte-budget.js';
import { systemClock } from '../src/runtime/clock.js';
import { silentLogger } from '../src/runtime/log.js';
import { StreamingHub } from '../src/streaming/hub.js';
import { aStorage } from './support/a-storage.js';
import { callersWith } from './support/callers.js';
import { aFlag, aSegment } from './support/documents.js';
import { anEnvironment } from './support/environments.js';
import { replacing } from './support/replacing.js';
import { StreamClient, syncedClient } from './support/stream-client.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';

const tokenOf = (secret: string, skew = 0) => encodeConnectionToken(secret, Date.now() + skew, 0.5);

/** A message `data-sync` as it came, as far as it matters here. */
interface SyncMessage {
  readonly data: {
    readonly eventType: string;
    readonly featureFlags: readonly {
      readonly key: string;
      readonly isArchived: boolean;
      readonly updatedAt: string;
    }[];
    readonly segments: readonly { readonly id: string }[];
  };
}

describe('a connection', () => {
  const shared = sharedCenter();
  const good = ({ environment }: TestCenter) => tokenOf(environment.serverSecret);

  it.each<[string, (center: TestCenter) => string]>([
    ['without a version', (center) => `type=server&token=${good(center)}`],
    ['of version 1', (center) => `type=server&token=${good(center)}&version=1`],
    ['of version 2', (center) => `version=2&token=${good(center)}&type=server`],
    ['whose token is 25 s old', ({ environment }) => `type=server&token=${tokenOf(environment.serverSecret, -25_000)}`],
    [
      'whose token is 25 s ahead',
      ({ environment }) => `type=server&token=${tokenOf(environment.serverSecret, 25_000)}`,
    ],
  ])('%s is let in', async (_, query) => {
    const center = shared();
    const client = new StreamClient(center, { query: query(center) });
    await client.opened();
    client.requestSync(0);
    expect(await client.next()).toEqual({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: [], segments: [] },
    });
  });

  it.each<[string, (center: TestCenter) => string]>([
    ['without a token', () => 'type=server'],
    ['with an empty token', () => 'type=server&token='],
    ['with a token of nonsense', () => 'type=server&token=nonsense'],
    ['with the bare secret as token', ({ environment }) => `type=server&token=${environment.serverSecret}`],
    ['with a token that is cut off', (center) => `type=server&token=${good(center).slice(0, -1)}`],
    ['with a token that goes on', (center) => `type=server&token=${good(center)}A`],
    ['with a token of an unknown secret', () => `type=server&token=${tokenOf(newSecret('0'.repeat(32)))}`],
    ['with a token of an empty secret', () => `type=server&token=${tokenOf('')}`],
    ['with a token of a non-ASCII secret', () => `type=server&token=${encodeURIComponent(tokenOf('é'.repeat(44)))}`],
    [
      'with the token of a client secret',
      ({ environment }) => `type=server&token=${tokenOf(environment.clientSecret)}`,
    ],
    ['of type client with a server secret', (center) => `type=client&token=${good(center)}`],
    ['of type relay-proxy', (center) => `type=relay-proxy&token=${good(center)}`],
    ['without a type', (center) => `token=${good(center)}`],
    ['of version 3', (center) => `type=server&token=${good(center)}&version=3`],
    ['with a token full of escapes', () => 'type=server&token=%00%ff%zz'],
  ])('%s is accepted, then closed with 4003 and a reason', async (_, query) => {
    const center = shared();
    const client = new StreamClient(center, { query: query(center) });
    await client.opened();
    const { code, reason } = await client.closed;
    expect(code).toBe(4003);
    expect(reason).not.toBe('');
    expect(reason).not.toContain(center.environment.serverSecret);
  });

  it.each(['/streaming/', '/Streaming', '/STREAMING/more/of/it'])('to %s is let in, as FeatBit does', async (path) => {
    const client = new StreamClient(shared(), { path });
    await client.opened();
    client.requestSync(0);
    expect(await client.next()).toMatchObject({ messageType: 'data-sync' });
  });

  it.each(['/', '/streamings', '/featbit/streaming', '/api/public/insight/track', '//'])(
    'to %s is refused with 404',
    async (path) => {
      const client = new StreamClient(shared(), { path });
      await expect(client.opened()).rejects.toThrow('404');
    },
  );

  it('above the limit is refused with 503, and let in when another has gone', async () => {
    const center = await startTestCenter({}, { streamingLimits: { maxConnections: 1 } });
    const { client } = await syncedClient(center);
    await expect(new StreamClient(center).opened()).rejects.toThrow('503');
    client.socket.close();
    await client.closed;
    await syncedClient(center);
  });

  it('that upgrades to something else is refused', async () => {
    const { center } = await startTestCenter();
    const status = await new Promise((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade: 'h2c' };
      request(`${center.url}/streaming`, { headers }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(400);
  });

  it('is refused with 503 while the storage is down, and closed with 1001 when a request cannot be answered', async () => {
    const storage = await aStorage();
    let isDown = false;
    const down = () => Promise.reject(new StorageError('on purpose'));
    const flaky = replacing(storage, {
      secrets: {
        ...storage.secrets,
        byValue: (secret) => (isDown ? down() : storage.secrets.byValue(secret)),
      },
      changes: { ...storage.changes, since: (id, cursor) => (isDown ? down() : storage.changes.since(id, cursor)) },
    });
    const center = await startTestCenter({}, { storage: flaky });
    const client = new StreamClient(center);
    await client.opened();
    isDown = true;
    client.requestSync(7);
    expect((await client.closed).code).toBe(1001);
    await expect(new StreamClient(center).opened()).rejects.toThrow('503');
    isDown = false;
    await syncedClient(center);
  });
});

describe('a request for data', () => {
  async function withHistory() {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    await put(center.api, '/segments/s', aSegment());
    await put(center.api, '/flags/b', aFlag());
    await center.api('POST', '/flags/b/archive');
    const versionOf = async (path: string) => Date.parse((await center.api('GET', path)).body.updatedAt);
    return {
      ...center,
      a: await versionOf('/flags/a'),
      s: await versionOf('/segments/s'),
      b: await versionOf('/flags/b'),
    };
  }

  const seen = ({ data }: SyncMessage) => ({
    eventType: data.eventType,
    flags: data.featureFlags.map(({ key, isArchived }) => (isArchived ? `${key} archived` : key)),
    segments: data.segments.map(({ id }) => id),
  });

  type History = Awaited<ReturnType<typeof withHistory>>;
  const ALL = { flags: ['a', 'b archived'], segments: [wireId('s')] };

  it.each<[string, (history: History) => unknown, unknown]>([
    ['with cursor 0 gets everything', () => 0, { eventType: 'full', ...ALL }],
    ['without a cursor gets everything', () => undefined, { eventType: 'full', ...ALL }],
    ['with a null cursor gets everything', () => null, { eventType: 'full', ...ALL }],
    ['with a negative cursor gets everything', () => -5, { eventType: 'full', ...ALL }],
    ['with a cursor before everything gets everything', () => 1, { eventType: 'full', ...ALL }],
    ['gets what is newer', ({ a }) => a, { eventType: 'patch', flags: ['b archived'], segments: [wireId('s')] }],
    ['gets what is newer, segments aside', ({ s }) => s, { eventType: 'patch', flags: ['b archived'], segments: [] }],
    ['with a fraction in its cursor gets everything', ({ b }) => b - 0.5, { eventType: 'full', ...ALL }],
    ['that has everything gets an empty patch', ({ b }) => b, { eventType: 'patch', flags: [], segments: [] }],
    ['that is ahead gets everything', () => 9e15, { eventType: 'full', ...ALL }],
  ])('%s', async (_, cursor, expected) => {
    const history = await withHistory();
    const client = new StreamClient(history);
    await client.opened();
    client.send({ messageType: 'data-sync', data: { timestamp: cursor(history) } });
    expect(seen(await client.next())).toEqual(expected);
    expect(await client.drain()).toEqual([]);
    // Whatever it began with, it gets the next change.
    await history.api('POST', '/flags/a/toggle');
    expect(seen(await client.next())).toEqual({ eventType: 'patch', flags: ['a'], segments: [] });
  });

  it('with a cursor of an earlier center in memory gets everything, what is gone disappears', async () => {
    const first = await withHistory();
    const { answer } = await syncedClient(first);
    expect(seen(answer)).toEqual({ eventType: 'full', ...ALL });
    await first.center.close();
    const second = await startTestCenter({ environments: [{ key: 'dev', flags: [{ key: 'other', ...aFlag() }] }] });
    expect(seen((await syncedClient(second, first.b)).answer)).toEqual({
      eventType: 'full',
      flags: ['other'],
      segments: [],
    });
    await put(second.api, '/flags/another', aFlag());
    const flags = ['other', 'another'];
    expect(seen((await syncedClient(second, first.b)).answer)).toEqual({ eventType: 'full', flags, segments: [] });
    const empty = await startTestCenter();
    expect(seen((await syncedClient(empty, first.b)).answer)).toEqual({ eventType: 'full', flags: [], segments: [] });
  });

  it('after a backup was put back gets everything when its cursor is of what is gone, also once there is something newer', async () => {
    const dataFolder = temporaryFolder();
    const database = join(dataFolder, 'fbcenter.db');
    const environments = [{ key: 'dev', flags: [{ key: 'kept', ...aFlag() }] }];
    const first = await startTestCenter({ dataFolder, environments });
    const { answer: atBackup } = await syncedClient(first);
    const backup = join(temporaryFolder(), 'copy.db');
    await first.center.close();
    copyFileSync(database, backup);
    const second = await startTestCenter({ dataFolder });
    await put(second.api, '/flags/gone', aFlag());
    const cursor = Date.parse((await second.api('GET', '/flags/gone')).body.updatedAt);
    await second.center.close();
    copyFileSync(backup, database);
    const restored = await startTestCenter({ dataFolder });
    const { answer } = await syncedClient(restored, cursor);
    expect(seen(answer)).toEqual({ eventType: 'full', flags: ['kept'], segments: [] });
    await put(restored.api, '/flags/new', aFlag());
    const { answer: later } = await syncedClient(restored, cursor);
    expect(seen(later)).toEqual({ eventType: 'full', flags: ['kept', 'new'], segments: [] });
    // Those that hold what the backup holds cannot be told from those that hold something newer.
    const [version = 0] = versionsIn(atBackup);
    const { answer: stale } = await syncedClient(restored, version);
    expect(seen(stale)).toEqual({ eventType: 'full', flags: ['kept', 'new'], segments: [] });
    // SDKs that go by versions alone take it too: everything in it is newer than whatever they hold.
    expect(Math.min(...versionsIn(answer))).toBeGreaterThan(cursor);
  });

  it('after a restart on the same folder gets what is newer', async () => {
    const dataFolder = temporaryFolder();
    const first = await startTestCenter({ dataFolder });
    await put(first.api, '/flags/a', aFlag());
    await put(first.api, '/flags/b', aFlag());
    const [a = 0, b = 0] = versionsIn((await syncedClient(first)).answer);
    await first.center.close();
    const second = await startTestCenter({ dataFolder });
    expect(seen((await syncedClient(second, b)).answer)).toEqual({ eventType: 'patch', flags: [], segments: [] });
    expect(seen((await syncedClient(second, a)).answer)).toEqual({ eventType: 'patch', flags: ['b'], segments: [] });
  });

  it('may come again, and is answered again', async () => {
    const center = await withHistory();
    const { client, answer } = await syncedClient(center);
    client.requestSync(0);
    expect(await client.next()).toEqual(answer);
    client.requestSync(center.b);
    expect(seen(await client.next())).toEqual({ eventType: 'patch', flags: [], segments: [] });
  });

  it('may come several times at once: each is answered in its turn, and so is a ping between them', async () => {
    const center = await withHistory();
    const client = new StreamClient(center);
    await client.opened();
    const ping = { messageType: 'ping', data: {} };
    for (const message of [0, center.b, ping, ping, 0, center.a, ping]) {
      if (typeof message === 'number') client.requestSync(message);
      else client.send(message);
    }
    const answers = [];
    for (let count = 0; count < 7; count++) {
      const { messageType, data } = await client.next();
      answers.push(messageType === 'pong' ? 'pong' : `${data.eventType} ${data.featureFlags.length}`);
    }
    expect(answers).toEqual(['full 2', 'patch 0', 'pong', 'pong', 'full 2', 'patch 1', 'pong']);
    expect(await client.drain()).toEqual([]);
  });

  it('may come in fragments', async () => {
    const { client } = await syncedClient(await withHistory());
    const text = JSON.stringify({ messageType: 'data-sync', data: { timestamp: 0 } });
    client.socket.send(text.slice(0, 10), { fin: false });
    client.socket.send(text.slice(10, 30), { fin: false });
    client.socket.send(text.slice(30), { fin: true });
    expect(seen(await client.next())).toEqual({ eventType: 'full', ...ALL });
  });

  it('is what changes are pushed after: before it, nothing is sent', async () => {
    const center = await withHistory();
    const client = new StreamClient(center);
    await client.opened();
    await client.drain();
    await center.api('POST', '/flags/a/toggle');
    expect(await client.drain()).toEqual([]);
  });

  it('sends the very document that the management API shows, but for an id that is no GUID', async () => {
    const center = await withHistory();
    const { answer } = await syncedClient(center);
    expect(answer.data.featureFlags[0]).toEqual((await center.api('GET', '/flags/a')).body);
    const segment = (await center.api('GET', '/segments/s')).body;
    expect(segment.id).toBe('s');
    expect(answer.data.segments[0]).toEqual({ ...segment, id: wireId('s') });
  });
});

describe('messages', () => {
  const shared = sharedCenter();

  it('ping is answered by pong', async () => {
    const { client } = await syncedClient(shared());
    client.send({ messageType: 'ping', data: {} });
    expect(await client.nextText()).toBe('{"messageType":"pong","data":{}}');
    client.send({ messageType: 'ping', data: null });
    expect(await client.next()).toMatchObject({ messageType: 'pong' });
  });

  it.each<[string, string | Buffer]>([
    ['an unknown type', '{"messageType":"rotate-secret","data":{}}'],
    ['an answer instead of a question', '{"messageType":"data-sync","data":{"eventType":"full"}'],
    ['half a JSON', '{"messageType":"data-sy'],
    ['nothing', ''],
    ['a bare text', '"ping"'],
    ['null', 'null'],
    ['an array', '[{"messageType":"ping"}]'],
    ['a number', '12'],
    ['no type', '{}'],
    ['a cursor that is a text', '{"messageType":"data-sync","data":{"timestamp":"0"}}'],
    ['a cursor that is an object', '{"messageType":"data-sync","data":{"timestamp":{}}}'],
    ['a name of every object', '{"messageType":"toString"}'],
    ['bytes', Buffer.from([0, 1, 2, 255])],
  ])('that are %s are ignored, and the connection goes on', async (_, message) => {
    const center = shared();
    const { client } = await syncedClient(center);
    client.socket.send(message);
    expect(await client.drain()).toEqual([]);
    await put(center.api, '/flags/f', aFlag());
    expect((await client.next()).data.featureFlags).toHaveLength(1);
  });

  it('of a request without data are taken as a request for everything', async () => {
    const client = new StreamClient(shared());
    await client.opened();
    client.send({ messageType: 'data-sync' });
    expect(await client.next()).toMatchObject({ data: { eventType: 'full' } });
  });

  it('of up to four times 2 KiB are read, longer ones close the connection with 1009', async () => {
    const { client } = await syncedClient(shared());
    client.send('x'.repeat(8_192));
    expect(await client.drain()).toEqual([]);
    client.send('x'.repeat(8_193));
    expect((await client.closed).code).toBe(1009);
  });
});

describe('changes', () => {
  it('are pushed to every connection of the environment, in order, once, and to no other environment', async () => {
    const center = await startTestCenter({ environments: [{ key: 'dev' }, { key: 'prod' }] });
    await put(center.api, '/flags/f', aFlag());
    const prod = center.center.environments[1]?.serverSecret ?? '';
    const stranger = new StreamClient(center, { secret: prod });
    await stranger.opened();
    stranger.requestSync(0);
    await stranger.next();
    const clients = await Promise.all(Array.from({ length: 20 }, async () => (await syncedClient(center)).client));
    const reported: number[] = [];
    center.center.onCommit(({ version, environment, key, kind }) => {
      expect([environment, kind, key]).toEqual(['dev', 'flag', 'f']);
      reported.push(version);
    });
    for (let count = 0; count < 10; count++) await center.api('POST', '/flags/f/toggle');
    expect(reported).toHaveLength(10);
    for (const client of clients) {
      const pushed = await client.drain();
      expect(pushed.map(({ data }) => data.eventType)).toEqual(reported.map(() => 'patch'));
      expect(pushed.map(({ data }) => Date.parse(data.featureFlags[0].updatedAt))).toEqual(reported);
      expect(pushed.map(({ data }) => data.featureFlags[0].isEnabled)).toEqual(
        reported.map((_, index) => index % 2 === 1),
      );
    }
    expect(await stranger.drain()).toEqual([]);
  });

  it('that race with connecting are neither lost nor sent twice', async () => {
    const center = await startTestCenter();
    const flags = ['a', 'b', 'c', 'd'];
    for (const key of flags) await put(center.api, `/flags/${key}`, aFlag());
    const committed: number[] = [];
    center.center.onCommit(({ version }) => committed.push(version));
    let isWriting = true;
    const writing = flags.map(async (key) => {
      while (isWriting) await center.api('POST', `/flags/${key}/toggle`);
    });
    const clients = [];
    for (let count = 0; count < 30; count++) {
      const client = new StreamClient(center);
      await client.opened();
      const cursor = count % 3 === 0 ? 0 : (committed.at(count % 3 === 1 ? -1 : -5) ?? 0);
      client.requestSync(cursor);
      clients.push({ client, cursor });
    }
    await vi.waitFor(() => expect(committed.length).toBeGreaterThan(10), { timeout: 15_000 });
    isWriting = false;
    await Promise.all(writing);
    for (const { client, cursor } of clients) {
      const answer = versionsIn(await client.next());
      const pushes = (await client.drain()).map(versionsIn);
      // What the answer has not, the pushes have: all of it, once, in order.
      const answered = Math.max(cursor, ...answer);
      expect(pushes.flat()).toEqual(committed.filter((version) => version > answered));
    }
  });

  it('by several writers at once arrive in the order of their versions', async () => {
    const center = await startTestCenter();
    const { client } = await syncedClient(center);
    await Promise.all(Array.from({ length: 50 }, (_, index) => put(center.api, `/flags/f${index}`, aFlag())));
    const versions = (await client.drain()).flatMap(versionsIn);
    expect(versions).toHaveLength(50);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });
});

/** The versions of the flags in a data-sync message. */
function versionsIn({ data }: SyncMessage): number[] {
  return data.featureFlags.map(({ updatedAt }) => Date.parse(updatedAt));
}

describe('peers that misbehave', () => {
  /** Twenty flags of a megabyte: more than the kernel holds for a socket. */
  async function centerWithMuch(internals: CenterInternals) {
    const value = JSON.stringify('x'.repeat(1_000_000));
    const flags = Array.from({ length: 20 }, (_, index) => ({
      ...aFlag({
        variationType: 'json',
        variations: [
          { id: 'on', value },
          { id: 'off', value: '1' },
        ],
      }),
      key: `big-${index}`,
    }));
    return startTestCenter({ environments: [{ key: 'dev', flags }] }, internals);
  }

  async function stalledClient(center: TestCenter): Promise<StreamClient> {
    const client = new StreamClient(center);
    await client.opened();
    const { _socket } = client.socket as unknown as { _socket: Socket };
    client.requestSync(0);
    // The answer is on its way.
    await once(_socket, 'data');
    client.socket.pause();
    return client;
  }

  it('a reader that stalls is cut off', async () => {
    const center = await centerWithMuch({ budgetLimits: { patience: 100 } });
    const client = await stalledClient(center);
    const connections = async () => (await center.api('GET', '')).body.connections;
    await vi.waitFor(async () => expect(await connections()).toBe(0), 5_000);
    client.socket.resume();
    expect((await client.closed).code).toBe(1006);
  });

  it('a reader that stalls and comes back gets what it missed, which did not pile up for it meanwhile', async () => {
    const center = await centerWithMuch({});
    const client = await stalledClient(center);
    for (let count = 0; count < 15; count++) await center.api('POST', '/flags/big-1/toggle');
    client.socket.resume();
    expect(await client.next()).toMatchObject({ data: { eventType: 'full' } });
    // More than is kept for readers that are nearly up to date: they get the outcome, not each step.
    const patch = await client.next();
    expect(patch.data.featureFlags).toEqual([(await center.api('GET', '/flags/big-1')).body]);
    expect(await client.drain()).toEqual([]);
  });

  it('readers that stall do not keep others from their answers', async () => {
    const center = await centerWithMuch({});
    await Promise.all(Array.from({ length: 8 }, () => stalledClient(center)));
    const { answer } = await syncedClient(center);
    expect(answer.data.featureFlags).toHaveLength(20);
  });

  it('readers that stall and use up all there is make room for others', async () => {
    const center = await centerWithMuch({ budgetLimits: { maxBytes: 1_000_000, pressedPatience: 300 } });
    const stalled = await stalledClient(center);
    const { answer } = await syncedClient(center);
    expect(answer.data.featureFlags).toHaveLength(20);
    stalled.socket.resume();
    expect((await stalled.closed).code).toBe(1006);
  });

  it('a peer that answers no ping is cut off', async () => {
    // Long enough for the lively one to answer although this process is busy.
    const center = await startTestCenter({}, { streamingLimits: { heartbeat: 400 } });
    const silent = new StreamClient(center);
    silent.socket.on('ping', () => {});
    Object.assign(silent.socket, { _autoPong: false });
    const lively = new StreamClient(center);
    await Promise.all([silent.opened(), lively.opened()]);
    expect((await silent.closed).code).toBe(1006);
    expect(await lively.drain()).toEqual([]);
  });

  it('a peer that breaks the protocol is cut off, and others are not touched', async () => {
    const center = await startTestCenter();
    const { client: good } = await syncedClient(center);
    const { client: bad } = await syncedClient(center);
    // A frame with all reserved bits set.
    const { _socket } = bad.socket as unknown as { _socket: { write(bytes: Buffer): void } };
    _socket.write(Buffer.from([0xff, 0xff, 0, 0, 0, 0]));
    expect((await bad.closed).code).toBe(1002);
    expect(await good.drain()).toEqual([]);
  });

  it('a peer that breaks while it is refused harms nobody', async () => {
    const storage = await aStorage();
    const hub = new StreamingHub({
      callers: callersWith('admin-token', storage.secrets),
      live: new LiveEnvironments(storage.changes),
      clientFlags: new ClientFlags('neutral'),
      budget: new ByteBudget(),
      clock: systemClock,
      log: silentLogger,
    });
    const socket = new PassThrough();
    hub.upgrade({ url: '/elsewhere' } as IncomingMessage, socket, Buffer.alloc(0));
    expect(() => socket.emit('error', new Error('reset'))).not.toThrow();
    await hub.close();
  });

  it('a peer that vanishes during the handshake harms nobody', async () => {
    const center = await startTestCenter();
    for (let count = 0; count < 10; count++) {
      const client = new StreamClient(center);
      client.socket.on('error', () => {});
      client.socket.terminate();
      await client.closed;
    }
    await syncedClient(center);
  });
});

describe('when the center closes', () => {
  it('every connection is closed with 1001, a deaf one too, and close() can be called again', async () => {
    const center = await startTestCenter({}, { streamingLimits: { closeTimeout: 100 } });
    const { client } = await syncedClient(center);
    const deaf = new StreamClient(center);
    await deaf.opened();
    deaf.socket.pause();
    onTestFinished(() => deaf.socket.resume());
    await Promise.all([center.center.close(), center.center.close()]);
    expect((await client.closed).code).toBe(1001);
    await center.center.close();
    await expect(fetch(center.center.url)).rejects.toThrow();
  });

  it('everybody who closes the streaming waits until the last connection has gone', async () => {
    const storage = await aStorage();
    const environment = anEnvironment();
    await storage.environments.create(environment, []);
    const hub = new StreamingHub({
      callers: callersWith('admin-token', storage.secrets),
      live: new LiveEnvironments(storage.changes),
      clientFlags: new ClientFlags('neutral'),
      budget: new ByteBudget(),
      clock: systemClock,
      log: silentLogger,
      limits: { closeTimeout: 100 },
    });
    const http = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void http.close());
    http.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head));
    await once(http, 'listening');
    const { port } = http.address() as AddressInfo;
    const deaf = new WebSocket(
      `ws://127.0.0.1:${port}/streaming?type=server&token=${tokenOf(environment.serverSecret)}`,
    );
    onTestFinished(() => deaf.terminate());
    await once(deaf, 'open');
    deaf.pause();
    await Promise.all([hub.close(), hub.close()]);
    await hub.close();
  });
});
