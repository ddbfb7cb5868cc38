import { describe, expect, it, onTestFinished } from 'vitest';
import { startMetricsServer } from '../../src/metrics/metrics-server.js';

const TOKEN = 'the-token-of-prometheus';
const TEXT = { type: 'text/plain; version=0.0.4', text: 'x 1\n' };

async function start(token?: string, text = async () => TEXT) {
  const server = await startMetricsServer({ host: '127.0.0.1', port: 0, token, text });
  onTestFinished(() => server.close());
  const ask = (headers: Record<string, string> = {}, method = 'GET', url = server.url) =>
    fetch(url, { headers, method });
  return { server, ask };
}

describe('the port of the metrics', () => {
  it('answers GET /metrics, to anybody when there is no token', async () => {
    const { server, ask } = await start();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const answer = await ask();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(TEXT.type);
    expect(await answer.text()).toBe(TEXT.text);
    expect(await (await ask({}, 'HEAD')).text()).toBe('');
    expect((await ask({}, 'GET', `${server.url}?x=y`)).status).toBe(200);
  });

  it.each([
    ['no token', {}, 401],
    ['another token', { authorization: 'Bearer another-token-of-somebody' }, 401],
    ['the token without a scheme', { authorization: TOKEN }, 401],
    ['the start of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ['the token', { authorization: `Bearer ${TOKEN}` }, 200],
    ['the token, spelt otherwise', { authorization: `bearer  ${TOKEN} ` }, 200],
  ])('with a token answers who sends %s', async (_, headers, status) => {
    const { ask } = await start(TOKEN);
    const answer = await ask(headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
    expect((await answer.text()).includes('x 1')).toBe(status === 200);
  });

  it('has nothing else', async () => {
    const { server, ask } = await start();
    const { origin } = new URL(server.url);
    for (const path of ['/', '/health/liveness', '/metrics/x'])
      expect((await ask({}, 'GET', origin + path)).status).toBe(404);
    const other = await ask({}, 'POST');
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('says that they could not be collected, and goes on', async () => {
    let isBroken = true;
    const { ask } = await start(undefined, async () => {
      if (isBroken) throw new Error('on purpose');
      return TEXT;
    });
    expect((await ask()).status).toBe(500);
    isBroken = false;
    expect((await ask()).status).toBe(200);
  });

  it('that is in use is refused with a sentence', async () => {
    const { server } = await start();
    const port = Number(new URL(server.url).port);
    const second = startMetricsServer({ host: '127.0.0.1', port, token: undefined, text: async () => TEXT });
    await expect(second).rejects.toMatchObject({ code: 'port-in-use', message: expect.stringContaining(String(port)) });
  });

  it('is free again once it is closed', async () => {
    const { server, ask } = await start();
    await ask();
    await server.close();
    await expect(ask()).rejects.toThrow();
  });
});
