import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A pair of sockets: a center's, and the one to the database. */
interface Way {
  readonly center: Socket;
  readonly database: Socket;
}

/** Stands between centers and a database, and does to what passes what networks do. */
export class DatabaseProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #ways = new Set<Way>();
  #port: number;
  #delay = 0;
  #isRefusing = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    server.on('connection', (socket) => this.#join(socket));
  }

  /** @param port where the database is. */
  static async start(port: number): Promise<DatabaseProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new DatabaseProxy(server, port);
  }

  /** The address of a database, by way of the proxy. */
  url(direct: string): string {
    const address = new URL(direct);
    address.port = String((this.#server.address() as AddressInfo).port);
    return String(address);
  }

  /** From now on another database is behind it; connections to the one before end. */
  leadTo(port: number): void {
    this.#port = port;
    this.cut();
  }

  /** Whatever the database says comes so many milliseconds later. */
  slowDown(delay: number): void {
    this.#delay = delay;
  }

  /** Connections end as soon as they are made, and those that there are. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
    if (isRefusing) this.cut();
  }

  /** Ends every connection. */
  cut(): void {
    for (const { center, database } of this.#ways) {
      center.destroy();
      database.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(center: Socket): void {
    center.on('error', () => center.destroy());
    if (this.#isRefusing) {
      center.destroy();
      return;
    }
    const database = connect(this.#port, '127.0.0.1');
    const way = { center, database };
    this.#ways.add(way);
    database.on('error', () => database.destroy());
    center.on('data', (chunk) => database.write(chunk));
    // Each piece after the one before, when the delay has become shorter, too.
    let last = Promise.resolve();
    database.on('data', (chunk) => {
      const passed = this.#delay === 0 ? undefined : sleep(this.#delay, undefined, { ref: false });
      last = last.then(() => passed).then(() => void (center.writable && center.write(chunk)));
    });
    const end = () => {
      this.#ways.delete(way);
      center.destroy();
      database.destroy();
    };
    center.once('close', end);
    database.once('close', end);
  }
}
