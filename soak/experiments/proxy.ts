import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../random.js';

const TRACK = '/api/public/insight/track';

/** How often something happens to a request that brings events, as a share. */
const FAULTS = { late: 0.15, answerLost: 0.1, twice: 0.1 } as const;
/** How late a request may come, in milliseconds. */
const LATEST = 3_000;

/** A request that brought events. */
interface Recorded {
  readonly body: string;
  readonly authorization: string;
  isAcknowledged: boolean;
}

/**
 * Stands between SDKs and a center that is killed and started again on other ports. It writes down every request that brings
 * events and whether the center has acknowledged it; some it holds back, some it delivers twice, and of some it loses the answer.
 */
export class RecordingProxy {
  /** By what they say: the same request is one, however often it is sent. */
  readonly #recorded = new Map<string, Recorded>();
  readonly #random: Random;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  #target: string | undefined;
  #underWay = 0;
  late = 0;
  answersLost = 0;
  deliveredAgain = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Where the center is now; `undefined` = nowhere. */
  set target(url: string | undefined) {
    this.#target = url;
  }

  /** Sends a request as an SDK would. @returns whether it was acknowledged. */
  async send(body: string, authorization: string): Promise<boolean> {
    return (await this.#deliver(body, authorization)) === 200;
  }

  /** Sends again what was not acknowledged, until everything is. */
  async settle(): Promise<void> {
    while (this.#underWay > 0) await setTimeout(20);
    for (const recorded of this.#recorded.values()) {
      while (!recorded.isAcknowledged) {
        if (!(await this.send(recorded.body, recorded.authorization))) await setTimeout(50);
      }
    }
  }

  /** The bodies of all requests that were acknowledged, each once. */
  acknowledged(): readonly string[] {
    return [...this.#recorded.values()].filter((one) => one.isAcknowledged).map(({ body }) => body);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const authorization = request.headers.authorization ?? '';
    if (request.url !== TRACK) {
      const answer = await this.#ask(request.method ?? 'GET', request.url ?? '/', authorization, body);
      response.writeHead(answer?.status ?? 503).end(answer === undefined ? '' : await answer.text());
      return;
    }
    this.#underWay += 1;
    try {
      if (this.#random.next() < FAULTS.late) {
        this.late += 1;
        await setTimeout(this.#random.between(0, LATEST - 1));
      }
      const status = await this.#deliver(body, authorization);
      if (status === 200 && this.#random.next() < FAULTS.twice) {
        this.deliveredAgain += 1;
        await this.#deliver(body, authorization);
      }
      if (this.#random.next() < FAULTS.answerLost) {
        this.answersLost += 1;
        request.socket.destroy();
        return;
      }
      response.writeHead(status).end(status === 200 ? '{}' : '');
    } finally {
      this.#underWay -= 1;
    }
  }

  async #deliver(body: string, authorization: string): Promise<number> {
    const recorded = this.#recorded.get(body) ?? { body, authorization, isAcknowledged: false };
    this.#recorded.set(body, recorded);
    const answer = await this.#ask('POST', TRACK, authorization, body);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.status === 200) recorded.isAcknowledged = true;
    return answer?.status ?? 503;
  }

  async #ask(method: string, path: string, authorization: string, body: string): Promise<Response | undefined> {
    if (this.#target === undefined) return undefined;
    const init = { method, headers: { authorization }, ...(body === '' ? {} : { body }) };
    // A center that is killed answers nobody.
    return fetch(this.#target + path, init).catch(() => undefined);
  }

  #upgrade(request: IncomingMessage, socket: Duplex): void {
    const target = this.#target === undefined ? undefined : new URL(this.#target);
    if (target === undefined) {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
      upstream.write(`GET ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const one of [socket, upstream]) {
      this.#sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        socket.destroy();
        upstream.destroy();
      });
    }
  }
}
