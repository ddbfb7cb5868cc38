import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../packages/fbcenter/src/cli/main.ts', import.meta.url));

/** The command `fbcenter`, which is killed and started again with the same arguments on the same port. */
export class Command {
  readonly #args: readonly string[];
  readonly #variables: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #port = 0;
  url = '';
  errors = '';

  constructor(args: readonly string[], variables: Readonly<Record<string, string>>) {
    this.#args = args;
    this.#variables = variables;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const options = ['--conditions=fbclient-source', '--import=tsx', COMMAND, ...this.#args];
    const child = spawn(process.execPath, [...options, '--port', String(this.#port)], {
      env: { ...process.env, ...this.#variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (text) => {
      this.errors += text;
    });
    let output = '';
    this.url = await new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => {
        output += text;
        const [, url] = /listens on (http:\/\/[\d.]+:\d+)/.exec(output) ?? [];
        if (url !== undefined) resolve(url);
      });
      child.once('exit', (code) => reject(new Error(`the command has ended with ${code}: ${this.errors}`)));
    });
    this.#port = Number(new URL(this.url).port);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await ended;
  }

  /** Memory that the process has now, in bytes; `undefined` where the system does not say. */
  get memory(): number | undefined {
    try {
      const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8')) ?? [];
      return kib === undefined ? undefined : Number(kib) * 1_024;
    } catch {
      return undefined;
    }
  }
}
