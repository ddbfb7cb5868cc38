/**
 * `npm run soak:large`: a full sync of 20 MB and 10,000 flags arrives while 1,000 evaluations a second go on. Tells how long the
 * event loop stands still, beside a bare `JSON.parse` of the same text and what the WebSocket library takes alone, how much memory
 * that needs on the way and afterwards, whether what arrives meanwhile is applied after it, in order, and whether close()
 * abandons it. The same environment is then sent again, as a repeated request for everything is answered: that must cost no more,
 * and listeners hear of nothing but what is different.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FBClient } from 'fbclient';
import { encodeConnectionToken } from 'fbclient/core';
import { WebSocket } from 'ws';
import { FLAGS, fullText, SMALL } from './large-environment.js';
import type { LargeOrder } from './large-server.js';
import { longest, type Stall, StallWatch } from './stall-watch.js';

/**
 * What one stall may take of the process's own time, in milliseconds, in the median run; or so many times as long as the WebSocket library alone. Where
 * the processors are busy it is V8 that collects garbage, with threads that wait for one.
 */
const STALL = { limit: 50, times: 5 };
/** Memory on the way, as a multiple of the text, in the median run; or so many texts more than the WebSocket library alone takes. */
const PEAK = { limit: 2.5, beyond: 0.5 };

/** Bytes that the system has given to sockets of this process. */
let received = 0;
Socket.prototype.push = function push(chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk instanceof Uint8Array) received += chunk.length;
  return Readable.prototype.push.call(this, chunk, encoding);
};

const USER = { key: 'u', country: 'fr' };
const WATCHED = 'flag-0';

/** Evaluates at a steady rate. */
class Evaluations {
  /** The values of the watched flag, in the order in which they were seen. */
  readonly seen: string[] = [];
  readonly watch: StallWatch;
  count = 0;

  constructor(client: FBClient) {
    this.watch = new StallWatch((due) => {
      for (; this.count < due; this.count++) {
        const value = client.variation(WATCHED, USER, 'default');
        if (this.seen.at(-1) !== value) this.seen.push(value);
      }
    });
  }
}

/** What a client needs to know of the server. */
interface Target {
  readonly envSecret: string;
  readonly streamingUrl: string;
  readonly eventUrl: string;
}

interface Run {
  readonly stalls: readonly Stall[];
  readonly seen: readonly string[];
  readonly evaluations: number;
  readonly flags: number;
  /** Of heap and external memory, in bytes, beyond what there was before. */
  readonly peak: number;
  readonly kept: number;
  /** While the same environment came again. */
  readonly again: { readonly stalls: readonly Stall[]; readonly peak: number; readonly heard: readonly string[] };
}

/** How much longer the same environment may hold the event loop up than the first did. */
const AGAIN = 1.25;
/** Stalls of so many milliseconds are no longer told apart. */
const NOISE = 10;

async function startClient(options: Target): Promise<FBClient> {
  const client = new FBClient({ ...options, proxy: false });
  if ((await client.waitForInitialization()) !== 'ready') throw new Error('the client did not become ready');
  return client;
}

async function receive(options: Target, server: ChildProcess): Promise<Run> {
  const client = await startClient(options);
  const before = await settledMemory();
  const evaluations = new Evaluations(client);
  await delay(300);
  order(server, 'push');
  while (evaluations.seen.at(-1) !== 'third') await delay(20);
  // Whatever follows from it belongs to it.
  await delay(1_500);
  evaluations.watch.stop();
  const { watch, seen, count } = evaluations;
  const { flags } = client.diagnostics().data;
  const kept = (await settledMemory()) - before;
  const again = await receiveAgain(client, server);
  await client.close();
  return { stalls: watch.stalls, seen, evaluations: count, flags, peak: watch.peak - before, kept, again };
}

async function receiveAgain(client: FBClient, server: ChildProcess): Promise<Run['again']> {
  const heard: string[] = [];
  client.flagTracker.addFlagChangedListener(({ flagKey }) => heard.push(flagKey));
  const before = await settledMemory();
  const evaluations = new Evaluations(client);
  await delay(300);
  order(server, 'push again');
  while (evaluations.seen.at(-1) !== 'healed') await delay(20);
  await delay(500);
  evaluations.watch.stop();
  return { stalls: evaluations.watch.stalls, peak: evaluations.watch.peak - before, heard };
}

/** Closes the client while the large sync is being read. */
async function abandon(options: Target, server: ChildProcess, size: number) {
  const client = await startClient(options);
  const before = received;
  order(server, 'push');
  // All of it has arrived; reading takes many turns from there on.
  while (received < before + size) await new Promise((resolve) => setImmediate(resolve));
  const isEarly = client.diagnostics().data.flags === SMALL.length;
  const start = performance.now();
  await client.close();
  const milliseconds = performance.now() - start;
  await delay(500);
  return { isEarly, flags: client.diagnostics().data.flags, milliseconds };
}

/** What it takes when nobody reads what the WebSocket library has received. */
async function receiveBare(
  { envSecret, streamingUrl }: Target,
  server: ChildProcess,
  size: number,
): Promise<Pick<Run, 'stalls' | 'peak'>> {
  const token = encodeURIComponent(encodeConnectionToken(envSecret, Date.now(), 0.5));
  const socket = new WebSocket(`${streamingUrl}/streaming?type=server&token=${token}`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send('{"messageType":"data-sync","data":{"timestamp":0}}');
  await once(socket, 'message');
  const before = await settledMemory();
  const watch = new StallWatch(() => undefined);
  await delay(300);
  const arrival = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      if (data.length >= size) resolve();
    });
  });
  order(server, 'push');
  await arrival;
  await delay(300);
  watch.stop();
  socket.terminate();
  return { stalls: watch.stalls, peak: watch.peak - before };
}

function order(server: ChildProcess, what: LargeOrder): void {
  server.send(what);
}

/** Heap and external memory once all garbage is collected, in bytes. */
async function settledMemory(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** What the parsed text keeps, in bytes. */
async function parsedSize(text: string): Promise<number> {
  const before = await settledMemory();
  const parsed: unknown = JSON.parse(text);
  const after = await settledMemory();
  return parsed === undefined ? 0 : after - before;
}

async function measure(times: number): Promise<boolean> {
  const bytes = Buffer.from(fullText('new', 2));
  const text = bytes.toString('utf8');
  const size = bytes.length;
  console.log(
    `${FLAGS} flags, ${megabytes(size)}, 1000 evaluations a second, Node ${process.version.slice(1)}, ${times} runs`,
  );
  const bare = Array.from({ length: times }, () => timed(() => JSON.parse(text)));
  const parsed = await parsedSize(text);

  const server = fork(fileURLToPath(new URL('./large-server.ts', import.meta.url)));
  const [options] = (await once(server, 'message')) as [Target];
  const bareRuns: Awaited<ReturnType<typeof receiveBare>>[] = [];
  for (let run = 0; run < times; run++) bareRuns.push(await receiveBare(options, server, size));
  const runs: Run[] = [];
  for (let run = 0; run < times; run++) runs.push(await receive(options, server));
  const abandoned = await abandon(options, server, size);
  order(server, 'end');

  const bareStalls = bareRuns.map(({ stalls }) => longest(stalls, 'own'));
  const barePeak = median(bareRuns.map((one) => one.peak)) / size;
  // Nobody who uses the library can do with less than it takes itself.
  const stallLimit = Math.max(STALL.limit, median(bareStalls) * STALL.times);
  const peakLimit = Math.max(PEAK.limit, barePeak + PEAK.beyond);
  const own = runs.map(({ stalls }) => longest(stalls, 'own'));
  const again = runs.map((run) => longest(run.again.stalls, 'own'));
  const heard = runs.map((run) => run.again.heard);
  const peak = median(runs.map((run) => run.peak)) / size;
  const inOrder = runs.every(
    ({ seen }) =>
      seen.join() === ['old', 'new', 'first', 'second', 'third'].filter((value) => seen.includes(value)).join(),
  );
  const checks = [
    ['JSON.parse of the text alone', figures(bare)],
    ['the WebSocket library alone: longest stall', figures(bareRuns.map(({ stalls }) => longest(stalls, 'wall')))],
    ['the same in the process’s own time', figures(bareStalls)],
    ['the WebSocket library alone: memory on the way, times the text', ratios(bareRuns, size)],
    ['longest stall', figures(runs.map(({ stalls }) => longest(stalls, 'wall')))],
    [
      `the same in the process’s own time, at most ${stallLimit.toFixed(1)} ms in the median run`,
      figures(own),
      median(own) <= stallLimit,
    ],
    [
      `memory on the way, at most ${peakLimit.toFixed(2)} times the text in the median run`,
      ratios(runs, size),
      peak <= peakLimit,
    ],
    [
      'memory kept afterwards, of what the parsed text takes',
      `${runs.map((run) => (run.kept / parsed).toFixed(2)).join(', ')} (of ${megabytes(parsed)})`,
    ],
    ['what arrived meanwhile was applied after it, in order', inOrder ? 'yes' : 'no', inOrder],
    [
      `all ${FLAGS} flags are there`,
      `${runs.map(({ flags }) => flags).join(', ')}`,
      runs.every(({ flags }) => flags === FLAGS),
    ],
    ['evaluations meanwhile', `${runs.reduce((sum, { evaluations }) => sum + evaluations, 0)}, none threw`],
    [
      'the same environment again: longest stall, own time',
      figures(again),
      median(again) <= median(own) * AGAIN + NOISE,
    ],
    [
      'the same environment again: memory on the way, times the text',
      ratios(
        runs.map((run) => run.again),
        size,
      ),
    ],
    [
      'the same environment again: listeners heard of',
      `${heard.map((keys) => keys.length).join(', ')} flags, 1 was different`,
      heard.every((keys) => keys.join() === WATCHED),
    ],
    [
      'close() meanwhile abandoned it',
      `${abandoned.flags} flags as before, in ${abandoned.milliseconds.toFixed(0)} ms`,
      abandoned.isEarly && abandoned.flags === SMALL.length,
    ],
  ] as const;
  for (const [what, figure, good] of checks) {
    console.log(`${good === undefined ? '    ' : good ? 'ok  ' : 'FAIL'}  ${what.padEnd(78)}  ${figure}`);
  }
  return checks.every(([, , good]) => good !== false);
}

function figures(values: readonly number[]): string {
  return `median ${median(values).toFixed(1)} ms, worst ${Math.max(...values).toFixed(1)} ms`;
}

/** The peaks of some runs as multiples of the text. */
function ratios(runs: readonly { readonly peak: number }[], size: number): string {
  return runs.map(({ peak }) => (peak / size).toFixed(2)).join(', ');
}

function megabytes(count: number): string {
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

const HELP = `Usage: npm run soak:large -- [--runs N]

Measures a full sync of 20 MB, beside the WebSocket library that receives the same and does nothing with it.

Promised, in the process's own time and in the median run:
  longest stall       ${STALL.limit} ms, or ${STALL.times} times as long as the library alone, whichever is greater
  memory on the way   ${PEAK.limit} times the text, or ${PEAK.beyond} times the text more than the library alone, whichever is greater

  --runs N  how often. Default: 10
  --help    this text

Exit code: 0, 1 when a promise was not kept, 2 for arguments that cannot be used.`;

function readRuns(): number | 'help' | string {
  try {
    const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' }, help: { type: 'boolean' } } });
    if (values.help === true) return 'help';
    const runs = Number(values.runs);
    return Number.isSafeInteger(runs) && runs > 0 && runs <= 1_000
      ? runs
      : `--runs ${values.runs}: a whole number from 1 to 1000`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const runs = readRuns();
if (typeof runs === 'number') {
  process.exitCode = (await measure(runs)) ? 0 : 1;
} else if (runs === 'help') {
  console.log(HELP);
} else {
  console.error(`${runs}\n\n${HELP}`);
  process.exitCode = 2;
}
