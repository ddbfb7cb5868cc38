import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../packages/fbcenter/src/cli/main.ts', import.meta.url));

export const TOKEN = 'a-token-of-the-chaos-soak';
export const SECRET = 'chaos'.padEnd(44, '0');

/** How long a center may take to start, in milliseconds: the database may be away meanwhile. */
const PATIENCE = 60_000;

/** A center on the database, which is killed and started again on its port. */
export class Center {
  readonly url: string;
  readonly #port: number;
  readonly #database: string;
  #child: ChildProcess | undefined;
  /** What it wrote on its last lines, for a report. */
  #log: string[] = [];

  private constructor(port: number, database: string) {
    this.#port = port;
    this.#database = database;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(database: string): Promise<Center> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    const center = new Center(port, database);
    await center.start();
    return center;
  }

  get log(): readonly string[] {
    return this.#log;
  }

  /** Starts it, and again when it ends because the database is away. */
  async start(): Promise<void> {
    for (const begin = performance.now(); performance.now() - begin < PATIENCE; ) {
      this.#spawn();
      while (this.#child?.exitCode === null) {
        if (await this.#answers()) return;
        await sleep(100);
      }
    }
    throw new Error(`a center does not start:\n${this.#log.join('')}`);
  }

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

  #spawn(): void {
    const args = ['--conditions=fbclient-source', '--import=tsx', COMMAND, '--port', String(this.#port)];
    this.#child = spawn(process.execPath, args, {
      env: {
        ...process.env,
        FBCENTER_DATABASE: this.#database,
        FBCENTER_ADMIN_TOKEN: TOKEN,
        FBCENTER_SERVER_SECRET: SECRET,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.on('data', (text) => {
      this.#log = [...this.#log, String(text)].slice(-200);
    });
  }
}
