import { Agent, request } from 'node:http';

/** What is asked of a server. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What it has answered; the content itself is not kept. */
export interface Answered {
  readonly status: number;
  /** Of the content, as it came. */
  readonly bytes: number;
  readonly encoding: string | undefined;
  readonly etag: string | undefined;
}

/** Requests to one server over some connections that are kept. */
export class Requests implements Disposable {
  readonly #url: string;
  readonly #connections: number;
  readonly #agent: Agent;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#connections = connections;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws when the answer's status is another one than that. */
  ask({ method, path, headers, body }: Asked, expected = 200): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method, agent: this.#agent, headers });
      sent.once('error', reject);
      sent.once('response', (answer) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        answer.once('end', () => {
          const { statusCode: status = 0, headers } = answer;
          if (status === expected)
            resolve({ status, bytes, encoding: headers['content-encoding'], etag: headers.etag });
          else reject(new Error(`${method} ${path} was answered ${status}`));
        });
      });
      sent.end(body);
    });
  }

  /** Asks one after the other over each connection, until all are answered. */
  async askAll(all: readonly Asked[], expected = 200): Promise<void> {
    const left = [...all];
    const senders = Array.from({ length: this.#connections }, async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) await this.ask(next, expected);
    });
    await Promise.all(senders);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
