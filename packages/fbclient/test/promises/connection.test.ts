import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/node/node-platform.js';
import type { Options } from '../../src/options.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakePlatform } from '../support/fake-network.js';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import { HTML_PAGE } from '../support/fault-requests.js';
import type { FaultServer } from '../support/fault-server.js';
import { must } from '../support/must.js';
import { full, updatedAt, wireFlag } from '../support/wire.js';

const USER = { key: 'u' };
const PING_INTERVAL = 100;

/** Each takes the connection away in its own way, and restores the server. */
const DROPS: Readonly<Record<string, (server: FaultServer, lost: () => Promise<unknown>) => Promise<void> | void>> = {
  'an end without a close frame': (server) => server.streams.terminate(),
  'a reset': (server) => server.streamingFront.drop('reset'),
  'close code 1000': (server) => server.streams.close(1000),
  'close code 1001': (server) => server.streams.close(1001, 'going away'),
  'close code 1011': (server) => server.streams.close(1011, 'store is down'),
  'close code 4001': (server) => server.streams.close(4001),
  'a frame with reserved bits': (server) => server.streams.sendBytes(Buffer.from([0xf1, 0x01, 0x41])),
  'text that is not UTF-8': (server) => server.streams.sendBytes(Buffer.from([0x81, 0x02, 0xff, 0xfe])),
  'half a frame': async (server, lost) => {
    await server.streamingFront.become({ kind: 'cut', after: 100 });
    server.streams.send(JSON.stringify(full([wireFlag('f', 'x'.repeat(1_000))])));
    await lost();
    await server.streamingFront.heal();
  },
  'a peer that goes silent': async (server, lost) => {
    await server.streamingFront.become({ kind: 'silent' });
    await lost();
    await server.streamingFront.heal();
  },
  'a server that is away for a while': async (server, lost) => {
    await server.down();
    await lost();
    await server.up();
  },
  'resets of every new connection': async (server, lost) => {
    await server.streamingFront.become({ kind: 'reset' });
    server.streams.terminate();
    await lost();
    await server.streamingFront.heal();
  },
  'a page in place of the handshake': async (server, lost) => {
    server.streams.upgradeFault = { kind: 'answer', status: 200, body: HTML_PAGE };
    server.streams.terminate();
    await lost();
    server.streams.upgradeFault = undefined;
  },
  'a handshake that never ends': async (server, lost) => {
    server.streams.upgradeFault = { kind: 'silent' };
    server.streams.terminate();
    await lost();
    server.streams.upgradeFault = undefined;
  },
  'a close right after the handshake': async (server, lost) => {
    server.streams.upgradeFault = { kind: 'close', code: 1011 };
    server.streams.terminate();
    await lost();
    server.streams.upgradeFault = undefined;
  },
};

describe('promise 2: exactly one connection and one ping loop after any sequence of drops, and none after close()', () => {
  it.each([
    ['in this order', Object.values(DROPS)],
    ['in reverse', Object.values(DROPS).reverse()],
  ])('keeps one connection over all kinds of drops, %s', async (_order, drops) => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    const options = { streamingPingInterval: PING_INTERVAL, streamingConnectTimeout: 200 };
    const client = faultClient({ ...server.options, ...options });
    for (const drop of drops) {
      await eventually(() => {
        expect(client.status).toBe('Ready');
        expect(server.streamingFront.open).toBe(1);
        // A ping of this connection was answered: its liveness is watched.
        expect(must(server.streams.records.at(-1)).pings).not.toHaveLength(0);
      });
      const connections = server.streams.records.length;
      const { interruptions } = client.diagnostics();
      await drop(server, () =>
        eventually(() => expect(client.diagnostics().interruptions).toBeGreaterThan(interruptions)),
      );
      await eventually(() => expect(server.streams.records.length).toBeGreaterThan(connections));
    }
    await eventually(() => expect(must(server.streams.records.at(-1)).pings.length).toBeGreaterThan(4));

    expect(server.streamingFront.mostOpen).toBe(1);
    const { pings } = must(server.streams.records.at(-1));
    // One loop: never two pings within less than an interval, give or take how late a timer of a busy machine is.
    const times = pings.slice(0, 5);
    const span = must(times.at(-1)) - must(times[0]);
    expect(span).toBeGreaterThan((times.length - 2) * PING_INTERVAL);

    await client.close();
    await eventually(() => expect(server.streamingFront.open).toBe(0));
  });

  it.each<[string, (server: FaultServer) => Promise<void> | void]>([
    ['connections are refused', (server) => server.down()],
    ['the server accepts and says nothing', (server) => server.streamingFront.become({ kind: 'silent' })],
    ['connections are reset', (server) => server.streamingFront.become({ kind: 'reset' })],
    [
      'the handshake is never answered',
      (server) => {
        server.streams.upgradeFault = { kind: 'silent' };
      },
    ],
    [
      'the request for data is never answered',
      (server) => {
        server.streams.dataFault = { kind: 'silent' };
      },
    ],
    ['all is well', () => undefined],
  ])('opens nothing after close() while %s, however long one waits', async (_outage, happens) => {
    const server = await faultServer();
    await happens(server);
    const clock = new FakeClock();
    const client = faultClient({ ...server.options, streamingFirstRetryDelay: 1_000 }, { ...nodePlatform, clock });
    await eventually(async () => {
      await clock.settle();
      // Something has come of the first attempt: a connection, or a failure and the wait after it.
      expect(server.streamingFront.accepted + client.diagnostics().interruptions).toBeGreaterThan(0);
    });

    await client.close();
    await server.up();
    server.streams.upgradeFault = undefined;
    server.streams.dataFault = undefined;
    await eventually(() => expect(server.streamingFront.open).toBe(0));
    const { accepted } = server.streamingFront;
    expect(clock.timers()).toBe(0);
    await clock.advance(3_600_000);

    expect(server.streamingFront.accepted).toBe(accepted);
    expect(server.streamingFront.open).toBe(0);
  });
});

describe('promise 4: recovery from a restart, from a first connect that fails and from a peer that goes silent', () => {
  const connected = async (change: Options = {}) => {
    const server = await faultServer();
    server.data.put(wireFlag('f', 'before'));
    const client = faultClient({ ...server.options, ...change });
    expect(await client.waitForInitialization()).toBe('ready');
    return { server, client };
  };

  it('serves what it has while the server restarts, and then what the server has', async () => {
    const { server, client } = await connected();
    await server.down();
    await eventually(() => expect(client.status).toBe('Stale'));
    expect(client.variation('f', USER, '')).toBe('before');
    expect(client.diagnostics().error?.code).toMatch(/^(connect-failed|interrupted)$/);

    server.data.put(wireFlag('f', 'after', { updatedAt: updatedAt(2) }));
    await server.up();
    await eventually(() => expect(client.status).toBe('Ready'));
    expect(client.variation('f', USER, '')).toBe('after');
    expect(client.updateStatusProvider.currentState.error).toBeUndefined();
  });

  it('asks for what changed only, with its cursor, when it comes back', async () => {
    const { server, client } = await connected();
    server.streams.terminate();
    await eventually(() =>
      expect(server.streams.records.map(({ cursors }) => cursors)).toEqual([[0], [Date.parse(updatedAt(1))]]),
    );
    await eventually(() => expect(client.status).toBe('Ready'));
  });

  it('starts while the server is away', async () => {
    const server = await faultServer();
    await server.down();
    const client = faultClient(server.options);
    await eventually(() => expect(client.diagnostics().interruptions).toBeGreaterThan(2));
    expect(client.status).toBe('NotReady');

    await server.up();
    expect(await client.waitForInitialization()).toBe('ready');
  });

  it('notices a peer that goes silent, by the answers to its pings', async () => {
    const { server, client } = await connected({ streamingPingInterval: 50 });
    // The second ping: the first was answered.
    await eventually(() => expect(must(server.streams.records[0]).pings.length).toBeGreaterThan(1));
    const errors: (string | undefined)[] = [];
    client.updateStatusProvider.addListener(({ error }) => errors.push(error?.code));
    await server.streamingFront.become({ kind: 'silent' });

    await eventually(() => expect(errors).toContain('silent'));
    await server.streamingFront.heal();
    await eventually(() => expect(client.status).toBe('Ready'));
  });

  it('does not hold it against a server that it answers no pings', async () => {
    const server = await faultServer();
    server.streams.answersPings = false;
    const client = faultClient({ ...server.options, streamingPingInterval: 10 });
    await eventually(() => expect(must(server.streams.records[0]).pings.length).toBeGreaterThan(5));
    expect(client.status).toBe('Ready');
    expect(server.streams.records).toHaveLength(1);
  });

  it('doubles the wait with each failure up to the ceiling, and starts anew after a healthy spell', async () => {
    const platform = new FakePlatform();
    platform.chance = 1 - Number.EPSILON;
    const { clock, net } = platform;
    faultClient(
      {
        envSecret: 's',
        streamingUrl: 'ws://h',
        eventUrl: 'http://h',
        streamingFirstRetryDelay: 1_000,
        streamingMaxRetryDelay: 60_000,
        streamingPingInterval: 15_000,
      },
      platform,
    );
    const waits: number[] = [];
    const dropAndWait = async (): Promise<void> => {
      net.socket.drop(1006);
      const wait = must(clock.untilNext);
      waits.push(Math.round(wait));
      await clock.advance(wait);
    };
    for (let failure = 0; failure < 8; failure++) await dropAndWait();
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);

    net.socket.open();
    net.socket.message(full());
    await clock.advance(60_000);
    await dropAndWait();
    expect(waits.at(-1)).toBe(1_000);
  });

  it('spreads the waits of clients that failed together over everything below the ceiling', async () => {
    const waits = await Promise.all(
      [0, 0.25, 0.5, 0.999].map(async (chance) => {
        const platform = new FakePlatform();
        platform.chance = chance;
        faultClient(
          {
            envSecret: 's',
            streamingUrl: 'ws://h',
            eventUrl: 'http://h',
            streamingFirstRetryDelay: 1_000,
            streamingMaxRetryDelay: 60_000,
          },
          platform,
        );
        platform.net.socket.drop();
        return platform.clock.untilNext;
      }),
    );
    expect(waits).toEqual([0, 250, 500, 999]);
  });
});
