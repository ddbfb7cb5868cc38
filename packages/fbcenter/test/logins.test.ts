import { describe, expect, it } from 'vitest';
import { startTestCenter } from './support/test-center.js';

const PATH = '/api/v1/environments';

/** A center, what it logs as warnings, and a way to try tokens. */
async function guarded() {
  const lines: [message: string, fields: unknown][] = [];
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (message: string, fields: unknown) => void lines.push([message, fields]),
  };
  const { call, center } = await startTestCenter({ logger });
  const attempt = (token: string) => call('GET', PATH, { headers: { authorization: `Bearer ${token}` } });
  return { lines, attempt, call, right: center.adminToken };
}

describe('wrong access tokens', () => {
  it('get twenty answers from an address, then are refused with 429, as is the right one; the log has two lines', async () => {
    const { lines, attempt, right } = await guarded();
    const answers = await Promise.all(Array.from({ length: 400 }, (_, index) => attempt(`guess-${index}`)));
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(401), count(429)]).toEqual([20, 380]);
    const refused = await attempt(right);
    expect([refused.status, refused.body.code]).toEqual([429, 'too-many-attempts']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(lines).toEqual([
      [expect.stringContaining('wrong access token'), { address: '127.0.0.1', request: expect.any(String) }],
      [expect.stringContaining('too many wrong access tokens'), { address: '127.0.0.1', request: expect.any(String) }],
    ]);
    expect(JSON.stringify(lines)).not.toContain('guess');
  });

  it('do not lock out who has come with the right one before, nor keep others from health and SDK calls', async () => {
    const { attempt, call, right } = await guarded();
    expect((await attempt(right)).status).toBe(200);
    for (let index = 0; index < 30; index++) await attempt(`guess-${index}`);
    expect((await attempt(right)).status).toBe(200);
    expect((await attempt('guess')).status).toBe(429);
    expect((await call('GET', '/health/liveness')).status).toBe(200);
    expect((await call('GET', '/api/public/sdk/server/latest-all')).status).toBe(401);
  });

  it('are not what a request without a token is', async () => {
    const { call, attempt, right } = await guarded();
    for (let index = 0; index < 30; index++) expect((await call('GET', PATH)).status).toBe(401);
    expect((await attempt(right)).status).toBe(200);
  });
});

it('an unknown secret is logged, once a second', async () => {
  const { call, lines } = await guarded();
  const headers = { authorization: 'x'.repeat(44) };
  for (let index = 0; index < 20; index++) await call('GET', '/api/public/sdk/server/latest-all', { headers });
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(20);
  expect(lines[0]).toEqual([
    'a request with an unknown secret was refused',
    { address: '127.0.0.1', request: expect.any(String) },
  ]);
});
