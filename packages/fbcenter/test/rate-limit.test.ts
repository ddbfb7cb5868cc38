import { describe, expect, it } from 'vitest';
import { StreamClient } from './support/stream-client.js';
import { startTestCenter } from './support/test-center.js';

describe('a center with a limit of requests', () => {
  it('answers 429 beyond it, with when to come again, in a way that pages of other sites can read', async () => {
    const { call, environment } = await startTestCenter({ rateLimit: 3 });
    const poll = (secret: string) =>
      call('POST', '/api/public/sdk/client/latest-all', {
        headers: { authorization: secret, origin: 'https://shop.example', 'content-type': 'application/json' },
        body: JSON.stringify({ keyId: 'ada' }),
      });
    for (let count = 0; count < 3; count++) expect((await poll(environment.clientSecret)).status).toBe(200);
    const refused = await poll(environment.clientSecret);
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({ error: 'Rate limit exceeded. Please try again later.' });
    expect(refused.headers.get('x-request-id')).not.toBeNull();
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(refused.headers.get('access-control-expose-headers')).toContain('Retry-After');
  });

  it.each([
    ['GET', '/api/public/sdk/server/latest-all', 'serverSecret'],
    ['POST', '/api/public/sdk/client/latest-all', 'clientSecret'],
    ['POST', '/api/public/insight/track', 'clientSecret'],
    ['POST', '/api/public/featureflag/evaluate', 'serverSecret'],
  ] as const)("says so at %s %s in FeatBit's words", async (method, path, secret) => {
    const { call, environment } = await startTestCenter({ rateLimit: 1 });
    const ask = () => call(method, path, { headers: { authorization: environment[secret] } });
    await ask();
    const { status, body, headers } = await ask();
    expect([status, body]).toEqual([429, { error: 'Rate limit exceeded. Please try again later.' }]);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
  });

  it('says so to those who manage it as everything else', async () => {
    const { api } = await startTestCenter({ rateLimit: 1 });
    await api('GET', '/flags');
    const { status, body } = await api('GET', '/flags');
    expect([status, body]).toEqual([
      429,
      { code: 'rate-limited', message: expect.stringContaining('ask again'), requestId: expect.any(String) },
    ]);
  });

  it('limits each caller by itself, whoever shows nothing too', async () => {
    const { call, api, environment } = await startTestCenter({ rateLimit: 2 });
    const poll = () =>
      call('GET', '/api/public/sdk/server/latest-all', { headers: { authorization: environment.serverSecret } });
    const wrong = () => call('GET', '/api/public/sdk/server/latest-all', { headers: { authorization: 'x' } });
    expect([(await poll()).status, (await poll()).status, (await poll()).status]).toEqual([200, 200, 429]);
    expect([(await wrong()).status, (await wrong()).status, (await wrong()).status]).toEqual([401, 401, 429]);
    expect((await api('GET', '/flags')).status).toBe(200);
  });

  it('limits neither health nor streams', async () => {
    const center = await startTestCenter({ rateLimit: 1 });
    const { call, environment } = center;
    for (let count = 0; count < 4; count++) {
      expect((await call('GET', '/health/liveness')).status).toBe(200);
      expect((await call('GET', '/health/readiness')).status).toBe(200);
      const client = new StreamClient(center);
      await client.opened();
      client.requestSync(0);
      expect(await client.next()).toMatchObject({ messageType: 'data-sync' });
      client.socket.close();
    }
    const headers = { authorization: environment.serverSecret };
    expect((await call('GET', '/api/public/sdk/server/latest-all', { headers })).status).toBe(200);
  });

  it('has the form of errors that providers of OpenFeature read', async () => {
    const { call, environment } = await startTestCenter({ rateLimit: 1 });
    const ask = () =>
      call('POST', '/ofrep/v1/evaluate/flags/f', {
        headers: { authorization: environment.serverSecret },
        body: JSON.stringify({ context: { targetingKey: 'ada' } }),
      });
    expect((await ask()).status).toBe(404);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ errorDetails: expect.stringContaining('ask again') });
    expect(refused.headers.get('retry-after')).not.toBeNull();
  });

  it('is there by nothing but its option', async () => {
    const { call, environment } = await startTestCenter();
    const headers = { authorization: environment.serverSecret };
    for (let count = 0; count < 50; count++) {
      expect((await call('GET', '/api/public/sdk/server/latest-all?timestamp=1', { headers })).status).toBe(200);
    }
  });

  it.each([0, -1, 1.5, 10_000_001, '60'])('cannot be %j', async (rateLimit) => {
    await expect(startTestCenter({ rateLimit: rateLimit as number })).rejects.toThrow(
      'rateLimit: must be a whole number from 1',
    );
  });
});
