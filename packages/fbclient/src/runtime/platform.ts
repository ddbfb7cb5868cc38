import type { Clock } from './clock.js';

/** Everything that differs from one runtime to another, and everything that tests replace. */
export interface Platform {
  readonly clock: Clock;
  /** From 0 (included) to 1 (excluded); for jitter and for connection tokens, nothing that must be secret. */
  random(): number;
  /** The connections of one client, with its proxy and TLS settings. */
  network(settings: NetworkSettings): Network;
}

/** How a client's connections leave the machine; the same for the socket and for HTTP. */
export interface NetworkSettings {
  /** The proxy's URL; `undefined` = as HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say; `false` = none. */
  readonly proxy: string | false | undefined;
  /** PEM certificates of authorities to trust instead of the runtime's own. */
  readonly ca: readonly string[] | undefined;
  readonly rejectUnauthorized: boolean;
  /** The longest message of a socket that is taken, in bytes after unpacking; a longer one ends the connection. */
  readonly maxMessageSize: number;
  /** Whether messages of a socket may come compressed. @default false */
  readonly compressed?: boolean;
}

export interface Network {
  /** Starts to connect. The handlers are called later, never from within this call. */
  openSocket(url: string, handlers: SocketHandlers): Socket;
  /** Sends a request. `done` is called once, later, with whatever happens, unless the request is cancelled before. */
  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): () => void;
  /** Drops idle connections. */
  close(): void;
}

/** None of them throws: see `containedPlatform`. */
export interface SocketHandlers {
  opened(): void;
  /** A message: its text, or the bytes of a long one in UTF-8, which nobody else changes or holds. */
  message(message: string | Uint8Array): void;
  /** Bytes have come in: part of a message, a control frame. */
  activity(): void;
  /**
   * Once, last. `code` is the WebSocket close code; 1006 when there was no close frame, or no connection at all.
   * `retryAfter`: what an answer that refused the upgrade asked for, in milliseconds.
   */
  closed(code: number, problem: string, retryAfter?: number): void;
}

/** A WebSocket connection. After `terminate` no handler is called any more. */
export interface Socket {
  send(text: string): void;
  /** Says goodbye and drops the connection at once. */
  terminate(): void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the start to the last byte of the response, in milliseconds. */
  readonly timeout: number;
  /** Longest response body that is accepted, in bytes; a longer one fails the request. */
  readonly maxBody: number;
  /** Whether the server may compress the response; `maxBody` is its length after unpacking. */
  readonly compressed?: boolean;
}

export type HttpOutcome =
  | {
      readonly kind: 'response';
      readonly status: number;
      /** The `Retry-After` header as it came. */
      readonly retryAfter: string | undefined;
      /** The `Location` header of a redirect as it came. */
      readonly location?: string | undefined;
      /** Its text, or the bytes of a long one. */
      readonly body: string | Uint8Array;
    }
  /**
   * No complete answer. `failed`: the server has got nothing of the request. `cut`: the connection ended when the request had
   * begun to go out, so the server may have done what was asked. `unanswered`: its time was up, or its answer could not be read,
   * so the server may still be doing it. `problem` is one of the system's error codes or a sentence of ours; never a URL.
   */
  | { readonly kind: 'failed' | 'cut' | 'unanswered'; readonly problem: string };
