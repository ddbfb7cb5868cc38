import { EventEmitter } from 'node:events';
import { type AgentOptions, type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import type { NetworkSettings } from '../runtime/platform.js';
import { proxyRefusal } from '../runtime/proxy-problem.js';

export interface TlsOptions {
  readonly ca?: string[];
  readonly rejectUnauthorized: boolean;
}

/** Gets a connection to a host through a proxy. Rejects with a `Problem` when the proxy refuses. */
export type Tunnel = (host: string, port: number, signal: AbortSignal) => Promise<Socket>;

/** How one connection reaches a host. */
export interface Route {
  readonly agent: HttpAgent;
  /** Gives the connection up while a proxy has not answered; `undefined` when there is no proxy. */
  readonly abandon: AbortController | undefined;
  readonly tunnel: Tunnel | undefined;
}

/** An error whose message may be shown as it is. */
export class Problem extends Error {}

/** Finds the way to a host: directly, or through the proxy that the option or the environment names. */
export class Routes {
  readonly #proxy: NetworkSettings['proxy'];
  readonly #tls: TlsOptions;
  readonly #agents = new Map<string, HttpAgent>();
  /** By origin: which proxy a URL takes is looked up in the environment once. */
  readonly #byOrigin = new Map<string, HttpAgent>();

  constructor(proxy: NetworkSettings['proxy'], tls: TlsOptions) {
    this.#proxy = proxy;
    this.#tls = tls;
  }

  to(url: URL): Route {
    let agent = this.#byOrigin.get(url.origin);
    if (agent === undefined) {
      agent = this.#agentFor(url);
      this.#byOrigin.set(url.origin, agent);
    }
    return agent instanceof ProxyAgent
      ? { agent, abandon: new AbortController(), tunnel: agent.tunnel }
      : { agent, abandon: undefined, tunnel: undefined };
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
    this.#byOrigin.clear();
  }

  #agentFor(url: URL): HttpAgent {
    // The proxy variables are named after HTTP; a WebSocket is an HTTP request until it is upgraded.
    const httpUrl = url.href.replace(/^ws/, 'http');
    const proxy = this.#proxy ?? getProxyForUrl(httpUrl);
    const secure = httpUrl.startsWith('https:');
    const key = `${secure} ${proxy}`;
    const agent = this.#agents.get(key) ?? newAgent(secure, proxy, { keepAlive: true, ...this.#tls });
    this.#agents.set(key, agent);
    return agent;
  }
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

  readonly tunnel: Tunnel = async (host, port, signal) => {
    // The base class only emits `proxyConnect` on the request, so an EventEmitter will do.
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

/** Reports a proxy that does not let a request through: what it answers would be taken for the server's answer. */
export function onProxyRefusal(request: ClientRequest, report: (problem: string) => void): void {
  request.on('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
    if (statusCode !== 200) report(proxyRefusal(statusCode));
  });
}

function newAgent(secure: boolean, proxy: string | false, options: AgentOptions): HttpAgent {
  if (proxy !== false && proxy !== '') return new ProxyAgent(proxy, options) as unknown as HttpAgent;
  return secure ? new HttpsAgent(options) : new HttpAgent(options);
}
