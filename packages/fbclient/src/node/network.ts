import { type Socket as NodeSocket, connect as openConnection } from 'node:net';
import WebSocket, { type ClientOptions } from 'ws';
import { isLarge } from '../protocol/large-message.js';
import { errorName } from '../runtime/contain.js';
import { judgeHttp, upgradeProblem } from '../runtime/http-verdict.js';
import type {
  HttpOutcome,
  HttpRequest,
  Network,
  NetworkSettings,
  Socket,
  SocketHandlers,
} from '../runtime/platform.js';
import { VERSION } from '../version.js';
import { systemClock } from './clock.js';
import { HttpOrigin } from './http-origin.js';
import { answerPing, QuietWebSocket, sendText } from './masked.js';
import { problemOf, secured, type TlsOptions, tunnelTo } from './proxy.js';

const USER_AGENT = `fbclient-node/${VERSION}`;

/** What a socket throws that is in order has mostly one cause. */
const SOCKET_REMEDY =
  'if the package bufferutil is broken or was left out by a bundler, set the environment variable WS_NO_BUFFER_UTIL=1';

/**
 * What is offered to a server that may compress: each message by itself, because to remember earlier ones takes both sides memory for
 * each connection. What a client sends is short and goes out as it is.
 */
const COMPRESSION = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  threshold: Number.POSITIVE_INFINITY,
  // Each piece is a turn of the event loop.
  zlibInflateOptions: { chunkSize: 64 * 1024 },
};

/** Where a request goes. */
interface Address {
  readonly url: string;
  readonly origin: HttpOrigin;
  /** Path and query. */
  readonly target: string;
}

/** The connections of one client, over `ws` and undici. */
export class NodeNetwork implements Network {
  readonly #tls: TlsOptions;
  readonly #proxy: NetworkSettings['proxy'];
  readonly #maxMessageSize: number;
  readonly #compression: typeof COMPRESSION | false;
  readonly #origins = new Map<string, HttpOrigin>();
  /** Where the last request went: events go to one address, a hundred requests a second. */
  #last: Address | undefined;

  constructor(settings: NetworkSettings) {
    this.#tls = {
      ...(settings.ca === undefined ? {} : { ca: [...settings.ca] }),
      rejectUnauthorized: settings.rejectUnauthorized,
    };
    this.#proxy = settings.proxy;
    this.#maxMessageSize = settings.maxMessageSize;
    this.#compression = settings.compressed === true && COMPRESSION;
  }

  openSocket(url: string, handlers: SocketHandlers): Socket {
    try {
      return this.#connect(url, handlers);
    } catch (error) {
      // A proxy variable that is no URL, say. It is reported later, like every other failure.
      const problem = errorName(error);
      let attached = true;
      systemClock.nextTurn(() => {
        if (attached) handlers.closed(1006, problem);
      });
      return {
        send: () => undefined,
        terminate: () => {
          attached = false;
        },
      };
    }
  }

  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): () => void {
    try {
      return this.#send(request, done);
    } catch (error) {
      const problem = errorName(error);
      let waiting = true;
      systemClock.nextTurn(() => {
        if (waiting) done({ kind: 'failed', problem });
      });
      return () => {
        waiting = false;
      };
    }
  }

  #connect(url: string, handlers: SocketHandlers): Socket {
    let attached = true;
    const abandon = new AbortController();
    let wire: NodeSocket | undefined;
    let problem = '';
    let retryAfter: number | undefined;
    /** Has ws send something: what it throws nobody could catch, so it ends the connection. */
    const contained = (call: () => void): void => {
      try {
        call();
      } catch (error) {
        problem ||= `${errorName(error)} in the socket: ${SOCKET_REMEDY}`;
        socket.terminate();
      }
    };
    const heard = (): void => {
      if (attached) handlers.activity();
    };
    const socket = new QuietWebSocket(url, {
      headers: { 'User-Agent': USER_AGENT },
      perMessageDeflate: this.#compression,
      autoPong: false,
      maxPayload: this.#maxMessageSize,
      createConnection: this.#connector(new URL(url), abandon.signal, (made) => {
        wire = made;
      }),
    });
    sockets += 1;
    socket.on('open', () => {
      // Not before: a listener of ours would take what arrived together with the handshake away from ws.
      wire?.on('data', heard);
      if (attached) handlers.opened();
    });
    socket.on('message', (data, isBinary) => {
      // Servers send text. A binary message is reported as an empty one, which is logged as bad.
      if (attached) handlers.message(isBinary ? '' : messageOf(data));
    });
    socket.on('ping', (data) => contained(() => answerPing(socket, wire, data)));
    socket.on('pong', heard);
    socket.on('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0;
      const { 'retry-after': wait, location } = response.headers;
      const verdict = judgeHttp({ kind: 'response', status, retryAfter: wait, location, body: '' }, systemClock.now());
      problem ||= upgradeProblem(verdict, status);
      retryAfter = verdict.retryAfter;
      // Destroying the request would not do: ws would go on waiting for it.
      socket.terminate();
    });
    socket.on('error', (error) => {
      const isTooLong = errorName(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      problem ||= isTooLong
        ? `a message is longer than ${this.#maxMessageSize} bytes: see the option maxMessageSize`
        : problemOf(error);
    });
    socket.on('close', (code) => {
      sockets -= 1;
      if (attached) handlers.closed(code, problem, retryAfter);
      attached = false;
    });
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) contained(() => sendText(socket, text));
      },
      terminate: () => {
        attached = false;
        if (socket.readyState === WebSocket.OPEN) socket.close(1000);
        socket.terminate();
        // As long as a connection is being made, ws has no hold on it.
        abandon.abort();
      },
    };
  }

  /**
   * How ws connects: through the proxy, if there is one. The connection is made here without one too, so that the bytes that come in can
   * be seen in every runtime.
   *
   * @param made gets the socket that messages come over.
   */
  #connector(url: URL, signal: AbortSignal, made: (socket: NodeSocket) => void): ClientOptions['createConnection'] {
    const tunnel = tunnelTo(url, this.#proxy, this.#tls);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const secure = url.protocol === 'wss:';
    const port = Number(url.port || (secure ? 443 : 80));
    const connect = (_options: unknown, done: (error: Error | null, socket?: NodeSocket) => void): void => {
      const opened = (plain: NodeSocket): void => {
        const socket = secure ? secured(plain, host, this.#tls) : plain;
        made(socket);
        done(null, socket);
        // A tunnel gives a paused socket. The request takes it over in the next tick, and would wait for ever.
        process.nextTick(() => socket.resume());
      };
      if (tunnel === undefined) opened(openConnection({ host, port, signal }));
      else tunnel(host, port, signal).then(opened, done);
    };
    // Declared by ws as the function of `node:net`, but given to `http.request`, which takes a callback as well.
    return connect as unknown as NonNullable<ClientOptions['createConnection']>;
  }

  #send(request: HttpRequest, done: (outcome: HttpOutcome) => void): () => void {
    const { origin, target } = this.#addressOf(request.url);
    const headers = {
      'User-Agent': USER_AGENT,
      ...(request.compressed === true ? { 'Accept-Encoding': 'gzip' } : {}),
      ...request.headers,
    };
    return origin.request(target, { ...request, headers }, done);
  }

  #addressOf(url: string): Address {
    if (this.#last?.url === url) return this.#last;
    const parsed = new URL(url);
    let origin = this.#origins.get(parsed.origin);
    if (origin === undefined) {
      origin = new HttpOrigin(parsed.origin, { tls: this.#tls, tunnel: tunnelTo(parsed, this.#proxy, this.#tls) });
      this.#origins.set(parsed.origin, origin);
    }
    this.#last = { url, origin, target: `${parsed.pathname}${parsed.search}` };
    return this.#last;
  }

  close(): void {
    for (const origin of this.#origins.values()) origin.close();
    this.#origins.clear();
    this.#last = undefined;
  }
}

/** ws gives a buffer, which is of its own when the message is long. */
function messageOf(data: WebSocket.RawData): string | Uint8Array {
  const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
  return isLarge(bytes) ? bytes : textOf(bytes);
}

/** Sockets of the process. */
let sockets = 0;

/** The longest message that is remembered, in bytes. */
const LONGEST_REMEMBERED = 16_384;

/** The message that came last: a push comes to each client of a process, and to compare bytes takes less than to make another text. */
let last = { bytes: Buffer.alloc(0), text: '' };

function textOf(bytes: Buffer): string {
  // Over one connection no message comes twice.
  if (sockets < 2) return bytes.toString();
  if (bytes.equals(last.bytes)) return last.text;
  const text = bytes.toString();
  // A copy: what ws gives is a part of all that came in at once.
  if (bytes.length <= LONGEST_REMEMBERED) last = { bytes: Buffer.from(bytes), text };
  return text;
}
