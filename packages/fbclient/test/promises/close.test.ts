import { describe, expect, it } from 'vitest';
import type { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import type { FaultServer } from '../support/fault-server.js';
import { full, wireFlag } from '../support/wire.js';

const USER = { key: 'u' };
const CLOSE_TIMEOUT = 200;
/** How late a timer of a busy machine may be, in milliseconds. */
const LATENESS = 400;

interface State {
  readonly options?: Options;
  readonly before?: (server: FaultServer) => Promise<void> | void;
  /** Brings the client into its state. */
  readonly reach?: (client: FBClient, server: FaultServer) => Promise<unknown>;
}

const ready = (client: FBClient): Promise<unknown> => eventually(() => expect(client.status).toBe('Ready'));
const accepted = (server: FaultServer): Promise<unknown> =>
  eventually(() => expect(server.streamingFront.accepted).toBeGreaterThan(0));
const tried = (client: FBClient): Promise<unknown> =>
  eventually(() => expect(client.diagnostics().interruptions).toBeGreaterThan(0));

const STATES: Readonly<Record<string, State>> = {
  'just made': {},
  connecting: {
    before: (server) => server.streamingFront.become({ kind: 'silent' }),
    reach: (_client, server) => accepted(server),
  },
  'in a slow handshake': {
    before: (server) => {
      server.streams.upgradeFault = { kind: 'silent' };
    },
    reach: (_client, server) => accepted(server),
  },
  'waiting for its data': {
    before: (server) => {
      server.streams.dataFault = { kind: 'silent' };
    },
    reach: (_client, server) => eventually(() => expect(server.streams.records[0]?.cursors).toEqual([0])),
  },
  'in the middle of a message that trickles in': {
    before: (server) => server.streamingFront.become({ kind: 'drip', bytes: 1, every: 1 }),
    reach: (_client, server) => eventually(() => expect(server.streams.records[0]?.cursors).toEqual([0])),
  },
  'taking in a large sync': {
    before: (server) => {
      const value = 'x'.repeat(1_000);
      server.data.put(...Array.from({ length: 5_000 }, (_, index) => wireFlag(`f${index}`, value)));
    },
    reach: (_client, server) => eventually(() => expect(server.streams.records[0]?.cursors).toEqual([0])),
  },
  ready: { reach: ready },
  'with a half-open peer': {
    reach: async (client, server) => {
      await ready(client);
      await server.streamingFront.become({ kind: 'silent' });
    },
  },
  'between two attempts to reconnect': {
    options: { streamingFirstRetryDelay: 60_000 },
    reach: async (client, server) => {
      await ready(client);
      await server.down();
      await tried(client);
    },
  },
  'refused for good': {
    options: { envSecret: 'not the secret' },
    reach: (client) => eventually(() => expect(client.status).toBe('Closed')),
  },
  'with a silent event server and a full queue': {
    options: { eventsMaxInQueue: 500, eventsRequestTimeout: 60_000 },
    before: (server) => {
      server.requests.fault = { kind: 'silent' };
    },
    reach: async (client) => {
      await ready(client);
      for (let count = 0; count < 1_000; count++) client.trackMetric(USER, 'm');
      await eventually(() => expect(client.diagnostics().events?.dropped.queueFull).toBeGreaterThan(0));
    },
  },
  'with batches that wait for their retry': {
    options: { eventsRetryInterval: 60_000 },
    before: (server) => {
      server.requests.fault = { kind: 'answer', status: 503, headers: { 'Retry-After': '60' } };
    },
    reach: async (client) => {
      for (let count = 0; count < 500; count++) client.trackMetric(USER, 'm');
      await eventually(() => expect(client.diagnostics().events?.failedRequests).toBeGreaterThan(0));
    },
  },
  'with a data source that does not end': {
    options: {
      dataSource: {
        start: (sink) => void sink.accept(full()),
        close: () => new Promise(() => undefined),
      },
    },
    reach: ready,
  },
  'with a persistence that hangs': {
    options: { persistence: { load: async () => undefined, save: () => new Promise(() => undefined) } },
    reach: ready,
  },
  'with a listener that does not come to an end': {
    reach: async (client, server) => {
      await ready(client);
      client.flagTracker.addFlagChangedListener(() => new Promise(() => undefined));
      server.streams.send(JSON.stringify(full([wireFlag('f')])));
      await eventually(() => expect(client.isFlagKnown('f')).toBe(true));
    },
  },
  polling: {
    options: { dataSyncMode: 'polling' },
    before: (server) => {
      server.requests.fault = { kind: 'drip', every: 5 };
    },
    reach: (_client, server) => eventually(() => expect(server.requests.records).not.toHaveLength(0)),
  },
};

describe('promise 3: close() ends within its deadline in every state, twice and at once', () => {
  it.each(Object.entries(STATES))('ends in time %s', async (_name, { options, before, reach }) => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    await before?.(server);
    const client = faultClient({
      ...server.options,
      pollingUrl: server.httpUrl,
      ...options,
      closeTimeout: CLOSE_TIMEOUT,
    });
    const waiting = client.waitForInitialization(60_000);
    const syncing = client.updateStatusProvider.waitForOKState(60_000);
    await reach?.(client, server);

    const start = performance.now();
    await Promise.all([client.close(), client.close()]);
    expect(performance.now() - start).toBeLessThan(CLOSE_TIMEOUT + LATENESS);

    const again = performance.now();
    await client.close();
    expect(performance.now() - again).toBeLessThan(LATENESS);
    expect(client.status).toBe('Closed');
    // No wait outlives the client.
    expect(['ready', 'closed', 'failed']).toContain(await waiting);
    expect([true, false]).toContain(await syncing);
    await eventually(() => expect([server.streamingFront.open, server.httpFront.open]).toEqual([0, 0]));
  });

  it('accounts for every event that it gives up', async () => {
    const server = await faultServer();
    server.requests.fault = { kind: 'silent' };
    const client = faultClient({ ...server.options, eventsMaxInQueue: 300, closeTimeout: 50 });
    for (let count = 0; count < 1_000; count++) client.trackMetric(USER, 'm');
    await client.close();
    client.trackMetric(USER, 'too late');

    const { accepted, sent, failed, dropped, queued } = client.diagnostics().events ?? {};
    expect({ sent, failed, queued, unanswered: dropped?.unanswered, late: dropped?.closed }).toEqual({
      sent: 0,
      failed: 0,
      queued: 0,
      // One batch was under way.
      unanswered: 50,
      late: (accepted ?? 0) - 50 + 1,
    });
    expect((accepted ?? 0) + (dropped?.queueFull ?? 0)).toBe(1_000);
  });

  it('makes one last attempt with what waits', async () => {
    const server = await faultServer();
    const client = faultClient({ ...server.options, eventsFlushInterval: 60_000 });
    client.trackMetric(USER, 'm');
    await client.close();
    expect(server.requests.events).toHaveLength(1);
    expect(client.diagnostics().events?.sent).toBe(1);
  });
});
