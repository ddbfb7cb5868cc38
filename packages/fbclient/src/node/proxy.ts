import { isIP, isIPv6, connect as openConnection, type Socket } from 'node:net';
import { connect as openSecureConnection } from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import { errorName } from '../runtime/contain.js';
import type { NetworkSettings } from '../runtime/platform.js';
import { proxyRefusal } from '../runtime/proxy-problem.js';

export interface TlsOptions {
  readonly ca?: string[];
  readonly rejectUnauthorized: boolean;
}

/** Gets a connection to a host through a proxy. Rejects with what {@link problemOf} shows when the proxy refuses. */
export type Tunnel = (host: string, port: number, signal: AbortSignal) => Promise<Socket>;

/** An error whose message may be shown as it is. */
class Problem extends Error {}

/** What went wrong with a connection or a request, as far as it may be shown. */
export function problemOf(error: Error): string {
  if (error instanceof Problem) return error.message;
  const name = errorName(error);
  // undici's name for a connection that ended too early.
  return name === 'UND_ERR_SOCKET' ? 'ECONNRESET' : name;
}

/** Longest head of a proxy's answer, in bytes. */
const MAX_HEAD = 16 * 1024;

/**
 * The way to a URL's host through the proxy that the option or the environment names; `undefined` when there is none.
 *
 * @throws when the environment names something that is no URL.
 */
export function tunnelTo(url: URL, option: NetworkSettings['proxy'], tls: TlsOptions): Tunnel | undefined {
  // The proxy variables are named after HTTP; a WebSocket is an HTTP request until it is upgraded.
  const proxy = option ?? getProxyForUrl(url.href.replace(/^ws/, 'http'));
  return proxy === false || proxy === '' ? undefined : tunnelThrough(new URL(proxy), tls);
}

function tunnelThrough(proxy: URL, tls: TlsOptions): Tunnel {
  return (host, port, signal) =>
    new Promise((resolve, reject) => {
      const socket = connectTo(proxy, tls, signal);
      const fail = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      const hangUp = (): void => fail(new Problem('the proxy closed the connection without an answer'));
      let head: Buffer = Buffer.alloc(0);
      const read = (chunk: Buffer): void => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0 && head.length <= MAX_HEAD) return;
        const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 16))?.[1]);
        if (end < 0 || Number.isNaN(status)) {
          fail(new Problem('the proxy did not answer in HTTP: check the option proxy, or the proxy variables'));
        } else if (status < 200 || status > 299) {
          fail(new Problem(proxyRefusal(status)));
        } else {
          socket.off('data', read).off('error', fail).off('close', hangUp).pause();
          // A server that speaks first can be heard together with the proxy.
          socket.unshift(head.subarray(end + 4));
          resolve(socket);
        }
      };
      socket.on('data', read).on('error', fail).on('close', hangUp);
      socket.write(connectRequest(proxy, host, port));
    });
}

function connectTo(proxy: URL, tls: TlsOptions, signal: AbortSignal): Socket {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const secure = proxy.protocol === 'https:';
  const port = Number(proxy.port || (secure ? 443 : 80));
  if (!secure) return openConnection({ host, port, signal });
  return secured(openConnection({ host, port, signal }), host, tls);
}

/** TLS to a host, over a connection that already leads there. */
export function secured(socket: Socket, host: string, tls: TlsOptions): Socket {
  // A name only: what TLS asks for must not be an address.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return openSecureConnection({ socket, ...servername, ALPNProtocols: ['http/1.1'], ...tls });
}

function connectRequest(proxy: URL, host: string, port: number): string {
  const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const credentials = user === ':' ? '' : `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;
  return `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}Proxy-Connection: keep-alive\r\n\r\n`;
}
