import type { WebSocket } from 'ws';
import type { Activity } from './activity.js';

export interface ReceivedMessage {
  text: string;
  /** The parsed text, undefined where it is not JSON. */
  json: { messageType?: unknown; data?: unknown } | undefined;
  at: number;
}

/** One accepted streaming connection. */
export class Connection {
  readonly received: ReceivedMessage[] = [];
  closed = false;
  /** Whether pings are answered. */
  answersPings = true;
  readonly #socket: WebSocket;
  readonly #activity: Activity;
  #pongs = 0;

  constructor(socket: WebSocket, activity: Activity, onDataSync: (timestamp: unknown) => void) {
    this.#socket = socket;
    this.#activity = activity;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      activity.happened();
    });
    socket.on('pong', () => {
      this.#pongs += 1;
      activity.happened();
    });
    socket.on('message', (data) => {
      const text = String(data);
      const json = parsed(text);
      this.received.push({ text, json, at: Date.now() });
      if (json?.messageType === 'data-sync') onDataSync((json.data as { timestamp?: unknown } | undefined)?.timestamp);
      if (json?.messageType === 'ping' && this.answersPings) this.send({ messageType: 'pong', data: {} });
      activity.happened();
    });
  }

  /** Messages of one type, in order. */
  ofType(messageType: string): ReceivedMessage[] {
    return this.received.filter((message) => message.json?.messageType === messageType);
  }

  /** The timestamp of the first data-sync request, undefined before it came. */
  get cursor(): unknown {
    const [first] = this.ofType('data-sync');
    return (first?.json?.data as { timestamp?: unknown } | undefined)?.timestamp;
  }

  send(message: object): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** One message in so many frames. */
  sendFragmented(text: string, fragments: number): void {
    const bytes = Buffer.from(text);
    const size = Math.ceil(bytes.length / fragments);
    for (let start = 0; start < bytes.length; start += size) {
      const fin = start + size >= bytes.length;
      this.#socket.send(bytes.subarray(start, start + size), { binary: false, fin });
    }
  }

  /** Resolves when the peer's WebSocket library has taken in every frame that was sent before. */
  async delivered(): Promise<void> {
    const before = this.#pongs;
    this.#socket.ping();
    await this.#activity.until('a WebSocket pong', () => (this.#pongs > before ? true : undefined), 5_000);
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  /** Ends the connection without a closing handshake. */
  cut(): void {
    this.#socket.terminate();
  }
}

function parsed(text: string): ReceivedMessage['json'] {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
