import { FBClient } from 'fbclient';
import { encodeConnectionToken } from 'fbclient/core';
import { WebSocket } from 'ws';
import { type Center, SECRET } from './centers.js';
import { KEYS } from './load.js';

/** How soon a bare stream comes back, in milliseconds. */
const RECONNECT = 200;

interface PushedFlag {
  readonly key: string;
  readonly variations: readonly { readonly value: string }[];
  readonly updatedAt: string;
}

/** A bare stream: what it was sent, and whether the versions of what it was sent only grew. */
export class BareStream {
  readonly #center: Center;
  readonly #flags = new Map<string, PushedFlag>();
  /** What came in the wrong order. */
  readonly disorder: string[] = [];
  #cursor = 0;
  #socket: WebSocket | undefined;
  #isClosed = false;

  constructor(center: Center) {
    this.#center = center;
    this.#connect();
  }

  /** The number of the change that it holds of a flag. */
  changeOf(key: string): string | undefined {
    return this.#flags.get(key)?.variations[0]?.value;
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.terminate();
  }

  #connect(): void {
    if (this.#isClosed) return;
    const token = encodeConnectionToken(SECRET, Date.now(), Math.random());
    const url = `${this.#center.url.replace('http', 'ws')}/streaming?type=server&token=${token}`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    let isFirst = true;
    socket.on('open', () =>
      socket.send(JSON.stringify({ messageType: 'data-sync', data: { timestamp: this.#cursor } })),
    );
    socket.on('message', (text) => {
      const { messageType, data } = JSON.parse(String(text));
      if (messageType === 'data-sync') this.#take(data, isFirst);
      isFirst = false;
    });
    socket.on('error', () => {});
    socket.on('close', () => setTimeout(() => this.#connect(), RECONNECT).unref());
  }

  #take(data: { readonly eventType: string; readonly featureFlags: readonly PushedFlag[] }, isAnswer: boolean): void {
    for (const flag of data.featureFlags) {
      const version = Date.parse(flag.updatedAt);
      // A full answer begins anew; whatever comes after it is newer than what came before.
      const isNewer = version > this.#cursor || (isAnswer && data.eventType === 'full');
      if (!isNewer) this.disorder.push(`${flag.key} ${version} after ${this.#cursor}`);
      this.#flags.set(flag.key, flag);
    }
    const versions = data.featureFlags.map(({ updatedAt }) => Date.parse(updatedAt));
    this.#cursor = Math.max(this.#cursor, ...versions);
  }
}

/** An SDK; what it serves of the flags is looked at by their versions. */
export function sdkOf(center: Center): FBClient {
  return new FBClient({
    envSecret: SECRET,
    streamingUrl: center.url.replace('http', 'ws'),
    eventUrl: center.url,
    disableEvents: true,
    streamingFirstRetryDelay: 200,
    streamingMaxRetryDelay: 2_000,
  });
}

/** The flags that somebody holds in another state than they are in. */
export function differences(
  truth: ReadonlyMap<string, string>,
  held: (key: string) => string | undefined,
): readonly string[] {
  return KEYS.filter((key) => truth.has(key) && held(key) !== truth.get(key));
}
