import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeConnectionToken } from '../../src/protocol/connection-token.js';
import { full } from './wire.js';

/** One SDK that is connected. */
export interface Connection {
  readonly socket: WebSocket;
  /** The environment secret of its token. */
  readonly secret: string | undefined;
  readonly userAgent: string | undefined;
  /** The cursors that it asked for data with. */
  readonly cursors: number[];
  pings: number;
}

/** One batch of events that came in. */
export interface TrackedBatch {
  readonly headers: IncomingMessage['headers'];
  readonly payloads: readonly { readonly user: { readonly keyId: string } }[];
}

/** A FeatBit server of a few lines, whose answers a test can set. On loopback, at a port of its own. */
export class ScriptedServer {
  /** What a request for data is answered with; `undefined` = silence. */
  answer: (connection: Connection) => unknown = () => full();
  /** The HTTP status that connections are refused with; `undefined` = they are accepted. */
  refusal: number | undefined;
  /** The status that events are answered with; `undefined` = silence. */
  trackStatus: number | undefined = 200;
  readonly connections: Connection[] = [];
  readonly batches: TrackedBatch[] = [];
  readonly url: string;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  #waiting: (() => void)[] = [];

  private constructor(http: Server) {
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/prefix`;
    http.on('request', (request, response) => this.#track(request, response));
    http.on('upgrade', (request, socket, head) => {
      if (this.refusal !== undefined) socket.end(`HTTP/1.1 ${this.refusal} Refused\r\nConnection: close\r\n\r\n`);
      else if (!request.url?.startsWith('/prefix/streaming?')) socket.destroy();
      else this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#connected(accepted, request));
    });
  }

  static async start(): Promise<ScriptedServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new ScriptedServer(http);
  }

  /** The connections that are open. */
  get open(): readonly Connection[] {
    return this.connections.filter(({ socket }) => socket.readyState === socket.OPEN);
  }

  /** The events that came in, of all batches. */
  get payloads(): TrackedBatch['payloads'] {
    return this.batches.flatMap(({ payloads }) => payloads);
  }

  push(message: unknown): void {
    for (const { socket } of this.open) socket.send(JSON.stringify(message));
  }

  /** Resolves when something holds; looked at whenever something has come in. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #connected(socket: WebSocket, request: IncomingMessage): void {
    const token = new URL(request.url ?? '', this.url).searchParams.get('token') ?? '';
    const secret = decodeConnectionToken(token)?.secret;
    const connection: Connection = { socket, secret, userAgent: request.headers['user-agent'], cursors: [], pings: 0 };
    this.connections.push(connection);
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { messageType: string; data: { timestamp: number } };
      if (message.messageType === 'ping') {
        connection.pings += 1;
        socket.send('{"messageType":"pong","data":{}}');
      } else {
        connection.cursors.push(message.data.timestamp);
        const answer = this.answer(connection);
        if (answer !== undefined) socket.send(typeof answer === 'string' ? answer : JSON.stringify(answer));
      }
      this.#happened();
    });
    socket.on('close', () => this.#happened());
    this.#happened();
  }

  #track(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST' || request.url !== '/prefix/api/public/insight/track') {
        response.writeHead(404).end();
        return;
      }
      const payloads = JSON.parse(Buffer.concat(chunks).toString('utf8')) as TrackedBatch['payloads'];
      this.batches.push({ headers: request.headers, payloads });
      if (this.trackStatus !== undefined) response.writeHead(this.trackStatus).end();
      this.#happened();
    });
  }

  #happened(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
