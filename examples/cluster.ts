/** A cluster: processes that share a port, each with a client of its own. Try: curl 'http://127.0.0.1:8080/?user=ada' */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FBClient } from 'fbclient';

const PROCESSES = 2;

/** The first process starts the others, replaces one that has crashed, and ends them in order. */
function lead(): void {
  let ending = false;
  for (let i = 0; i < PROCESSES; i++) cluster.fork();
  cluster.on('exit', () => {
    // Not at once: one that cannot start would be started without end.
    if (!ending) setTimeout(() => !ending && cluster.fork(), 1_000);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      ending = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.send('end');
    });
  }
  // One that was still starting has not heard it.
  cluster.on('message', (worker) => ending && worker.send('end'));
}

async function serve(): Promise<void> {
  // Ctrl-C reaches every process: the first one says when to end. It is also the end when that one is gone.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  const end = Promise.race([once(process, 'message'), once(process, 'disconnect')]);
  process.send?.('listening for the end');
  const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
  const flags = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
  await flags.waitForInitialization(5_000);
  const server = createServer((request, response) => {
    const user = { key: new URL(request.url ?? '/', 'http://service').searchParams.get('user') ?? 'anonymous' };
    const theme = flags.variation('shop-theme', user, 'light');
    response.end(JSON.stringify({ theme, checkout: flags.variation('new-checkout', user, false) }));
  });
  server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
  await once(server, 'listening');
  console.log(`${process.pid} is listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await end;
  server.close();
  await once(server, 'close'); // first the requests that are under way,
  await flags.close(); // then the events that they have made
  if (process.connected) process.disconnect();
}

if (cluster.isPrimary) lead();
else await serve();
