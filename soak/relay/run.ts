import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FbClientBuilder, UserBuilder } from '@featbit/node-server-sdk';
import type { Random } from '../random.js';
import type { Line } from '../verdict.js';
import { Command } from './command.js';
import type { FromSdks, ToSdks } from './messages.js';

export interface RelayRun {
  readonly random: Random;
  readonly connections: number;
  readonly flags: number;
  /** How long upstream is away the first time, in milliseconds. */
  readonly outage: number;
  readonly progress: (text: string) => void;
}

const TOKEN = 'a-token-of-the-relay-soak';
/** The longest that anything is waited for, in milliseconds. */
const PATIENCE = 45_000;
/** What is on its way when the relay is killed may be counted twice: the bodies of one request. */
const ON_ITS_WAY = 100;

const secret = () => randomBytes(33).toString('base64url');

/** A center, a relay in front of it, many SDKs behind that; both are killed, one by one and together. */
export async function runRelay({ random, connections, flags, outage, progress }: RelayRun): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fbcenter-relay-'));
  const serverSecret = secret();
  const center = new Command(['--data', join(folder, 'center'), '--log-level', 'error'], {
    FBCENTER_ADMIN_TOKEN: TOKEN,
    FBCENTER_SERVER_SECRET: serverSecret,
  });
  const sdks = fork(fileURLToPath(new URL('./sdks.ts', import.meta.url)), {
    execArgv: ['--conditions=fbclient-source', '--import=tsx'],
  });
  let relay: Command | undefined;
  const lines: Line[] = [];
  const line = (what: string, figure: string, good?: boolean) =>
    lines.push({ what, figure, ...(good === undefined ? {} : { good }) });
  try {
    await center.start();
    const api = apiOf(center);
    for (let index = 0; index < flags; index++) await api.put(`flag-${index}`, true);
    relay = new Command(['relay', '--data', join(folder, 'relay')], {
      FBRELAY_UPSTREAM: center.url,
      FBRELAY_SERVER_SECRET: serverSecret,
    });
    await relay.start();
    const tell = (message: ToSdks) => void sdks.send(message);
    const hear = <K extends FromSdks['kind']>(kind: K) => next(sdks, kind);
    const state = async () => (await fetch(`${relay?.url}/health`)).json() as Promise<Health>;
    const until = async (what: string, holds: () => Promise<boolean>) => {
      for (const end = performance.now() + PATIENCE; performance.now() < end; await setTimeout(100)) {
        if (await holds().catch(() => false)) return;
      }
      throw new Error(`it did not come to this: ${what}`);
    };
    const live = () => until('the relay is live', async () => (await state()).status === 'Healthy');
    /** Changes a flag, and waits until everybody has that. @returns how long the last one took, in milliseconds. */
    const change = async () => {
      const key = `flag-${random.between(0, flags - 1)}`;
      const reached = hear('reached');
      const version = await api.put(key, random.next() < 0.5);
      const at = Date.now();
      tell({ kind: 'expect', key, version });
      return (await reached).at - at;
    };
    const synced = async () => {
      const done = hear('synced');
      tell({ kind: 'sync' });
      return done;
    };

    progress(`${connections} SDKs connect`);
    tell({ kind: 'connect', url: relay.url, secret: serverSecret, connections });
    const first = await synced();
    line('all SDKs have everything after', `${(first.milliseconds / 1_000).toFixed(1)} s`);
    const upstream = (await api.connections()).length;
    line('connections to upstream', `${upstream} for ${connections} SDKs`, upstream === 1);

    const official = new FbClientBuilder({
      sdkKey: serverSecret,
      streamingUri: relay.url.replace('http', 'ws'),
      eventsUri: relay.url,
      flushInterval: 200,
      startWaitTime: 10_000,
      logLevel: 'none',
    }).build();
    await official.waitForInitialization();
    const user = new UserBuilder('u').name('U').build();
    const seen = async (key: string, value: boolean) => (await official.boolVariation(key, user, !value)) === value;
    line(
      '@featbit/node-server-sdk behind the relay',
      official.initialized() ? 'starts' : 'does not start',
      official.initialized(),
    );

    const waits: number[] = [];
    for (let count = 0; count < 10; count++) waits.push(await change());
    line(
      'a change reaches the last SDK after',
      `${median(waits)} ms, at most ${Math.max(...waits)} ms`,
      median(waits) < 2_000,
    );

    progress('upstream is killed');
    tell({ kind: 'track', count: 300, over: 1_000 });
    await setTimeout(500);
    await center.end('SIGKILL');
    tell({ kind: 'track', count: 500, over: outage });
    await until('the relay has noticed', async () => (await state()).status === 'Stale');
    await setTimeout(outage);
    const away = await state();
    line(
      'upstream away: the relay serves data of',
      `${away.ageSeconds} s ago, ${kib(away.insights.waitingBytes)} of insights wait`,
      away.status === 'Stale' && (away.ageSeconds ?? 0) > 0,
    );
    const still = await count(tell, hear);
    line('upstream away: SDKs that are connected', `${still.open} of ${connections}`, still.open === connections);
    line(
      'upstream away: the official SDK evaluates',
      'as before',
      await seenEither(official.boolVariation('flag-0', user, false)),
    );
    await center.start();
    await live();
    line('upstream back: a change reaches the last SDK after', `${await change()} ms`, true);

    progress('the relay is killed, while everybody reports and flags change');
    tell({ kind: 'track', count: 500, over: 3_000 });
    await setTimeout(1_000 + random.between(0, 500));
    await relay.end('SIGKILL');
    const changedMeanwhile = await api.put('flag-0', false);
    await relay.start();
    const back = await synced();
    line(
      'relay killed and started: all SDKs are back after',
      `${(back.milliseconds / 1_000).toFixed(1)} s, ${back.fulls} of them were given everything anew`,
    );
    const reached = hear('reached');
    tell({ kind: 'expect', key: 'flag-0', version: changedMeanwhile });
    await reached;
    await live();
    const again = await change();
    line('relay killed and started: a change reaches the last SDK after', `${again} ms`, true);

    progress('both are killed, the relay starts alone');
    await Promise.all([center.end('SIGKILL'), relay.end('SIGKILL')]);
    await relay.start();
    progress('the relay serves its snapshot');
    const alone = await synced();
    line(
      'relay alone: all SDKs are served its snapshot after',
      `${(alone.milliseconds / 1_000).toFixed(1)} s, ${(await state()).ageSeconds} s old`,
    );
    tell({ kind: 'track', count: 300, over: 1_000 });
    await setTimeout(1_500);
    await center.start();
    progress('upstream is back');
    await live();
    line('upstream back: a change reaches the last SDK after', `${await change()} ms`, true);
    await api.put('flag-1', true);
    await until('the official SDK follows', () => seen('flag-1', true));
    await api.put('flag-1', false);
    await until('the official SDK follows', () => seen('flag-1', false));
    line('the official SDK after all of it', 'follows', true);
    await official.close();

    await until('no insights wait', async () => (await state()).insights.waitingBytes === 0);
    const { accepted, unanswered, refused, stepsBack, connects } = await count(tell, hear);
    const counted = await api.metrics();
    const lost = accepted.filter((name) => !counted.has(name)).length;
    const twice = [...counted.values()].filter((times) => times > 1).length;
    line('insights that the relay took, and upstream counted', `${accepted.length} taken, ${lost} lost`, lost === 0);
    line('insights counted twice', `${twice} over two kills of the relay`, twice <= 2 * ON_ITS_WAY);
    line('insights without an answer, and turned away', `${unanswered.length} and ${refused}`, refused === 0);
    line('full messages older than a patch before them', String(stepsBack), stepsBack === 0);
    line('connections that SDKs have made', String(connects));
    const memory = relay.memory;
    line(
      'memory of the relay',
      memory === undefined ? 'not known' : `${Math.round(memory / 1_048_576)} MiB`,
      memory === undefined || memory < 400 * 1_048_576,
    );
    return lines;
  } finally {
    if (sdks.connected) sdks.disconnect();
    await relay?.end('SIGKILL');
    await center.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Health {
  readonly status: string;
  readonly ageSeconds: number | null;
  readonly insights: { readonly waitingBytes: number };
}

function count(
  tell: (message: ToSdks) => void,
  hear: (kind: 'counts') => Promise<Extract<FromSdks, { kind: 'counts' }>>,
) {
  const counts = hear('counts');
  tell({ kind: 'count' });
  return counts;
}

async function seenEither(value: Promise<boolean>): Promise<boolean> {
  return typeof (await value) === 'boolean';
}

/** The next message of a kind from the process of the SDKs. */
function next<K extends FromSdks['kind']>(
  sdks: ReturnType<typeof fork>,
  kind: K,
): Promise<Extract<FromSdks, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const timer = globalThis.setTimeout(() => reject(new Error(`the SDKs did not report ${kind}`)), PATIENCE);
    const onMessage = (message: FromSdks) => {
      if (message.kind !== kind) return;
      globalThis.clearTimeout(timer);
      sdks.off('message', onMessage);
      resolve(message as Extract<FromSdks, { kind: K }>);
    };
    sdks.on('message', onMessage);
  });
}

/** What the soak asks of the center's management API. */
function apiOf(center: Command) {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${center.url}/api/v1/environments/dev${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    /** @returns the version that the flag has then. */
    put: async (key: string, isEnabled: boolean): Promise<number> => {
      const variations = [
        { id: 'on', value: 'true' },
        { id: 'off', value: 'false' },
      ];
      const { updatedAt } = (await call('PUT', `/flags/${key}`, {
        variationType: 'boolean',
        variations,
        isEnabled,
        disabledVariationId: 'off',
        fallthrough: { variations: [{ id: 'on', rollout: [0, 1], exptRollout: 1 }] },
      })) as { readonly updatedAt: string };
      return Date.parse(updatedAt);
    },
    connections: async () => ((await call('GET', '/connections')) as { readonly items: readonly unknown[] }).items,
    /** How often each metric was counted. */
    metrics: async () => {
      const { metrics } = (await call('GET', '/insights')) as {
        readonly metrics: readonly { readonly eventName: string; readonly count: number }[];
      };
      return new Map(metrics.map(({ eventName, count: times }) => [eventName, times]));
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function kib(bytes: number): string {
  return `${Math.ceil(bytes / 1_024)} KiB`;
}
