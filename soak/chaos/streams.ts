import { FBClient } from 'fbclient';
import { encodeConnectionToken } from 'fbclient/core';
import { WebSocket } from 'ws';
import { type Center, SECRET } from './centers.js';
import { KEYS } from './load.js';
import { type PushedFlag, Received } from './received.js';

/** How soon a bare stream comes back, in milliseconds. */
const RECONNECT = 200;

/** A bare stream, which comes back whenever it is ended. */
export class BareStream {
  readonly received = new Received();
  readonly #center: Center;
  readonly #heard: (flag: PushedFlag) => void;
  #socket: WebSocket | undefined;
  #isClosed = false;

  /** @param heard receives every flag that it is sent. */
  constructor(center: Center, heard: (flag: PushedFlag) => void = () => {}) {
    this.#center = center;
    this.#heard = heard;
    this.#connect();
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
      socket.send(JSON.stringify({ messageType: 'data-sync', data: { timestamp: this.received.cursor } })),
    );
    socket.on('message', (text) => {
      const { messageType, data } = JSON.parse(String(text));
      if (messageType !== 'data-sync') return;
      this.received.take(data, isFirst);
      isFirst = false;
      for (const flag of data.featureFlags) this.#heard(flag);
    });
    socket.on('error', () => {});
    socket.on('close', () => setTimeout(() => this.#connect(), RECONNECT).unref());
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
