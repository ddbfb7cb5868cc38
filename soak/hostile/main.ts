/** `npm run hostile`: a flag center among hostile and broken peers. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundled } from '../bundled.js';
import { showLines } from '../show.js';
import { HELP, type HostileArguments, readArguments } from './arguments.js';
import { wallClock } from './clock.js';
import { longestCollection } from './collections.js';
import { type Committed, GoodSdks, write } from './good.js';
import type { CenterMessage, ProbeMessage, Victim, Watched } from './messages.js';
import { processorTime } from './processor.js';
import { linesOf } from './verdict.js';

/** How long a center may take to start, in milliseconds. */
const START_PATIENCE = 30_000;
/** How long it may take to stop before it is killed, in milliseconds. */
const STOP_PATIENCE = 20_000;
/** Commits of the last moment may not have been heard of by everybody when the center is stopped, in milliseconds. */
const LAST_MOMENT = 2_000;
const WRITERS = 5;
const LOCKER = '../../packages/fbcenter/test/support/database-locker.ts';

const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const TYPESCRIPT = ['--conditions=fbclient-source', '--import=tsx'];

function start(file: string, argument: string): ChildProcess {
  return startProgram(fileURLToPath(new URL(file, import.meta.url)), argument, TYPESCRIPT);
}

function startProgram(path: string, argument: string, execArgv: readonly string[] = []): ChildProcess {
  const child = fork(path, [argument], { execArgv: [...execArgv] });
  children.push(child);
  return child;
}

type Started = Extract<CenterMessage, { readonly kind: 'started' }>;

async function startCenter(
  onMessage: (message: CenterMessage) => void,
): Promise<{ child: ChildProcess; started: Started }> {
  const child = startProgram(await bundled(new URL('./center.ts', import.meta.url)), folder);
  const started = await new Promise<Started | undefined>((resolve) => {
    child.on('message', (message: CenterMessage) => {
      if (message.kind === 'started') resolve(message);
      else onMessage(message);
    });
    child.once('exit', () => resolve(undefined));
    void setTimeout(START_PATIENCE, undefined, { ref: false }).then(resolve);
  });
  if (started === undefined) throw new Error('the center did not start');
  return { child, started };
}

async function run({ seconds, clients, seed, calm }: HostileArguments): Promise<number> {
  console.log(
    `hostile: --seconds ${seconds} --clients ${clients} --seed ${seed}${calm ? ' --calm' : ''}, Node ${process.version.slice(1)}`,
  );
  const commits: Committed[] = [];
  let peak: NodeJS.MemoryUsage | undefined;
  let loopDelay = 0;
  let collection = 0;
  let processor = 0;
  const { child, started } = await startCenter((message) => {
    if (message.kind === 'sample') {
      if (message.memory.rss > (peak?.rss ?? 0)) peak = message.memory;
      loopDelay = Math.max(loopDelay, message.delay);
      collection = Math.max(collection, message.collection);
      processor = message.processor;
    } else if (message.kind === 'commit' && message.environment === 'good') commits.push(message);
  });
  const { url, adminToken } = started;
  const [good, large] = ['good', 'large'].map((key) => started.environments.find((one) => one.key === key));
  if (good === undefined || large === undefined) throw new Error('the center lacks an environment');
  const place = { url, adminToken, serverSecret: good.serverSecret };
  const sdks = new GoodSdks(clients, place);
  console.log(`    0 s  ${await sdks.ready(30_000)} of ${clients} SDKs are ready`);

  const ownDelay = monitorEventLoopDelay({ resolution: 5 });
  ownDelay.enable();
  const ownCollection = longestCollection();
  const stop = new AbortController();
  const begin = wallClock();
  const before = [processor, processorTime()] as const;
  const victim: Victim = {
    url,
    adminToken,
    serverSecret: large.serverSecret,
    clientSecret: large.clientSecret,
    goodClientSecret: good.clientSecret,
    seed,
  };
  let attempts: Readonly<Record<string, number>> = {};
  const enemies = calm ? [] : [start('./attackers.ts', JSON.stringify(victim)), start(LOCKER, folder)];
  enemies[0]?.on('message', (message) => {
    attempts = message as Readonly<Record<string, number>>;
  });
  const writing = Promise.all(
    Array.from({ length: WRITERS }, (_, index) => write(`flag-${index}`, place, stop.signal)),
  );
  const life: number[] = [];
  const heard = new Map<number, number>();
  const watched: Watched = { url, serverSecret: good.serverSecret };
  const probe = start('./probe.ts', JSON.stringify(watched));
  probe.on('message', (message: ProbeMessage) => {
    if (stop.signal.aborted) return;
    if (message.kind === 'life') life.push(message.took ?? Number.POSITIVE_INFINITY);
    else heard.set(message.version, message.at);
  });
  const syncs: number[] = [];
  const poller = start('./poller.ts', JSON.stringify({ url, serverSecret: large.serverSecret } satisfies Watched));
  poller.on('message', (took: number | null) => {
    if (!stop.signal.aborted) syncs.push(took ?? Number.POSITIVE_INFINITY);
  });
  for (let second = 5; second < seconds; second += 5) {
    await setTimeout(5_000);
    const total = Object.values(attempts).reduce((sum, count) => sum + count, 0);
    console.log(
      `${String(second).padStart(5)} s  ${total} attacks, ${commits.length} commits, ${megabytes(peak?.rss ?? 0)}`,
    );
  }
  await setTimeout((seconds % 5 || 5) * 1_000);
  const end = wallClock();
  const interruptions = sdks.interruptions;
  const longestOwnDelay = ownDelay.max / 1e6;
  const used = { center: processor - before[0], sdks: processorTime() - before[1] };

  stop.abort();
  // In the middle of it all: the attackers and the SDKs go on.
  const stoppedIn = await stopped(child);
  for (const other of [...enemies, probe, poller]) other.disconnect();
  const writes = await writing;
  await sdks.close();
  const counted = commits.filter(({ at }) => at > begin && at < end - LAST_MOMENT);
  const lines = linesOf({
    life,
    delays: counted.map((commit) => Math.max(...sdks.delaysOf(commit))),
    writes: writes.flat(),
    syncs,
    toSockets: counted.map(({ at, sentAt }) => sentAt - at),
    toProbe: counted.map(({ version, at }) => (heard.get(version) ?? Number.NaN) - at).filter(Number.isFinite),
    ownDelay: longestOwnDelay,
    collections: [collection, ownCollection()],
    memory: peak,
    loopDelay,
    processor: used,
    wall: end - begin,
    stoppedIn,
    interruptions,
    attempts,
  });
  showLines(lines);
  return lines.every(({ good: isGood }) => isGood !== false) ? 0 : 1;
}

/** Asks a process to stop. @returns how long it took, in milliseconds; infinite when it had to be killed. */
async function stopped(child: ChildProcess): Promise<number> {
  const begin = performance.now();
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (_code, signal) =>
      resolve(signal === 'SIGKILL' ? Number.POSITIVE_INFINITY : performance.now() - begin),
    );
  });
  child.kill('SIGTERM');
  const force = globalThis.setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE);
  const took = await exited;
  clearTimeout(force);
  return took;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

const given = readArguments(process.argv.slice(2));
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`hostile: ${given.problem}; --help says more`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(given);
  process.exit();
}
