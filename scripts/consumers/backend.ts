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
  /** How many WebSockets there have been. */
  readonly streams: { readonly opened: number };
  push(): Promise<void>;
  /** Ends every connection, as an outage does that is over at once. */
  cut(): void;
  close(): Promise<void>;
}

export interface BackendOptions {
  /** The first answer takes 33 s, a byte a second: longer than the silence that the SDK accepts. */
  readonly slow?: boolean;
}

export async function startBackend({ slow = false }: BackendOptions = {}): Promise<Backend> {
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
  const front = new Front(Number(new URL(center.url).port), slow);
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
    cut: () => front.cut(),
    close: async () => {
      front.close();
      control.close();
      await center.close();
    },
  };
}

/** Stands before the center and counts streams. */
class Front {
  readonly streams = { opened: 0 };
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#forward(client));
  readonly #port: number;
  readonly #slow: boolean;

  constructor(port: number, slow: boolean) {
    this.#port = port;
    this.#slow = slow;
  }

  listen(): Promise<string> {
    return listening(this.#server);
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  cut(): void {
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
    // A stream may begin on a connection that has had other requests.
    client.on('data', (chunk) => {
      if (isStream(chunk)) this.streams.opened += 1;
    });
    client.once('data', (chunk) => {
      if (isStream(chunk) && this.#slow) trickle(server, client);
      else server.pipe(client);
    });
    client.pipe(server);
  }
}

function isStream(chunk: Buffer): boolean {
  return chunk.toString('latin1').startsWith('GET /streaming');
}

/** Passes the first thing on, which is the handshake, then a byte a second for 33 s, then everything. */
function trickle(from: Socket, to: Socket): void {
  from.once('data', (handshake) => {
    to.write(handshake);
    let waiting = Buffer.alloc(0);
    const collect = (chunk: Buffer): void => {
      waiting = Buffer.concat([waiting, chunk]);
    };
    from.on('data', collect);
    let seconds = 0;
    const timer = setInterval(() => {
      seconds += 1;
      to.write(waiting.subarray(0, seconds < 33 ? 1 : undefined));
      waiting = waiting.subarray(1);
      if (seconds < 33) return;
      clearInterval(timer);
      from.off('data', collect).pipe(to);
    }, 1_000);
    to.on('close', () => clearInterval(timer));
  });
}

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
