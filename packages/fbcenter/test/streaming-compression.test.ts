import { request } from 'node:http';
import type { Socket } from 'node:net';
import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { aFlag } from './support/documents.js';
import { StreamClient } from './support/stream-client.js';
import { put, sharedCenter, startTestCenter } from './support/test-center.js';

const flags = Array.from({ length: 300 }, (_, index) => ({ key: `flag-${index}`, ...aFlag() }));

/** Bytes that have come to a client. */
const read = ({ socket }: StreamClient): number =>
  (socket as unknown as { readonly _socket: Socket })._socket.bytesRead;

describe('a stream', () => {
  const center = sharedCenter({ environments: [{ key: 'dev', flags }] });

  async function connected(options: ConstructorParameters<typeof StreamClient>[1]) {
    const client = new StreamClient(center(), options);
    await client.opened();
    return client;
  }

  it('that offers compression gets everything in a seventh of the bytes, and the same', async () => {
    const [plain, packed] = [await connected({}), await connected({ offersDeflate: true })];
    expect([plain.socket.extensions, packed.socket.extensions]).toEqual(['', 'permessage-deflate']);
    for (const client of [plain, packed]) client.requestSync(0);
    const text = await plain.nextText();
    expect(await packed.nextText()).toBe(text);
    expect(read(packed)).toBeLessThan(0.15 * read(plain));
    // Again, to a peer that remembers nothing of what it was sent before.
    packed.requestSync(0);
    expect(await packed.nextText()).toBe(text);
  });

  it('that offers compression is answered when it sends something compressed', async () => {
    const client = await connected({ offersDeflate: true });
    client.socket.send(JSON.stringify({ messageType: 'ping', data: { blank: ' '.repeat(4_000) } }), { compress: true });
    expect(await client.next()).toEqual({ messageType: 'pong', data: {} });
  });

  it('is closed for a message that is too large once it is unpacked', async () => {
    const client = await connected({ offersDeflate: true });
    client.socket.send(JSON.stringify({ messageType: 'ping', data: { blank: ' '.repeat(9_000) } }), { compress: true });
    expect((await client.closed).code).toBe(1009);
  });

  it.each([
    ['permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits=10; server_no_context_takeover', 'permessage-deflate'],
    ['x-webkit-deflate-frame, permessage-deflate;client_no_context_takeover', 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits=10, permessage-deflate', 'permessage-deflate'],
    // What is compressed for everybody has the usual window.
    ['permessage-deflate; server_max_window_bits=10', null],
    ['permessage-deflate; client_max_window_bits=8', null],
    ['permessage-deflate; client_max_window_bits; client_max_window_bits', null],
    ['permessage-deflate; something=else', null],
    ['x-webkit-deflate-frame', null],
    ['permessage-deflates', null],
    [',;=', null],
    ['', null],
  ])('with the offer %j is let in, with %j', async (offer, accepted) => {
    const { center: running, environment } = center();
    const token = encodeConnectionToken(environment.serverSecret, Date.now(), Math.random());
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      request(`${running.url}/streaming?type=server&token=${token}`, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-extensions': offer,
        },
      })
        .once('upgrade', (response, socket) => {
          socket.destroy();
          resolve(response.headers);
        })
        .once('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)))
        .once('error', reject)
        .end();
    });
    const extensions = headers['sec-websocket-extensions'];
    expect(extensions === undefined ? null : String(extensions).split(';')[0]).toBe(accepted);
    if (accepted !== null) expect(extensions).toContain('server_no_context_takeover');
  });

  it('of a browser is not compressed: each is sent something else', async () => {
    const { environment } = center();
    const token = encodeConnectionToken(environment.clientSecret, Date.now(), Math.random());
    const client = await connected({ query: `type=client&token=${token}`, offersDeflate: true });
    expect(client.socket.extensions).toBe('');
  });
});

describe('pushes to a stream that takes compression', () => {
  it('come in their order with answers that are compressed', async () => {
    const center = await startTestCenter({ environments: [{ key: 'dev', flags }] });
    const client = new StreamClient(center, { offersDeflate: true });
    await client.opened();
    client.requestSync(0);
    expect((await client.next()).data.featureFlags).toHaveLength(300);
    await put(center.api, '/flags/new', aFlag());
    expect((await client.next()).data.featureFlags.map(({ key }: { key: string }) => key)).toEqual(['new']);
    client.requestSync(0);
    expect((await client.next()).data.featureFlags).toHaveLength(301);
    expect(await client.drain()).toEqual([]);
  });
});
