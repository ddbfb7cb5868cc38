import type { RawData, WebSocket } from 'ws';
import type { Backend } from './backend.js';
import { readClientMessage } from './client-message.js';
import { dataSyncText } from './environment.js';
import { FrameCounter } from './frame-counter.js';

/** A request for data, as it was asked and answered. */
export interface DataRequest {
  /** Unix milliseconds. */
  readonly at: number;
  /** 0 asks for everything. */
  readonly cursor: number;
  /** Absent as long as the answer is. */
  answer?: { readonly at: number; readonly eventType: 'full' | 'patch'; readonly documents: number };
}

/** Unsolicited, the only frame that the server sends by itself. */
const PONG_INTERVAL = 120_000;

/**
 * One streaming connection. It gets pushes from the moment it is there. Its requests and pings are answered strictly in
 * their order, each by what the store held when its turn came; the answer is made later, so that it may be older than a
 * push that went before it.
 */
export class StreamingConnection {
  readonly openedAt: number;
  readonly requests: DataRequest[] = [];
  /** Pings that were answered. */
  pings = 0;
  /** Messages that are never answered. */
  ignored = 0;
  pushes = 0;
  closed = false;
  readonly #socket: WebSocket;
  readonly #backend: Backend;
  readonly #turns: ((done: () => void) => void)[] = [];
  #busy = false;
  #cancelPong = (): void => undefined;

  constructor(socket: WebSocket, wire: NodeJS.ReadableStream, backend: Backend) {
    this.#socket = socket;
    this.#backend = backend;
    this.openedAt = backend.clock.now();
    const frames = new FrameCounter();
    // Before the library reads: a message's frames are counted when it comes out.
    wire.prependListener('data', (chunk: Buffer) => frames.read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#cancelPong();
      backend.activity.happened();
    });
    socket.on('message', (data: RawData) => this.#receive(String(data), frames));
    this.#pongLater();
  }

  push(text: string): void {
    this.pushes += 1;
    this.#send(text);
  }

  /** Closes with a close frame. */
  close(code: number, reason = ''): void {
    this.#socket.close(code, reason);
  }

  /** Ends without a close frame: 1006 at the other side. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(text: string, frames: FrameCounter): void {
    const message = readClientMessage(text, frames.next() ?? { frames: 1, bytes: Buffer.byteLength(text) });
    switch (message.asks) {
      case 'full':
        this.#request(0);
        break;
      case 'patch':
        this.#request(message.cursor);
        break;
      case 'pong':
        this.#inTurn((done) => {
          this.pings += 1;
          this.#send('{"messageType":"pong","data":{}}');
          done();
        });
        break;
      case 'echo':
        this.#inTurn((done) => {
          this.#send(JSON.stringify({ messageType: 'echo', data: message.data }));
          done();
        });
        break;
      case 'nothing':
        this.ignored += 1;
    }
    this.#backend.activity.happened();
  }

  #request(cursor: number): void {
    const { clock, store, environment, processor } = this.#backend;
    const request: DataRequest = { at: clock.now(), cursor };
    this.requests.push(request);
    this.#inTurn((done) => {
      store.query((ok) => {
        // Without its store the server leaves a request unanswered and goes on with the next.
        if (!ok) {
          done();
          return;
        }
        const eventType = cursor === 0 || this.#backend.answersCursorsWithFulls ? 'full' : 'patch';
        const documents = environment.newerThan(eventType === 'full' ? -1 : cursor);
        const count = documents.flags.length + documents.segments.length;
        processor.work(this.#backend.costOf(count), () => {
          if (!this.closed) {
            this.#send(dataSyncText(eventType, documents));
            request.answer = { at: clock.now(), eventType, documents: count };
            this.#backend.activity.happened();
          }
          done();
        });
      });
    });
  }

  #inTurn(answer: (done: () => void) => void): void {
    this.#turns.push(answer);
    this.#next();
  }

  #next(): void {
    if (this.#busy) return;
    const answer = this.#turns.shift();
    if (answer === undefined) return;
    this.#busy = true;
    answer(() => {
      this.#busy = false;
      this.#next();
    });
  }

  #send(text: string): void {
    if (!this.closed) this.#socket.send(text);
  }

  #pongLater(): void {
    this.#cancelPong = this.#backend.clock.after(PONG_INTERVAL, () => {
      this.#socket.pong();
      this.#pongLater();
    });
  }
}
