import { EventEmitter } from 'node:events';
import { type AgentOptions, type ClientRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket as NodeSocket } from 'node:net';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import WebSocket from 'ws';
import { VERSION } from '../version.js';
import { systemClock } from './clock.js';
import { HttpOrigin, Problem } from './http-origin.js';
import { errorName } from './log.js';
import type {
  HttpOutcome,
  HttpRequest,
  Network,
  NetworkSettings,
  Platform,
  Socket,
  SocketHandlers,
} from './platform.js';
import { proxyProblem, proxyRefusal } from './proxy-problem.js';

const USER_AGENT = `fbclient-node/${VERSION}`;

/** Longest message that is accepted, in bytes; some ten times the largest full sync that is known. */
const MAX_MESSAGE = 256 * 1024 * 1024;

/** Node.js, with sockets by `ws`. */
export const nodePlatform: Platform = {
  clock: systemClock,
  random: Math.random,
  network: (settings) => new NodeNetwork(settings),
};

class NodeNetwork implements Network {
  readonly #settings: NetworkSettings;
  readonly #tls: { readonly ca?: string[]; readonly rejectUnauthorized: boolean };
  readonly #agents = new Map<string, HttpAgent>();
  /** By origin: which proxy a URL takes is looked up in the environment once. */
  readonly #routes = new Map<string, Route>();
  readonly #origins = new Map<string, HttpOrigin>();

  constructor(settings: NetworkSettings) {
    this.#settings = settings;
    this.#tls = {
      ...(settings.ca === undefined ? {} : { ca: [...settings.ca] }),
      rejectUnauthorized: settings.rejectUnauthorized,
    };
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
    const { agent, abandon } = this.#route(new URL(url));
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
      // Servers send text; a binary message is passed on as text too and fails, visibly, to be a good message.
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
      const { agent } = this.#route(url);
      const tunnel = agent instanceof ProxyAgent ? agent.tunnel : undefined;
      origin = new HttpOrigin(url.origin, { tls: this.#tls, tunnel });
      this.#origins.set(url.origin, origin);
    }
    const headers = { 'User-Agent': USER_AGENT, ...request.headers };
    return origin.request(`${url.pathname}${url.search}`, { ...request, headers }, done);
  }

  close(): void {
    for (const origin of this.#origins.values()) origin.close();
    for (const agent of this.#agents.values()) agent.destroy();
    this.#origins.clear();
    this.#agents.clear();
    this.#routes.clear();
  }

  /** The way to a URL's host, and for this one connection what gives it up while a proxy has not answered. */
  #route(url: URL): { readonly agent: HttpAgent; readonly abandon: AbortController | undefined } {
    let route = this.#routes.get(url.origin);
    if (route === undefined) {
      route = this.#newRoute(url);
      this.#routes.set(url.origin, route);
    }
    return { agent: route.agent, abandon: route.proxied ? new AbortController() : undefined };
  }

  #newRoute(url: URL): Route {
    // The proxy variables are named after HTTP; a WebSocket is an HTTP request until it is upgraded.
    const httpUrl = url.href.replace(/^ws/, 'http');
    const proxy = this.#settings.proxy ?? getProxyForUrl(httpUrl);
    const secure = httpUrl.startsWith('https:');
    const proxied = proxy !== false && proxy !== '';
    const key = `${secure} ${proxy}`;
    const agent = this.#agents.get(key) ?? newAgent(secure, proxied ? proxy : '', { keepAlive: true, ...this.#tls });
    this.#agents.set(key, agent);
    return { agent, proxied };
  }
}

interface Route {
  readonly agent: HttpAgent;
  readonly proxied: boolean;
}

/**
 * Gives up the connection to the proxy together with the request that it is for: as long as a proxy has not answered, the
 * request has no hold on its socket.
 */
class ProxyAgent extends HttpsProxyAgent<string> {
  override connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1] & { abandoned?: AbortSignal },
  ) {
    // Read by the base class in this very step.
    Object.assign(this.connectOpts, { signal: options.abandoned });
    return super.connect(request, options);
  }

  /** A connection through the proxy, for who makes requests without Node's agents. */
  readonly tunnel = async (host: string, port: number, signal: AbortSignal): Promise<NodeSocket> => {
    // All that the base class does with a request is to tell it what it hears from the proxy.
    const request = new EventEmitter() as ClientRequest;
    let refusal: string | undefined;
    onProxyRefusal(request, (problem) => {
      refusal = problem;
    });
    const socket = await this.connect(request, { host, port, secureEndpoint: false, abandoned: signal });
    if (refusal !== undefined) throw new Problem(refusal);
    return socket;
  };
}

/** Tells when a proxy does not let a request through; what it answers would be taken for the server's answer. */
function onProxyRefusal(request: ClientRequest, tell: (problem: string) => void): void {
  request.on('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
    if (statusCode !== 200) tell(proxyRefusal(statusCode));
  });
}

function newAgent(secure: boolean, proxy: string, options: AgentOptions): HttpAgent {
  if (proxy !== '') return new ProxyAgent(proxy, options) as unknown as HttpAgent;
  return secure ? new HttpsAgent(options) : new HttpAgent(options);
}

function textOf(data: WebSocket.RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8');
}
