import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import { isLarge } from '../protocol/large-message.js';
import type { Cancel } from '../runtime/clock.js';
import { errorName } from '../runtime/contain.js';
import type { HttpOutcome, HttpRequest } from '../runtime/platform.js';
import { systemClock } from './clock.js';
import { problemOf, type TlsOptions, type Tunnel } from './proxy.js';

/** Idle connections are closed before load balancers do it, which is after a minute mostly. */
const IDLE_TIMEOUT = 50_000;

/** The names of gzip; a recipient must take both (RFC 9110). */
const GZIP: ReadonlySet<string> = new Set(['gzip', 'x-gzip']);

/** What a connection needs beside the origin. */
interface ConnectionSettings {
  readonly tls: TlsOptions;
  /** Gets a connection through a proxy; `undefined` = there is no proxy. Rejects with the problem when it cannot. */
  readonly tunnel: Tunnel | undefined;
}

/** HTTP requests to one origin. Each has a connection of its own while it lasts, and leaves it to the next one. */
export class HttpOrigin {
  readonly #origin: string;
  readonly #settings: ConnectionSettings;
  readonly #connections = new Set<Connection>();
  /** Connections without a request; the one used last is used next. */
  readonly #idle: Connection[] = [];

  /** @param origin scheme, host and port. */
  constructor(origin: string, settings: ConnectionSettings) {
    this.#origin = origin;
    this.#settings = settings;
  }

  /** @param target path and query. */
  request(target: string, request: HttpRequest, done: (outcome: HttpOutcome) => void): Cancel {
    const connection = this.#idle.pop() ?? this.#open();
    const exchange = new Exchange(request, (outcome, isReusable) => {
      if (isReusable) this.#idle.push(connection);
      else this.#drop(connection);
      if (outcome !== undefined) done(outcome);
    });
    const { method, headers, body = null } = request;
    connection.client.dispatch({ method, path: target, headers, body }, exchange);
    return () => exchange.cancel();
  }

  close(): void {
    for (const connection of [...this.#connections]) this.#drop(connection);
    this.#idle.length = 0;
  }

  #open(): Connection {
    const connection = newConnection(this.#origin, this.#settings);
    this.#connections.add(connection);
    return connection;
  }

  #drop(connection: Connection): void {
    this.#connections.delete(connection);
    // undici has no hold on a socket that is not connected yet.
    connection.abort();
    void connection.client.destroy();
  }
}

/** undici's client has one connection at a time, and makes a new one when the server has closed it. */
interface Connection {
  readonly client: Client;
  /** Ends whatever socket it has. */
  abort(): void;
}

function newConnection(origin: string, { tls, tunnel }: ConnectionSettings): Connection {
  // One for each socket: Node.js never takes the listener of a closed socket off its signal.
  let current = new AbortController();
  const client = new Client(origin, {
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_TIMEOUT,
    connect: (options, callback) => {
      current = new AbortController();
      const { signal } = current;
      // Times are watched by the exchange, all in one.
      const connect = buildConnector({ ...tls, timeout: 0, signal });
      if (tunnel === undefined) {
        connect(options, callback);
        return;
      }
      const secure = options.protocol === 'https:';
      tunnel(options.hostname, Number(options.port || (secure ? 443 : 80)), signal).then(
        (httpSocket) => (secure ? connect({ ...options, httpSocket }, callback) : callback(null, httpSocket)),
        (error: Error) => callback(error, null),
      );
    },
  });
  return { client, abort: () => current.abort() };
}

/** One request and its answer, within the request's bounds. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #ended: (outcome: HttpOutcome | undefined, isReusable: boolean) => void;
  readonly #deadline: Cancel;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #retryAfter: string | undefined;
  #location: string | undefined;
  #encoding: string | undefined;
  /** Whether the server may have got the request, in whole or in part. */
  #begun = false;
  #finished = false;

  /** @param ended is called once; without an outcome when the request is cancelled. */
  constructor(request: HttpRequest, ended: (outcome: HttpOutcome | undefined, isReusable: boolean) => void) {
    this.#request = request;
    this.#ended = ended;
    this.#deadline = systemClock.background(request.timeout, () => this.#timedOut(request.timeout));
  }

  cancel(): void {
    this.#finish(undefined, false);
  }

  /** The connection is there, and the request goes out. */
  onRequestStart(): void {
    this.#begun = true;
  }

  onResponseStart(_controller: unknown, status: number, headers: Readonly<Record<string, unknown>>): void {
    this.#status = status;
    this.#retryAfter = textOf(headers['retry-after']);
    this.#location = textOf(headers.location);
    this.#encoding = textOf(headers['content-encoding']);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    const { maxBody } = this.#request;
    this.#size += chunk.length;
    if (this.#size > maxBody) this.#fail(`the answer is longer than ${maxBody} bytes`);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks);
    this.#chunks.length = 0;
    // An answer without a body may name an encoding all the same.
    if (body.length > 0 && GZIP.has(this.#encoding?.toLowerCase() ?? '')) this.#unpack(body);
    else this.#answered(body);
  }

  onResponseError(_controller: unknown, error: Error): void {
    // Later: a header that cannot be sent is reported while the request is being handed over.
    systemClock.nextTurn(() => this.#fail(problemOf(error), 'cut'));
  }

  #timedOut(timeout: number): void {
    this.#fail(`no ${this.#begun ? 'complete answer' : 'connection'} in ${timeout} ms`);
  }

  /** Off the main thread, and bounded: a small body can unpack to one that fills the memory. */
  #unpack(body: Buffer): void {
    const { maxBody } = this.#request;
    gunzip(body, { maxOutputLength: maxBody }, (error, unpacked) => {
      if (error === null) this.#answered(unpacked);
      else if (errorName(error) === 'ERR_BUFFER_TOO_LARGE') this.#fail(`the answer is longer than ${maxBody} bytes`);
      else this.#fail(`the answer could not be unpacked (${errorName(error)})`);
    });
  }

  #answered(body: Buffer): void {
    const [status, retryAfter, location] = [this.#status, this.#retryAfter, this.#location];
    const headers = { retryAfter, ...(location === undefined ? {} : { location }) };
    this.#finish({ kind: 'response', status, ...headers, body: isLarge(body) ? body : body.toString('utf8') }, true);
  }

  #fail(problem: string, begun: 'cut' | 'unanswered' = 'unanswered'): void {
    this.#finish({ kind: this.#begun ? begun : 'failed', problem }, false);
  }

  #finish(outcome: HttpOutcome | undefined, isReusable: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#deadline();
    this.#ended(outcome, isReusable);
  }
}

/** @returns `undefined` for a header that is absent or came several times. */
function textOf(header: unknown): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
