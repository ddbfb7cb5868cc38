import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { plainProgram } from '../../scripts/test-support/plain-program.js';

/** TypeScript as it is, in worker threads as well: what `npm run example` runs with, and what it starts. */
const LOADERS = ['tsx', new URL('../../scripts/tsx-in-threads.mjs', import.meta.url).href].map(
  (loader) => `--import=${loader}`,
);

/** An example that runs in a process of its own; killed if it is still there when it is disposed of. */
export class Program implements AsyncDisposable {
  output = '';
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<unknown>;

  constructor(name: string, variables: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
    const path = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
    const program = name === 'run' ? ['--conditions=fbclient-source', ...LOADERS, path] : [plainProgram(path)];
    this.#child = spawn(process.execPath, [...program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...variables },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.#ended = once(this.#child, 'close');
  }

  /** Waits for a pattern in the output, for as long as the program runs. @returns its first group. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) return found[1] ?? found[0];
      if (this.#child.exitCode !== null) throw new Error(`it ended without saying ${pattern}: ${this.output}`);
      await Promise.race([once(this.#child.stdout, 'data'), this.#ended]);
    }
  }

  /** Sends a signal, if one is given, and waits for the end. @returns the exit code; a signal's name when it was killed. */
  async end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    if (signal !== undefined) this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
