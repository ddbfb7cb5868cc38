/**
 * `npm run soak:large`: a full sync of 20 MB and 10,000 flags arrives while 1,000 evaluations a second go on. Tells how
 * long the event loop stands still, beside a bare `JSON.parse` of the same text, and whether what arrives meanwhile is
 * applied after it, in order, and whether close() abandons it. The same environment is then sent again, as a repeated request
 * for everything is answered: that must cost no more, and listeners hear of nothing but what is different.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FBClient, type Options } from 'fbclient';
import { FLAGS, fullText, SMALL } from './large-environment.js';
import type { LargeOrder } from './large-server.js';

const EVALUATIONS_PER_SECOND = 1_000;
/** What one step after the parsing may take, in milliseconds. */
const STEP_LIMIT = 50;
/** A stall of the process's own that can only be the parsing, in milliseconds. */
const PARSING = 80;
const RUNS = 5;
const USER = { key: 'u', country: 'fr' };
const WATCHED = 'flag-0';

/** A time in which the event loop stood still, in milliseconds. */
interface Stall {
  readonly wall: number;
  /** At most what the process itself took of it: other processes may have had the processor for the rest. */
  readonly own: number;
}

/** Shorter ones are not kept, in milliseconds. */
const LEAST_STALL = 2;
const NO_STALL: Stall = { wall: 0, own: 0 };

/** Evaluates at a steady rate and watches how long the event loop stands still. */
class Watch {
  readonly stalls: Stall[] = [];
  /** The values of the watched flag, in the order in which they were seen. */
  readonly seen: string[] = [];
  evaluations = 0;
  readonly #client: FBClient;
  readonly #started = performance.now();
  #running = true;

  constructor(client: FBClient) {
    this.#client = client;
    this.#beat(this.#started, process.cpuUsage());
  }

  stop(): void {
    this.#running = false;
  }

  #beat(last: number, lastUsage: NodeJS.CpuUsage): void {
    const now = performance.now();
    const usage = process.cpuUsage();
    const wall = now - last;
    const used = (usage.user - lastUsage.user + usage.system - lastUsage.system) / 1_000;
    if (wall > LEAST_STALL) this.stalls.push({ wall, own: Math.min(wall, used) });
    // What a stall held up is made up for, as requests that wait would be.
    const due = ((now - this.#started) / 1_000) * EVALUATIONS_PER_SECOND;
    for (; this.evaluations < due; this.evaluations++) {
      const value = this.#client.variation(WATCHED, USER, 'default');
      if (this.seen.at(-1) !== value) this.seen.push(value);
    }
    if (this.#running) setImmediate(() => this.#beat(now, usage));
  }
}

function longestFirst(stalls: readonly Stall[], by: keyof Stall): readonly Stall[] {
  return [...stalls].sort((a, b) => b[by] - a[by]);
}

/** What a client needs to know of the server. */
type Target = Pick<Options, 'envSecret' | 'streamingUrl' | 'eventUrl'>;

interface Run {
  readonly stalls: readonly Stall[];
  readonly seen: readonly string[];
  readonly evaluations: number;
  readonly flags: number;
  /** While the same environment came again. */
  readonly again: { readonly stalls: readonly Stall[]; readonly heard: readonly string[] };
}

/** How much longer the same environment may hold the event loop up than the first did. */
const AGAIN = 1.25;

async function startClient(options: Target): Promise<FBClient> {
  const client = new FBClient({ ...options, proxy: false });
  if ((await client.waitForInitialization()) !== 'ready') throw new Error('the client did not become ready');
  return client;
}

async function receive(options: Target, server: ChildProcess): Promise<Run> {
  const client = await startClient(options);
  const watch = new Watch(client);
  await delay(300);
  order(server, 'push');
  while (watch.seen.at(-1) !== 'third') await delay(20);
  watch.stop();
  const { stalls, seen, evaluations } = watch;
  const { flags } = client.diagnostics().data;
  const again = await receiveAgain(client, server);
  await client.close();
  return { stalls, seen, evaluations, flags, again };
}

async function receiveAgain(client: FBClient, server: ChildProcess): Promise<Run['again']> {
  const heard: string[] = [];
  client.flagTracker.addFlagChangedListener(({ flagKey }) => heard.push(flagKey));
  const watch = new Watch(client);
  await delay(300);
  order(server, 'push again');
  while (watch.seen.at(-1) !== 'healed') await delay(20);
  // Whatever follows from it belongs to it.
  await delay(500);
  watch.stop();
  return { stalls: watch.stalls, heard };
}

/** Closes the client as soon as the large sync has been parsed. */
async function abandon(options: Target, server: ChildProcess): Promise<{ flags: number; milliseconds: number }> {
  const client = await startClient(options);
  const watch = new Watch(client);
  order(server, 'push');
  const parsed = (): boolean => watch.stalls.some(({ own }) => own > PARSING);
  const committed = (): boolean => client.diagnostics().data.flags === FLAGS;
  while (!parsed() && !committed()) await new Promise((resolve) => setImmediate(resolve));
  const start = performance.now();
  await client.close();
  const milliseconds = performance.now() - start;
  await delay(500);
  watch.stop();
  return { flags: client.diagnostics().data.flags, milliseconds };
}

function order(server: ChildProcess, what: LargeOrder): void {
  server.send(what);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

async function measure(): Promise<boolean> {
  const bytes = Buffer.from(fullText('new', 2));
  const text = bytes.toString('utf8');
  const megabytes = (bytes.length / 1_000_000).toFixed(1);
  console.log(
    `${FLAGS} flags, ${megabytes} MB, ${EVALUATIONS_PER_SECOND} evaluations a second, Node ${process.version.slice(1)}, ${RUNS} runs`,
  );
  const bare = Array.from({ length: RUNS }, () => timed(() => JSON.parse(text)));
  const withText = Array.from({ length: RUNS }, () => timed(() => JSON.parse(bytes.toString('utf8'))));

  const server = fork(fileURLToPath(new URL('./large-server.ts', import.meta.url)));
  const [options] = (await once(server, 'message')) as [Target];
  const runs: Run[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await receive(options, server));
  const abandoned = await abandon(options, server);
  order(server, 'end');

  const longest = runs.map(({ stalls }) => (longestFirst(stalls, 'wall')[0] ?? NO_STALL).wall);
  const second = runs.map(({ stalls }) => (longestFirst(stalls, 'wall')[1] ?? NO_STALL).wall);
  const own = runs.map(({ stalls }) => (longestFirst(stalls, 'own')[1] ?? NO_STALL).own);
  const again = runs.map((run) => (longestFirst(run.again.stalls, 'wall')[0] ?? NO_STALL).wall);
  const heard = runs.map((run) => run.again.heard);
  const inOrder = runs.every(
    ({ seen }) =>
      seen.join() === ['old', 'new', 'first', 'second', 'third'].filter((value) => seen.includes(value)).join(),
  );
  const checks = [
    [`JSON.parse of the text alone`, `${figures(bare)}`],
    [`decoding the bytes as text, and JSON.parse`, `${figures(withText)}`],
    [`longest stall (decoding, JSON.parse, a first slice)`, `${figures(longest)}`],
    ['longest stall but one: any step after it, garbage collection included', figures(second)],
    [
      `the same in the process’s own time, at most ${STEP_LIMIT} ms in the median run`,
      figures(own),
      median(own) <= STEP_LIMIT,
    ],
    ['what arrived meanwhile was applied after it, in order', inOrder ? 'yes' : 'no', inOrder],
    [
      `all ${FLAGS} flags are there`,
      `${runs.map(({ flags }) => flags).join(', ')}`,
      runs.every(({ flags }) => flags === FLAGS),
    ],
    ['evaluations meanwhile', `${runs.reduce((sum, { evaluations }) => sum + evaluations, 0)}, none threw`],
    ['the same environment again: longest stall', figures(again), median(again) <= median(longest) * AGAIN],
    [
      'the same environment again: listeners heard of',
      `${heard.map((keys) => keys.length).join(', ')} flags, 1 was different`,
      heard.every((keys) => keys.join() === WATCHED),
    ],
    [
      'close() meanwhile abandoned it',
      `${abandoned.flags} flags as before, in ${abandoned.milliseconds.toFixed(0)} ms`,
      abandoned.flags === SMALL.length,
    ],
  ] as const;
  for (const [what, figure, good] of checks) {
    console.log(`${good === undefined ? '    ' : good ? 'ok  ' : 'FAIL'}  ${what.padEnd(70)}  ${figure}`);
  }
  return checks.every(([, , good]) => good !== false);
}

function figures(values: readonly number[]): string {
  return `median ${median(values).toFixed(1)} ms, worst ${Math.max(...values).toFixed(1)} ms`;
}

if (process.argv.includes('--help'))
  console.log(
    'Usage: npm run soak:large\n\nMeasures a full sync of 20 MB. Exit code: 0, or 1 when a promise was not kept.',
  );
else process.exitCode = (await measure()) ? 0 : 1;
