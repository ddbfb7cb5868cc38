import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket as NodeSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { nodePlatform } from '../../src/node/node-platform.js';
import type { HttpOutcome, HttpRequest, Network, Socket } from '../../src/runtime/platform.js';
import { must } from '../support/must.js';

// What `Platform` promises, on Node.js and over real connections.

const fail = (): never => {
  throw new TypeError('not a function');
};

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

let http: Server;
let sockets: WebSocketServer;
let origin: string;
let network: Network;
let handle: Handle;
/** What a server's side of a new WebSocket does. */
let greet: (socket: WebSocket) => void;

const SETTINGS = { proxy: false, ca: undefined, rejectUnauthorized: true, maxMessageSize: 100_000 } as const;

beforeEach(async () => {
  handle = (_request, response) => response.end();
  greet = () => undefined;
  http = createServer((request, response) => handle(request, response));
  // Connections end when the client ends them, not because the server tires of them.
  http.keepAliveTimeout = 3_600_000;
  sockets = new WebSocketServer({ server: http, perMessageDeflate: true });
  sockets.on('connection', (socket) => greet(socket));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  network = nodePlatform.network(SETTINGS);
});

afterEach(async () => {
  network.close();
  for (const socket of sockets.clients) socket.terminate();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

/** A socket that writes down what its handlers are called with, and lets a test wait for it. */
class Recorded {
  readonly told: string[] = [];
  readonly socket: Socket;
  #waiting: (() => void)[] = [];

  constructor(url = origin.replace('http', 'ws')) {
    this.socket = network.openSocket(url, {
      opened: () => this.#tell('opened'),
      activity: () => {
        if (this.told.at(-1) !== 'activity') this.#tell('activity');
      },
      message: (text) => this.#tell(`message ${text}`),
      closed: (code, problem) => this.#tell(`closed ${code} ${problem}`.trim()),
    });
  }

  async until(what: string): Promise<void> {
    while (!this.told.some((told) => told.startsWith(what))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #tell(what: string): void {
    this.told.push(what);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function ask(request: Partial<HttpRequest> = {}): Promise<HttpOutcome> {
  const standard = { method: 'GET' as const, url: `${origin}/path`, headers: {}, timeout: 10_000, maxBody: 1_000 };
  return new Promise((resolve) => network.request({ ...standard, ...request }, resolve));
}

describe('a socket', () => {
  it('reports that it is open, each message, that bytes came in, and its end', async () => {
    greet = (socket) => {
      socket.send('first');
      socket.send('second');
      socket.close(4001);
    };
    const recorded = new Recorded();
    await recorded.until('closed');
    const told = recorded.told.filter((what) => what !== 'activity');
    expect(told).toEqual(['opened', 'message first', 'message second', 'closed 4001']);
    expect(recorded.told[0]).toBe('opened');
  });

  it('has its own messages, also where another one of the process gets the same', async () => {
    const texts = ['same', 'same', 'next', 'same', 'x'.repeat(20_000), 'x'.repeat(20_000)];
    greet = (socket) => {
      for (const text of texts) socket.send(text);
      socket.close(4001);
    };
    const expected = texts.map((text) => `message ${text}`);
    const messagesOf = async (recorded: Recorded): Promise<readonly string[]> => {
      await recorded.until('closed');
      return recorded.told.filter((what) => what.startsWith('message'));
    };
    const both = [new Recorded(), new Recorded()];
    await expect(Promise.all(both.map(messagesOf))).resolves.toEqual([expected, expected]);
    // And one that is alone afterwards.
    await expect(messagesOf(new Recorded())).resolves.toEqual(expected);
  });

  it('sends texts', async () => {
    const received = new Promise<string>((resolve) => {
      greet = (socket) => socket.on('message', (data, isBinary) => resolve(`${isBinary} ${data}`));
    });
    const recorded = new Recorded();
    recorded.socket.send('too early, and no fault');
    await recorded.until('opened');
    recorded.socket.send('in time');
    await expect(received).resolves.toBe('false in time');
  });

  it('counts a ping of the server’s as a sign of life', async () => {
    greet = (socket) => socket.ping();
    const recorded = new Recorded();
    await recorded.until('activity');
    expect(recorded.told).toEqual(['opened', 'activity']);
  });

  it.each<[string, boolean]>([
    ['ws', true],
    ['no bufferutil that could', false],
  ])('answers a ping with what it carries, masked by %s', async (_name, canMask) => {
    const pong = canMask ? undefined : vi.spyOn(WebSocket.prototype, 'pong').mockImplementation(fail);
    const payloads = [0, 1, 47, 48, 125].map((length) => Buffer.alloc(length, 'pïng'));
    const answers: Buffer[] = [];
    const answered = new Promise<void>((resolve) => {
      greet = (socket) => {
        socket.on('pong', (data) => {
          answers.push(data);
          if (answers.length === payloads.length) resolve();
        });
        for (const data of payloads) socket.ping(data);
      };
    });
    const recorded = new Recorded();
    await answered;
    expect(answers).toEqual(payloads);
    // Frames that come after are in order.
    const received = new Promise<string>((resolve) => {
      for (const socket of sockets.clients) socket.on('message', (data) => resolve(String(data)));
    });
    recorded.socket.send('next');
    await expect(received).resolves.toBe('next');
    pong?.mockRestore();
  });

  it('sends no close reason back, which could be too long to mask without bufferutil', async () => {
    const ended = new Promise<string>((resolve) => {
      greet = (socket) => {
        socket.on('close', (code, reason) => resolve(`${code} ${reason}`.trim()));
        socket.close(4001, 'x'.repeat(120));
      };
    });
    const recorded = new Recorded();
    await recorded.until('closed 4001');
    await expect(ended).resolves.toBe('4001');
  });

  it('whose methods throw is interrupted, with a reason and a remedy', async () => {
    const recorded = new Recorded();
    await recorded.until('opened');
    const send = vi.spyOn(WebSocket.prototype, 'send').mockImplementation(fail);
    recorded.socket.send('text');
    await recorded.until('closed');
    send.mockRestore();
    expect(recorded.told.at(-1)).toMatch(/^closed 1006 TypeError in the socket: .*WS_NO_BUFFER_UTIL=1$/);
  });

  it('takes messages up to the longest one, and names the option for a longer one', async () => {
    greet = (socket) => {
      socket.send('x'.repeat(100_000));
      socket.send('x'.repeat(60_000), { fin: false });
      socket.send('x'.repeat(60_000), { fin: true });
    };
    const recorded = new Recorded();
    await recorded.until('closed');
    expect(recorded.told.filter((what) => what.startsWith('message')).map(({ length }) => length)).toEqual([100_008]);
    expect(recorded.told.at(-1)).toMatch(/a message is longer than 100000 bytes: see the option maxMessageSize$/);
  });

  describe('whose messages may come compressed', () => {
    const TEXT = 'flag '.repeat(15_000);

    /** Opens one that offers it, to a server that sends a text. */
    async function receive(text: string, url?: string) {
      network = nodePlatform.network({ ...SETTINGS, compressed: true });
      let extensions = '';
      let wire: NodeSocket | undefined;
      greet = (socket) => {
        extensions = socket.extensions;
        wire = (socket as unknown as { readonly _socket: NodeSocket })._socket;
        socket.send(text);
        socket.close();
      };
      const recorded = new Recorded(url);
      await recorded.until('closed');
      const told = recorded.told.filter((what) => what !== 'activity' && what !== 'opened');
      return { told, extensions, bytes: must(wire).bytesWritten };
    }

    it('agrees on that with the server, and gets them as they were', async () => {
      const { told, extensions, bytes } = await receive(TEXT);
      expect(told).toEqual([`message ${TEXT}`, 'closed 1005']);
      expect(extensions).toContain('permessage-deflate');
      expect(bytes).toBeLessThan(TEXT.length / 10);
    });

    it('counts their length after unpacking', async () => {
      const { told } = await receive('x'.repeat(100_001));
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(/a message is longer than 100000 bytes: see the option maxMessageSize$/);
    });

    it('gets them as they are from a server that cannot', async () => {
      const plain = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      onTestFinished(() => plain.close());
      plain.on('connection', (socket) => greet(socket));
      await once(plain, 'listening');
      const { port } = plain.address() as AddressInfo;
      const { told, extensions, bytes } = await receive(TEXT, `ws://127.0.0.1:${port}`);
      expect([told, extensions]).toEqual([[`message ${TEXT}`, 'closed 1005'], '']);
      expect(bytes).toBeGreaterThan(TEXT.length);
    });

    it('is none unless that is asked for', async () => {
      const agreed = new Promise<string>((resolve) => {
        greet = (socket) => resolve(socket.extensions);
      });
      new Recorded();
      await expect(agreed).resolves.toBe('');
    });
  });

  it('takes a message in many fragments as one, and a binary one as none that is good', async () => {
    greet = (socket) => {
      socket.send('one ', { fin: false });
      socket.send('message', { fin: true });
      socket.send(Buffer.from('{}'));
      socket.close();
    };
    const recorded = new Recorded();
    await recorded.until('closed');
    expect(recorded.told.filter((what) => what.startsWith('message'))).toEqual(['message one message', 'message ']);
  });

  it.each<[string, () => void, string]>([
    ['nobody listens', () => undefined, 'closed 1006 ECONNREFUSED'],
    ['the URL is none', () => undefined, 'closed 1006 '],
    [
      'it is cut off',
      () => {
        greet = (socket) => socket.terminate();
      },
      'closed 1006',
    ],
    [
      'the server refuses the upgrade',
      () => {
        http.removeAllListeners('upgrade');
        http.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 401 No\r\nConnection: close\r\n\r\n'));
      },
      'closed 1006 the server answered the upgrade with HTTP status 401 instead of a WebSocket: ',
    ],
    [
      'the server breaks the protocol',
      () => {
        http.removeAllListeners('upgrade');
        http.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Ok\r\n\r\n'));
      },
      'closed 1006',
    ],
  ])('that ends because %s tells of that once, with what is known', async (name, arrange, expected) => {
    arrange();
    const url = { 'nobody listens': 'ws://127.0.0.1:1', 'the URL is none': 'ws://' }[name];
    const recorded = url === undefined ? new Recorded() : new Recorded(url);
    await recorded.until('closed');
    expect(recorded.told.at(-1)).toContain(expected.trim());
    expect(recorded.told.filter((what) => what.startsWith('closed')).length).toBe(1);
    expect(JSON.stringify(recorded.told)).not.toContain(origin);
  });

  it.each<[number, Readonly<Record<string, string>>, string, number | undefined]>([
    [401, {}, 'HTTP status 401 instead of a WebSocket: check streamingUrl, and that every proxy', undefined],
    [200, {}, 'HTTP status 200 instead of a WebSocket: check streamingUrl, and that every proxy', undefined],
    [503, { 'Retry-After': '7' }, 'the server answered the upgrade with HTTP status 503', 7_000],
    [429, { 'Retry-After': '120' }, 'the server answered the upgrade with HTTP status 429', 120_000],
    [301, { Location: 'https://flags.test/x?y=z' }, 'HTTP status 301, a redirect to https://flags.test/x:', undefined],
    [407, {}, 'the proxy refused (HTTP status 407): check the user and password', undefined],
  ])('that is refused with HTTP status %d and %j says what to do, and when', async (status, headers, problem, wait) => {
    http.removeAllListeners('upgrade');
    http.on('upgrade', (_request, socket: Duplex) => {
      const lines = Object.entries({ 'Content-Length': '0', ...headers }).map(([name, value]) => `${name}: ${value}`);
      socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
    const closed = await new Promise<unknown[]>((resolve) => {
      network.openSocket(origin.replace('http', 'ws'), {
        opened: () => undefined,
        activity: () => undefined,
        message: () => undefined,
        closed: (...outcome) => resolve(outcome),
      });
    });
    expect(closed).toEqual([1006, expect.stringContaining(problem), wait]);
  });

  it('is silent once it is terminated, and the server sees its end', async () => {
    const ended = new Promise<number>((resolve) => {
      greet = (socket) => {
        socket.on('close', resolve);
        socket.on('message', () => {
          for (let message = 0; message < 10; message++) socket.send('late');
        });
      };
    });
    const recorded = new Recorded();
    await recorded.until('opened');
    recorded.socket.send('talk to me');
    recorded.socket.terminate();
    recorded.socket.terminate();
    const before = [...recorded.told];
    await ended;
    expect(recorded.told).toEqual(before);
    recorded.socket.send('after the end, and no fault');
  });

  it('that is terminated before it is open is given up', async () => {
    const attempt = new Promise<Duplex>((resolve) => {
      http.removeAllListeners('upgrade');
      http.on('upgrade', (_request, socket) => resolve(socket));
    });
    const recorded = new Recorded();
    const wire = await attempt;
    const ended = new Promise((resolve) => wire.once('end', resolve));
    wire.resume();
    recorded.socket.terminate();
    await ended;
    wire.destroy();
    expect(recorded.told).toEqual([]);
  });
});

describe('a request', () => {
  it('carries its method, headers and body, and who sends it', async () => {
    const received = new Promise<unknown>((resolve) => {
      handle = (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { method, url, headers } = request;
          resolve({
            method,
            url,
            own: headers.own,
            agent: headers['user-agent'],
            body: Buffer.concat(chunks).toString(),
          });
          response.end();
        });
      };
    });
    await ask({ method: 'POST', headers: { Own: 'header' }, body: '{"ü":"🙂"}' });
    await expect(received).resolves.toEqual({
      method: 'POST',
      url: '/path',
      own: 'header',
      agent: expect.stringMatching(/^fbclient-node\//),
      body: '{"ü":"🙂"}',
    });
  });

  describe('that may be compressed', () => {
    const packed = (body: Buffer | string, encoding = 'gzip'): Handle => {
      return (_request, response) => response.writeHead(200, { 'Content-Encoding': encoding }).end(body);
    };

    it.each([true, false])('asks for gzip only then: %s', async (compressed) => {
      let encoding: unknown;
      handle = (request, response) => {
        encoding = request.headers['accept-encoding'];
        response.end();
      };
      await ask({ compressed });
      expect(encoding).toBe(compressed ? 'gzip' : undefined);
    });

    it.each<[string, Handle, string | undefined, string | undefined]>([
      ['is unpacked', packed(gzipSync('{"ü":1}')), '{"ü":1}', undefined],
      ['is unpacked, whatever the case of its encoding', packed(gzipSync('x'), 'GZIP'), 'x', undefined],
      ['is unpacked under the old name of gzip', packed(gzipSync('x'), 'x-gzip'), 'x', undefined],
      ['may be empty although it names an encoding', packed(''), '', undefined],
      ['need not be', (_request, response) => response.end('{"ü":1}'), '{"ü":1}', undefined],
      [
        'is not, beyond the longest answer',
        packed(gzipSync('a'.repeat(1_001))),
        undefined,
        'the answer is longer than 1000 bytes',
      ],
      ['may be as long as the longest answer', packed(gzipSync('a'.repeat(1_000))), 'a'.repeat(1_000), undefined],
      [
        'is no answer when it is cut off',
        packed(gzipSync('abc').subarray(0, 12)),
        undefined,
        'the answer could not be unpacked (Z_BUF_ERROR)',
      ],
      [
        'is no answer when it is something else',
        packed('plain text'),
        undefined,
        'the answer could not be unpacked (Z_DATA_ERROR)',
      ],
    ])('%s', async (_name, answer, body, problem) => {
      handle = answer;
      const outcome = await ask({ compressed: true });
      if (problem !== undefined) expect(outcome).toEqual({ kind: 'unanswered', problem });
      else expect(outcome).toMatchObject({ kind: 'response', status: 200, body });
      // Its connection, or another one, is good for the next.
      handle = (_request, response) => response.end('next');
      await expect(ask()).resolves.toMatchObject({ body: 'next' });
    });
  });

  it.each<[string, Handle, HttpOutcome]>([
    [
      'with a body',
      (_, response) => response.end('{"ü":1}'),
      { kind: 'response', status: 200, retryAfter: undefined, body: '{"ü":1}' },
    ],
    [
      'without one',
      (_, response) => response.writeHead(204).end(),
      { kind: 'response', status: 204, retryAfter: undefined, body: '' },
    ],
    [
      'of any status',
      (_, response) => response.writeHead(503, { 'Retry-After': '7' }).end('away'),
      { kind: 'response', status: 503, retryAfter: '7', body: 'away' },
    ],
    [
      'of as many bytes as are allowed',
      (_, response) => response.end('x'.repeat(1_000)),
      { kind: 'response', status: 200, retryAfter: undefined, body: 'x'.repeat(1_000) },
    ],
    [
      'of too many bytes',
      (_, response) => response.end('x'.repeat(1_001)),
      { kind: 'unanswered', problem: 'the answer is longer than 1000 bytes' },
    ],
    [
      'that does not end',
      (_, response) => response.write('x'),
      { kind: 'unanswered', problem: 'no complete answer in 20 ms' },
    ],
    ['that does not begin', () => undefined, { kind: 'unanswered', problem: 'no complete answer in 20 ms' }],
    [
      'that is cut off',
      (_, response) => response.writeHead(200, { 'Content-Length': '10' }).write('x', () => response.destroy()),
      { kind: 'cut', problem: 'ECONNRESET' },
    ],
    ['that never comes', (request) => request.socket.destroy(), { kind: 'cut', problem: 'ECONNRESET' }],
    [
      'that is no HTTP',
      (request) => request.socket.end('nonsense\r\n\r\n'),
      { kind: 'cut', problem: 'HTTPParserError' },
    ],
  ])('has an outcome: an answer %s', async (_name, answer, outcome) => {
    // Leaves a connection, so that the time-out is one of the answer.
    handle = (_, response) => response.end();
    await ask();
    handle = answer;
    const timeout = 'problem' in outcome && outcome.problem.includes('20 ms') ? 20 : 10_000;
    await expect(ask({ timeout })).resolves.toEqual(outcome);
  });

  it('that has no connection in time has failed: the server has got nothing of it', async () => {
    // TLS needs the server to say something first.
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const outcome = await ask({ url: `https://127.0.0.1:${port}/`, timeout: 20 });
    expect(outcome).toEqual({ kind: 'failed', problem: 'no connection in 20 ms' });
    await new Promise((resolve) => silent.close(resolve));
  });

  it.each<[string, string, string]>([
    ['nobody listens', 'http://127.0.0.1:1/', 'ECONNREFUSED'],
    ['the URL is none', 'http://', 'ERR_INVALID_URL'],
    ['a header cannot be sent', '', 'UND_ERR_INVALID_ARG'],
  ])('has an outcome although %s', async (_name, url, problem) => {
    const bad = problem === 'UND_ERR_INVALID_ARG' ? { headers: { Authorization: 'line\nbreak' } } : { url };
    await expect(ask(bad)).resolves.toEqual({ kind: 'failed', problem });
  });

  it('that is cancelled has none, and the server sees its end', async () => {
    const arrived = new Promise<IncomingMessage>((resolve) => {
      handle = resolve;
    });
    const outcomes: HttpOutcome[] = [];
    const request = { method: 'GET' as const, url: origin, headers: {}, timeout: 10_000, maxBody: 1_000 };
    const cancel = network.request(request, (outcome) => outcomes.push(outcome));
    const { socket } = await arrived;
    const ended = new Promise((resolve) => socket.once('close', resolve));
    cancel();
    cancel();
    await ended;
    expect(outcomes).toEqual([]);
  });

  it('uses a connection again', async () => {
    const ports = new Set<number | undefined>();
    handle = (request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    };
    for (let time = 0; time < 3; time++) await ask();
    expect(ports.size).toBe(1);
  });

  it('has a connection of its own as long as it lasts', async () => {
    const ports: (number | undefined)[] = [];
    const waiting: ServerResponse[] = [];
    handle = (request, response) => {
      ports.push(request.socket.remotePort);
      waiting.push(response);
      if (waiting.length === 3) for (const each of waiting.splice(0)) each.end();
    };
    for (let round = 0; round < 2; round++) await Promise.all([ask(), ask(), ask()]);
    expect(new Set(ports.slice(0, 3)).size).toBe(3);
    expect(new Set(ports).size).toBe(3);
  });

  it('has a new connection once the server has closed the last one', async () => {
    const used: Duplex[] = [];
    handle = (request, response) => {
      used.push(request.socket);
      response.end();
    };
    await ask();
    const closed = new Promise((resolve) => used[0]?.once('close', resolve));
    // Half of it; the server's side is closed when the client has closed the other half.
    used[0]?.end();
    await closed;
    await expect(ask()).resolves.toMatchObject({ kind: 'response', status: 200 });
    expect(used[1]).not.toBe(used[0]);
  });

  it('has a new connection when the server said that it would close the last one', async () => {
    handle = (_request, response) => response.writeHead(200, { Connection: 'close' }).end();
    for (let time = 0; time < 3; time++) {
      await expect(ask()).resolves.toMatchObject({ kind: 'response', status: 200 });
    }
  });

  it('that fails takes its connection with it, and the next succeeds', async () => {
    handle = (_request, response) => response.end('x'.repeat(1_001));
    await expect(ask()).resolves.toMatchObject({ kind: 'unanswered' });
    handle = (_request, response) => response.end();
    await expect(ask()).resolves.toMatchObject({ kind: 'response', status: 200 });
  });

  it('has the final answer as its outcome, not what comes before it', async () => {
    handle = (_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(201).end('made');
    };
    await expect(ask()).resolves.toEqual({ kind: 'response', status: 201, retryAfter: undefined, body: 'made' });
  });

  it('that is cancelled while it connects has no outcome, and is never made', async () => {
    let made = 0;
    handle = (_request, response) => {
      made += 1;
      response.end();
    };
    const outcomes: HttpOutcome[] = [];
    const request = { method: 'GET' as const, url: origin, headers: {}, timeout: 10_000, maxBody: 1_000 };
    const cancel = network.request(request, (outcome) => outcomes.push(outcome));
    cancel();
    await expect(ask()).resolves.toMatchObject({ kind: 'response', status: 200 });
    expect([made, outcomes]).toEqual([1, []]);
  });

  it('leaves nothing behind of a connection that the server closes, however often that is', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    handle = (_request, response) => response.setHeader('Connection', 'close').end();
    for (let times = 0; times < 12; times++) await expect(ask()).resolves.toMatchObject({ status: 200 });
    // Node.js warns of eleven listeners on one signal, in a turn of its own.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('leaves no connection open once the network is closed', async () => {
    const ended = new Promise<void>((resolve) => {
      handle = (request, response) => {
        request.socket.once('close', () => resolve());
        response.end();
      };
    });
    await ask();
    network.close();
    await ended;
  });
});

it('a network has its own connections: closing one leaves others alone', async () => {
  const other = nodePlatform.network(SETTINGS);
  const recorded = new Recorded();
  await recorded.until('opened');
  other.close();
  const [server] = sockets.clients;
  must(server).send('still here');
  await recorded.until('message still here');
});
