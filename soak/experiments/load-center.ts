import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Random } from '../random.js';
import { serverSecretOf } from './server-secret.js';

const TOKEN = 'a-token-of-the-load-soak';
const COMMAND = fileURLToPath(new URL('../../packages/fbcenter/bin/fbcenter.js', import.meta.url));
/** Events of a request, as SDKs send them. */
export const BATCH = 50;
export const CONNECTIONS = 4;
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

/** A center under load. */
export interface Load {
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

/** Starts a center in a process of its own, with an experiment of five metrics on a flag. */
export async function start(folder: string, name: string, experimentOn: string | undefined): Promise<Load> {
  const child = spawn(process.execPath, [COMMAND, '--port', '0', '--data', folder], {
    // One program sends what a thousand would.
    env: { ...process.env, FBCENTER_ADMIN_TOKEN: TOKEN, FBCENTER_RATE_LIMIT: '0' },
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

export const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export function call(
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
export function cpuOf({ pid }: ChildProcess): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** A request: seven of ten events are evaluations, the others purchases. */
export function bodyOf(random: Random, users: number): string {
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

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Switches a flag, and notes how long that takes. */
export async function toggle(load: Load): Promise<void> {
  const began = performance.now();
  await call(load.url, 'POST', '/api/v1/environments/dev/flags/switched/toggle', `Bearer ${TOKEN}`);
  load.toggles.push(performance.now() - began);
}

/** Asks for the results so many times. @returns how long each took, in milliseconds, and the number of users. */
export async function lookAtResults(
  load: Load,
  times: number,
): Promise<{ readonly took: number[]; readonly users: number }> {
  const took: number[] = [];
  let users = 0;
  for (let count = 0; count < times; count++) {
    const began = performance.now();
    const { text } = await call(load.url, 'GET', '/api/v1/environments/dev/experiments/e/results', `Bearer ${TOKEN}`);
    took.push(performance.now() - began);
    users = JSON.parse(text).users;
  }
  return { took, users };
}

/** Memory of a process that is not shared, in megabytes. */
export function memoryOf({ pid }: ChildProcess): number {
  const [, kilobytes = '0'] = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

export async function stop({ process: child }: Load): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
