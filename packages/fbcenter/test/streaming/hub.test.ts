import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { CallerParts } from '../../src/access/callers.js';
import { StorageError } from '../../src/errors.js';
import { ClientFlags } from '../../src/evaluation/client-flags.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import { ByteBudget } from '../../src/runtime/byte-budget.js';
import { StreamingHub } from '../../src/streaming/hub.js';
import type { StreamingLimits } from '../../src/streaming/limits.js';
import { callersWith } from '../support/callers.js';
import { anEnvironment } from '../support/environments.js';
import { closedGate, FakeChangeLog } from '../support/fake-change-log.js';
import { FakeClock } from '../support/fake-clock.js';
import { memoryLogger } from '../support/memory-logger.js';

const environment = anEnvironment('dev');
const NOW = Date.UTC(2025, 0, 1);

/** What the secrets of the environment are answered with; a test may put something else in its place. */
type ByValue = CallerParts['secrets']['byValue'];
const byValue: ByValue = async (value) => {
  if (value === environment.serverSecret) return { environment, kind: 'server', id: 's1' };
  if (value === environment.clientSecret) return { environment, kind: 'client', id: 'c1' };
  return undefined;
};

/** A hub behind an HTTP server of its own. */
async function aHub({ secrets = byValue, limits = {} }: { secrets?: ByValue; limits?: Partial<StreamingLimits> } = {}) {
  const log = memoryLogger();
  const changes = new FakeChangeLog();
  const live = new LiveEnvironments(changes);
  const hub = new StreamingHub({
    callers: callersWith('token', { byValue: secrets }),
    live,
    clientFlags: new ClientFlags('neutral'),
    budget: new ByteBudget(),
    clock: new FakeClock(NOW),
    log,
    limits: { holdTime: 1, closeTimeout: 200, ...limits },
  });
  const http = createServer().listen(0, '127.0.0.1');
  http.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head));
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  onTestFinished(async () => {
    await hub.close();
    http.close();
  });
  const connect = (query: string, path = '/streaming') => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}?${query}`);
    onTestFinished(() => socket.terminate());
    return socket;
  };
  const opened = async (query = good()) => {
    const socket = connect(query);
    await once(socket, 'open');
    return socket;
  };
  const closing = async (query: string) => {
    const [code, reason] = await once(connect(query), 'close');
    return [code, String(reason)];
  };
  return { hub, log, live, changes, connect, opened, closing };
}

const token = (secret = environment.serverSecret, at = NOW) => encodeConnectionToken(secret, at, 0.5);
const good = () => `type=server&version=2&token=${token()}`;
/** Until a condition holds: what is waited for is another turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a connection is let in', () => {
  it.each([
    ['', 'no version'],
    ['&version=1', 'version 1'],
    ['&version=2', 'version 2'],
    ['&version=2&more=x', 'more that nobody knows'],
  ])('with the query …%s: %s', async (more) => {
    const { hub, opened } = await aHub();
    await opened(`type=server&token=${token()}${more}`);
    await until(() => hub.connectionsBy('s1') === 1);
  });

  it.each([-30_000, -1, 0, 1, 30_000])('with a clock that is %d ms off', async (skew) => {
    const { hub, opened } = await aHub();
    await opened(`type=server&token=${token(environment.serverSecret, NOW + skew)}`);
    await until(() => hub.connectionsBy('s1') === 1);
  });

  it('and counts for its secret until it is gone', async () => {
    const { hub, opened } = await aHub();
    const sockets = [await opened(), await opened()];
    await until(() => hub.connectionsBy('s1') === 2);
    expect(hub.connectionsBy('other')).toBe(0);
    sockets[0]?.close();
    await until(() => hub.connectionsBy('s1') === 1);
  });

  it('and is listed until it is gone, also when its socket fails, which nobody else notices', async () => {
    const { hub, live, opened } = await aHub();
    const upgrade = vi.spyOn(hub, 'upgrade');
    await opened();
    await until(() => hub.connectionsBy('s1') === 1);
    await opened(`type=client&token=${token(environment.clientSecret)}`);
    await until(() => hub.connectionsBy('c1') === 1);
    const listed = () => hub.list.page(environment.id, 0, 10).map(([{ kind, since }, id]) => [id, kind, since]);
    expect(listed()).toEqual([
      [1, 'server', NOW],
      [2, 'client', NOW],
    ]);
    const [[one] = []] = hub.list.page(environment.id, 0, 1);
    expect([one?.progress(), live.of(environment.id).feed.readers]).toEqual([
      { sentVersion: undefined, behind: undefined },
      1,
    ]);
    upgrade.mock.calls[0]?.[1].destroy(new Error('on purpose'));
    await until(() => hub.connectionsBy('s1') === 0);
    expect([listed(), live.of(environment.id).feed.readers]).toEqual([[[2, 'client', NOW]], 0]);
  });

  it('and opens once it is checked', async () => {
    const { gate, open } = closedGate();
    let isAsked = false;
    const { connect } = await aHub({
      secrets: async (value) => {
        isAsked = true;
        await gate;
        return byValue(value);
      },
    });
    const socket = connect(good());
    await until(() => isAsked);
    expect(socket.readyState).toBe(socket.CONNECTING);
    open();
    await once(socket, 'open');
    socket.send('{"messageType":"data-sync","data":{"timestamp":0}}');
    const [data] = await once(socket, 'message');
    expect(JSON.parse(String(data))).toMatchObject({ messageType: 'data-sync', data: { eventType: 'full' } });
  });
});

describe('a connection is refused for good', () => {
  it.each([
    ['type=client&token=x', 'the token is malformed'],
    [`type=client&token=${token()}`, 'the secret is not a client secret'],
    ['type=relay-proxy&token=x', 'type must be server or client'],
    ['', 'type must be server or client'],
    ['type=server', 'the token is malformed'],
    ['type=server&token=x', 'the token is malformed'],
    [`type=server&version=3&token=${token()}`, 'version must be 1 or 2'],
    [`type=server&token=${token('x'.repeat(44))}`, 'the secret is unknown'],
    [`type=server&token=${token(environment.clientSecret)}`, 'the secret is not a server secret'],
    // A wrong secret stays wrong when the clock is right again.
    [`type=server&token=${token('x'.repeat(44), 0)}`, 'the secret is unknown'],
  ])('with the query %s: 4003, %s', async (query, reason) => {
    const { closing, hub, log } = await aHub();
    expect(await closing(query)).toEqual([4003, `invalid request, close by server: ${reason}`]);
    expect(hub.connectionsBy('s1')).toBe(0);
    expect(log.lines).toEqual(['warn a streaming connection was refused']);
  });

  it('once its secret is revoked, and whoever is in with it is out', async () => {
    const { hub, opened, closing } = await aHub();
    const socket = await opened();
    await until(() => hub.connectionsBy('s1') === 1);
    const closed = once(socket, 'close');
    hub.revoke('s1');
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4003, 'the secret was revoked']);
    expect(await closing(good())).toEqual([4003, 'the secret was revoked']);
  });

  it('when its secret is revoked while it is checked', async () => {
    const { gate, open } = closedGate();
    let isAsked = false;
    const { hub, connect } = await aHub({
      secrets: async (value) => {
        const owner = await byValue(value);
        isAsked = true;
        await gate;
        return owner;
      },
    });
    const closed = once(connect(good()), 'close');
    await until(() => isAsked);
    hub.revoke('s1');
    open();
    expect((await closed)[0]).toBe(4003);
  });
});

describe('a connection is sent away for a while', () => {
  it.each([
    [-31_000, /31\.0 s behind/],
    [31_000, /31\.0 s ahead of/],
    [-600_000, /10 min behind/],
    [10_800_000, /3 h ahead of/],
    [-864_000_000, /10 days behind/],
  ])('when its clock is %d ms off: 1001, in a reason that fits into the frame', async (skew, words) => {
    const { closing, log } = await aHub();
    const [code, reason] = await closing(`type=server&token=${token(environment.serverSecret, NOW + skew)}`);
    expect(code).toBe(1001);
    expect(reason).toMatch(words);
    expect(Buffer.byteLength(String(reason))).toBeLessThanOrEqual(123);
    expect(log.lines).toEqual(['warn a streaming connection was sent away because of its clock']);
  });
});

describe('an upgrade is refused', () => {
  const answerOf = async (socket: WebSocket) => {
    const [error] = await once(socket, 'error');
    return String((error as Error).message);
  };

  it.each(['/', '/streamings', '/elsewhere'])('at the address %s: 404', async (path) => {
    const { connect } = await aHub();
    expect(await answerOf(connect(good(), path))).toBe('Unexpected server response: 404');
  });

  it('beyond the greatest number of connections, and taken again once one is gone: 503', async () => {
    const { hub, opened, connect } = await aHub({ limits: { maxConnections: 1 } });
    const first = await opened();
    expect(await answerOf(connect(good()))).toBe('Unexpected server response: 503');
    await until(() => hub.connectionsBy('s1') === 1);
    first.close();
    await until(() => hub.connectionsBy('s1') === 0);
    await opened();
  });

  it('by a client secret, or by none, when the places are taken that are not for server SDKs: 503', async () => {
    const { opened, connect, hub } = await aHub({ limits: { maxConnections: 8, serverShare: 1 / 4 } });
    const byClient = `type=client&token=${token(environment.clientSecret)}`;
    await opened();
    const browsers = await Promise.all(Array.from({ length: 6 }, () => opened(byClient)));
    const full = 'Unexpected server response: 503';
    expect(await answerOf(connect(byClient))).toBe(full);
    expect(await answerOf(connect(`type=server&token=${token('unknown')}`))).toBe(full);
    await opened();
    expect(await answerOf(connect(good()))).toBe(full);
    expect([hub.connectionsBy('c1'), hub.connectionsBy('s1')]).toEqual([6, 2]);
    browsers[0]?.close();
    await until(() => hub.connectionsBy('c1') === 5);
    await opened(byClient);
  });

  it('while it cannot be checked: 503', async () => {
    const { connect, log } = await aHub({
      secrets: async () => {
        throw new StorageError('The disk is full: make room on it.');
      },
    });
    expect(await answerOf(connect(good()))).toBe('Unexpected server response: 503');
    expect(log.lines).toEqual(['error a connection could not be checked']);
  });

  it('by a hub that closes while it is checked: 503', async () => {
    const { gate, open } = closedGate();
    let isAsked = false;
    const { hub, connect } = await aHub({
      secrets: async (value) => {
        isAsked = true;
        await gate;
        return byValue(value);
      },
    });
    const socket = connect(good());
    const answer = answerOf(socket);
    await until(() => isAsked);
    const closing = hub.close();
    open();
    expect(await answer).toBe('Unexpected server response: 503');
    await closing;
  });

  it('beyond the greatest number, of many that are checked at once: 503', async () => {
    const { gate, open } = closedGate();
    let asked = 0;
    const { connect, hub } = await aHub({
      limits: { maxConnections: 1 },
      secrets: async (value) => {
        asked += 1;
        await gate;
        return byValue(value);
      },
    });
    const outcomes = Array.from({ length: 5 }, () => {
      const socket = connect(good());
      const opened = new Promise<string>((resolve) => socket.once('open', () => resolve('open')));
      return Promise.race([opened, answerOf(socket)]);
    });
    await until(() => asked === 5);
    open();
    expect((await Promise.all(outcomes)).filter((outcome) => outcome === 'open')).toHaveLength(1);
    expect(hub.connectionsBy('s1')).toBe(1);
  });

  it('once the hub closes: 503', async () => {
    const { hub, connect } = await aHub();
    await hub.close();
    expect(await answerOf(connect(good()))).toBe('Unexpected server response: 503');
  });

  it.each([undefined, '', 'http://[', '//', '/streaming%'])('of the address %s harms nobody', async (url) => {
    const { hub } = await aHub();
    const socket = new PassThrough();
    const written: string[] = [];
    socket.on('data', (chunk) => written.push(String(chunk)));
    hub.upgrade({ url, headers: {} } as IncomingMessage, socket, Buffer.alloc(0));
    await until(() => written.length > 0);
    expect(written.join('')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    socket.destroy();
  });
});

describe('when the hub closes', () => {
  it('every connection is closed with 1001, and closing again is the same', async () => {
    const { hub, opened } = await aHub();
    const sockets = [await opened(), await opened()];
    await until(() => hub.connectionsBy('s1') === 2);
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    expect(hub.close()).toBe(hub.close());
    for (const [code, reason] of await closed) expect([code, String(reason)]).toEqual([1001, 'the server is stopping']);
    await hub.close();
  });

  it('without a connection it is over at once', async () => {
    const { hub } = await aHub();
    await expect(hub.close()).resolves.toBeUndefined();
  });

  it('a socket that ends is none that is waited for', async () => {
    const { hub } = await aHub();
    const socket = Object.assign(new PassThrough(), new EventEmitter());
    hub.upgrade({ url: '/x', headers: {} } as IncomingMessage, socket, Buffer.alloc(0));
    socket.resume();
    await hub.close();
  });
});
