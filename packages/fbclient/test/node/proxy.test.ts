import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { problemOf, type Tunnel, tunnelTo } from '../../src/node/proxy.js';
import { PRIVATE_CA, PRIVATE_SERVER } from '../support/fault-tls.js';
import { must } from '../support/must.js';

/** What a proxy does when it has read a whole request: it is given the text. */
type Proxy = (socket: Socket, request: string) => void;

const TARGET = new URL('ws://flags.example.com/streaming');
const OPEN: Proxy = (socket) => socket.write('HTTP/1.1 200 Connection established\r\n\r\n');

async function proxy(behave: Proxy, options: { secure?: boolean; credentials?: string } = {}) {
  const { secure = false, credentials = '' } = options;
  const requests: string[] = [];
  const open = new Set<Socket>();
  const accept = (socket: Socket): void => {
    open.add(socket);
    let text = '';
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      if (text.includes('\r\n\r\n')) return;
      text += chunk;
      if (!text.includes('\r\n\r\n')) return;
      requests.push(text);
      behave(socket, text);
    });
  };
  const server = secure ? createSecureServer(PRIVATE_SERVER, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const url = `${secure ? 'https' : 'http'}://${credentials}127.0.0.1:${port}`;
  return { requests, tunnel: must(tunnelTo(TARGET, url, { ca: [PRIVATE_CA], rejectUnauthorized: true })) };
}

/** The problem that a tunnel ends with. */
async function problem(tunnel: Tunnel): Promise<string> {
  const error = await tunnel('host', 1, new AbortController().signal).then(
    (socket) => {
      socket.destroy();
      return new Error('it opened');
    },
    (reason: Error) => reason,
  );
  return problemOf(error);
}

/** The first five characters that come through a tunnel. */
async function greeting(tunnel: Tunnel): Promise<string> {
  const socket = await tunnel('host', 1, new AbortController().signal);
  let heard = '';
  for await (const chunk of socket) {
    heard += String(chunk);
    if (heard.length >= 5) break;
  }
  return heard;
}

const inBytes: Proxy = (socket) => {
  for (const byte of 'HTTP/1.0 200 OK\r\n\r\nhello') socket.write(byte);
};

describe('a tunnel through a proxy', () => {
  it.each([
    ['a name', 'host', 'host:443', '', undefined],
    ['an address', '10.0.0.1', '10.0.0.1:443', '', undefined],
    ['an address of version 6', '::1', '[::1]:443', '', undefined],
    ['an address of version 6, as URLs have it', '[::1]', '[::1]:443', '', undefined],
    ['a user and a password', 'host', 'host:443', 'ada:a%20b%3A@', 'ada:a b:'],
    ['a user without a password', 'host', 'host:443', 'ada@', 'ada:'],
  ])('asks for %s', async (_name, host, target, credentials, user) => {
    const { requests, tunnel } = await proxy(OPEN, { credentials });
    (await tunnel(host, 443, new AbortController().signal)).destroy();
    const authorization =
      user === undefined ? '' : `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;
    expect(requests).toEqual([
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}Proxy-Connection: keep-alive\r\n\r\n`,
    ]);
  });

  it.each<[string, Proxy]>([
    ['in one piece', (socket) => socket.write('HTTP/1.1 200 OK\r\nVia: p\r\n\r\nhello')],
    ['byte by byte', inBytes],
    ['with another status of success', (socket) => socket.write('HTTP/1.1 204 Fine\r\n\r\nhello')],
  ])('loses nothing of what comes with the answer %s', async (_name, behave) => {
    const { tunnel } = await proxy(behave);
    expect(await greeting(tunnel)).toBe('hello');
  });

  it('is opened over TLS where the URL of the proxy says so', async () => {
    const { tunnel } = await proxy((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nhello'), { secure: true });
    expect(await greeting(tunnel)).toBe('hello');
  });

  it.each<[string, Proxy, string]>([
    [
      'refuses',
      (socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
      'the proxy refused (HTTP status 403): it must let CONNECT through to this host and port, or NO_PROXY name the host',
    ],
    [
      'redirects',
      (socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n'),
      'the proxy refused (HTTP status 302): it must let CONNECT through to this host and port, or NO_PROXY name the host',
    ],
    ['hangs up', (socket) => socket.end(), 'the proxy closed the connection without an answer'],
    [
      'hangs up in the middle',
      (socket) => socket.end('HTTP/1.1 200 OK\r\n'),
      'the proxy closed the connection without an answer',
    ],
    ['drops the connection', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    [
      'speaks something else',
      (socket) => socket.write('SSH-2.0-x\r\n\r\n'),
      'the proxy did not answer in HTTP: check the option proxy, or the proxy variables',
    ],
    [
      'never comes to an end',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`),
      'the proxy did not answer in HTTP: check the option proxy, or the proxy variables',
    ],
  ])('is reported when the proxy %s', async (_name, behave, expected) => {
    const { tunnel } = await proxy(behave);
    expect(await problem(tunnel)).toBe(expected);
  });

  it('is given up with its signal', async () => {
    const { requests, tunnel } = await proxy(() => giveUp.abort());
    const giveUp = new AbortController();
    await expect(tunnel('host', 1, giveUp.signal)).rejects.toThrow(/abort/);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['the option false', false],
    ['no proxy at all', ''],
  ] as const)('is not needed with %s', (_name, option) => {
    expect(tunnelTo(TARGET, option, { rejectUnauthorized: true })).toBeUndefined();
  });
});
