import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, bytes, empty, json, jsonText } from '../../src/http/answer.js';
import { listen } from '../../src/http/listen.js';
import { contentOf, GUARDS, headersOf } from '../../src/http/send.js';
import { createHttpServer } from '../../src/http/server.js';
import { ByteBudget } from '../../src/runtime/byte-budget.js';
import { callersWith } from '../support/callers.js';
import { memoryLogger } from '../support/memory-logger.js';

const LARGE = Buffer.from(`"${'é'.repeat(400_000)}"`);

/** A server with a few routes, on a port of its own. */
async function aServer(answers: Readonly<Record<string, () => Promise<Answer>>> = {}) {
  const budget = new ByteBudget();
  const http = createHttpServer({
    routes: Object.entries({ '/small': async () => json({ ok: true }), ...answers }).map(([path, handler]) => ({
      method: path === '/post' ? ('POST' as const) : ('GET' as const),
      path,
      access: 'anybody' as const,
      handler,
    })),
    callers: callersWith('token', { byValue: async () => undefined }),
    environments: { byKey: async () => undefined },
    budget,
    log: memoryLogger(),
  });
  const url = await listen(http, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => http.close());
  const { port } = http.server.address() as AddressInfo;
  return { http, url, port, budget };
}

/** What a server says to a text, as far as it says anything before it closes the connection. */
async function said(port: number, text: string, { ends = false } = {}): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (ends) socket.end(text);
  else socket.write(text);
  await once(socket, 'close');
  return answer;
}

const closing = 'Host: x\r\nConnection: close\r\n\r\n';
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

describe('what is no HTTP request', () => {
  it.each<[string, string, number, string]>([
    ['a word', 'hello\r\n\r\n', 400, 'invalid-request'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00', 400, 'invalid-request'],
    ['a method that nobody has', 'BREW /small HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid-request'],
    ['a version that nobody has', 'GET /small HTTP/9.9\r\nHost: x\r\n\r\n', 400, 'invalid-request'],
    [
      'a header with a control character in it',
      'GET /small HTTP/1.1\r\nHost: x\r\nX: \x01\r\n\r\n',
      400,
      'invalid-request',
    ],
    [
      'a header of more than is read',
      `GET /small HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    [
      'two lengths',
      'POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'invalid-request',
    ],
    ['a length that is none', 'POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n', 400, 'invalid-request'],
  ])('%s is answered in the form of every other answer, and the connection is over', async (_, text, status, code) => {
    const { port } = await aServer({ '/post': async () => empty() });
    const answer = await said(port, text);
    expect(statusOf(answer)).toBe(status);
    expect(bodyOf(answer)).toEqual({ code, message: expect.stringMatching(/\.$/) });
    for (const [name, value] of Object.entries(GUARDS)) expect(answer).toContain(`${name}: ${value}\r\n`);
    expect(answer).toContain('connection: close\r\n');
  });

  it('behind a good request ends the connection, with one refusal as the last word', async () => {
    const { port } = await aServer();
    const answer = await said(port, 'GET /small HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n');
    expect(answer.match(/HTTP\/1\.1 \d+/g)?.at(-1)).toBe('HTTP/1.1 400');
    expect(answer.match(/HTTP\/1\.1 400/g)).toHaveLength(1);
  });

  it('without a Host is refused, as HTTP demands, and of an older version is not', async () => {
    const { port } = await aServer();
    const without = await said(port, 'GET /small HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect([statusOf(without), bodyOf(without).message]).toEqual([400, 'The request has no Host.']);
    expect(statusOf(await said(port, 'GET /small HTTP/1.0\r\n\r\n'))).toBe(200);
  });

  it('but expects something else than to go on is 417', async () => {
    const { port } = await aServer();
    const answer = await said(port, `GET /small HTTP/1.1\r\nExpect: a-miracle\r\n${closing}`);
    expect([statusOf(answer), bodyOf(answer).code]).toEqual([417, 'invalid-request']);
    expect(statusOf(await said(port, `GET /small HTTP/1.1\r\nExpect: 100-continue\r\n${closing}`))).toBe(100);
  });

  it('of nobody, who ends at once, gets no answer', async () => {
    const { port } = await aServer();
    expect(await said(port, '', { ends: true })).toBe('');
  });
});

describe('an answer on the wire', () => {
  it.each<[string, Answer, string | undefined, number]>([
    ['empty', empty(204), undefined, 0],
    ['a value', json({ a: 'é' }), 'application/json; charset=utf-8', 10],
    ['text', jsonText('{}'), 'application/json; charset=utf-8', 2],
    ['bytes', bytes(Buffer.from([1, 2, 3]), 'image/png'), 'image/png', 3],
  ])('that is %s has its type and its guards', async (_, answer, type, length) => {
    const { url } = await aServer({ '/it': async () => answer });
    const { headers, status } = await fetch(`${url}/it`);
    expect([status, headers.get('content-type')]).toEqual([answer.status, type ?? null]);
    expect(Number(headers.get('content-length') ?? 0)).toBe(length);
    for (const [name, value] of Object.entries(GUARDS)) expect(headers.get(name)).toBe(value);
  });

  it('that is large is the same in pieces, with its length, and gives its room back', async () => {
    const { url, budget } = await aServer({ '/it': async () => jsonText(LARGE) });
    for (let count = 0; count < 3; count++) {
      const response = await fetch(`${url}/it`);
      expect(Number(response.headers.get('content-length'))).toBe(LARGE.length);
      expect(Buffer.from(await response.arrayBuffer()).equals(LARGE)).toBe(true);
    }
    while (budget.taken > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('that is large has the same headers when only those are asked for', async () => {
    const { url, budget } = await aServer({ '/it': async () => jsonText(LARGE) });
    const head = await fetch(`${url}/it`, { method: 'HEAD' });
    expect([head.status, Number(head.headers.get('content-length'))]).toEqual([200, LARGE.length]);
    expect(await head.text()).toBe('');
    while (budget.taken > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('that is large and not waited for gives its room back', async () => {
    const { port, budget } = await aServer({ '/it': async () => jsonText(LARGE) });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /it HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    while (budget.taken > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('that goes out without the framework is complete', () => {
    const answer = json({ code: 'x' }, 400);
    expect(headersOf(answer)).toEqual({
      ...GUARDS,
      'content-type': 'application/json; charset=utf-8',
      'content-length': '12',
      connection: 'close',
    });
    expect(String(contentOf(answer))).toBe('{"code":"x"}');
    expect(contentOf(empty())).toBeUndefined();
  });
});

describe('an address', () => {
  it.each([
    ['/nothing', 404, 'not-found'],
    ['/small/', 404, 'not-found'],
    ['/SMALL', 404, 'not-found'],
    ['/%zz', 400, 'invalid-request'],
    ['/small?%zz', 200, undefined],
    [`/small?${'x'.repeat(10_000)}`, 200, undefined],
  ])('%s is answered %d %s', async (path, status, code) => {
    const { port } = await aServer();
    const answer = await said(port, `GET ${path} HTTP/1.1\r\n${closing}`);
    expect(statusOf(answer)).toBe(status);
    if (code !== undefined) expect(bodyOf(answer).code).toBe(code);
  });
});

describe('a body', () => {
  it.each([
    ['is not read where there is nothing', '/nothing', 20],
    ['is not read where there is nothing, however large it is', '/nothing', 2_000_000],
  ])('%s', async (_, path, bytes) => {
    const { port } = await aServer();
    const answer = await said(port, `POST ${path} HTTP/1.1\r\nContent-Length: ${bytes}\r\n${closing}{"a":1}`, {
      ends: true,
    });
    expect([statusOf(answer), bodyOf(answer).code]).toEqual([404, 'not-found']);
  });
});

describe('to listen', () => {
  const listening = async (host: string, port: number) => {
    const http = createHttpServer({
      routes: [],
      callers: callersWith('token', { byValue: async () => undefined }),
      environments: { byKey: async () => undefined },
      budget: new ByteBudget(),
      log: memoryLogger(),
    });
    onTestFinished(() => http.close());
    return listen(http, { host, port });
  };

  it.each([
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost', /^http:\/\/localhost:\d+$/],
    // A client cannot connect to the address that stands for every interface.
    ['0.0.0.0', /^http:\/\/(?:localhost|127\.0\.0\.1):\d+$/],
  ])('on %s gives an address that can be called', async (host, pattern) => {
    const url = await listening(host, 0);
    expect(url).toMatch(pattern);
    expect((await fetch(url)).status).toBe(404);
  });

  it('on a port in use says which, and what to do', async () => {
    const { port } = await aServer();
    await expect(listening('127.0.0.1', port)).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use: stop the program that uses it`),
    });
  });

  it('on an address of somebody else says so, and what to do', async () => {
    await expect(listening('192.0.2.1', 0)).rejects.toMatchObject({
      code: 'cannot-listen',
      message: expect.stringMatching(/^Cannot listen on 192\.0\.2\.1 port 0 \(.*\): choose another host or port$/),
    });
  });
});
