/** The center under attack, in a process of its own: started with its data folder as the only argument. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { startCenter } from 'fbcenter';
import { longestCollection } from './collections.js';
import { flagsOfBytes, smallFlags } from './flags.js';
import type { CenterMessage } from './messages.js';
import { processorTime } from './processor.js';

const say = (message: CenterMessage): void => void process.send?.(message);

// As the command does, in its small-heap.ts.
setFlagsFromString('--heap-growing-percent=30');
const center = await startCenter({
  port: 0,
  dataFolder: process.argv[2],
  environments: [
    { key: 'good', flags: smallFlags() },
    { key: 'large', flags: flagsOfBytes(11_000_000) },
    { key: 'full' },
  ],
});
process.once('SIGTERM', () => {
  clearInterval(watching);
  void center.close().then(() => process.disconnect());
});
// This listener comes after the streams: what is not handed to their sockets by now waits for a peer.
center.onCommit(({ environment, version, committedAt: at }) =>
  say({ kind: 'commit', environment, version, at, sentAt: performance.timeOrigin + performance.now() }),
);
const delays = monitorEventLoopDelay({ resolution: 5 });
const collection = longestCollection();
const watching = setInterval(() => {
  const [delay, processor] = [delays.max / 1e6, processorTime()];
  say({ kind: 'sample', memory: process.memoryUsage(), delay, collection: collection(), processor });
}, 100);
const { url, adminToken, environments } = center;
say({ kind: 'started', url, adminToken, environments });
// What it took to start is not counted.
delays.enable();
