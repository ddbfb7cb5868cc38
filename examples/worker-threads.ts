/** Worker threads: one connection in the main thread, flags in every thread, events of all of them. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const secret = process.env.FB_SECRET ?? '';

/** What a thread evaluates, and needs no connection for: the main thread sends it what it was sent. */
async function inThread(envelope: string): Promise<void> {
  // Events go from here; the data come from the main thread.
  const source = {
    start: (sink: { accept(envelope: unknown): Promise<boolean> }) => {
      void sink.accept(envelope);
      parentPort?.on('message', (next: unknown) => void sink.accept(next));
    },
    close: () => parentPort?.removeAllListeners('message'),
  };
  await using flags = new FBClient({ envSecret: secret, eventUrl: url, dataSource: source });
  await flags.waitForInitialization();
  parentPort?.postMessage(flags.variation('shop-theme', { key: 'ada' }, 'light'));
}

/** Everything, as the server holds it: the format of a bootstrap. */
async function everything(): Promise<string> {
  const answer = await fetch(`${url}/api/public/sdk/server/latest-all`, { headers: { Authorization: secret } });
  return answer.text();
}

if (isMainThread) {
  await using flags = new FBClient({ envSecret: secret, streamingUrl: url, eventUrl: url });
  await flags.waitForInitialization(5_000);
  const envelope = await everything();
  const file = fileURLToPath(import.meta.url);
  const workers = [1, 2].map(() => new Worker(file, { workerData: envelope }));
  // While they live, each change is handed on: flags.flagTracker.addFlagChangedListener(async () => …postMessage(await everything()))
  const answers = await Promise.all(workers.map((worker) => once(worker, 'message')));
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  console.log(`main: ${flags.variation('shop-theme', { key: 'ada' }, 'light')}, threads: ${answers.flat().join(', ')}`);
} else {
  await inThread(String(workerData));
}
