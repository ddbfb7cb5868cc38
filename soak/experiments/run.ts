import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { plainProgram } from '../../scripts/test-support/plain-program.js';
import { CenterProcess, TOKEN } from '../kill/center-process.js';
import type { Random } from '../random.js';
import { differences, expectedResults, METRICS, PLANNED_USERS, VARIATIONS } from './expected.js';
import { RecordingProxy } from './proxy.js';
import { serverSecretOf } from './server-secret.js';

export interface FieldOptions {
  readonly folder: string;
  readonly seconds: number;
  readonly kills: number;
  readonly random: Random;
  progress(text: string): void;
}

export interface FieldReport {
  readonly kills: number;
  readonly requests: number;
  readonly events: number;
  readonly late: number;
  readonly answersLost: number;
  readonly deliveredAgain: number;
  /** As the center has counted them. */
  readonly replays: number;
  readonly users: number;
  readonly several: number;
  readonly verdict: string;
  readonly sentence: string;
  /** Where the center's results are not those of what it has acknowledged. */
  readonly wrong: readonly string[];
}

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
    // So that a visitor with another device is shown another variation.
    dispatchKey: 'device',
    includedInExpt: true,
    variations: [
      { id: 'off', rollout: [0, 0.5], exptRollout: 1 },
      { id: 'on', rollout: [0.5, 1], exptRollout: 1 },
    ],
  },
};

/** How long an SDK may take to start, in milliseconds. */
const PATIENCE = 60_000;

const VISITORS = fileURLToPath(new URL('./visitors.ts', import.meta.url));

/**
 * Runs an experiment with two SDKs, ours and FeatBit's, each in a process of its own, on a center that is killed in the middle, and
 * compares its results with those of all events that it has acknowledged.
 */
export async function runField(options: FieldOptions): Promise<FieldReport> {
  const { folder, random, seconds, progress } = options;
  const proxy = new RecordingProxy(random);
  const address = await proxy.listen();
  let center = await startCenter(folder, proxy);
  const children: ChildProcess[] = [];
  try {
    const secret = await setUp(center.url);
    for (const sdk of ['ours', 'featbit']) {
      const seed = String(random.between(0, 999_999));
      const child = fork(plainProgram(VISITORS), [sdk, address, secret, seed], {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      children.push(child);
      await once(child, 'message', { signal: AbortSignal.timeout(PATIENCE) });
    }
    progress('both SDKs have started');
    const start = Date.now();
    let kills = 0;
    while (Date.now() - start < seconds * 1_000) {
      const next = ((kills + 0.3 + random.between(0, 399) / 1_000) / options.kills) * seconds * 1_000;
      if (kills < options.kills && Date.now() - start >= next) {
        proxy.target = undefined;
        await center.process.kill('SIGKILL');
        kills += 1;
        await setTimeout(random.between(0, 499));
        center = await startCenter(folder, proxy);
        progress(`killed ${kills} times`);
      }
      await outOfOrder(proxy, secret, start, random);
      await setTimeout(100);
    }
    for (const child of children) {
      child.send('stop');
      await once(child, 'exit');
    }
    progress('both SDKs have stopped');
    await proxy.settle();
    const api = apiOf(center.url);
    await api('POST', '/experiments/e/stop');
    // biome-ignore lint/suspicious/noExplicitAny: an answer that is compared, part by part
    const results: any = await api('GET', '/experiments/e/results');
    return { ...reportOf(results, proxy), kills };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await center.process.kill('SIGTERM');
    await proxy.close();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: an answer that is compared, part by part
function reportOf(results: any, proxy: RecordingProxy): Omit<FieldReport, 'kills'> {
  const bodies = proxy.acknowledged();
  const { start, end } = results.iteration;
  const { sums, analysis } = expectedResults(bodies, Date.parse(start), Date.parse(end));
  const expected = {
    excluded: { several: sums.usersWithSeveralVariations },
    variations: VARIATIONS.map((id) => ({ id, users: sums.variations[id]?.users })),
    split: analysis.split,
    metrics: METRICS.map(({ key }, index) => ({
      key,
      values: VARIATIONS.map((variation) => {
        const { sum, nonzero } = sums.variations[variation]?.metrics[key] ?? {};
        return { variation, total: sum, nonzero };
      }),
      comparisons: analysis.metrics[index]?.comparisons.map(({ variation, verdict, result, adjustedPValue }) => ({
        ...{ variation, verdict, result, adjustedPValue },
      })),
    })),
    late: 0,
  };
  const { late, answersLost, deliveredAgain } = proxy;
  return {
    ...{ late, answersLost, deliveredAgain, requests: bodies.length },
    events: bodies.reduce((sum, body) => sum + JSON.parse(body).length, 0),
    replays: results.replays,
    users: results.users,
    several: results.excluded.several,
    verdict: results.verdict,
    sentence: results.sentence,
    wrong: differences(results, expected),
  };
}

async function startCenter(folder: string, proxy: RecordingProxy): Promise<{ process: CenterProcess; url: string }> {
  const process = CenterProcess.start(folder);
  const url = await process.url();
  if (url === undefined) throw new Error(`the center did not start: ${process.errors}`);
  proxy.target = url;
  return { process, url };
}

type Api = (method: string, path: string, body?: object) => Promise<unknown>;

function apiOf(url: string): Api {
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1/environments/dev${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/** @returns the server secret. */
async function setUp(url: string): Promise<string> {
  const api = apiOf(url);
  await api('PUT', '/flags/checkout', FLAG);
  for (const { key, event, type, ...rest } of METRICS) {
    await api('PUT', `/metrics/${key}`, { event, type, ...('cap' in rest ? { cap: rest.cap } : {}) });
  }
  const metrics = METRICS.map(({ key }) => ({ key }));
  await api('PUT', '/experiments/e', { flagKey: 'checkout', control: 'off', metrics, plannedUsers: PLANNED_USERS });
  await api('POST', '/experiments/e/start');
  return serverSecretOf((path) => api('GET', path));
}

/** Events of visitors of its own, whose times are in no order at all. */
async function outOfOrder(proxy: RecordingProxy, secret: string, start: number, random: Random): Promise<void> {
  const span = Math.max(1, Date.now() - start);
  const items = Array.from({ length: 10 }, () => {
    const number = random.between(0, 299);
    const user = { keyId: `late-${number}`, name: '', customizedProperties: [] };
    const timestamp = start + random.between(0, span - 1);
    if (random.next() < 0.5) {
      const switches = random.next() < 0.02;
      const variation = { id: switches === (number % 2 === 0) ? 'on' : 'off', value: '' };
      return {
        user,
        variations: [{ featureFlagKey: 'checkout', variation, timestamp, sendToExperiment: random.next() < 0.9 }],
      };
    }
    return { user, metrics: [{ eventName: 'purchase', numericValue: random.between(0, 199) - 20, timestamp }] };
  });
  await proxy.send(JSON.stringify(items), secret);
}
