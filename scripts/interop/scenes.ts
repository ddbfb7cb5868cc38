import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Center } from 'fbcenter';
import { mustRun } from '../run.js';
import { setClock } from './clock.js';
import { Program } from './program.js';

/** How far the clocks are apart, in milliseconds: more than the 30 s that are allowed. */
const SKEW = 40_000;
/** How long an SDK is watched while its clock is off, in milliseconds. */
const WATCHED = 6_000;
/** Connections of one SDK that are taken for a patient return in that time; without a pause there are thousands. */
const PATIENT = 12;
/** How far the clock is ahead, in milliseconds, while a change is made that no backup has: an SDK comes in with a clock like that. */
const AHEAD = 20_000;
/** The program that backs up and restores. */
const FBCENTER = ['--conditions=fbclient-source', '--import=tsx', 'packages/fbcenter/src/cli/main.ts'];
/** How long anything may take on a busy machine, in milliseconds. */
const LONG = 40_000;

const FLAG = {
  key: 'release',
  variationType: 'boolean',
  variations: [
    { id: 'on', value: 'true' },
    { id: 'off', value: 'false' },
  ],
  isEnabled: true,
  disabledVariationId: 'off',
  fallthrough: { variations: [{ id: 'on', rollout: [0, 1] }] },
};

/** What a scene has: a center with data of its own, whose clock can be set, and programs with the SDK that end with the scene. */
class Stage {
  readonly log: string[] = [];
  readonly #command: readonly string[];
  readonly #folder: string;
  readonly #data: string;
  readonly #programs: Program[] = [];
  #center: Center | undefined;

  constructor(command: readonly string[], folder: string) {
    this.#command = command;
    this.#folder = folder;
    this.#data = mkdtempSync(join(folder, 'data-'));
  }

  get center(): Center {
    if (this.#center === undefined) throw new Error('the center is not started');
    return this.#center;
  }

  /** @param port 0 = any that is free. */
  async start(port = 0): Promise<void> {
    const write = (message: string, fields: object = {}) => void this.log.push(`${message} ${JSON.stringify(fields)}`);
    const logger = { debug() {}, info: write, warn: write, error: write };
    // Not before the clock can be set.
    const { startCenter } = await import('fbcenter');
    const environments = [{ key: 'dev', flags: [FLAG] }];
    this.#center = await startCenter({ port, dataFolder: this.#data, environments, logger });
  }

  /** Copies the data as they are now. @returns what puts the copy in their place; the SDKs lose the center meanwhile. */
  backUp(): () => Promise<void> {
    const file = join(this.#data, 'copy.db');
    const run = (...args: readonly string[]) => mustRun(process.execPath, [...FBCENTER, ...args, '--data', this.#data]);
    run('backup', file);
    return async () => {
      const port = Number(new URL(this.center.url).port);
      await this.center.close();
      run('restore', file, '--force');
      await this.start(port);
    };
  }

  get secret(): string {
    return this.center.environments[0]?.serverSecret ?? '';
  }

  program(secret: string): Program {
    const program = new Program([...this.#command, this.center.url, secret], this.#folder);
    this.#programs.push(program);
    return program;
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const response = await fetch(`${this.center.url}/api/v1/environments/dev${path}`, {
      method,
      headers: { authorization: `Bearer ${this.center.adminToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} is answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async close(): Promise<void> {
    setClock(0);
    for (const program of this.#programs) await program.stop();
    await this.#center?.close();
  }
}

interface Secret {
  readonly id: string;
  readonly kind: string;
  readonly connections: number;
  readonly secret?: string;
}

const SCENES: Readonly<Record<string, (stage: Stage) => Promise<string>>> = {
  async 'a clock that is off'(stage) {
    setClock(SKEW);
    const program = stage.program(stage.secret);
    await program.shows('not ready', LONG);
    const before = stage.log.length;
    await new Promise((resolve) => setTimeout(resolve, WATCHED));
    const lines = stage.log.filter((line) => line.includes('because of its clock'));
    if (lines.length === 0) throw new Error('the log does not name the skew');
    const attempts = stage.log.length - before;
    if (attempts > PATIENT) throw new Error(`it came back ${attempts} times in ${WATCHED / 1_000} s`);
    if (!/this clock is (?:39|40)\.\d s behind/.test(lines[0] ?? '')) throw new Error(`the log says ${lines[0]}`);
    const start = performance.now();
    setClock(0);
    await program.shows('true', LONG);
    return `came back ${attempts} times in ${WATCHED / 1_000} s; served ${seconds(start)} after the clocks agreed`;
  },

  async 'a rotation with overlap'(stage) {
    const old = stage.program(stage.secret);
    await old.shows('true', LONG);
    const made = await stage.api<Secret>('POST', '/secrets', { kind: 'server', name: 'the next one' });
    const next = stage.program(made?.secret ?? '');
    await next.shows('true', LONG);
    await stage.api('POST', '/flags/release/toggle', { isEnabled: false });
    await Promise.all([old.shows('false', LONG), next.shows('false', LONG)]);
    const { items = [] } = (await stage.api<{ items: readonly Secret[] }>('GET', '/secrets')) ?? {};
    const servers = items.filter(({ kind }) => kind === 'server');
    if (servers.map(({ connections }) => connections).join() !== '1,1')
      throw new Error('both secrets are to have one connection');
    await stage.api('DELETE', `/secrets/${servers[0]?.id}`);
    await stage.api('POST', '/flags/release/toggle', { isEnabled: true });
    const start = performance.now();
    await next.shows('true', LONG);
    // The old one is out: it keeps what it had.
    await old.shows('false', 0);
    return `both were served; the new one ${seconds(start)} after the old one was revoked, which was cut`;
  },

  async 'a restore'(stage) {
    const program = stage.program(stage.secret);
    await program.shows('true', LONG);
    const restore = stage.backUp();
    // The versions of what is lost are greater than the time of the restore.
    setClock(AHEAD);
    await stage.api('POST', '/flags/release/toggle', { isEnabled: false });
    await program.shows('false', LONG);
    setClock(0);
    await restore();
    const start = performance.now();
    await program.shows('true', LONG);
    const took = seconds(start);
    await stage.api('POST', '/flags/release/toggle', { isEnabled: false });
    await program.shows('false', LONG);
    return `served what the backup says ${took} after the center was back, and the next change`;
  },
};

/** Plays every scene with one SDK. @returns a line for each, and whether all went well. */
export async function playAll(
  command: readonly string[],
  folder: string,
  report: (name: string, ok: boolean, text: string) => void,
): Promise<void> {
  for (const [name, scene] of Object.entries(SCENES)) {
    const stage = new Stage(command, folder);
    try {
      await stage.start();
      report(name, true, await scene(stage));
    } catch (error) {
      report(name, false, error instanceof Error ? error.message : String(error));
    } finally {
      await stage.close();
    }
  }
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1_000).toFixed(1)} s`;
}
