import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server that a test can cut, and lead to another one. */
export class Wire {
  readonly url: string;
  readonly #sockets = new Set<Socket>();
  #target: string;
  #isCut = false;

  private constructor(url: string, target: string) {
    this.url = url;
    this.#target = target;
  }

  static async to(target: string): Promise<Wire> {
    const server = createServer((socket) => wire.#accept(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const wire: Wire = new Wire(`http://127.0.0.1:${port}`, target);
    onTestFinished(() => {
      wire.cut(true);
      server.close();
    });
    return wire;
  }

  /** Ends what is connected. @param forGood whether new connections are ended as well, until {@link open}. */
  cut(forGood = false): void {
    this.#isCut = forGood;
    for (const socket of this.#sockets) socket.destroy();
  }

  open(): void {
    this.#isCut = false;
  }

  /** New connections go elsewhere. */
  target(url: string): void {
    this.#target = url;
  }

  #accept(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    const { hostname, port } = new URL(this.#target);
    const other = connect(Number(port), hostname);
    for (const [one, peer] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => peer.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        peer.destroy();
      });
      one.pipe(peer);
    }
  }
}
