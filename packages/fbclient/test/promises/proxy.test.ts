import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Options } from '../../src/options.js';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import { ConnectProxy } from '../support/fault-proxy.js';
import type { FaultServer } from '../support/fault-server.js';
import { PRIVATE_CA, PRIVATE_SERVER } from '../support/fault-tls.js';
import { wireFlag } from '../support/wire.js';

/** What is told of a proxy that wants credentials, and what to do about it. */
const REFUSED = 'the proxy refused (HTTP status 407): check the user and password in the option proxy';
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The process's proxy variables, and no others. */
function environment(variables: Partial<Record<(typeof VARIABLES)[number], string>>): void {
  for (const name of VARIABLES) {
    vi.stubEnv(name, variables[name] ?? '');
    vi.stubEnv(name.toLowerCase(), '');
  }
}

async function connectProxy(credentials?: string): Promise<ConnectProxy> {
  const proxy = await ConnectProxy.start(credentials);
  onTestFinished(() => proxy.close());
  return proxy;
}

async function server(secure: boolean): Promise<FaultServer> {
  const started = await faultServer(secure ? { tls: PRIVATE_SERVER, host: 'localhost' } : {});
  started.data.put(wireFlag('f'));
  return started;
}

/** Uses everything that goes over the network: the socket, a poll, an event. */
async function useNetwork(of: FaultServer, options: Options): Promise<void> {
  const streaming = faultClient({ ...of.options, ...options });
  const polling = faultClient({ ...of.options, dataSyncMode: 'polling', pollingUrl: of.httpUrl, ...options });
  streaming.trackMetric({ key: 'u' }, 'm');
  await eventually(() => {
    expect([streaming.status, polling.status]).toEqual(['Ready', 'Ready']);
    expect(of.requests.events).toHaveLength(1);
  });
}

const hosts = (of: FaultServer): string[] => [of.streamingUrl, of.httpUrl].map((url) => new URL(url).host);

describe('promise 19: proxies, for the socket and for HTTP alike', () => {
  it.each([
    ['ws and http', false],
    ['wss and https', true],
  ])('the option proxy, for %s', async (_name, secure) => {
    const proxy = await connectProxy();
    const target = await server(secure);
    // The environment has no say when the option is given.
    environment({ HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' });
    await useNetwork(target, { proxy: `http://127.0.0.1:${proxy.port}`, ca: PRIVATE_CA });
    expect([...new Set(proxy.tunnels)].sort()).toEqual(hosts(target).sort());
  });

  it.each([
    ['HTTP_PROXY', false],
    ['HTTPS_PROXY', true],
    ['ALL_PROXY', true],
  ] as const)('the variable %s', async (variable, secure) => {
    const proxy = await connectProxy();
    const target = await server(secure);
    environment({ [variable]: `http://127.0.0.1:${proxy.port}` });
    await useNetwork(target, { proxy: undefined, ca: PRIVATE_CA });
    expect([...new Set(proxy.tunnels)].sort()).toEqual(hosts(target).sort());
  });

  it.each([
    ['the variable NO_PROXY', { NO_PROXY: '127.0.0.1,localhost' }, undefined],
    ['proxy: false', {}, false],
  ] as const)('%s goes around it', async (_name, variables, option) => {
    const proxy = await connectProxy();
    const target = await server(false);
    environment({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, ...variables });
    await useNetwork(target, { proxy: option });
    expect(proxy.tunnels).toEqual([]);
  });

  it('that want credentials get them; without them nothing goes through', async () => {
    const proxy = await connectProxy('user:pass word');
    const target = await server(false);
    await useNetwork(target, { proxy: `http://user:pass%20word@127.0.0.1:${proxy.port}` });
    expect(proxy.refused).toBe(0);

    // A server of their own: the client that was let through may connect to the other once more.
    const unreached = await server(false);
    const refused = { ...unreached.options, proxy: `http://127.0.0.1:${proxy.port}` };
    const streaming = faultClient(refused);
    const polling = faultClient({ ...refused, dataSyncMode: 'polling', pollingUrl: unreached.httpUrl });
    for (const client of [streaming, polling]) {
      client.trackMetric({ key: 'u' }, 'm');
      await eventually(() => {
        const { interruptions, error, events } = client.diagnostics();
        expect(interruptions).toBeGreaterThan(1);
        expect(error).toMatchObject({ code: 'connect-failed', message: expect.stringContaining(REFUSED) });
        // Given up, as when nobody listens; the next ones are tried.
        expect(events).toMatchObject({ failed: 1, lastError: expect.stringContaining(REFUSED) });
      });
      client.trackMetric({ key: 'u' }, 'm');
      expect(client.diagnostics().events?.accepted).toBe(2);
    }
    expect(proxy.refused).toBeGreaterThan(0);
    expect(unreached.streamingFront.accepted).toBe(0);
  });

  // What the server would mean by these is something else: 401 and 403 that the secret is refused for good.
  it.each([401, 403, 404, 502])('that refuse the way with %d stop nothing for good, and are named', async (status) => {
    const proxy = await connectProxy();
    proxy.refuses = status;
    const target = await server(false);
    const options = { ...target.options, proxy: `http://127.0.0.1:${proxy.port}` };
    const clients = [
      faultClient(options),
      faultClient({ ...options, dataSyncMode: 'polling', pollingUrl: target.httpUrl }),
    ];
    const message = expect.stringContaining(`the proxy refused (HTTP status ${status}): it must let CONNECT through`);
    for (const client of clients) {
      client.trackMetric({ key: 'u' }, 'm');
      await eventually(() => {
        expect(client.diagnostics().error).toMatchObject({ code: 'connect-failed', message });
        expect(client.diagnostics().events).toMatchObject({ failed: 1, lastError: message });
      });
    }
    proxy.refuses = undefined;
    for (const client of clients) {
      client.trackMetric({ key: 'u' }, 'm');
      await eventually(() => {
        expect(client.status).toBe('Ready');
        expect(client.diagnostics().events?.sent).toBe(1);
      });
    }
  });

  it('that never answer hold nothing once a request is given up', async () => {
    const proxy = await connectProxy();
    proxy.silent = true;
    const target = await server(false);
    const client = faultClient({
      ...target.options,
      proxy: `http://127.0.0.1:${proxy.port}`,
      streamingConnectTimeout: 30,
      eventsRequestTimeout: 30,
    });
    client.trackMetric({ key: 'u' }, 'm');
    await eventually(() => {
      expect(client.diagnostics().interruptions).toBeGreaterThan(5);
      expect(client.diagnostics().events?.failed).toBe(1);
    });
    await client.close();
    await eventually(() => expect(proxy.open).toBe(0));
  });
});

describe('promise 19: private authorities, for the socket and for HTTP alike', () => {
  it.each<[string, Options]>([
    ['ca', { ca: PRIVATE_CA }],
    ['ca as a list', { ca: [PRIVATE_CA] }],
    ['rejectUnauthorized: false', { rejectUnauthorized: false }],
  ])('are trusted with %s', async (_name, options) => {
    await useNetwork(await server(true), options);
  });

  it('are not trusted otherwise, and the error says so', async () => {
    const target = await server(true);
    const streaming = faultClient(target.options);
    const polling = faultClient({ ...target.options, dataSyncMode: 'polling', pollingUrl: target.httpUrl });
    streaming.trackMetric({ key: 'u' }, 'm');
    await eventually(() => {
      for (const client of [streaming, polling]) {
        expect(client.diagnostics().error?.code).toBe('connect-failed');
        expect(client.diagnostics().error?.message).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/);
      }
      expect(streaming.diagnostics().events?.lastError).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/);
    });
    expect([streaming.status, polling.status]).toEqual(['NotReady', 'NotReady']);
    expect(target.requests.records).toEqual([]);
  });
});
