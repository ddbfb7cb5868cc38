import { type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Admission, admit, COME_BACK, REFUSED } from '../access/admission.js';
import type { Callers } from '../access/callers.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { ByteBudget } from '../runtime/byte-budget.js';
import type { Clock } from '../runtime/clock.js';
import { cut } from '../runtime/cut.js';
import { errorText, type Logger } from '../runtime/log.js';
import { Connection } from './connection.js';
import { ConnectionList } from './connection-list.js';
import { STREAMING_LIMITS, type StreamingLimits } from './limits.js';
import { programOf } from './user-agent.js';

export interface HubParts {
  readonly callers: Callers;
  readonly live: LiveEnvironments;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<StreamingLimits> | undefined;
}

/** How a connection is closed that cannot be checked. */
const UNAVAILABLE = { ok: false, code: 1011, reason: 'the storage is unavailable' } as const;

/** How a connection is closed whose secret is revoked. */
const REVOKED = { ok: false, code: REFUSED, reason: 'the secret was revoked' } as const;

/** All streaming connections: accepts them, checks who they are, watches their health, closes them. */
export class StreamingHub {
  /** Every connection that was let in. */
  readonly list = new ConnectionList();
  readonly #parts: HubParts;
  readonly #limits: StreamingLimits;
  readonly #server: WebSocketServer;
  readonly #heartbeat: NodeJS.Timeout;
  /** Every socket that is not closed, with its connection once it has been let in. */
  readonly #sockets = new Map<
    WebSocket,
    { readonly raw: Duplex; readonly connection?: Connection; readonly secretId?: string }
  >();
  /** Every TCP connection that asked for an upgrade and is not closed: the HTTP server does not know it any more. */
  readonly #upgraded = new Set<Duplex>();
  /** The ids of secrets that were revoked while this runs: a connection may be on its way in with one. */
  readonly #revoked = new Set<string>();
  #closed: Promise<void> | undefined;
  #onEmpty: () => void = () => {};

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#limits = { ...STREAMING_LIMITS, ...parts.limits };
    const { maxMessageBytes, heartbeat, closeTimeout } = this.#limits;
    // In a variable of its own because the types of ws do not know closeTimeout yet.
    const options = {
      noServer: true,
      clientTracking: false,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      closeTimeout,
    };
    this.#server = new WebSocketServer(options);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeat).unref();
  }

  /** Takes the upgrade request of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener a connection that breaks here would end the process.
    socket.on('error', () => socket.destroy());
    this.#upgraded.add(socket);
    socket.on('close', () => {
      this.#upgraded.delete(socket);
      if (this.#upgraded.size === 0) this.#onEmpty();
    });
    const url = parseUrl(request.url);
    if (url?.pathname !== '/streaming') {
      refuse(socket, 404);
    } else if (this.#closed !== undefined || this.#sockets.size >= this.#limits.maxConnections) {
      refuse(socket, 503);
    } else {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        this.#track(webSocket, socket);
        void this.#letIn(webSocket, socket, request.headers, url.searchParams);
      });
    }
    // A refusal waits behind what was asked for before it, and its sender may keep its own side open for ever.
    if (socket.writableEnded) this.#cutSoon(socket);
  }

  /** How many connections were let in by a secret and are open. */
  connectionsBy(secretId: string): number {
    let count = 0;
    for (const { secretId: id } of this.#sockets.values()) if (id === secretId) count += 1;
    return count;
  }

  /** Closes every connection that was let in by a secret, and lets none in any more. */
  revoke(secretId: string): void {
    this.#revoked.add(secretId);
    for (const [socket, { secretId: id }] of this.#sockets) {
      if (id === secretId) socket.close(REVOKED.code, REVOKED.reason);
    }
  }

  /** Closes every connection, and cuts those that are still open after the close time-out. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    clearInterval(this.#heartbeat);
    if (this.#upgraded.size === 0) return;
    const isEmpty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const socket of this.#sockets.keys()) socket.close(1001, 'the server is stopping');
    for (const socket of this.#upgraded) this.#cutSoon(socket);
    await isEmpty;
  }

  #cutSoon(socket: Duplex): void {
    const force = setTimeout(() => cut(socket), this.#limits.closeTimeout);
    socket.once('close', () => clearTimeout(force));
  }

  #track(socket: WebSocket, raw: Duplex): void {
    this.#sockets.set(socket, { raw });
    socket.on('error', (error) => this.#parts.log.debug('a streaming connection failed', { error: errorText(error) }));
    socket.on('close', () => this.#sockets.delete(socket));
  }

  async #letIn(socket: WebSocket, raw: Duplex, headers: IncomingHttpHeaders, query: URLSearchParams): Promise<void> {
    const { log, live, budget, clock } = this.#parts;
    // What the SDK sends meanwhile waits in the socket.
    socket.pause();
    const admission = await this.#admit(query);
    if (admission.ok && this.#revoked.has(admission.caller.secretId)) {
      this.#sendAway(socket, REVOKED);
      return;
    }
    if (admission.ok && socket.readyState === socket.OPEN) {
      const { feed } = live.of(admission.caller.environment.id);
      const onError = (error: unknown) =>
        log.error('a sync request could not be answered', { error: errorText(error) });
      const connection = new Connection(socket, feed, budget, this.#limits, () => cut(raw), onError);
      this.#sockets.set(socket, { raw, connection, secretId: admission.caller.secretId });
      const leave = this.list.add({
        environmentId: admission.caller.environment.id,
        kind: admission.caller.secret,
        program: programOf(headers),
        since: clock.now(),
        progress: () => ({ sentVersion: connection.cursor, behind: feed.pending(connection.cursor) }),
      });
      socket.on('close', leave);
    }
    if (admission.ok) {
      socket.resume();
      log.debug('a streaming connection was let in', { environment: admission.caller.environment.key });
    } else {
      this.#sendAway(socket, admission);
    }
  }

  /** Closes a connection that is not let in; one that may come back a while later, so that it does not come back at once. */
  #sendAway(socket: WebSocket, admission: Exclude<Admission, { readonly ok: true }> | typeof UNAVAILABLE): void {
    const { log } = this.#parts;
    const { code, reason } = admission;
    const close = () => {
      socket.resume();
      socket.close(code, reason);
    };
    if (code === REFUSED) {
      log.warn('a streaming connection was refused', { code, reason });
      close();
      return;
    }
    if (code === COME_BACK) {
      const { skew, caller } = admission;
      const environment = caller.environment.key;
      log.warn('a streaming connection was sent away because of its clock', { code, reason, skew, environment });
    }
    const hold = setTimeout(close, this.#limits.holdTime);
    socket.once('close', () => clearTimeout(hold));
  }

  async #admit(query: URLSearchParams): Promise<Admission | typeof UNAVAILABLE> {
    const { callers, clock, log } = this.#parts;
    try {
      return await admit(query, callers, clock);
    } catch (error) {
      log.error('a connection could not be checked', { error: errorText(error) });
      return UNAVAILABLE;
    }
  }

  #beat(): void {
    const now = performance.now();
    for (const { raw, connection } of this.#sockets.values()) {
      const verdict = connection?.beat(now);
      if (verdict === undefined) continue;
      this.#parts.log.debug('a streaming connection was ended', { reason: verdict });
      cut(raw);
    }
  }
}

/** The address of a request; `undefined` when it cannot be parsed. */
function parseUrl(address: string | undefined): URL | undefined {
  try {
    return new URL(address ?? '', 'http://center');
  } catch {
    return undefined;
  }
}

/** Answers, and lets go of the connection once the answer has left. */
function refuse(socket: Duplex, status: 404 | 503): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
}
