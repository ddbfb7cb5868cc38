import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A CONNECT proxy, as companies have them before the internet. */
export class ConnectProxy {
  /** The `host:port` of every tunnel that was asked for and allowed. */
  readonly tunnels: string[] = [];
  /** How many requests for a tunnel lacked the credentials. */
  refused = 0;
  /** Refuses every tunnel with this HTTP status. */
  refuses: number | undefined;
  /** Accepts requests for a tunnel and never answers them. */
  silent = false;
  readonly #server: Server;
  readonly #expected: string | undefined;
  readonly #open = new Set<Duplex>();

  private constructor(server: Server, credentials: string | undefined) {
    this.#server = server;
    this.#expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
    server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
      this.#tunnel(request, client, head);
    });
  }

  /** @param credentials `user:password` that every tunnel needs; none without it. */
  static async start(credentials?: string): Promise<ConnectProxy> {
    const server = createServer((_request, response) => response.writeHead(405).end());
    const proxy = new ConnectProxy(server, credentials);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections of clients that are open. */
  get open(): number {
    return this.#open.size;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const client of this.#open) client.destroy();
  }

  #tunnel(request: IncomingMessage, client: Duplex, head: Buffer): void {
    this.#open.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => this.#open.delete(client));
    if (this.silent) {
      // Read, so that the client's goodbye is noticed.
      client.on('end', () => client.destroy());
      client.resume();
      return;
    }
    if (this.#expected !== undefined && request.headers['proxy-authorization'] !== this.#expected) {
      this.refused += 1;
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    if (this.refuses !== undefined) {
      this.refused += 1;
      client.end(`HTTP/1.1 ${this.refuses} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const target = request.url ?? '';
    this.tunnels.push(target);
    const server = connect({ port: Number(target.slice(target.lastIndexOf(':') + 1)), host: '127.0.0.1' }, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.write(head);
      server.pipe(client);
      client.pipe(server);
    });
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }
}
