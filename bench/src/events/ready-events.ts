import { createRequire } from 'node:module';
import type { Client as HttpClient } from 'undici';
import type { Client, Sdk } from '../adapters/sdk.js';
import type { BenchUser } from '../environment/model.js';

// By its path, as fbclient does: undici's index changes the `fetch` of the process.
const UndiciClient: typeof HttpClient = createRequire(import.meta.url)('undici/lib/dispatcher/client.js');

/** As fbclient sends them: so many in a request, so many requests under way. */
const EVENTS = 50;
const CONNECTIONS = 4;

const REQUEST = {
  method: 'POST',
  path: '/api/public/insight/track',
  headers: {
    'User-Agent': 'fbclient-node/0.0.0',
    Authorization: 'benchmark',
    'Content-Type': 'application/json; charset=utf-8',
  },
} as const;

/** A limit: the texts of events are there, and are sent with fbclient's HTTP client. Nothing is evaluated, compared, copied or encoded. */
export const sdk: Sdk = {
  name: 'ready events',
  module: import.meta.url,
  isAsync: false,
  encode: () => '',
  open: async (_text, { eventsUrl = '' } = {}) => new ReadyEvents(eventsUrl),
};

class ReadyEvents implements Client {
  readonly #clients: readonly HttpClient[];
  readonly #idle: HttpClient[];
  readonly #events: string[] = [];
  #isFlushing = false;
  #flushed: () => void = () => undefined;

  constructor(url: string) {
    const options = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 50_000 };
    this.#clients = Array.from({ length: CONNECTIONS }, () => new UndiciClient(url, options));
    this.#idle = [...this.#clients];
  }

  /** @returns the text of an event. */
  prepare({ key, name, country, plan, age, email }: BenchUser): string {
    const customizedProperties = Object.entries({ country, plan, age: String(age), email }).map(
      ([property, value]) => ({ name: property, value }),
    );
    const variation = { id: '2d8d1c0e-33a9-4f14-9bb4-02a4a2a1c0de', value: 'true' };
    return JSON.stringify({
      user: { keyId: key, name, customizedProperties },
      variations: [{ featureFlagKey: 'a-flag', variation, timestamp: Date.now(), sendToExperiment: false }],
    });
  }

  isOn(_flagKey: string, event: string): boolean {
    this.#events.push(event);
    if (this.#events.length >= EVENTS) this.#pump();
    return true;
  }

  text(flagKey: string, event: string): string {
    return String(this.isOn(flagKey, event));
  }

  countOn(): never {
    throw new Error('there is nothing to count');
  }

  allOn(): never {
    return this.countOn();
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#isFlushing = true;
      this.#flushed = resolve;
      this.#pump();
    });
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.destroy();
  }

  #pump(): void {
    while (this.#events.length >= (this.#isFlushing ? 1 : EVENTS)) {
      const client = this.#idle.pop();
      if (client === undefined) return;
      this.#send(client, `[${this.#events.splice(0, EVENTS).join(',')}]`);
    }
    if (!this.#isFlushing || this.#idle.length < CONNECTIONS) return;
    this.#isFlushing = false;
    this.#flushed();
  }

  #send(client: HttpClient, body: string): void {
    client.dispatch(
      { ...REQUEST, body },
      {
        onRequestStart: () => undefined,
        onResponseEnd: () => {
          this.#idle.push(client);
          this.#pump();
        },
        onResponseError: (_controller, error) => {
          throw error;
        },
      },
    );
  }
}
