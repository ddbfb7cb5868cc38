import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket as NodeSocket } from 'node:net';
import WebSocket from 'ws';
import { errorName } from '../runtime/contain.js';
import type {
  HttpOutcome,
  HttpRequest,
  Network,
  NetworkSettings,
  Socket,
  SocketHandlers,
} from '../runtime/platform.js';
import { proxyProblem } from '../runtime/proxy-problem.js';
import { VERSION } from '../version.js';
import { systemClock } from './clock.js';
import { HttpOrigin } from './http-origin.js';
import { onProxyRefusal, Routes, type TlsOptions } from './proxy.js';

const USER_AGENT = `fbclient-node/${VERSION}`;

/** Longest message that is accepted, in bytes; some ten times the largest full sync that is known. */
const MAX_MESSAGE = 256 * 1024 * 1024;

/** The connections of one client, over `ws` and undici. */
export class NodeNetwork implements Network {
  readonly #tls: TlsOptions;
  readonly #routes: Routes;
  readonly #origins = new Map<string, HttpOrigin>();

  constructor(settings: NetworkSettings) {
    this.#tls = {
      ...(settings.ca === undefined ? {} : { ca: [...settings.ca] }),
      rejectUnauthorized: settings.rejectUnauthorized,
    };
    this.#routes = new Routes(settings.proxy, this.#tls);
  }

  openSocket(url: string, handlers: SocketHandlers): Socket {
    try {
      return this.#connect(url, handlers);
    } catch (error) {
      // A proxy variable that is no URL, say. It is told later, like every other failure.
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
    const tell = (call: () => void): void => {
      if (attached) call();
    };
    const { agent, abandon } = this.#routes.to(new URL(url));
    let problem = '';
    const options = {
      agent,
      headers: { 'User-Agent': USER_AGENT },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE,
      abandoned: abandon?.signal,
      finishRequest: (request: ClientRequest) => {
        onProxyRefusal(request, (refusal) => {
          problem = refusal;
        });
        request.end();
      },
      ...this.#tls,
    };
    const socket = new WebSocket(url, options);
    let wire: NodeSocket | undefined;
    socket.on('upgrade', (response: IncomingMessage) => {
      wire = response.socket;
    });
    socket.on('open', () => {
      // Not before: a listener of ours would take what arrived together with the handshake away from ws.
      wire?.on('data', () => tell(handlers.activity));
      tell(handlers.opened);
    });
    socket.on('message', (data, isBinary) => {
      // Servers send text. A binary message is reported as an empty one, which is logged as bad.
      tell(() => handlers.message(isBinary ? '' : textOf(data)));
    });
    socket.on('pong', () => tell(handlers.activity));
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode } = response;
      problem ||= proxyProblem(statusCode) ?? `the server answered the upgrade with HTTP status ${statusCode ?? 0}`;
      // Destroying the request would not do: ws would go on waiting for it.
      socket.terminate();
    });
    socket.on('error', (error) => {
      problem ||= errorName(error);
    });
    socket.on('close', (code) => {
      tell(() => handlers.closed(code, problem));
      attached = false;
    });
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      terminate: () => {
        attached = false;
        if (socket.readyState === WebSocket.OPEN) socket.close(1000);
        socket.terminate();
        abandon?.abort();
      },
    };
  }

  #send(request: HttpRequest, done: (outcome: HttpOutcome) => void): () => void {
    const url = new URL(request.url);
    let origin = this.#origins.get(url.origin);
    if (origin === undefined) {
      origin = new HttpOrigin(url.origin, { tls: this.#tls, tunnel: this.#routes.to(url).tunnel });
      this.#origins.set(url.origin, origin);
    }
    const headers = { 'User-Agent': USER_AGENT, ...request.headers };
    return origin.request(`${url.pathname}${url.search}`, { ...request, headers }, done);
  }

  close(): void {
    for (const origin of this.#origins.values()) origin.close();
    this.#origins.clear();
    this.#routes.close();
  }
}

function textOf(data: WebSocket.RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8');
}
