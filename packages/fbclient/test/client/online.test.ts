import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SyncError } from '../../src/errors.js';
import { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import { OTHER_SECRET, onlineClient, SECRET } from '../support/clients.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { ScriptedServer } from '../support/scripted-server.js';
import { full, patch, segmentFlag, updatedAt, versionOf, wireFlag, wireSegment } from '../support/wire.js';

const ADA = { key: 'ada', name: 'Ada', country: 'NL' };

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
  server.answer = () => full([wireFlag('flag', 'one')]);
});
afterEach(() => server.close());

/** The next value of a flag. */
function nextValue(client: FBClient, flagKey: string): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = client.flagTracker.addFlagValueChangedListener(flagKey, ADA, (_key, _previous, current) => {
      stop();
      resolve(current);
    });
  });
}

describe('the start', () => {
  it('is Ready when the data is there, and waits end then', async () => {
    const client = onlineClient(server.url);
    expect([client.status, client.initialized]).toEqual(['NotReady', false]);
    expect(client.variation('flag', ADA, 'default')).toBe('default');
    await expect(client.waitForInitialization()).resolves.toBe('ready');
    expect([client.status, client.initialized]).toEqual(['Ready', true]);
    expect(client.variation('flag', ADA, 'default')).toBe('one');
    await expect(client.updateStatusProvider.waitForOKState()).resolves.toBe(true);
  });

  it('introduces itself: the secret in a token, and who it is', async () => {
    const client = onlineClient(server.url);
    await client.waitForInitialization();
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(server.connections).toMatchObject([{ secret: SECRET, userAgent: `fbclient-node/${version}`, cursors: [0] }]);
  });

  it('is Ready with an environment that has no flags', async () => {
    server.answer = () => full();
    const client = onlineClient(server.url);
    await expect(client.waitForInitialization()).resolves.toBe('ready');
    expect(client.variationDetail('flag', ADA, 1)).toMatchObject({ value: 1, reason: 'Error' });
  });

  it('is not Ready by a connection alone: an open socket is no data', async () => {
    server.answer = () => undefined;
    const client = onlineClient(server.url);
    await server.until(() => server.connections[0]?.cursors.length === 1);
    await expect(client.waitForInitialization(0)).resolves.toBe('timeout');
    expect([client.status, client.initialized]).toEqual(['NotReady', false]);
    server.push(full());
    await expect(client.waitForInitialization()).resolves.toBe('ready');
  });

  it.each<[string, unknown]>([
    ['HTML', '<html></html>'],
    ['half of an answer', JSON.stringify(full()).slice(0, 40)],
    ['an answer of an unknown kind', { messageType: 'data-sync', data: { ...full().data, eventType: 'delta' } }],
    ['flags that are no list', { messageType: 'data-sync', data: { ...full().data, featureFlags: {} } }],
  ])('is not Ready by %s, and the next good answer counts', async (_name, answer) => {
    server.answer = () => answer;
    const logger = new RecordingLogger();
    const client = onlineClient(server.url, { logger });
    await server.until(() => server.connections[0]?.cursors.length === 1);
    server.push(patch([wireFlag('flag', 'pushed')]));
    await expect(client.waitForInitialization()).resolves.toBe('ready');
    expect(client.variation('flag', ADA, '')).toBe('pushed');
    expect(logger.codes('error').length).toBe(1);
  });

  it('leaves out what is damaged and no more', async () => {
    server.answer = () => full([wireFlag('flag', 'one'), { key: 'bad' }, wireFlag('other', 'two')]);
    const client = onlineClient(server.url);
    await client.waitForInitialization();
    expect([client.isFlagKnown('flag'), client.isFlagKnown('bad'), client.isFlagKnown('other')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('fails when the server refuses the secret: it is told everywhere, and the secret nowhere', async () => {
    server.answer = (connection) => {
      connection.socket.close(4003);
      return undefined;
    };
    const logger = new RecordingLogger();
    const client = onlineClient(server.url, { logger });
    const states: unknown[] = [];
    client.updateStatusProvider.addListener((state) => states.push(state.status));
    await expect(client.waitForInitialization()).resolves.toBe('failed');
    expect(client.status).toBe('Closed');
    expect(client.updateStatusProvider.currentState.error).toMatchObject({ code: 'rejected' });
    expect(client.diagnostics().error?.code).toBe('rejected');
    await expect(client.updateStatusProvider.waitForOKState()).resolves.toBe(false);
    expect(logger.codes('error')).toEqual(['rejected']);
    expect(states).toEqual(['Closed']);
    const told = logger.text + JSON.stringify([client.updateStatusProvider.currentState, client.diagnostics()]);
    expect(told).not.toContain(SECRET.slice(0, 20));
    expect(server.connections.length).toBe(1);
  });

  it('ends with close() for those who wait', async () => {
    server.answer = () => undefined;
    const client = onlineClient(server.url);
    const waits = [client.waitForInitialization(), client.updateStatusProvider.waitForOKState()];
    await client.close();
    await expect(Promise.all(waits)).resolves.toEqual(['closed', false]);
    await expect(client.waitForInitialization(60_000)).resolves.toBe('closed');
  });

  it('can be left to create(), which does not throw', async () => {
    const { client, error } = FBClient.create({
      envSecret: SECRET,
      streamingUrl: server.url,
      eventUrl: server.url,
      proxy: false,
    });
    expect(error).toBeUndefined();
    await expect(must(client).waitForInitialization()).resolves.toBe('ready');
    await client?.close();
    const bad = FBClient.create({ envSecret: '' });
    expect(bad.client).toBeUndefined();
    expect(bad.error?.problems.map(({ option }) => option)).toEqual(['envSecret', 'eventUrl', 'streamingUrl']);
  });
});

describe('a server that cannot be used', () => {
  /** The first error that a client tells of. */
  function firstError(client: FBClient): Promise<SyncError> {
    return new Promise((resolve) => {
      client.updateStatusProvider.addListener(({ error }) => error !== undefined && resolve(error));
    });
  }

  it.each<[string, (url: string) => Options, string, string]>([
    ['is not there', () => ({ streamingUrl: 'ws://127.0.0.1:1' }), 'connect-failed', 'ECONNREFUSED'],
    ['is none', (url) => ({ streamingUrl: url.replace('/prefix', '/other') }), 'connect-failed', 'ECONNRESET'],
    ['refuses', () => ({}), 'connect-failed', 'HTTP status 503'],
  ])(
    'because it %s is told; evaluations give defaults, waits end in time, closing works',
    async (name, options, code, why) => {
      if (name === 'refuses') server.refusal = 503;
      const client = onlineClient(server.url, options(server.url));
      const error = await firstError(client);
      expect(error.code).toBe(code);
      expect(error.message).toContain(why);
      expect(client.variation('flag', ADA, 'default')).toBe('default');
      await expect(client.waitForInitialization(1)).resolves.toBe('timeout');
      await expect(client.updateStatusProvider.waitForOKState(1)).resolves.toBe(false);
      expect(client.status).toBe('NotReady');
    },
  );

  it('because it does not answer is given up in time', async () => {
    server.answer = () => undefined;
    const client = onlineClient(server.url, { streamingConnectTimeout: 60_000 });
    await server.until(() => server.connections[0]?.cursors.length === 1);
    await expect(client.waitForInitialization(1)).resolves.toBe('timeout');
    await client.close();
    await server.until(() => server.open.length === 0);
  });

  it('for a while is used as soon as it can be', async () => {
    server.refusal = 503;
    const client = onlineClient(server.url, { streamingFirstRetryDelay: 1 });
    await firstError(client);
    server.refusal = undefined;
    await expect(client.waitForInitialization()).resolves.toBe('ready');
    expect(client.updateStatusProvider.currentState).not.toHaveProperty('error');
  });

  it.each(['x', 'short', `${SECRET}${SECRET}`])(
    'with a secret that only it can judge is asked: %s',
    async (envSecret) => {
      server.answer = ({ socket }) => {
        socket.close(4003);
        return undefined;
      };
      server.trackStatus = 401;
      const client = onlineClient(server.url, { envSecret });
      await expect(client.waitForInitialization()).resolves.toBe('failed');
      expect(server.connections[0]?.secret?.replace(/=+$/, '')).toBe(envSecret);
      client.trackMetric(ADA, 'paid');
      await client.flushAndWait();
      expect(client.diagnostics().events).toMatchObject({ lastError: 'HTTP status 401' });
    },
  );
});

describe('a change', () => {
  it('shows in evaluations and at listeners, soon', async () => {
    const client = onlineClient(server.url);
    await client.waitForInitialization();
    const latencies: number[] = [];
    for (let version = 2; version <= 21; version++) {
      const changed = nextValue(client, 'flag');
      const pushed = performance.now();
      server.push(patch([wireFlag('flag', `value ${version}`, { updatedAt: updatedAt(version) })]));
      await expect(changed).resolves.toBe(`value ${version}`);
      latencies.push(performance.now() - pushed);
    }
    const median = must(latencies.toSorted((a, b) => a - b)[10]);
    console.info(`a pushed change reaches a listener in ${median.toFixed(2)} ms (median of 20, loopback)`);
    // 100 ms is promised; far more room is left for a busy machine.
    expect(median).toBeLessThan(1_000);
  });

  it('of a segment shows in the flags that use it', async () => {
    server.answer = () => full([segmentFlag('staff-only', ['staff'])], [wireSegment('staff')]);
    const client = onlineClient(server.url);
    await client.waitForInitialization();
    expect(client.variation('staff-only', ADA, '')).toBe('off');
    const changed = nextValue(client, 'staff-only');
    server.push(patch([], [wireSegment('staff', ['ada'], { updatedAt: updatedAt(2) })]));
    await expect(changed).resolves.toBe('on');
  });

  it('is asked for again from the cursor when the connection was lost, and the data is served meanwhile', async () => {
    const client = onlineClient(server.url, { streamingFirstRetryDelay: 1 });
    await client.waitForInitialization();
    const stale = new Promise<unknown>((resolve) => {
      client.updateStatusProvider.addListener((state) => {
        if (state.status === 'Stale') resolve(client.variation('flag', ADA, ''));
      });
    });
    server.answer = () => patch([wireFlag('flag', 'two', { updatedAt: updatedAt(2) })]);
    const changed = nextValue(client, 'flag');
    must(server.connections[0]).socket.close(1000);
    await expect(stale).resolves.toBe('one');
    await expect(changed).resolves.toBe('two');
    expect(server.connections.map(({ cursors }) => cursors)).toEqual([[0], [versionOf(1)]]);
    expect(client.status).toBe('Ready');
    expect(client.diagnostics().interruptions).toBe(1);
    expect(server.open.length).toBe(1);
  });
});

describe('what was used', () => {
  it('arrives at the server: evaluations, metrics and users, as they were at the call', async () => {
    const client = onlineClient(server.url, { privateAttributes: ['email'] });
    await client.waitForInitialization();
    const user = { ...ADA, email: 'MARKED' };
    const before = Date.now();
    client.variation('flag', user, '');
    client.trackMetric(user, 'paid', 9.5);
    client.identify(user);
    user.country = 'BE';
    await expect(client.flushAndWait()).resolves.toBe(true);
    const sent = { keyId: 'ada', name: 'Ada', customizedProperties: [{ name: 'country', value: 'NL' }] };
    const timestamp = expect.any(Number);
    expect(server.payloads).toEqual([
      {
        user: sent,
        variations: [
          { featureFlagKey: 'flag', variation: { id: 'v-on', value: 'one' }, timestamp, sendToExperiment: false },
        ],
      },
      {
        user: sent,
        metrics: [
          expect.objectContaining({
            route: 'index/metric',
            type: 'CustomEvent',
            eventName: 'paid',
            numericValue: 9.5,
            timestamp,
          }),
        ],
      },
      { user: sent },
    ]);
    const { variations } = server.payloads[0] as unknown as { variations: { timestamp: number }[] };
    expect(Math.abs(must(variations[0]).timestamp - before)).toBeLessThan(60_000);
    const { headers } = must(server.batches[0]);
    expect(headers.authorization).toBe(SECRET);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['user-agent']).toMatch(/^fbclient-node\//);
    expect(client.diagnostics().events).toMatchObject({ accepted: 3, sent: 3, queued: 0 });
  });

  it('is sent by itself after a while', async () => {
    const client = onlineClient(server.url, { eventsFlushInterval: 5 });
    client.trackMetric(ADA, 'paid');
    await server.until(() => server.payloads.length === 1);
  });

  it('is sent at last by close()', async () => {
    const client = onlineClient(server.url, { eventsFlushInterval: 60_000 });
    client.trackMetric(ADA, 'paid');
    await client.close();
    expect(server.payloads.length).toBe(1);
  });

  it('does not keep flags from working when the server does not want it', async () => {
    server.trackStatus = 404;
    const logger = new RecordingLogger();
    const client = onlineClient(server.url, { logger });
    await client.waitForInitialization();
    client.trackMetric(ADA, 'paid');
    await client.flushAndWait();
    for (let time = 0; time < 10; time++) expect(client.variation('flag', ADA, '')).toBe('one');
    await client.flushAndWait();
    expect(server.batches.length).toBe(1);
    expect(logger.codes('error')).toEqual(['events-refused']);
    const changed = nextValue(client, 'flag');
    server.push(patch([wireFlag('flag', 'two', { updatedAt: updatedAt(2) })]));
    await expect(changed).resolves.toBe('two');
  });
});

describe('several clients in one process', () => {
  it('have each their own data, events and end', async () => {
    server.answer = ({ secret }) => full([wireFlag('flag', secret === SECRET ? 'first' : 'second')]);
    const [first, second] = [onlineClient(server.url), onlineClient(server.url, { envSecret: OTHER_SECRET })];
    await Promise.all([first.waitForInitialization(), second.waitForInitialization()]);
    expect([first.variation('flag', ADA, ''), second.variation('flag', ADA, '')]).toEqual(['first', 'second']);
    await first.close();
    expect([first.status, second.status]).toEqual(['Closed', 'Ready']);
    second.trackMetric(ADA, 'paid');
    await second.flushAndWait();
    expect(server.batches.map(({ headers }) => headers.authorization)).toEqual([SECRET, OTHER_SECRET]);
    await server.until(() => server.open.length === 1);
    expect(server.open[0]?.secret).toBe(OTHER_SECRET);
  });
});

describe('the end', () => {
  it('closes the connection; data is still served, without events', async () => {
    const client = onlineClient(server.url);
    await client.waitForInitialization();
    await client.close();
    await server.until(() => server.open.length === 0);
    expect(client.status).toBe('Closed');
    expect(client.variation('flag', ADA, '')).toBe('one');
    expect([...client.getAllLatestFlagVariations(ADA)].length).toBe(1);
    expect(client.diagnostics().events).toMatchObject({ accepted: 0 });
    expect(server.batches).toEqual([]);
  });

  it('can be left to await using', async () => {
    let kept: FBClient | undefined;
    {
      await using client = new FBClient({
        envSecret: SECRET,
        streamingUrl: server.url,
        eventUrl: server.url,
        proxy: false,
      });
      kept = client;
      await client.waitForInitialization();
    }
    expect(kept.status).toBe('Closed');
  });
});
