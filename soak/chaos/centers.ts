import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CenterOptions } from 'fbcenter';
import { freePort } from '../../scripts/test-support/free-port.js';

export const TOKEN = 'a-token-of-the-chaos-soak';
export const SECRET = 'chaos'.padEnd(44, '0');

/** The environment that all is about. */
export const ENVIRONMENT = 'dev';

/** How long a center may take to start, in milliseconds: the database may be away meanwhile. */
const PATIENCE = 60_000;

/** A center on the database, which is ended and started again on its port. */
export class Center {
  readonly url: string;
  readonly #program: string;
  readonly #options: CenterOptions;
  #child: ChildProcess | undefined;
  readonly #failed: (reason: string) => void;
  /** What it wrote on its last lines, for a report. */
  #log: readonly string[] = [];

  private constructor(program: string, port: number, database: string, failed: (reason: string) => void) {
    this.#program = program;
    this.#failed = failed;
    const environments = [{ key: ENVIRONMENT, serverSecret: SECRET }];
    this.#options = { port, database, adminToken: TOKEN, environments, drainTime: 1_000 };
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * @param program the bundle of `center.ts`.
   * @param failed receives what it said that has ended instead of starting; it is started again.
   */
  static async start(program: string, database: string, failed: (reason: string) => void): Promise<Center> {
    const center = new Center(program, await freePort(), database, failed);
    await center.start();
    return center;
  }

  get log(): readonly string[] {
    return this.#log;
  }

  /** Starts it, and again when it ends because the database is away. */
  async start(): Promise<void> {
    for (const begin = performance.now(); performance.now() - begin < PATIENCE; ) {
      const child = this.#spawn();
      while (child.exitCode === null && child.signalCode === null && performance.now() - begin < PATIENCE) {
        if (await this.#answers()) return;
        await sleep(50);
      }
      this.#failed(this.#log.at(-1)?.trim() ?? 'nothing');
    }
    await this.kill('SIGKILL');
    throw new Error(`a center does not start:\n${this.#log.join('')}`);
  }

  /** Ends it: `SIGTERM` asks it to stop. */
  async kill(name: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(name);
    await ended;
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/liveness`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  #spawn(): ChildProcess {
    const child = fork(this.#program, [JSON.stringify(this.#options)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr?.on('data', (text) => {
      this.#log = [...this.#log, String(text)].slice(-200);
    });
    this.#child = child;
    return child;
  }
}
