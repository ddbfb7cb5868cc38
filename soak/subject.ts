/** The process of the SDK under test: uses it without pause and answers the soak's questions. Started by `main.ts`. */
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { METRIC, USER_PREFIX } from './ledger.js';
import type { Order, Reply, Sample, SubjectInput } from './protocol.js';
import { type Sdk, startSdk } from './sdk.js';

/** Every so many milliseconds … */
const BEAT = 10;
/** … so many evaluations, one metric, and now and then all flags at once. */
const EVALUATIONS = 5;
const BEATS_PER_BULK = 10;
const FLAGS = 100;
/** How long events may take to be sent at the end, in milliseconds: what was not answered is sent again after a minute at most. */
const FLUSH_WAIT = 75_000;

const input = JSON.parse(process.argv[2] ?? '') as SubjectInput;
const unhandled: string[] = [];
// Each of these would have ended the process of an application that does not catch them.
process.on('unhandledRejection', (reason) => unhandled.push(`unhandled rejection: ${describe(reason)}`));
process.on('uncaughtException', (error) => unhandled.push(`uncaught exception: ${describe(error)}`));

const streamingPort = Number(new URL(input.streamingUrl).port);
/** Events over the same port look the same from here. */
const isOwnPort = new URL(input.eventUrl).port !== String(streamingPort);
const open = new Set<Socket>();
let connections = 0;
let mostConnections = 0;
subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket };
  socket.once('connect', () => {
    if (socket.remotePort !== streamingPort) return;
    // Here, where a socket that was destroyed is known to be: the server learns of it later.
    for (const other of open) if (other.destroyed) open.delete(other);
    open.add(socket);
    connections += 1;
    mostConnections = Math.max(mostConnections, open.size);
  });
});
const stalls = monitorEventLoopDelay({ resolution: 5 });
stalls.enable();

const sdk: Sdk = startSdk(input);
let beats = 0;
let evaluations = 0;
let recorded = 0;
let thrown = 0;

async function evaluate(flagKey: string, userKey: string): Promise<void> {
  try {
    evaluations += 1;
    if (await sdk.evaluate(flagKey, userKey)) recorded += 1;
  } catch {
    thrown += 1;
  }
}

const work = setInterval(() => {
  beats += 1;
  for (let count = 0; count < EVALUATIONS; count++) {
    void evaluate(`flag-${(beats * EVALUATIONS + count) % FLAGS}`, `${USER_PREFIX}${beats * EVALUATIONS + count}`);
  }
  try {
    sdk.track(`${USER_PREFIX}metrics`, METRIC, beats);
    recorded += 1;
  } catch {
    thrown += 1;
  }
  if (beats % BEATS_PER_BULK === 0) void all();
}, BEAT);

async function all(): Promise<ReadonlyMap<string, string>> {
  try {
    evaluations += 1;
    return await sdk.all();
  } catch {
    thrown += 1;
    return new Map();
  }
}

function sample(): Sample {
  globalThis.gc?.();
  return {
    heapUsed: process.memoryUsage().heapUsed,
    evaluations,
    recorded,
    thrown,
    unhandled,
    connections,
    mostConnections: isOwnPort ? mostConnections : undefined,
    longestStall: stalls.max / 1_000_000,
    own: sdk.counters(),
  };
}

async function obey({ order }: Order): Promise<Reply> {
  switch (order) {
    case 'sample':
      return { reply: 'sample', sample: sample() };
    case 'state': {
      const digests = [...(await all())].map(([key, value]) => [key, digest(value)]);
      return { reply: 'state', flags: Object.fromEntries(digests) };
    }
    case 'stop':
      clearInterval(work);
      await sdk.flush(FLUSH_WAIT);
      return { reply: 'stopped' };
    case 'close': {
      const start = performance.now();
      await sdk.close();
      return { reply: 'closed', milliseconds: performance.now() - start };
    }
  }
}

function digest(value: string): string {
  return createHash('md5').update(value).digest('hex');
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error);
}

process.on('message', (order: Order) => {
  void obey(order).then((reply) => process.send?.(reply));
});
process.send?.({ reply: 'started' } satisfies Reply);
