import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** The part of a WebSocket that a connection uses. What is sent stays buffered until it is {@link flush}ed. */
export class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  pings = 0;
  isPaused = false;
  closed: { readonly code: number; readonly reason: string } | undefined;
  terminated = false;
  #isWithin = false;
  readonly #unsent: { readonly bytes: number; readonly done: () => void }[] = [];

  /** As the type that the code under test takes. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  /** A message in pieces is one entry of {@link sent}. */
  send(message: Buffer, { fin = true }: { readonly fin?: boolean }, done: () => void): void {
    if (this.#isWithin) this.sent.push(this.sent.pop() + String(message));
    else this.sent.push(String(message));
    this.#isWithin = !fin;
    this.bufferedAmount += message.length;
    this.#unsent.push({ bytes: message.length, done });
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  ping(): void {
    this.pings += 1;
  }

  terminate(): void {
    this.terminated = true;
    this.readyState = 3;
    this.emit('close');
    this.flush();
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
    this.readyState = 2;
    this.emit('close');
  }

  /** Lets messages leave the process, oldest first; all of them unless a number is given. */
  flush(count = this.#unsent.length): void {
    for (const { bytes, done } of this.#unsent.splice(0, count)) {
      this.bufferedAmount -= bytes;
      done();
    }
  }

  /** A message from the peer. */
  receive(message: unknown): void {
    this.emit('message', typeof message === 'string' ? message : JSON.stringify(message));
  }

  requestSync(timestamp?: number): void {
    this.receive({ messageType: 'data-sync', data: { timestamp } });
  }
}
