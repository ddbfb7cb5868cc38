import { EventCounter } from './event-counter.js';
import type { ClientListener } from './raw-client.js';
import { connectSharing } from './shared-reads.js';

const END_OF_HEAD = '\r\n\r\n';

interface EventClientOptions {
  readonly port: number;
  readonly path: string;
  readonly localAddress: string;
}

/**
 * A client of server-sent events that only looks for the ends of events. It asks by HTTP/1.0, so that events come without chunks around them: to count
 * them takes as little of the processor as can be, because the server is measured, and on the same machine.
 */
export class EventClient {
  #head = '';
  #isOpen = false;
  readonly #events = new EventCounter();

  constructor({ port, path, localAddress }: EventClientOptions, listener: ClientListener) {
    let reason = 'the server has ended a stream';
    const count = (chunk: Buffer) => {
      for (let left = this.#events.take(chunk); left > 0; left -= 1) listener.pushed();
    };
    const read = (chunk: Buffer) => {
      if (this.#isOpen) {
        count(chunk);
        return;
      }
      this.#head += chunk.toString('latin1');
      const end = this.#head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const [status = ''] = this.#head.split('\r\n', 1);
      const rest = Buffer.from(this.#head.slice(end + END_OF_HEAD.length), 'latin1');
      this.#head = '';
      this.#isOpen = `${status} `.includes(' 200 ');
      if (!this.#isOpen) {
        reason = status;
        socket.destroy();
        return;
      }
      // What is there beforehand is nothing: everything is a request of its own.
      listener.synced(0);
      count(rest);
    };
    const socket = connectSharing({ port, localAddress }, read, () => {
      socket.write(`GET ${path} HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\n\r\n`);
    });
    socket.once('error', ({ message }) => {
      reason = message;
    });
    socket.once('close', () => listener.ended(reason));
  }
}
