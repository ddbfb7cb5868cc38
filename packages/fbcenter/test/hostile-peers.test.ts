import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aFlag } from './support/documents.js';
import { syncedClient } from './support/stream-client.js';
import { startTestCenter, type TestCenter } from './support/test-center.js';
import { trackedCounts } from './support/tracked.js';

/** A TCP connection that sends a request and keeps its own side open whatever the center does. */
async function halfOpen({ center }: TestCenter, request: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(center.url).port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(request);
  return socket;
}

const upgradeTo = (path: string, ...headers: readonly string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', ...headers, '', ''].join('\r\n');

/** 20 MB: more than the kernel holds for a socket. */
const MUCH = Array.from({ length: 20 }, (_, index) => ({
  ...aFlag({
    variationType: 'string',
    variations: [
      { id: 'on', value: 'x'.repeat(1_000_000) },
      { id: 'off', value: '' },
    ],
  }),
  key: `big-${index}`,
}));

describe('a sender that keeps its side open', () => {
  it.each<[string, string]>([
    ['to another address', upgradeTo('/nope')],
    ['to an address that cannot be read', upgradeTo('//[')],
    ['without a key', upgradeTo('/streaming?type=server')],
    [
      'of an unknown version',
      upgradeTo('/streaming', 'Sec-WebSocket-Version: 99', `Sec-WebSocket-Key: ${'A'.repeat(22)}==`),
    ],
    ['with another method', upgradeTo('/streaming').replace('GET', 'POST')],
  ])('of an upgrade %s is answered and let go', async (_, request) => {
    const socket = await halfOpen(await startTestCenter(), request);
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    // After the center has destroyed its end, what is sent to it is reset.
    const reset = new Promise((resolve) => socket.once('close', resolve));
    await once(socket, 'end');
    expect(answer).toMatch(/^HTTP\/1\.1 (?:4|503)/);
    const sending = setInterval(() => socket.write('x'), 5);
    onTestFinished(() => clearInterval(sending));
    await reset;
  });

  it.each<[string, string]>([
    ['an upgrade that is refused', upgradeTo('/nope')],
    ['nothing', ''],
    ['half a request', 'GET / HTTP/1.1\r\nHo'],
    ['a request with half its body', 'POST /api/public/insight/track HTTP/1.1\r\nContent-Length: 5\r\n\r\n'],
    ['a tunnel', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('of %s does not keep the center from closing', async (_, request) => {
    const center = await startTestCenter();
    await halfOpen(center, request);
    // So that the request has arrived.
    await center.call('GET', '/health/liveness');
    await center.center.close();
  });

  it('of a refused upgrade behind an answer that is not read is let go', async () => {
    const center = await startTestCenter(
      { environments: [{ key: 'dev', flags: MUCH }] },
      { streamingLimits: { closeTimeout: 100 } },
    );
    const poll = `GET /api/public/sdk/server/latest-all HTTP/1.1\r\nHost: x\r\nAuthorization: ${center.environment.serverSecret}\r\n\r\n`;
    const socket = await halfOpen(center, poll);
    socket.pause();
    await once(socket, 'readable');
    socket.write(upgradeTo('/nope'));
    await center.center.close();
  });
});

describe('answers that are not read', () => {
  const poll = ({ environment }: TestCenter) =>
    `GET /api/public/sdk/server/latest-all HTTP/1.1\r\nHost: x\r\nAuthorization: ${environment.serverSecret}\r\n\r\n`;
  const evaluation = ({ environment }: TestCenter) => {
    const body = JSON.stringify({ user: { keyId: 'u' } });
    const head = `POST /api/public/featureflag/evaluate HTTP/1.1\r\nHost: x\r\nAuthorization: ${environment.clientSecret}`;
    return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };

  it.each<[string, number, (center: TestCenter) => string]>([
    ['polls', 30, poll],
    ['evaluations of all flags, by client secret', 30, evaluation],
    ['polls of which many come over one connection', 3, (center) => poll(center).repeat(20)],
    ['requests for nothing but the head of a poll', 3, (center) => poll(center).replace('GET', 'HEAD').repeat(20)],
    [
      'answers to who is alive, over one connection',
      3,
      () => 'GET /health/liveness HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5_000),
    ],
  ])('hold no more than the budget, and keep nobody from an answer: %s', async (_, howMany, request) => {
    const budgetLimits = { maxBytes: 30_000_000 };
    const center = await startTestCenter({ environments: [{ key: 'dev', flags: MUCH }] }, { budgetLimits });
    const asked = request(center);
    const sockets = await Promise.all(Array.from({ length: howMany }, () => halfOpen(center, asked)));
    for (const socket of sockets) socket.pause();
    const { answer } = await syncedClient(center);
    expect(answer.data.featureFlags).toHaveLength(20);
    const polled = await center.call('GET', '/api/public/sdk/server/latest-all', {
      headers: { authorization: center.environment.serverSecret },
    });
    expect(polled.body.data.featureFlags).toHaveLength(20);
  });

  it('do not keep the center from closing', async () => {
    const center = await startTestCenter({ environments: [{ key: 'dev', flags: MUCH }] });
    const sockets = await Promise.all(Array.from({ length: 10 }, () => halfOpen(center, poll(center))));
    for (const socket of sockets) socket.pause();
    await center.call('GET', '/health/liveness');
    await center.center.close();
  });
});

describe('bodies that do not come', () => {
  const begun = (secret: string, bytes: number) =>
    `POST /api/public/insight/track HTTP/1.1\r\nHost: x\r\nAuthorization: ${secret}\r\nContent-Length: ${bytes}\r\n\r\n[`;

  it('keep nobody from sending one', async () => {
    const center = await startTestCenter();
    const { serverSecret, clientSecret } = center.environment;
    // Announced: 100 MB, more than may arrive at a time.
    await Promise.all(Array.from({ length: 100 }, () => halfOpen(center, begun(serverSecret, 1_000_000))));
    const send = (secret: string, size: number) =>
      center.call('POST', '/api/public/insight/track', {
        headers: { authorization: secret },
        body: JSON.stringify([{ user: { keyId: 'u', name: 'x'.repeat(size) } }]),
      });
    for (const answer of [await send(clientSecret, 10), await send(serverSecret, 900_000)]) {
      expect(trackedCounts(answer.headers)).toEqual({ accepted: 1, rejected: 0 });
    }
    expect((await center.api('PUT', '/flags/f', aFlag())).status).toBe(201);
  });

  it('that come slowly are taken', async () => {
    const center = await startTestCenter();
    const body = JSON.stringify([{ user: { keyId: 'u', name: 'x'.repeat(20_000) } }]);
    const socket = await halfOpen(center, begun(center.environment.serverSecret, body.length));
    for (const part of [body.slice(1, 10_000), body.slice(10_000, 20_000), body.slice(20_000)]) {
      await center.call('GET', '/health/liveness');
      socket.write(part);
    }
    const [answer] = await once(socket, 'data');
    expect(String(answer).toLowerCase()).toContain('x-insights-accepted: 1\r\n');
  });
});
