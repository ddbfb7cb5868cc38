import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { startCenter } from 'fbcenter';

/** The flag that every program asks for: `off` until it is pushed, then `on`. */
const FLAG = {
  key: 'consumer',
  variationType: 'string',
  variations: [
    { id: 'on', value: 'on' },
    { id: 'off', value: 'off' },
  ],
  isEnabled: false,
  disabledVariationId: 'off',
  fallthrough: { variations: [{ id: 'on', rollout: [0, 1] }] },
};

/** A real flag center on loopback, what a program needs to reach it, and what it has seen of the program. */
export interface Backend {
  /** For the program's environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Events that have arrived. */
  readonly counts: { evaluations: number; metrics: number; rejected: number };
  /** WebSockets that are open, and how many there have been. */
  readonly streams: { open: number; opened: number };
  push(): Promise<void>;
  close(): Promise<void>;
}

export async function startBackend(): Promise<Backend> {
  const center = await startCenter({ port: 0, environments: [{ key: 'dev', flags: [FLAG] }] });
  const counts = { evaluations: 0, metrics: 0, rejected: 0 };
  center.onInsights(({ evaluations, metrics, rejected }) => {
    counts.evaluations += evaluations;
    counts.metrics += metrics;
    counts.rejected += rejected;
  });
  const push = async (): Promise<void> => {
    const url = `${center.url}/api/v1/environments/dev/flags/${FLAG.key}/toggle`;
    const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${center.adminToken}` } });
    if (!answer.ok) throw new Error(`the flag could not be toggled: ${await answer.text()}`);
  };
  // Programs ask for the push, so that it comes when they listen.
  const control = createHttpServer((_request, response) => {
    push().then(
      () => response.end('pushed'),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  const front = new Front(Number(new URL(center.url).port));
  const [controlUrl, frontUrl] = await Promise.all([listening(control), front.listen()]);
  return {
    variables: {
      FB_URL: frontUrl,
      FB_SECRET: center.environments[0]?.serverSecret ?? '',
      FB_PUSH: controlUrl,
      NO_PROXY: '127.0.0.1',
      NODE_ENV: '',
    },
    counts,
    streams: front.streams,
    push,
    close: async () => {
      front.close();
      control.close();
      await center.close();
    },
  };
}

/** Stands before the center and counts streams. */
class Front {
  readonly streams = { open: 0, opened: 0 };
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#forward(client));
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  listen(): Promise<string> {
    return listening(this.#server);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(client: Socket): void {
    const server = connect(this.#port, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.once('data', (chunk) => {
      if (!chunk.toString('latin1').startsWith('GET /streaming')) return;
      this.streams.open += 1;
      this.streams.opened += 1;
      client.on('close', () => {
        this.streams.open -= 1;
      });
    });
    client.pipe(server).pipe(client);
  }
}

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
