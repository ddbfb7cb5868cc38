/** Worker threads: they share no memory, so each has a client of its own. Try: curl 'http://127.0.0.1:8080/?user=ada' */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { FBClient } from 'fbclient';

const THREADS = 2;

/** The main thread takes requests, and gives each to the next thread. */
async function serve(): Promise<void> {
  const workers = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url)));
  const waiting = new Map<number, ServerResponse>();
  for (const worker of workers) {
    worker.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
      waiting.get(id)?.end(JSON.stringify(answer));
      waiting.delete(id);
    });
  }
  let last = 0;
  const server = createServer((request, response) => {
    const key = new URL(request.url ?? '/', 'http://service').searchParams.get('user') ?? 'anonymous';
    const id = ++last;
    waiting.set(id, response);
    workers[id % THREADS]?.postMessage({ id, user: { key } });
  });
  server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
  await once(server, 'listening');
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => server.close(() => workers.forEach((worker) => void worker.postMessage('end'))));
  }
}

/** The work of a thread, which ends when its client has sent its events. */
async function work(port: NonNullable<typeof parentPort>): Promise<void> {
  const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
  const flags = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
  await flags.waitForInitialization(5_000);
  // Not before there are flags: what was sent meanwhile waits.
  port.on('message', (message: 'end' | { id: number; user: { key: string } }) => {
    if (message === 'end') {
      port.close();
      void flags.close();
      return;
    }
    const { id, user } = message;
    const theme = flags.variation('shop-theme', user, 'light');
    port.postMessage({ id, answer: { theme, checkout: flags.variation('new-checkout', user, false) } });
  });
}

if (isMainThread) await serve();
else if (parentPort !== null) await work(parentPort);
