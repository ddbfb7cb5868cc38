import type { Delivered, Socket, SocketHandlers } from 'fbclient/upstream';

/** A connection to upstream whose other end is the test. */
export class FakeUpstreamSocket implements Socket {
  readonly sent: string[] = [];
  isGone = false;
  readonly query: string;
  readonly handlers: SocketHandlers;

  constructor(query: string, handlers: SocketHandlers) {
    this.query = query;
    this.handlers = handlers;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  terminate(): void {
    this.isGone = true;
  }

  open(): void {
    this.handlers.opened();
  }

  receive(message: unknown): void {
    this.handlers.activity();
    this.handlers.message(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The other side goes away, or was never there. */
  drop(code = 1006, problem = ''): void {
    if (this.isGone) return;
    this.isGone = true;
    this.handlers.closed(code, problem);
  }
}

/** A server as an agent sees it, in the hands of a test. */
export class FakeUpstream {
  readonly sockets: FakeUpstreamSocket[] = [];
  readonly posts: { readonly path: string; readonly credential: string; readonly body: string }[] = [];
  answer: Delivered = { kind: 'done', body: '' };

  openStream(query: string, handlers: SocketHandlers): Socket {
    const socket = new FakeUpstreamSocket(query, handlers);
    this.sockets.push(socket);
    return socket;
  }

  async post(path: string, credential: string, body: string): Promise<Delivered> {
    this.posts.push({ path, credential, body });
    return this.answer;
  }

  /** The connection that was made last. */
  get socket(): FakeUpstreamSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('there was no connection');
    return socket;
  }
}
