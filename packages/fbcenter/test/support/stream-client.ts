import { encodeConnectionToken } from 'fbclient/core';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { TestCenter } from './test-center.js';

export interface StreamOptions {
  readonly secret?: string;
  readonly query?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  /** Whether it offers compression, as ws does by default. @default false */
  readonly offersDeflate?: boolean;
}

/** A bare streaming client: what it received, in order, and nothing of an SDK's understanding of it. */
export class StreamClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #received: string[] = [];
  #onReceived: () => void = () => {};

  constructor({ center, environment }: Pick<TestCenter, 'center' | 'environment'>, options: StreamOptions = {}) {
    const token = encodeConnectionToken(options.secret ?? environment.serverSecret, Date.now(), Math.random());
    const query = options.query ?? `type=server&token=${token}`;
    this.socket = new WebSocket(`${center.url.replace('http', 'ws')}${options.path ?? '/streaming'}?${query}`, {
      perMessageDeflate: options.offersDeflate ?? false,
      headers: options.headers ?? {},
    });
    this.socket.on('message', (data) => {
      this.#received.push(String(data));
      this.#onReceived();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#onReceived();
      });
    });
    onTestFinished(() => this.socket.terminate());
  }

  /** Fulfils when the socket is open; rejects when the upgrade is refused, with ws's message. */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Asks for data, as SDKs do; absent = without a timestamp. */
  requestSync(timestamp?: number): void {
    this.send({ messageType: 'data-sync', data: { timestamp } });
  }

  /** The next message not taken yet, parsed; waits for it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
  async next(): Promise<any> {
    return JSON.parse(await this.nextText());
  }

  async nextText(): Promise<string> {
    for (;;) {
      const text = this.#received.shift();
      if (text !== undefined) return text;
      if (this.socket.readyState >= this.socket.CLOSING) throw new Error('the connection is closed');
      await new Promise<void>((resolve) => {
        this.#onReceived = resolve;
      });
    }
  }

  /** Everything that arrives up to the answer to a ping sent now: proof that nothing else is on its way. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
  async drain(): Promise<any[]> {
    this.send({ messageType: 'ping', data: {} });
    const messages = [];
    for (;;) {
      const message = await this.next();
      if (message.messageType === 'pong') return messages;
      messages.push(message);
    }
  }
}

/** An open client that has asked for everything, and the answer. */
export async function syncedClient(center: TestCenter, timestamp = 0) {
  const client = new StreamClient(center);
  await client.opened();
  client.requestSync(timestamp);
  return { client, answer: await client.next() };
}
