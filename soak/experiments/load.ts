/** `npm run experiments:load`: what experiments cost, side by side with counting alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../random.js';
import {
  agent,
  BATCH,
  bodyOf,
  CONNECTIONS,
  call,
  cpuOf,
  type Load,
  lookAtResults,
  quantile,
  start,
  stop,
  toggle,
} from './load-center.js';
import { fillUp, sustain } from './long-load.js';

const HELP = `Usage: npm run experiments:load -- [--events <n>] [--rounds <n>] [--warm <n>] [--users <n>]
       npm run experiments:load -- --minutes <n> [--rate <n>] [--users <n>]
       npm run experiments:load -- --fill <n>

Sends events to three centers in turn, each a process of its own with a data folder: one without an
experiment; one with an experiment on another flag than the events are of; one whose experiment with
five metrics counts every event. Prints the CPU time of each center per event, the latency of a
switch under that load, and how long the results take. Needs Linux (/proc).

  --events <n>  events of a round, in requests of 50     (default 20000)
  --rounds <n>  rounds, of which the medians are shown   (default 5)
  --warm <n>    rounds before them, which do not count: a process compiles its code over its first 100,000
                events, and a center runs for months (default 5)
  --users <n>   different users                          (default 200000)
  --minutes <n> instead: one counting center gets events for so many minutes, 1 to 60; its memory, what it
                takes and how long a switch lasts are shown every ten seconds
  --rate <n>    events a second, with --minutes          (default 10000)
  --fill <n>    instead: so many users enter, and then the results are asked for
  --help        this text

Exit code: 0 when the targets are met (1.5 times the CPU for events without an experiment, 40 µs for
one that counts, results in 5 ms; with --minutes all events taken, switches below 50 ms at the median
and memory that does not grow), 1 when not, 2 for arguments that cannot be used.`;

interface Arguments {
  readonly events: number;
  readonly rounds: number;
  readonly warm: number;
  readonly users: number;
  /** 0 = compare centers, or fill one. */
  readonly minutes: number;
  readonly rate: number;
  readonly fill: number;
}

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: {
        events: text,
        rounds: text,
        warm: text,
        users: text,
        minutes: text,
        rate: text,
        fill: text,
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) return 'help';
    const read = {
      events: Number(values.events ?? 20_000),
      rounds: Number(values.rounds ?? 5),
      warm: Number(values.warm ?? 5),
      users: Number(values.users ?? 200_000),
      minutes: Number(values.minutes ?? 0),
      rate: Number(values.rate ?? 10_000),
      fill: Number(values.fill ?? 0),
    };
    for (const [name, value] of Object.entries(read)) {
      const least = name === 'minutes' || name === 'fill' ? 0 : 1;
      const most = name === 'minutes' ? 60 : 10_000_000;
      if (!(Number.isInteger(value) && value >= least && value <= most))
        return { problem: `--${name} must be a whole number from ${Math.max(1, least)} to ${most}` };
    }
    return read;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function round(load: Load, bodies: readonly string[]): Promise<void> {
  const before = cpuOf(load.process);
  const queue = [...bodies];
  let isOver = false;
  const senders = Array.from({ length: CONNECTIONS }, async () => {
    for (let body = queue.pop(); body !== undefined; body = queue.pop()) {
      const { status } = await call(load.url, 'POST', '/api/public/insight/track', load.secret, body);
      if (status !== 200) throw new Error(`events were answered ${status}`);
    }
  });
  const toggles = (async () => {
    while (!isOver) {
      await toggle(load);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await Promise.all(senders);
  isOver = true;
  await toggles;
  load.cpu.push((cpuOf(load.process) - before) / (bodies.length * BATCH));
}

async function compare({ events, rounds, warm, users }: Arguments, home: string): Promise<boolean> {
  const loads: Load[] = [];
  try {
    for (const [name, flag] of [
      ['no experiment', undefined],
      ['an experiment on another flag', 'other'],
      ['counting, five metrics', 'counted'],
    ] as const) {
      loads.push(await start(join(home, String(loads.length)), name, flag));
    }
    const random = new Random(1);
    for (let count = 1 - warm; count <= rounds; count++) {
      for (const load of loads) {
        await round(
          load,
          Array.from({ length: Math.ceil(events / BATCH) }, () => bodyOf(random, users)),
        );
        if (count <= 0) load.cpu.length = load.toggles.length = 0;
      }
      console.log(count <= 0 ? `round ${count + warm} of ${warm} to warm up` : `round ${count} of ${rounds}`);
    }
    const [plain, beside, counting] = loads;
    if (plain === undefined || beside === undefined || counting === undefined) return false;
    const look = await lookAtResults(counting, 50);
    console.log('\n| center | CPU an event | × | switch, median | 95 % |\n| --- | --- | --- | --- | --- |');
    const base = quantile(plain.cpu, 0.5);
    for (const { name, cpu, toggles } of loads) {
      const own = quantile(cpu, 0.5);
      const switched = [0.5, 0.95].map((share) => `${quantile(toggles, share).toFixed(1)} ms`).join(' | ');
      console.log(`| ${name} | ${own.toFixed(1)} µs | ${(own / base).toFixed(2)} | ${switched} |`);
    }
    const result = quantile(look.took, 0.5);
    console.log(
      `\nresults of ${look.users.toLocaleString('en')} users: ${result.toFixed(2)} ms (median of 50, with HTTP)`,
    );
    return quantile(beside.cpu, 0.5) <= 1.5 * base && quantile(counting.cpu, 0.5) <= 40 && result <= 5;
  } finally {
    for (const load of loads) await stop(load);
  }
}

async function run(given: Arguments): Promise<number> {
  const { minutes, rate, fill, users } = given;
  console.log(`experiments:load: ${process.argv.slice(2).join(' ')}, Node ${process.version.slice(1)}`);
  const home = mkdtempSync(join(tmpdir(), 'fbcenter-load-'));
  try {
    const isMet =
      fill > 0
        ? await fillUp(join(home, 'data'), fill)
        : minutes > 0
          ? await sustain(join(home, 'data'), { minutes, rate, users })
          : await compare(given, home);
    console.log(isMet ? 'The targets are met.' : 'A target is not met.');
    return isMet ? 0 : 1;
  } finally {
    agent.destroy();
    rmSync(home, { recursive: true, force: true });
  }
}

const parsed = readArguments();
if (parsed === 'help') {
  console.log(HELP);
} else if ('problem' in parsed) {
  console.error(`${parsed.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(parsed);
}
