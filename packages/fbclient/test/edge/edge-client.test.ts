import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EdgeClient, type EdgeOptions } from '../../src/edge.js';
import { InvalidConfigError } from '../../src/errors.js';
import { compilePattern } from '../../src/flags/re2-pattern.js';

const SECRET = 'edge-secret';
const ADA = { key: 'ada', email: 'ada@example.com' };

/** An environment of one flag, which serves its value to all, or to those whose e-mail a pattern matches. */
function envelope(value: string, pattern?: string): string {
  const slices = (id: string) => [{ id, rollout: [0, 1], exptRollout: 1 }];
  const conditions = [{ property: 'email', op: 'MatchRegex', value: pattern }];
  const flag = {
    key: 'theme',
    updatedAt: `2026-01-05T09:00:0${value.length % 10}.000Z`,
    isArchived: false,
    isEnabled: true,
    variationType: 'string',
    variations: [
      { id: 'v', value },
      { id: 'none', value: 'none' },
    ],
    targetUsers: [],
    rules: pattern === undefined ? [] : [{ conditions, includedInExpt: false, variations: slices('v') }],
    fallthrough: { includedInExpt: false, variations: slices(pattern === undefined ? 'v' : 'none') },
    disabledVariationId: 'none',
    exptIncludeAllTargets: false,
  };
  return JSON.stringify({ messageType: 'data-sync', data: { eventType: 'full', featureFlags: [flag], segments: [] } });
}

/** A server of flags and events, whose answers a test chooses. */
let server: Server;
let url: string;
let flags: { status: number; body: string };
let events: number[];
let requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];

beforeEach(async () => {
  flags = { status: 200, body: envelope('dark') };
  events = [];
  requests = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      const { url: path = '', headers } = request;
      requests.push({ path, headers, body });
      if (path.includes('/insight/')) response.writeHead(events.shift() ?? 200).end('{}');
      else response.writeHead(flags.status).end(flags.body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});

const make = (options: EdgeOptions = {}): EdgeClient =>
  new EdgeClient({ envSecret: SECRET, eventUrl: url, pollingUrl: url, ...options });

/** How many events each request brought. */
const sent = (): number[] =>
  requests
    .filter(({ path }) => path.includes('/insight/'))
    .map(({ body }) => (body.match(/"variations":\[[^\]]/g) ?? []).length);

describe('a client at the edge', () => {
  it('starts nothing when it is made, and by itself nothing later', async () => {
    const timers = [
      vi.spyOn(globalThis, 'setTimeout'),
      vi.spyOn(globalThis, 'setInterval'),
      vi.spyOn(globalThis, 'fetch'),
    ];
    const client = make({ bootstrap: envelope('light') });
    expect(client.variation('theme', ADA, 'x')).toBe('light');
    for (const spy of timers) expect(spy).not.toHaveBeenCalled();
    await client.load(() => envelope('dark'));
    for (let count = 0; count < 200; count++) client.variation('theme', ADA, 'x');
    await Promise.resolve();
    for (const spy of timers) expect(spy).not.toHaveBeenCalled();
  });

  it('loads once, from the server, and refreshes when it is asked to', async () => {
    const client = make();
    expect([client.initialized, client.variation('theme', ADA, 'x')]).toEqual([false, 'x']);
    expect(await client.load()).toBe(true);
    expect([client.status, client.variation('theme', ADA, 'x')]).toEqual(['Ready', 'dark']);
    flags.body = envelope('festive');
    expect(await client.load()).toBe(true);
    expect(client.variation('theme', ADA, 'x')).toBe('dark');
    expect(await client.refresh(60_000)).toBe(true);
    expect(client.variation('theme', ADA, 'x')).toBe('dark');
    expect(await client.refresh()).toBe(true);
    expect(client.variation('theme', ADA, 'x')).toBe('festive');
    expect(requests.map(({ path }) => path)).toEqual(Array(2).fill('/api/public/sdk/server/latest-all'));
    expect(requests[0]?.headers).toMatchObject({
      authorization: SECRET,
      'user-agent': expect.stringMatching(/^fbclient-edge\/\d/),
    });
  });

  it.each([
    ['a text', () => envelope('kv'), true],
    ['an object', () => JSON.parse(envelope('kv')), true],
    ['a promise', async () => envelope('kv'), true],
    ['nothing', () => null, false],
    ['something else', () => '<html>', false],
    [
      'an error',
      () => {
        throw new Error('secret stuff');
      },
      false,
    ],
    ['a rejection', () => Promise.reject(new Error('secret stuff')), false],
  ])('takes flags from a function of the application: %s', async (_, load, good) => {
    const client = make({ pollingUrl: undefined, load });
    expect(await client.load()).toBe(good);
    expect(client.variation('theme', ADA, 'x')).toBe(good ? 'kv' : 'x');
    expect(client.status).toBe(good ? 'Ready' : 'NotReady');
    expect(JSON.stringify(client.updateStatusProvider.currentState)).not.toContain('secret stuff');
  });

  it('takes them from a binding of one request', async () => {
    const client = make({ load: () => null });
    expect(await client.load(() => envelope('bound'))).toBe(true);
    expect(client.variation('theme', ADA, 'x')).toBe('bound');
  });

  it.each([
    [503, 'busy', 'Stale', 'connect-failed'],
    [200, '<html>', 'Stale', 'bad-answer'],
    [401, '', 'Closed', 'rejected'],
  ])('serves what it holds when a refresh is answered with %i %j', async (status, body, expected, code) => {
    const client = make();
    await client.load();
    flags = { status, body };
    expect(await client.refresh()).toBe(false);
    expect(client.variation('theme', ADA, 'x')).toBe('dark');
    expect(client.updateStatusProvider.currentState).toMatchObject({ status: expected, error: { code } });
    flags = { status: 200, body: envelope('festive') };
    expect(await client.refresh()).toBe(true);
    expect([client.status, client.variation('theme', ADA, 'x')]).toEqual(['Ready', 'festive']);
  });

  it('load() is true for what a bootstrap brought, and tries again while nothing was loaded', async () => {
    flags.status = 503;
    const client = make({ bootstrap: envelope('light') });
    expect(await client.load()).toBe(true);
    expect(client.status).toBe('Stale');
    flags.status = 200;
    await client.load();
    expect(client.variation('theme', ADA, 'x')).toBe('dark');
  });
});

describe('regular expressions at the edge', () => {
  it('need an engine: without it the flag returns its default, and says why', async () => {
    const load = () => envelope('match', '@example\\.com$');
    const without = make({ load });
    await without.load();
    expect(without.variationDetail('theme', ADA, 'x')).toMatchObject({
      value: 'x',
      reason: 'Error',
      reasonText: expect.stringContaining('patterns: compilePattern, of fbclient/core'),
    });
    const engine = make({ load, patterns: compilePattern });
    await engine.load();
    expect(engine.variation('theme', ADA, 'x')).toBe('match');
  });
});

describe('events at the edge', () => {
  it('are sent when they are asked for, in batches, and once', async () => {
    const client = make({ eventsMaxPerRequest: 20 });
    await client.load();
    for (let count = 0; count < 50; count++) client.variation('theme', { key: `user-${count}` }, 'x');
    expect(sent()).toEqual([]);
    expect(await client.flush()).toBe(true);
    expect(sent()).toEqual([20, 20, 10]);
    expect(await client.flush()).toBe(true);
    expect(sent()).toEqual([20, 20, 10]);
    expect(client.diagnostics().events).toMatchObject({ accepted: 50, sent: 50, queued: 0, unsettled: 0 });
  });

  it('of two requests at once are each sent once', async () => {
    const client = make({ eventsMaxPerRequest: 5 });
    await client.load();
    for (let count = 0; count < 20; count++) client.variation('theme', { key: `user-${count}` }, 'x');
    expect(await Promise.all([client.flush(), client.flush()])).toEqual([true, true]);
    expect(sent()).toEqual([5, 5, 5, 5]);
  });

  it('wait for the next call after a failure, and the others with them', async () => {
    const client = make({ eventsMaxPerRequest: 2 });
    await client.load();
    for (let count = 0; count < 4; count++) client.variation('theme', { key: `user-${count}` }, 'x');
    events = [503];
    expect(await client.flush()).toBe(false);
    expect(client.diagnostics().events).toMatchObject({ sent: 0, queued: 2, unsettled: 2 });
    expect(await client.flush()).toBe(true);
    expect(sent()).toEqual([2, 2, 2]);
    expect(client.diagnostics().events).toMatchObject({ sent: 4, queued: 0, unsettled: 0 });
  });

  it('that one of them spoils are sent in halves, and only that one is lost', async () => {
    const client = make();
    await client.load();
    for (let count = 0; count < 4; count++) client.variation('theme', { key: `user-${count}` }, 'x');
    // A single event has a second chance, with the next call.
    events = [400, 400, 400, 400];
    expect([await client.flush(), await client.flush()]).toEqual([false, true]);
    expect(sent()).toEqual([4, 2, 1, 1, 1, 2]);
    expect(client.diagnostics().events).toMatchObject({ sent: 3, failed: 1, unsettled: 0 });
  });

  it('are given up after so many attempts', async () => {
    const client = make({ eventsMaxRetries: 1 });
    await client.load();
    client.variation('theme', ADA, 'x');
    events = [503, 503];
    expect([await client.flush(), await client.flush(), await client.flush()]).toEqual([false, false, true]);
    expect(client.diagnostics().events).toMatchObject({ failed: 1, unsettled: 0 });
  });

  it('of a client that is closed are sent once more, then counted as lost', async () => {
    const client = make();
    await client.load();
    client.variation('theme', ADA, 'x');
    await client.close();
    expect(sent()).toEqual([1]);
    expect(await client.flush()).toBe(true);
    expect(await client.refresh()).toBe(false);
  });

  it('are not recorded when the application wants none', async () => {
    const client = make({ disableEvents: true, eventUrl: undefined });
    await client.load();
    client.variation('theme', ADA, 'x');
    expect(await client.flush()).toBe(true);
    expect(client.diagnostics().events).toBeUndefined();
  });
});

describe('options of a client at the edge', () => {
  it.each([
    ['nothing to load from', { disableEvents: true }, ['load']],
    ['something that does not load', { disableEvents: true, load: 'url' }, ['load']],
    ['a server without a secret', { disableEvents: true, pollingUrl: 'https://flags' }, ['envSecret']],
    ['a server that is none', { disableEvents: true, envSecret: SECRET, pollingUrl: 'flags' }, ['pollingUrl']],
    ['events that go nowhere', { envSecret: SECRET, load: () => null }, ['eventUrl']],
    ['nothing at all', undefined, ['load']],
  ])('are refused when they cannot be used: %s', (_, options, refused) => {
    try {
      new EdgeClient(options as never);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidConfigError);
      expect((error as InvalidConfigError).problems.map(({ option }) => option)).toEqual(refused);
      return;
    }
    expect.unreachable('nothing was refused');
  });
});
