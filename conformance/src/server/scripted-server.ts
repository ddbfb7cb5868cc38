import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { type DecodedToken, readToken } from '../reference/token.js';
import { Activity } from './activity.js';
import { Connection } from './connection.js';

/** A request for a streaming connection, accepted or not. */
export interface Attempt {
  at: number;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  token: DecodedToken | undefined;
}

/** One request to the event service. */
export interface InsightRequest {
  at: number;
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed body; undefined where it is not a JSON array. */
  events: Record<string, unknown>[] | undefined;
}

export interface PollRequest {
  at: number;
  path: string;
  timestamp: string | null;
  headers: IncomingHttpHeaders;
}

/** What an HTTP request is answered with; `hang` never answers, `reset` cuts the connection. */
export type HttpAnswer = { status: number; body?: string; headers?: Record<string, string> } | 'hang' | 'reset';

/** What a streaming request is answered with: a connection, an HTTP status, silence, or a cut. */
export type UpgradeAnswer = 'accept' | 'silence' | 'reset' | { refuse: number };

/** A data-sync message, undefined for no answer. */
export type SyncAnswer = (timestamp: unknown, connection: Connection) => object | undefined;

/**
 * A FeatBit server that does what a case tells it to. Without being told it accepts every connection, answers data-sync
 * with an empty environment and pings with pongs, and takes every event.
 */
export class ScriptedServer {
  readonly attempts: Attempt[] = [];
  readonly connections: Connection[] = [];
  readonly insights: InsightRequest[] = [];
  readonly polls: PollRequest[] = [];
  readonly activity = new Activity();
  onUpgrade: (attempt: number) => UpgradeAnswer = () => 'accept';
  onDataSync: SyncAnswer = () => dataSync('full', [], []);
  onInsight: (request: InsightRequest, count: number) => HttpAnswer = () => ({ status: 200 });
  onPoll: (request: PollRequest, count: number) => HttpAnswer = () => ({ status: 200, body: '' });
  readonly #sockets = new Set<Socket>();
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #hanging: (() => void)[] = [];
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await server.listen();
    return server;
  }

  /** Listens, on the former port if there was one. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Ends everything at once; the port can be listened on again. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  /** From now on every request is answered at once. */
  calm(): void {
    this.onUpgrade = () => 'accept';
    this.onInsight = () => ({ status: 200 });
    for (const release of this.#hanging.splice(0)) release();
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get streamingUrl(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** The newest connection, open or closed. */
  get connection(): Connection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error('no connection was made');
    return connection;
  }

  get openConnections(): Connection[] {
    return this.connections.filter((connection) => !connection.closed);
  }

  /** Every event that was taken, in the order of arrival. */
  get events(): Record<string, unknown>[] {
    return this.insights.flatMap((request) => request.events ?? []);
  }

  until<T>(what: string, find: () => T | undefined, timeoutMs: number): Promise<T> {
    return this.activity.until(what, find, timeoutMs);
  }

  /** The n-th connection (from 1) once it has asked for data. */
  synced(count: number, timeoutMs: number): Promise<Connection> {
    const find = (): Connection | undefined => {
      const connection = this.connections[count - 1];
      return connection !== undefined && connection.ofType('data-sync').length > 0 ? connection : undefined;
    };
    return this.until(`connection ${count} with a data-sync request`, find, timeoutMs);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://server');
    const token = readToken(url.searchParams.get('token') ?? '');
    this.attempts.push({
      at: Date.now(),
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      token,
    });
    const answer = this.onUpgrade(this.attempts.length);
    if (answer === 'accept') {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = new Connection(webSocket, this.activity, (timestamp) => {
          const message = this.onDataSync(timestamp, connection);
          if (message !== undefined) connection.send(message);
        });
        this.connections.push(connection);
        this.activity.happened();
      });
    } else if (answer === 'reset') {
      socket.resetAndDestroy();
    } else if (answer !== 'silence') {
      socket.end(`HTTP/1.1 ${answer.refuse} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
    this.activity.happened();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const url = new URL(request.url ?? '/', 'http://server');
    const answer = this.#route(request, url, Buffer.concat(chunks).toString('utf8'));
    if (answer === 'reset') request.socket.resetAndDestroy();
    else if (answer === 'hang') this.#hanging.push(() => response.end());
    else response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    this.activity.happened();
  }

  #route(request: IncomingMessage, url: URL, text: string): HttpAnswer {
    const at = Date.now();
    const { headers } = request;
    if (request.method === 'POST' && url.pathname.endsWith('/api/public/insight/track')) {
      const insight = { at, path: url.pathname, headers, text, events: eventsOf(text) };
      this.insights.push(insight);
      return this.onInsight(insight, this.insights.length);
    }
    if (request.method === 'GET' && url.pathname.endsWith('/api/public/sdk/server/latest-all')) {
      const poll = { at, path: url.pathname, timestamp: url.searchParams.get('timestamp'), headers };
      this.polls.push(poll);
      return this.onPoll(poll, this.polls.length);
    }
    return { status: 404 };
  }
}

export function dataSync(eventType: 'full' | 'patch', featureFlags: unknown[], segments: unknown[]): object {
  return { messageType: 'data-sync', data: { eventType, featureFlags, segments } };
}

function eventsOf(text: string): Record<string, unknown>[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
