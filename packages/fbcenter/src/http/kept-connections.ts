import type { IncomingMessage, Server, ServerResponse } from 'node:http';

type Socket = IncomingMessage['socket'];

/**
 * The share of the time for stopping for which nothing may have come over a connection: then nothing is likely to come in the very moment in which it
 * is closed.
 */
const QUIET_SHARE = 1 / 3;

/** How often it is looked whether all are quiet, in milliseconds. */
const STEP = 50;

/** The connections that clients keep open for their next request, and how they are let go of without a request being lost. */
export class KeptConnections {
  /** When the last answer over each of them was sent, by the monotonic clock. */
  readonly #answeredAt = new Map<Socket, number>();
  /** What is not answered yet. */
  readonly #running = new Set<ServerResponse>();

  constructor(server: Server) {
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#running.add(response);
      if (!this.#answeredAt.has(socket)) socket.once('close', () => this.#answeredAt.delete(socket));
      this.#answeredAt.set(socket, Number.NEGATIVE_INFINITY);
      response.on('close', () => {
        this.#running.delete(response);
        if (!socket.destroyed) this.#answeredAt.set(socket, performance.now());
      });
    });
  }

  /**
   * Waits until connections can be closed without a request being lost. Call it when answers to new requests say that the connection closes: one that is
   * in use ends with its next answer, and the others are left alone until they have been quiet for a while.
   *
   * @param time how long it takes at most, in milliseconds.
   */
  async quiet(time: number): Promise<void> {
    // What had begun before would say that the connection stays open.
    for (const response of this.#running) if (!response.headersSent) response.setHeader('connection', 'close');
    const end = performance.now() + time;
    // What has arrived already is read before it is found that there is nothing.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    while (this.#isInUse(time * QUIET_SHARE)) {
      const left = end - performance.now();
      if (left <= 0) return;
      await new Promise((resolve) => void setTimeout(resolve, Math.min(STEP, left)));
    }
  }

  #isInUse(quiet: number): boolean {
    const recently = performance.now() - quiet;
    return this.#running.size > 0 || [...this.#answeredAt.values()].some((at) => at > recently);
  }
}
