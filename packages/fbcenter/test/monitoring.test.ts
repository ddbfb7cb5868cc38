import { describe, expect, it } from 'vitest';
import type { Logger } from '../src/runtime/log.js';
import { aFlag } from './support/documents.js';
import { sampleOf } from './support/metrics.js';
import { StreamClient } from './support/stream-client.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';
import { trackedCounts } from './support/tracked.js';

const TOKEN = 'the-token-of-prometheus';

const EVALUATED = {
  featureFlagKey: 'f',
  sendToExperiment: false,
  timestamp: 1_795_000_000_000,
  variation: { id: 'on', value: 'true' },
};

/** A logger that keeps everything that it is given. */
function recordingLogger() {
  const lines: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, message, fields });
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, logger };
}

const scraped = async ({ center }: TestCenter) => (await fetch(center.metricsUrl ?? '')).text();

describe('the metrics of a running center', () => {
  it('say who is connected, what was pushed, changed, reported and asked for', async () => {
    const center = await startTestCenter({ metricsPort: 0 });
    const { api, environment } = center;
    await put(api, '/flags/f', aFlag());
    const client = new StreamClient(center);
    await client.opened();
    client.requestSync(0);
    await client.next();
    await api('POST', '/flags/f/toggle');
    await client.next();
    const track = await center.call('POST', '/api/public/insight/track', {
      headers: { authorization: environment.serverSecret },
      body: JSON.stringify([{ user: { keyId: 'u' }, variations: [EVALUATED] }, { nonsense: true }]),
    });
    expect(trackedCounts(track.headers)).toEqual({ accepted: 1, rejected: 1 });
    const text = await scraped(center);
    const dev = { environment: 'dev' };
    expect(sampleOf(text, 'fbcenter_connections', { ...dev, kind: 'server' })).toBe(1);
    expect(sampleOf(text, 'fbcenter_connections', { ...dev, kind: 'client' })).toBe(0);
    expect(sampleOf(text, 'fbcenter_changes_total', { ...dev, kind: 'flag' })).toBe(2);
    expect(sampleOf(text, 'fbcenter_push_seconds_count')).toBe(1);
    expect(sampleOf(text, 'fbcenter_insights_total', { ...dev, result: 'accepted' })).toBe(1);
    expect(sampleOf(text, 'fbcenter_insights_total', { ...dev, result: 'rejected' })).toBe(1);
    expect(sampleOf(text, 'fbcenter_insights_waiting')).toBe(0);
    expect(
      sampleOf(text, 'fbcenter_storage_seconds_count', { repository: 'transaction', result: 'done' }),
    ).toBeGreaterThan(1);
    const flag = await api('GET', '/flags/f');
    expect(sampleOf(text, 'fbcenter_environment_version', dev)).toBe(Date.parse(flag.body.updatedAt));
    const route = '/api/v1/environments/:environment/flags/:key';
    expect(sampleOf(text, 'fbcenter_http_requests_total', { method: 'PUT', route, status: '201' })).toBe(1);
    client.socket.close();
    await expect
      .poll(async () => sampleOf(await scraped(center), 'fbcenter_connections', { ...dev, kind: 'server' }) ?? 0)
      .toBe(0);
  });

  it('are nowhere unless somebody wants them', async () => {
    const { center, call } = await startTestCenter();
    expect(center.metricsUrl).toBeUndefined();
    expect((await call('GET', '/metrics')).status).toBe(404);
  });

  it('are on the main port for who has their token, and for nobody else', async () => {
    const { center, environment, call } = await startTestCenter({ metricsToken: TOKEN });
    expect(center.metricsUrl).toBeUndefined();
    const ask = (authorization?: string) =>
      fetch(`${center.url}/metrics`, { headers: authorization === undefined ? {} : { authorization } });
    for (const wrong of [undefined, 'Bearer x', TOKEN, `Bearer ${center.adminToken}`, environment.serverSecret]) {
      expect((await ask(wrong)).status, wrong).toBe(401);
    }
    const answer = await ask(`Bearer ${TOKEN}`);
    expect(answer.status).toBe(200);
    expect(sampleOf(await answer.text(), 'fbcenter_http_requests_total', { route: '/metrics', status: '401' })).toBe(5);
    // It opens nothing else.
    const { status } = await call('GET', '/api/v1/environments', { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(status).toBe(401);
  });

  it('are on their own port alone when they have one, with the token if there is one', async () => {
    const { center } = await startTestCenter({ metricsPort: 0, metricsToken: TOKEN });
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${center.url}/metrics`, { headers })).status).toBe(404);
    expect((await fetch(center.metricsUrl ?? '')).status).toBe(401);
    expect((await fetch(center.metricsUrl ?? '', { headers })).status).toBe(200);
  });

  it('have no secret, and nothing that an SDK has sent', async () => {
    const center = await startTestCenter({ metricsPort: 0 });
    const { api, call, environment } = center;
    await put(api, '/flags/planted-flag', aFlag());
    const headers = { authorization: environment.serverSecret };
    const user = {
      keyId: 'planted-user',
      name: 'planted-name',
      customizedProperties: [{ name: 'x', value: 'planted-value' }],
    };
    await call('POST', '/api/public/featureflag/evaluate', { headers, body: JSON.stringify({ user }) });
    await call('GET', '/planted-path?planted-query');
    const text = await scraped(center);
    expect(text).not.toMatch(/planted/);
    for (const secret of [environment.serverSecret, environment.clientSecret, center.center.adminToken]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('the id of a request', () => {
  const ask = async ({ center }: TestCenter, given?: string) =>
    fetch(`${center.url}/api/v1/environments`, { headers: given === undefined ? {} : { 'x-request-id': given } });

  it.each(['abc', 'a1b2-c3d4', '2026-11-28T10:00:00Z/7', 'Root=1-67891233-abcdef', 'x'.repeat(128)])(
    'is the one that came, such as %s: in the header and in the refusal',
    async (given) => {
      const answer = await ask(await startTestCenter(), given);
      expect(answer.headers.get('x-request-id')).toBe(given);
      expect(await answer.json()).toMatchObject({ code: 'unauthorized', requestId: given });
    },
  );

  it.each([undefined, '', 'a b', 'a"b', 'a,b', '<x>', 'x'.repeat(129), 'ä'])(
    'is a new one when %j came',
    async (given) => {
      const center = await startTestCenter();
      const ids = [];
      for (let count = 0; count < 2; count++) ids.push((await ask(center, given)).headers.get('x-request-id') ?? '');
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      expect(ids[0]).not.toBe(ids[1]);
    },
  );

  it('is on every kind of answer', async () => {
    const center = await startTestCenter();
    const { api, call, environment } = center;
    await put(api, '/flags/f', aFlag());
    const headers = { 'x-request-id': 'r1', authorization: environment.serverSecret };
    for (const [method, path, status] of [
      ['GET', '/health/liveness', 200],
      ['GET', '/nothing', 404],
      ['DELETE', '/health/liveness', 405],
      ['GET', '/api/public/sdk/server/latest-all', 200],
      ['POST', '/api/public/sdk/client/latest-all', 401],
      ['POST', '/ofrep/v1/evaluate/flags', 400],
    ] as const) {
      const answer = await call(method, path, { headers });
      expect([path, answer.status, answer.headers.get('x-request-id')]).toEqual([path, status, 'r1']);
      if (status >= 400 && !path.startsWith('/ofrep')) expect(answer.body).toMatchObject({ requestId: 'r1' });
    }
  });

  it('is in the lines about the request', async () => {
    const { lines, logger } = recordingLogger();
    const { call } = await startTestCenter({ logger });
    await call('GET', '/api/v1/environments', { headers: { authorization: 'Bearer wrong', 'x-request-id': 'r2' } });
    expect(lines).toContainEqual(
      expect.objectContaining({
        message: 'a wrong access token was sent',
        fields: expect.objectContaining({ request: 'r2' }),
      }),
    );
  });
});

describe('the access log', () => {
  it('has nothing unless it is switched on', async () => {
    const { lines, logger } = recordingLogger();
    const { call } = await startTestCenter({ logger });
    await call('GET', '/health/liveness');
    expect(lines.filter(({ message }) => message === 'request')).toEqual([]);
  });

  it('has a line for each request, however many there are in a second, by route and by who has asked', async () => {
    const { lines, logger } = recordingLogger();
    const { api, call, environment } = await startTestCenter({ logger, accessLog: true });
    await put(api, '/flags/f', aFlag());
    await call('GET', '/api/public/sdk/server/latest-all', { headers: { authorization: environment.serverSecret } });
    await call('GET', '/nothing?secret=x');
    await call('GET', '/api/v1/environments');
    const requests = () => lines.filter(({ message }) => message === 'request');
    await expect.poll(() => requests().length).toBe(4);
    const common = { request: expect.any(String), ms: expect.any(Number), address: '127.0.0.1' };
    expect(requests().map(({ level, fields }) => ({ level, ...fields }))).toEqual([
      {
        ...common,
        level: 'info',
        method: 'PUT',
        route: '/api/v1/environments/:environment/flags/:key',
        status: 201,
        caller: 'settings-token',
        id: 'settings-token',
        environment: 'dev',
      },
      {
        ...common,
        level: 'info',
        method: 'GET',
        route: '/api/public/sdk/server/latest-all',
        status: 200,
        caller: 'server-secret',
        id: expect.any(String),
        environment: 'dev',
      },
      { ...common, level: 'info', method: 'GET', route: '-', status: 404, caller: 'refused' },
      { ...common, level: 'info', method: 'GET', route: '/api/v1/environments', status: 401, caller: 'refused' },
    ]);
  });

  it('has a line when a stream ends', async () => {
    const { lines, logger } = recordingLogger();
    const client = new StreamClient(await startTestCenter({ logger, accessLog: true }));
    await client.opened();
    client.socket.close();
    await expect
      .poll(() => lines.find(({ message }) => message === 'stream')?.fields)
      .toEqual({
        ms: expect.any(Number),
        address: '127.0.0.1',
      });
  });
});
