import { WebSocket } from 'ws';
import { makeToken } from '../../reference/token.js';
import { Activity } from '../activity.js';
import type { FeatBitServer } from './server.js';

/** A message as it came. */
export interface RawMessage {
  /** Unix milliseconds. */
  readonly at: number;
  readonly messageType: string;
  readonly data: {
    readonly eventType?: 'full' | 'patch';
    readonly featureFlags?: readonly { readonly key: string; readonly updatedAt: string }[];
    readonly segments?: readonly { readonly id: string }[];
  };
}

/** For a server that is to refuse the client. */
export interface RawClientOptions {
  /** @default a good one */
  readonly token?: string;
  /** @default 'server' */
  readonly type?: string;
}

/** A connection without an SDK: it asks what it is told to ask, and waits for as long as it takes. */
export class RawClient {
  readonly messages: RawMessage[] = [];
  /** How the connection ended, once it has. */
  closeCode: number | undefined;
  closeReason = '';
  readonly #socket: WebSocket;
  readonly #activity = new Activity();

  constructor(server: FeatBitServer, { token = goodToken(server), type = 'server' }: RawClientOptions = {}) {
    this.#socket = new WebSocket(`${server.streamingUrl}/streaming?type=${type}&token=${encodeURIComponent(token)}`);
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (data) => {
      this.messages.push({ at: Date.now(), ...JSON.parse(String(data)) });
      this.#activity.happened();
    });
    this.#socket.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = String(reason);
      this.#activity.happened();
    });
    this.#socket.on('open', () => this.#activity.happened());
  }

  /** Resolves once the connection is there. */
  open(timeoutMs = 10_000): Promise<true> {
    const isOpen = (): true | undefined => (this.#socket.readyState === WebSocket.OPEN ? true : undefined);
    return this.#activity.until('an open connection', isOpen, timeoutMs);
  }

  /** Asks for what is newer than a cursor, for everything with 0. */
  ask(timestamp: number): void {
    this.send(JSON.stringify({ messageType: 'data-sync', data: { timestamp } }));
  }

  ping(): void {
    this.send('{"messageType":"ping","data":{}}');
  }

  /** Sends a text as it is, in so many frames. */
  send(text: string, frames = 1): void {
    const size = Math.max(Math.ceil(text.length / frames), 1);
    for (let from = 0; from < Math.max(text.length, 1); from += size) {
      this.#socket.send(text.slice(from, from + size), { fin: from + size >= text.length });
    }
  }

  /** Waits for so many messages. */
  received(count: number, timeoutMs = 10_000): Promise<RawMessage> {
    return this.#activity.until(`message ${count}`, () => this.messages[count - 1], timeoutMs);
  }

  /** Waits for the end. @returns the close code. */
  ended(timeoutMs = 10_000): Promise<number> {
    return this.#activity.until('an end', () => this.closeCode, timeoutMs);
  }

  close(): void {
    this.#socket.terminate();
  }
}

function goodToken({ secret }: FeatBitServer): string {
  return makeToken(secret, Date.now(), 2);
}
