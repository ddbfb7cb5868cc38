import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrawnEvent } from '../events.js';
import type { Stream, Usage } from '../messages.js';
import { usageOf } from '../process-usage.js';
import { spawnLoaded } from '../processes.js';
import type { Asked } from '../requests.js';
import { builtProgram, type GoProgram } from './go-module.js';
import type { Contender, Side } from './side.js';

const PROGRAM: GoProgram = {
  title: 'GO Feature Flag',
  module: 'github.com/thomaspoignant/go-feature-flag',
  version: 'v1.55.2',
  folder: 'cmd/relayproxy',
  go: '1.26.6',
};

/** It has no secrets of its own. */
const KEYS = { admin: 'bench-admin', evaluation: 'bench-evaluation' };
/** How long it may take to answer, in milliseconds. */
const PATIENCE = 60_000;

/** The relay proxy of GO Feature Flag, built when it is not there yet. */
export async function goFeatureFlag(): Promise<Contender> {
  const program = await builtProgram(PROGRAM);
  return {
    name: `${PROGRAM.title} ${PROGRAM.version}`,
    start: (flags, folder) => RelayProxy.start(program, flags, folder),
  };
}

/** Its flags, which say the same as those of the center: a third has rules, a third individual targets, a third a rollout. */
export function flagsFile(count: number, isFirstOn: boolean): string {
  const flags = Array.from({ length: count }, (_, index) => {
    const rule = {
      name: 'Customers of the first hour',
      query: `country in ["NZ","DE","FR"] and plan eq "plan-${index % 50}"`,
      variation: 'on',
    };
    const keys = Array.from({ length: 8 }, (_, user) => `"user-${index * 7 + user}"`);
    const targets = { name: 'targets', query: `targetingKey in [${keys.join(',')}]`, variation: 'on' };
    const targeting = index % 3 === 0 ? [rule] : index % 3 === 1 ? [targets] : [];
    const halves = { name: 'rollout', percentage: { on: 50, off: 50 } };
    const flag = {
      variations: { on: true, off: false },
      targeting,
      defaultRule: index % 3 === 2 ? halves : { name: 'default', variation: 'off' },
      disable: index === 0 && !isFirstOn,
      metadata: { name: `Flag number ${index}` },
    };
    return [`flag-${index}`, flag] as const;
  });
  return JSON.stringify(Object.fromEntries(flags));
}

/** How its collector is sent events, as its providers do: times are seconds. */
export function collectorRequest(events: readonly DrawnEvent[]): Asked {
  const items = events.map(({ user: userKey, at, ...event }) => {
    const common = { contextKind: 'user', userKey, creationDate: Math.floor(at / 1_000) };
    if (event.kind === 'metric') {
      const evaluationContext = { targetingKey: userKey };
      return {
        kind: 'tracking',
        ...common,
        key: event.name,
        evaluationContext,
        trackingEventDetails: { value: event.value },
      };
    }
    const variation = event.isOn ? 'on' : 'off';
    return {
      kind: 'feature',
      ...common,
      key: event.flag,
      variation,
      value: event.isOn,
      default: false,
      source: 'PROVIDER_CACHE',
    };
  });
  return { method: 'POST', path: '/v1/data/collector', ...asJson({ meta: { provider: 'bench' }, events: items }) };
}

function asJson(body: unknown): Pick<Asked, 'headers' | 'body'> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEYS.evaluation}` };
  return { headers, body: JSON.stringify(body) };
}

class RelayProxy implements Side {
  readonly url: string;
  readonly stream: Stream = { kind: 'events', path: `/stream/v1/sse/flag/change?apiKey=${KEYS.evaluation}` };
  readonly everything: Asked = { method: 'POST', path: '/v1/flag/configuration', ...asJson({}) };
  readonly #child: ChildProcess;
  readonly #file: string;
  /** The file when the first flag is on, and when it is off. */
  readonly #texts: readonly [string, string];
  #isFirstOn = true;

  private constructor(child: ChildProcess, port: number, file: string, texts: readonly [string, string]) {
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
    this.#file = file;
    this.#texts = texts;
  }

  static async start(program: string, flags: number, folder: string): Promise<Side> {
    mkdirSync(folder, { recursive: true });
    const [file, config] = [join(folder, 'flags.json'), join(folder, 'goff-proxy.json')];
    const texts = [flagsFile(flags, true), flagsFile(flags, false)] as const;
    writeFileSync(file, texts[0]);
    const port = await freePort();
    const exported = { kind: 'file', outputDir: join(folder, 'events'), flushInterval: 1_000 };
    writeFileSync(
      config,
      JSON.stringify({
        server: { host: '127.0.0.1', port },
        hideBanner: true,
        logLevel: 'error',
        fileFormat: 'json',
        retriever: { kind: 'file', path: file },
        // It is asked to look whenever a flag has changed.
        pollingInterval: 3_600_000,
        authorizedKeys: { admin: [KEYS.admin], evaluation: [KEYS.evaluation] },
        exporters: [
          { ...exported, eventType: 'feature' },
          { ...exported, eventType: 'tracking' },
        ],
      }),
    );
    // It takes any variable of the environment for a setting.
    const env = { PATH: process.env.PATH ?? '', HOME: folder };
    // It ends with this process, however that ends.
    const child = spawnLoaded('setpriv', ['--pdeathsig', 'KILL', program, '--config', config], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const proxy = new RelayProxy(child, port, file, texts);
    try {
      await proxy.#answers();
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
    return proxy;
  }

  eventsRequest(events: readonly DrawnEvent[]): Asked {
    return collectorRequest(events);
  }

  async usage(): Promise<Usage> {
    if (this.#child.pid === undefined) throw new Error(`${PROGRAM.title} was not started`);
    return usageOf(this.#child.pid);
  }

  /** There is no interface for changes: its file is written anew, and it is asked to read it. */
  async change(): Promise<void> {
    this.#isFirstOn = !this.#isFirstOn;
    writeFileSync(this.#file, this.#texts[this.#isFirstOn ? 0 : 1]);
    const headers = { authorization: `Bearer ${KEYS.admin}` };
    const answer = await fetch(`${this.url}/admin/v1/retriever/refresh`, { method: 'POST', headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${PROGRAM.title} answered ${answer.status}: ${text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  async #answers(): Promise<void> {
    const end = performance.now() + PATIENCE;
    for (;;) {
      const answer = await fetch(`${this.url}/health`).catch(() => undefined);
      await answer?.text();
      if (answer?.ok === true) return;
      if (this.#child.exitCode !== null) throw new Error(`${PROGRAM.title} has ended with ${this.#child.exitCode}`);
      if (performance.now() > end) throw new Error(`${PROGRAM.title} does not answer`);
      await sleep(50);
    }
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}
