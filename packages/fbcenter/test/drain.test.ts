import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveRelayOptions } from '../src/relay/relay-options.js';
import { startRelayWith } from '../src/relay.js';
import { Stopping } from '../src/runtime/stopping.js';
import { aFlag } from './support/documents.js';
import { StreamClient } from './support/stream-client.js';
import { put, startTestCenter } from './support/test-center.js';

/** A stop whose delay is over when the test says so: what is looked at meanwhile is looked at without hurry. */
function patientStop() {
  let go: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { stopping: new Stopping(() => over), go };
}

/** A connection that a client keeps open, on which requests are written as they are. */
class KeptLine {
  /** How it was ended: `closed` in order, or the code of what went wrong. */
  readonly ended: Promise<string>;
  answers = 0;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('end', () => resolve('closed'));
    });
    onTestFinished(() => void socket.destroy());
  }

  static async open(url: string): Promise<KeptLine> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    return new KeptLine(socket);
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** The next thing that comes: answers here are small enough to come in one piece. */
  async answer(): Promise<string> {
    const [text] = await once(this.#socket, 'data');
    this.answers += 1;
    return String(text);
  }

  ask(request: string): Promise<string> {
    const answer = this.answer();
    this.send(request);
    return answer;
  }
}

const statusOf = async (url: string, path: string) =>
  (await fetch(url + path, { headers: { connection: 'close' } })).status;

describe('a center that stops', () => {
  it('is not ready at once, and alive; serves everybody until its delay is over; and tells connections to close', async () => {
    const { stopping, go } = patientStop();
    const { center, api, environment } = await startTestCenter({ drainDelay: 1 }, { stopping });
    await put(api, '/flags/f', aFlag());
    const client = new StreamClient({ center, environment });
    await client.opened();
    client.requestSync(0);
    await client.next();
    expect(await statusOf(center.url, '/health/readiness')).toBe(200);
    const closed = center.close();
    const readiness = await fetch(`${center.url}/health/readiness`);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({ code: 'stopping' });
    expect(readiness.headers.get('connection')).toBe('close');
    expect(await statusOf(center.url, '/health/liveness')).toBe(200);
    expect((await api('GET', '/flags/f')).status).toBe(200);
    // Changes are made, and pushed, as ever.
    await api('POST', '/flags/f/toggle');
    expect(await client.next()).toMatchObject({ messageType: 'data-sync' });
    go();
    expect(await client.closed).toEqual({ code: expect.any(Number), reason: 'the server is stopping' });
    await closed;
  });

  it('lets new streams in during its delay', async () => {
    const { stopping, go } = patientStop();
    const { center, environment } = await startTestCenter({ drainDelay: 1 }, { stopping });
    const closed = center.close();
    const client = new StreamClient({ center, environment });
    await client.opened();
    go();
    expect(await client.closed).toMatchObject({ reason: 'the server is stopping' });
    await closed;
  });

  it('answers the requests of a connection that is kept open, the last one with Connection: close', async () => {
    const { stopping, go } = patientStop();
    const { center } = await startTestCenter({ drainDelay: 1 }, { stopping });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = () =>
      new Promise<string | undefined>((resolve, reject) => {
        get(`${center.url}/health/liveness`, { agent }, (response) => {
          response.resume().once('end', () => resolve(response.headers.connection));
        }).once('error', reject);
      });
    expect(await ask()).toBe('keep-alive');
    const closed = center.close();
    expect(await ask()).toBe('close');
    go();
    await closed;
  });

  it('resets no connection that is kept open, whatever it is used for meanwhile', async () => {
    const { stopping, go } = patientStop();
    const { center, api, environment } = await startTestCenter({ drainDelay: 1, drainTime: 300 }, { stopping });
    await put(api, '/flags/f', aFlag());
    const lines = await Promise.all(['idle', 'in flight', 'late', 'busy'].map(() => KeptLine.open(center.url)));
    const [idle, inFlight, late, busy] = lines as [KeptLine, KeptLine, KeptLine, KeptLine];
    const ask = 'GET /health/liveness HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const line of lines) expect(await line.ask(ask)).toContain('Connection: keep-alive');
    const body = JSON.stringify([{ user: { keyId: 'ada' } }]);
    const head = `POST /api/public/insight/track HTTP/1.1\r\nHost: x\r\nAuthorization: ${environment.serverSecret}\r\n`;
    inFlight.send(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`);
    const closed = center.close();
    const answers = [await late.ask(ask)];
    inFlight.send(body.slice(5));
    answers.push(await inFlight.answer());
    go();
    answers.push(await busy.ask(ask));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Connection: close\r\n/i);
    await closed;
    // Each was closed by the center, in order, and none was reset.
    for (const line of lines) expect(await line.ended).toBe('closed');
    expect(idle.answers).toBe(1);
  });

  it('fails no request of a client that keeps its connections and sends one after the other', async () => {
    const { center } = await startTestCenter({ drainTime: 300 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = () =>
      new Promise<{ readonly outcome: number | 'failed'; readonly isKept: boolean }>((resolve) => {
        const request = get(`${center.url}/health/liveness`, { agent }, (response) => {
          response
            .resume()
            .once('end', () => resolve({ outcome: response.statusCode ?? 0, isKept: request.reusedSocket }));
        });
        request.once('error', () => resolve({ outcome: 'failed', isKept: request.reusedSocket }));
      });
    await ask();
    const closed = center.close();
    const onKept = [];
    for (let last = await ask(); last.outcome !== 'failed'; last = await ask())
      if (last.isKept) onKept.push(last.outcome);
    // The first one went over the connection that was there already; whoever comes later is told to come elsewhere.
    expect(onKept).toEqual([200]);
    await closed;
  });

  it('ends the events of a page together with their connection', async () => {
    const { center } = await startTestCenter({ drainTime: 300_000 });
    const line = await KeptLine.open(center.url);
    const path = '/api/v1/environments/dev/events';
    await line.ask(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${center.adminToken}\r\n\r\n`);
    await center.close();
    expect(await line.ended).toBe('closed');
  });

  it('ends all of its streams, however many shares that takes', async () => {
    const { center, environment } = await startTestCenter({ drainTime: 400 });
    const clients = Array.from({ length: 120 }, () => new StreamClient({ center, environment }));
    await Promise.all(clients.map((client) => client.opened()));
    await center.close();
    const closed = await Promise.all(clients.map((client) => client.closed));
    expect(new Set(closed.map(({ reason }) => reason))).toEqual(new Set(['the server is stopping']));
  });

  it('that is told so twice stops once', async () => {
    const { center } = await startTestCenter({ drainDelay: 1 });
    const [first, second] = [center.close(), center.close()];
    expect(first).toBe(second);
    await first;
    await expect(fetch(center.url)).rejects.toThrow();
  });
});

describe('a relay that stops', () => {
  it('is not ready at once, and alive', async () => {
    const { center, environment } = await startTestCenter();
    const environments = [{ key: 'dev', serverSecret: environment.serverSecret }];
    const options = resolveRelayOptions({ upstream: center.url, port: 0, environments, drainDelay: 1 });
    const { stopping, go } = patientStop();
    const relay = await startRelayWith(options, { stopping });
    onTestFinished(() => {
      go();
      return relay.close();
    });
    await expect.poll(() => statusOf(relay.url, '/health/readiness')).toBe(200);
    const closed = relay.close();
    expect(await statusOf(relay.url, '/health/readiness')).toBe(503);
    expect(await statusOf(relay.url, '/health/liveness')).toBe(200);
    go();
    await closed;
  });
});

describe('the options of a stop', () => {
  it.each([-1, 0.5, 300_001, '5', Number.NaN])('cannot be %j', async (value) => {
    for (const option of ['drainDelay', 'drainTime']) {
      await expect(startTestCenter({ [option]: value })).rejects.toThrow(
        `${option}: must be a whole number from 0 to 300000`,
      );
    }
  });
});
