import type {
  HttpOutcome,
  HttpRequest,
  Network,
  Platform,
  Socket,
  SocketHandlers,
} from '../../src/runtime/platform.js';
import { FakeClock } from './fake-clock.js';
import { must } from './must.js';

/** One end of a WebSocket whose other end is the test. It keeps the platform's contract: silent after `terminate`. */
export class FakeSocket implements Socket {
  readonly url: string;
  readonly sent: string[] = [];
  state: 'connecting' | 'open' | 'gone' = 'connecting';
  readonly #handlers: SocketHandlers;

  constructor(url: string, handlers: SocketHandlers) {
    this.url = url;
    this.#handlers = handlers;
  }

  send(text: string): void {
    if (this.state === 'open') this.sent.push(text);
  }

  terminate(): void {
    this.state = 'gone';
  }

  /** The handshake succeeds. */
  open(): void {
    if (this.state !== 'connecting') return;
    this.state = 'open';
    this.#handlers.opened();
  }

  /** Bytes come in that are no whole message. */
  trickle(): void {
    if (this.state === 'open') this.#handlers.activity();
  }

  message(message: unknown): void {
    this.receive(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** A message as the platform gives it. */
  receive(message: string | Uint8Array): void {
    this.trickle();
    if (this.state === 'open') this.#handlers.message(message);
  }

  /** The other side goes away, or was never there. */
  drop(code = 1006, problem = ''): void {
    if (this.state === 'gone') return;
    this.state = 'gone';
    this.#handlers.closed(code, problem);
  }
}

/** A request that waits for the test to answer it. */
export class FakeRequest {
  readonly request: HttpRequest;
  cancelled = false;
  answered = false;
  readonly #done: (outcome: HttpOutcome) => void;

  constructor(request: HttpRequest, done: (outcome: HttpOutcome) => void) {
    this.request = request;
    this.#done = done;
  }

  get open(): boolean {
    return !this.cancelled && !this.answered;
  }

  /** The body that was sent, parsed. */
  get json(): unknown {
    return JSON.parse(this.request.body ?? '');
  }

  respond(
    status: number,
    { retryAfter, location, body = '' }: { retryAfter?: string; location?: string; body?: string | Uint8Array } = {},
  ): void {
    this.#answer({ kind: 'response', status, retryAfter, location, body });
  }

  /** Nothing of it reaches the server. */
  fail(problem: string): void {
    this.#answer({ kind: 'failed', problem });
  }

  /** Its connection is cut after it went out. */
  cut(problem = 'ECONNRESET'): void {
    this.#answer({ kind: 'cut', problem });
  }

  /** The client's time-out ends it. */
  timeOut(): void {
    this.#answer({ kind: 'unanswered', problem: `no complete answer in ${this.request.timeout} ms` });
  }

  #answer(outcome: HttpOutcome): void {
    if (!this.open) return;
    this.answered = true;
    this.#done(outcome);
  }
}

/** A network whose other side is the test. */
export class FakeNetwork implements Network {
  readonly sockets: FakeSocket[] = [];
  readonly requests: FakeRequest[] = [];
  closed = false;

  openSocket(url: string, handlers: SocketHandlers): Socket {
    const socket = new FakeSocket(url, handlers);
    this.sockets.push(socket);
    return socket;
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): () => void {
    const fake = new FakeRequest(request, done);
    this.requests.push(fake);
    return () => {
      fake.cancelled = true;
    };
  }

  close(): void {
    this.closed = true;
  }

  /** The socket that was opened last. */
  get socket(): FakeSocket {
    return must(this.sockets.at(-1));
  }

  /** Sockets that are being opened or are open. */
  get liveSockets(): FakeSocket[] {
    return this.sockets.filter(({ state }) => state !== 'gone');
  }

  /** Requests without an answer, the oldest first. */
  get openRequests(): FakeRequest[] {
    return this.requests.filter(({ open }) => open);
  }
}

/** A platform in the hands of a test. */
export class FakePlatform implements Platform {
  readonly clock = new FakeClock();
  readonly net = new FakeNetwork();
  /** What `random` returns. */
  chance = 0.5;

  random(): number {
    return this.chance;
  }

  network(): Network {
    return this.net;
  }
}
