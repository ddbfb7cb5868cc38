import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { FaultData } from './fault-data.js';
import { FaultFront } from './fault-front.js';
import { type EventConsumer, FaultRequests } from './fault-requests.js';
import { FaultStreams } from './fault-streams.js';

/** The server secret of the fault server's environment. */
export const SECRET = 'qJQQTVfsJkuaD0AKS7k5lgPeM0aHvJ5Eq2mDG1bcWzZA';

export interface FaultServerOptions {
  /** Serves TLS with this key and certificate (PEM). */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The host in its URLs; must lead to the loopback. @default '127.0.0.1' */
  readonly host?: string;
  /** Takes the events in place of keeping them. */
  readonly consume?: EventConsumer;
}

/**
 * A server that speaks FeatBit's protocol and whose faults are switched on while it runs. What goes wrong below HTTP and
 * WebSocket is in the fronts, one for the socket and one for HTTP; what goes wrong in them is in `streams` and `requests`.
 */
export class FaultServer {
  readonly data = new FaultData();
  readonly streams: FaultStreams;
  readonly requests: FaultRequests;
  readonly streamingFront: FaultFront;
  readonly httpFront: FaultFront;
  readonly #server: ReturnType<typeof createServer>;
  readonly #origin: (front: FaultFront) => string;

  private constructor(server: ReturnType<typeof createServer>, options: FaultServerOptions) {
    this.#server = server;
    this.streams = new FaultStreams(this.data, SECRET);
    this.requests = new FaultRequests(this.data, options.consume);
    const { port } = server.address() as AddressInfo;
    this.streamingFront = new FaultFront(port);
    this.httpFront = new FaultFront(port);
    const { tls, host = '127.0.0.1' } = options;
    this.#origin = (front) => `http${tls === undefined ? '' : 's'}://${host}:${front.port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.requests.handle(request, response);
    });
    server.on('upgrade', (request, wire, head) => this.streams.upgrade(request, wire, head));
    server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Starts a server on ports that are free. */
  static async start(options: FaultServerOptions = {}): Promise<FaultServer> {
    const server = options.tls === undefined ? createServer() : createSecureServer(options.tls);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const faultServer = new FaultServer(server, options);
    await faultServer.up();
    return faultServer;
  }

  get streamingUrl(): string {
    return this.#origin(this.streamingFront).replace(/^http/, 'ws');
  }

  /** Base of the event service and of the polling service. */
  get httpUrl(): string {
    return this.#origin(this.httpFront);
  }

  /** What a client needs to know. */
  get options(): { readonly envSecret: string; readonly streamingUrl: string; readonly eventUrl: string } {
    return { envSecret: SECRET, streamingUrl: this.streamingUrl, eventUrl: this.httpUrl };
  }

  /** Goes away: connections end, nobody listens. The ports stay its own. */
  async down(): Promise<void> {
    for (const front of [this.streamingFront, this.httpFront]) {
      await front.become({ kind: 'refuse' });
      front.drop();
    }
  }

  /** Comes back on the same ports. */
  async up(): Promise<void> {
    await this.streamingFront.heal();
    await this.httpFront.heal();
  }

  close(): void {
    this.streamingFront.close();
    this.httpFront.close();
    this.streams.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
