import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Backend } from './backend.js';
import type { Environment } from './environment.js';
import { EventService } from './event-service.js';
import type { Ledger } from './ledger.js';
import { type FeatBitServerOptions, type InsightPace, settingsOf } from './options.js';
import { PollingService } from './polling-service.js';
import type { PushQueue } from './push-queue.js';
import type { Store } from './store.js';
import { StreamingService } from './streaming-service.js';

/** From the order to stop until nobody listens any more, in milliseconds. */
const STOPPING = 150;
/** Longest request line and headers, in bytes. */
const HEADERS = 32_768;
/** Connections that may wait to be accepted: a fleet that starts at once must not be turned away by the machine. */
const BACKLOG = 4_096;

/** An evaluation server of FeatBit 5.4.2 with its flaws, in this process, on a port of the loopback. */
export class FeatBitServer {
  readonly streams: StreamingService;
  readonly events: EventService;
  readonly polling: PollingService;
  readonly #backend: Backend;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(options: FeatBitServerOptions = {}) {
    this.#backend = new Backend(settingsOf(options), (text) => {
      for (const connection of this.streams.open) connection.push(text);
    });
    this.streams = new StreamingService(this.#backend);
    this.events = new EventService(this.#backend);
    this.polling = new PollingService(this.#backend);
  }

  static async start(options?: FeatBitServerOptions): Promise<FeatBitServer> {
    const server = new FeatBitServer(options);
    await server.listen();
    return server;
  }

  /** Comes up, on its former port if it had one. What was in the store is still there. */
  async listen(): Promise<void> {
    const server = createServer({ maxHeaderSize: HEADERS }, (request, response) => this.#answer(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => this.streams.upgrade(request, socket as Socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', BACKLOG, resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    this.streams.stopping = false;
  }

  /**
   * Ends as on SIGTERM: streams are cut without a close frame, whoever connects meanwhile is closed with 1000, events that
   * are being worked on become rows and are answered.
   */
  async stop(): Promise<void> {
    const { clock, worker } = this.#backend;
    const pause = (milliseconds: number) => new Promise<void>((resolve) => clock.after(milliseconds, resolve));
    this.streams.stopping = true;
    this.streams.cut();
    await pause(STOPPING);
    const closed = this.#stopListening();
    while (worker.busy > 0) await pause(5);
    this.#cut();
    await closed;
  }

  /** Ends at once, as on SIGKILL. */
  async kill(): Promise<void> {
    this.#cut();
    await this.#stopListening();
  }

  /** From now on everybody is let in and answered at once. */
  calm(): void {
    this.streams.refusal = undefined;
    this.events.refusal = undefined;
    this.insightPace = {};
    this.store.become('up');
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get streamingUrl(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get secret(): string {
    return this.#backend.settings.secret;
  }

  get environment(): Environment {
    return this.#backend.environment;
  }

  get pushes(): PushQueue {
    return this.#backend.pushes;
  }

  get store(): Store {
    return this.#backend.store;
  }

  get ledger(): Ledger {
    return this.#backend.ledger;
  }

  /** Whether it can be reached. */
  get listening(): boolean {
    return this.#server !== undefined;
  }

  /** From now on cursors, too, are answered with fulls, or are not. */
  set answersCursorsWithFulls(value: boolean) {
    this.#backend.answersCursorsWithFulls = value;
  }

  /** From now on events take so long. */
  set insightPace(pace: InsightPace) {
    this.#backend.worker.pace = pace;
  }

  /** Waits until `find` finds something. @throws NotSeenError after so many milliseconds of the machine's. */
  until<T>(what: string, find: () => T | undefined, timeoutMs: number): Promise<T> {
    return this.#backend.activity.until(what, find, timeoutMs);
  }

  #cut(): void {
    this.#backend.stop();
    for (const socket of this.#sockets) socket.destroy();
  }

  #stopListening(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://server');
    // Whatever a base of the application's has before it.
    const [path = ''] = /\/(api|health)\/.*/.exec(url.pathname) ?? [];
    switch (`${request.method} ${path}`) {
      case 'POST /api/public/insight/track':
        void this.events.track(request, response);
        break;
      case 'GET /api/public/sdk/server/latest-all':
        this.polling.poll(request, url.searchParams, response);
        break;
      case 'GET /health/liveness':
        response.writeHead(200).end();
        break;
      case 'GET /health/readiness':
        response.writeHead(this.store.state === 'up' ? 200 : 503).end();
        break;
      default:
        // The real one asks for credentials wherever it has nothing, at `/streaming` without an upgrade too.
        response.writeHead(401).end();
    }
  }
}
