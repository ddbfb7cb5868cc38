import type { WebSocket } from 'ws';

/** The part of a WebSocket by which an agent is sent messages. What is sent stays buffered until it is {@link flush}ed. */
export class FakeAgentSocket {
  /** Bytes that wait; a test may add some that it has not sent. */
  bufferedAmount = 0;
  /** Bytes by which each message is larger than its text, as on a connection on which little gets through. */
  weight = 0;
  readonly sent: string[] = [];
  readonly #unsent: { readonly bytes: number; readonly done: () => void }[] = [];

  /** As the type that the code under test takes. */
  get asWebSocket(): Pick<WebSocket, 'send' | 'bufferedAmount'> {
    return this as unknown as WebSocket;
  }

  send(message: string | Buffer, ...rest: readonly unknown[]): void {
    const text = String(message);
    const done = rest.at(-1);
    const bytes = text.length + this.weight;
    this.sent.push(text);
    this.bufferedAmount += bytes;
    this.#unsent.push({ bytes, done: () => (typeof done === 'function' ? done() : undefined) });
  }

  /** Lets all messages leave the process that wait now. */
  flush(): void {
    for (const { bytes, done } of this.#unsent.splice(0)) {
      this.bufferedAmount -= bytes;
      done();
    }
  }

  /** What was sent since this was asked last, in short: the kind, and for each environment its flags. */
  taken(): string[] {
    return this.sent.splice(0).map(shortOf);
  }
}

interface Flag {
  readonly key: string;
}

function shortOf(text: string): string {
  const { messageType, data } = JSON.parse(text);
  if (messageType !== 'data-sync') return messageType;
  const flagsOf = (flags: readonly Flag[]) => flags.map(({ key }) => key).join(' ');
  if (data.eventType === 'patch') return `patch ${flagsOf(data.featureFlags)}`;
  const items = data.items.map((item: { readonly envId: string; readonly featureFlags: readonly Flag[] }) => {
    return ` ${item.envId}[${flagsOf(item.featureFlags)}]`;
  });
  return `${data.eventType}${items.join('')}`;
}
