/** `npm run experiments:load`: what experiments cost, side by side with counting alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../random.js';
import { serverSecretOf } from './server-secret.js';

const HELP = `Usage: npm run experiments:load -- [--events <n>] [--rounds <n>] [--users <n>]

Sends events to three centers in turn, each a process of its own with a data folder: one without an
experiment; one with an experiment on another flag than the events are of; one whose experiment with
five metrics counts every event. Prints the CPU time of each center per event, the latency of a
switch under that load, and how long the results take. Needs Linux (/proc).

  --events <n>  events of a round, in requests of 50     (default 20000)
  --rounds <n>  rounds, of which the medians are shown   (default 5)
  --users <n>   different users                          (default 200000)
  --help        this text

Exit code: 0 when the targets are met (1.5 times the CPU for events without an experiment, 40 µs for
one that counts, results in 5 ms), 1 when not, 2 for arguments that cannot be used.`;

const TOKEN = 'a-token-of-the-load-soak';
const COMMAND = fileURLToPath(new URL('../../packages/fbcenter/src/cli/main.ts', import.meta.url));
const BATCH = 50;
const CONNECTIONS = 4;
/** Of Linux's clock ticks, in microseconds. */
const TICK = 10_000;

const FLAG = {
  variationType: 'boolean',
  variations: [
    { id: 'on', value: 'true' },
    { id: 'off', value: 'false' },
  ],
  isEnabled: true,
  disabledVariationId: 'off',
  exptIncludeAllTargets: false,
  fallthrough: {
    includedInExpt: true,
    variations: [
      { id: 'off', rollout: [0, 0.5], exptRollout: 1 },
      { id: 'on', rollout: [0.5, 1], exptRollout: 1 },
    ],
  },
};

/** Five metrics on the events of a name. */
const metricsOn = (event: string) => ({
  bought: { type: 'conversion', event },
  orders: { type: 'count', event, cap: 20 },
  revenue: { type: 'sum', event, cap: 1_000 },
  'order-value': { type: 'ratio', event, denominator: { event, aggregation: 'count' } },
  'came-back': { type: 'retention', event, delayDays: 1 },
});

interface Load {
  readonly name: string;
  /** The flag of the experiment; `undefined` = there is none. */
  readonly experimentOn: string | undefined;
  readonly process: ChildProcess;
  readonly url: string;
  readonly secret: string;
  /** Microseconds of CPU an event, of each round. */
  readonly cpu: number[];
  /** Milliseconds of a switch under load. */
  readonly toggles: number[];
}

interface Arguments {
  readonly events: number;
  readonly rounds: number;
  readonly users: number;
}

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { events: text, rounds: text, users: text, help: { type: 'boolean' } } });
    if (values.help === true) return 'help';
    const read = {
      events: Number(values.events ?? 20_000),
      rounds: Number(values.rounds ?? 5),
      users: Number(values.users ?? 200_000),
    };
    for (const [name, value] of Object.entries(read)) {
      if (!(Number.isInteger(value) && value >= 1 && value <= 10_000_000))
        return { problem: `--${name} must be from 1 to 10000000` };
    }
    return read;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function start(folder: string, name: string, experimentOn: string | undefined): Promise<Load> {
  const options = ['--conditions=fbclient-source', '--import=tsx', COMMAND, '--port', '0', '--data', folder];
  const child = spawn(process.execPath, options, {
    env: { ...process.env, FBCENTER_ADMIN_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  while (!/listens on http\S+/.test(output)) await once(child.stdout, 'data');
  const [, url = ''] = /listens on (http:\S+)/.exec(output) ?? [];
  const api = async (method: string, path: string, body?: object) => {
    const { status, text } = await call(
      url,
      method,
      `/api/v1/environments/dev${path}`,
      `Bearer ${TOKEN}`,
      body && JSON.stringify(body),
    );
    if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
    return text;
  };
  for (const key of ['counted', 'other', 'switched']) await api('PUT', `/flags/${key}`, FLAG);
  if (experimentOn !== undefined) {
    const metrics = metricsOn(experimentOn === 'counted' ? 'purchase' : 'signup');
    for (const [key, metric] of Object.entries(metrics)) await api('PUT', `/metrics/${key}`, metric);
    await api('PUT', '/experiments/e', {
      flagKey: experimentOn,
      metrics: Object.keys(metrics).map((key) => ({ key })),
    });
    await api('POST', '/experiments/e/start');
  }
  const secret = await serverSecretOf(async (path) => JSON.parse(await api('GET', path)));
  return { name, experimentOn, process: child, url, secret, cpu: [], toggles: [] };
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS + 2 });

function call(
  url: string,
  method: string,
  path: string,
  authorization: string,
  body?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, agent, headers: { authorization } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** CPU time of a process so far, in microseconds. */
function cpuOf({ pid }: ChildProcess): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** A request: seven of ten events are evaluations, the others purchases. */
function bodyOf(random: Random, users: number): string {
  const now = Date.now();
  const items = Array.from({ length: BATCH }, () => {
    const number = random.between(0, users - 1);
    const user = { keyId: `user-${number}`, name: '', customizedProperties: [] };
    if (random.next() < 0.3) {
      const metrics = [{ eventName: 'purchase', numericValue: random.between(100, 9_900) / 100, timestamp: now }];
      return { user, metrics };
    }
    const variation = { id: number % 2 === 0 ? 'off' : 'on', value: 'true' };
    return { user, variations: [{ featureFlagKey: 'counted', variation, timestamp: now, sendToExperiment: true }] };
  });
  return JSON.stringify(items);
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
      const began = performance.now();
      await call(load.url, 'POST', '/api/v1/environments/dev/flags/switched/toggle', `Bearer ${TOKEN}`);
      load.toggles.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await Promise.all(senders);
  isOver = true;
  await toggles;
  load.cpu.push((cpuOf(load.process) - before) / (bodies.length * BATCH));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function run({ events, rounds, users }: Arguments): Promise<number> {
  console.log(
    `experiments:load: --events ${events} --rounds ${rounds} --users ${users}, Node ${process.version.slice(1)}`,
  );
  const home = mkdtempSync(join(tmpdir(), 'fbcenter-load-'));
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
    // The first round is not counted: code is compiled by and by.
    for (let count = 0; count <= rounds; count++) {
      for (const load of loads) {
        await round(
          load,
          Array.from({ length: Math.ceil(events / BATCH) }, () => bodyOf(random, users)),
        );
        if (count === 0) load.cpu.length = load.toggles.length = 0;
      }
      console.log(`round ${count} of ${rounds}${count === 0 ? ', to warm up' : ''}`);
    }
    const [plain, beside, counting] = loads;
    if (plain === undefined || beside === undefined || counting === undefined) return 1;
    const look: number[] = [];
    let shown = '';
    for (let count = 0; count < 50; count++) {
      const began = performance.now();
      shown = (await call(counting.url, 'GET', '/api/v1/environments/dev/experiments/e/results', `Bearer ${TOKEN}`))
        .text;
      look.push(performance.now() - began);
    }
    console.log('\n| center | CPU an event | × | switch, median | 95 % |\n| --- | --- | --- | --- | --- |');
    const base = quantile(plain.cpu, 0.5);
    for (const { name, cpu, toggles } of loads) {
      const own = quantile(cpu, 0.5);
      const switched = [0.5, 0.95].map((share) => `${quantile(toggles, share).toFixed(1)} ms`).join(' | ');
      console.log(`| ${name} | ${own.toFixed(1)} µs | ${(own / base).toFixed(2)} | ${switched} |`);
    }
    const result = quantile(look, 0.5);
    console.log(
      `\nresults of ${JSON.parse(shown).users.toLocaleString('en')} users: ${result.toFixed(2)} ms (median of ${look.length}, with HTTP)`,
    );
    const isMet = quantile(beside.cpu, 0.5) <= 1.5 * base && quantile(counting.cpu, 0.5) <= 40 && result <= 5;
    console.log(isMet ? 'The targets are met.' : 'A target is not met.');
    return isMet ? 0 : 1;
  } finally {
    agent.destroy();
    for (const { process: child } of loads) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
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
