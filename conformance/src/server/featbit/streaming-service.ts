import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { readToken } from '../../reference/token.js';
import type { Backend } from './backend.js';
import type { Refusal } from './options.js';
import { StreamingConnection } from './streaming-connection.js';

/** An attempt to connect. */
export interface ConnectionAttempt {
  /** Unix milliseconds. */
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  /** The HTTP status or close code that it was refused with, or what else became of it. */
  outcome: 'accepted' | 'hanging' | number;
}

/** How far a token's time may be from the server's, in milliseconds. */
const TOKEN_WINDOW = 30_000;
/** How long a connection without a store lives, in milliseconds. */
const STORELESS = 18;

/** Who may connect, and who is connected. */
export class StreamingService {
  readonly attempts: ConnectionAttempt[] = [];
  /** Every connection that was let in, the oldest first. */
  readonly connections: StreamingConnection[] = [];
  /** While it is set every upgrade is answered so. */
  refusal: Refusal | undefined;
  /** Whether a proxy in front strips the upgrade headers: the server then answers 401. */
  stripsUpgrades = false;
  /** Whether the server is about to end. */
  stopping = false;
  readonly #backend: Backend;
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get open(): readonly StreamingConnection[] {
    return this.connections.filter(({ closed }) => !closed);
  }

  /** Cuts every connection without a close frame. */
  cut(): void {
    for (const connection of this.open) connection.terminate();
  }

  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => undefined);
    const { clock, activity, store, handshakes, settings } = this.#backend;
    const attempt: ConnectionAttempt = { at: clock.now(), headers: request.headers, outcome: 'hanging' };
    this.attempts.push(attempt);
    activity.happened();
    const url = new URL(request.url ?? '/', 'http://server');
    const isStripped = this.stripsUpgrades || !url.pathname.endsWith('/streaming');
    const refusal = this.refusal ?? (isStripped ? { status: 401 } : undefined);
    if (refusal !== undefined) {
      attempt.outcome = refusal.status;
      refuse(socket, refusal);
      activity.happened();
      return;
    }
    const shake = (): void => {
      // The server looks the secret up before the connection is anything.
      store.query((ok) => {
        if (socket.destroyed) return;
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          this.#welcome(attempt, webSocket, socket, { hasStore: ok, isGood: this.#isGood(url) });
          activity.happened();
        });
      });
    };
    if (settings.handshakeCost === 0) shake();
    else handshakes.work(settings.handshakeCost, shake);
  }

  #welcome(
    attempt: ConnectionAttempt,
    webSocket: WebSocket,
    socket: Socket,
    { hasStore, isGood }: { readonly hasStore: boolean; readonly isGood: boolean },
  ): void {
    const { clock, settings } = this.#backend;
    const end = (code: number, reason?: string): void => {
      attempt.outcome = code;
      if (code === 1006) webSocket.terminate();
      else webSocket.close(code, reason);
    };
    webSocket.on('error', () => undefined);
    if (this.stopping) end(1000);
    else if (!hasStore) clock.after(STORELESS, () => end(settings.closesWithoutStore));
    else if (!isGood) end(4003, 'invalid request');
    else {
      attempt.outcome = 'accepted';
      this.connections.push(new StreamingConnection(webSocket, socket, this.#backend));
    }
  }

  #isGood(url: URL): boolean {
    const token = readToken(url.searchParams.get('token') ?? '');
    if (token === undefined || url.searchParams.get('type') !== 'server') return false;
    const { clock, settings } = this.#backend;
    const isTimely = Math.abs(token.timestamp - clock.now()) <= TOKEN_WINDOW;
    return isTimely && token.secret === settings.secret.replace(/=+$/, '');
  }
}

function refuse(socket: Socket, { status, retryAfter }: Refusal): void {
  const header = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`;
  socket.end(`HTTP/1.1 ${status} Refused\r\n${header}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
