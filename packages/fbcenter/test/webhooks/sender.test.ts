import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/version.js';
import { guardedLookup } from '../../src/webhooks/address-guard.js';
import { WebhookSender } from '../../src/webhooks/sender.js';
import { startReceiver } from '../support/receiver.js';

const HEADERS = { 'webhook-id': 'msg_1' };
const failed = (problem: unknown, overrides: object = {}) => ({
  ...{ kind: 'failed', status: undefined, problem, retryAfter: undefined, isFinal: false },
  ...overrides,
});

/** The address of a port on which nobody listens. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/`;
}

describe('a message to a webhook', () => {
  it('is posted as JSON with its headers, to the address as it is', async () => {
    const receiver = await startReceiver();
    const sender = new WebhookSender({ toPrivate: true });
    expect(await sender.post(receiver.url, '{"a":"ä"}', HEADERS)).toEqual({ kind: 'delivered', status: 204 });
    expect(receiver.received).toMatchObject([
      {
        method: 'POST',
        path: '/hook?x=y',
        text: '{"a":"ä"}',
        headers: {
          'webhook-id': 'msg_1',
          'content-type': 'application/json',
          'content-length': '10',
          'user-agent': `fbcenter/${VERSION}`,
        },
      },
    ]);
  });

  it.each([
    [200, { kind: 'delivered', status: 200 }],
    [299, { kind: 'delivered', status: 299 }],
    [301, failed('redirect', { status: 301 })],
    [400, failed('status', { status: 400 })],
    [404, failed('status', { status: 404 })],
    [410, failed('gone', { status: 410, isFinal: true })],
    [500, failed('status', { status: 500 })],
  ])('that is answered %i comes to that', async (status, expected) => {
    const receiver = await startReceiver((response) => response.writeHead(status, { location: '/elsewhere' }).end());
    expect(await new WebhookSender({ toPrivate: true }).post(receiver.url, '{}', {})).toEqual(expected);
    // Nothing is followed that a receiver points to.
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook?x=y']);
  });

  it('brings what the receiver asks for with Retry-After', async () => {
    const receiver = await startReceiver((response) => response.writeHead(429, { 'retry-after': '7' }).end());
    const attempt = await new WebhookSender({ toPrivate: true }).post(receiver.url, '{}', {});
    expect(attempt).toEqual(failed('status', { status: 429, retryAfter: '7' }));
  });

  it('fails when nobody listens, and says a code instead of the address', async () => {
    const url = await closedPort();
    const attempt = await new WebhookSender({ toPrivate: true }).post(`${url}credential`, '{}', {});
    expect(attempt).toEqual(failed('unreachable: ECONNREFUSED'));
  });

  it('fails when the receiver takes too long, or the center stops', async () => {
    const receiver = await startReceiver(() => {});
    const hurried = new WebhookSender({ toPrivate: true, timeout: 50 });
    expect(await hurried.post(receiver.url, '{}', {})).toEqual(failed('timeout'));
    const stop = new AbortController();
    const attempt = new WebhookSender({ toPrivate: true }).post(receiver.url, '"second"', {}, stop.signal);
    await expect.poll(() => receiver.received.some(({ body }) => body === 'second')).toBe(true);
    stop.abort();
    expect(await attempt).toEqual(failed('stopped'));
  });

  it('counts as delivered once its head has come, however long the answer goes on', async () => {
    const receiver = await startReceiver((response) => {
      response.writeHead(200);
      response.write('and so on');
    });
    const attempt = await new WebhookSender({ toPrivate: true }).post(receiver.url, '{}', {});
    expect(attempt).toEqual({ kind: 'delivered', status: 200 });
  });
});

describe('the guard of private networks', () => {
  it('sends nothing to an address of this machine, and asks nobody', async () => {
    const receiver = await startReceiver();
    const sender = new WebhookSender({ toPrivate: false });
    for (const url of [
      receiver.url,
      receiver.url.replace('127.0.0.1', '[::1]'),
      receiver.url.replace('127.0.0.1', '0x7f.1'),
    ]) {
      expect(await sender.post(url, '{}', {})).toEqual(failed('address-refused'));
    }
    expect(receiver.received).toEqual([]);
  });

  it('sends nothing to a name that leads to this machine', async () => {
    const receiver = await startReceiver();
    const lookup = guardedLookup((_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    const sender = new WebhookSender({ toPrivate: false, lookup });
    const url = receiver.url.replace('127.0.0.1', 'receiver.example');
    expect(await sender.post(url, '{}', {})).toEqual(failed('address-refused'));
    expect(receiver.received).toEqual([]);
  });
});
