import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A program that uses an SDK, in a process of its own, and what it has printed last. */
export class Program {
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  #last = '';
  #onLine: () => void = () => {};

  constructor(command: readonly string[], folder: string) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#last = line;
      this.#onLine();
    });
  }

  /** Fulfils when the program prints a value. @throws when it does not within the time, in milliseconds. */
  async shows(value: string, within: number): Promise<void> {
    const end = performance.now() + within;
    while (this.#last !== value) {
      if (this.#child.exitCode !== null) throw new Error(`the program ended with code ${this.#child.exitCode}`);
      const left = end - performance.now();
      if (left <= 0) throw new Error(`it shows ${JSON.stringify(this.#last)} and not ${JSON.stringify(value)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 1_000));
        this.#onLine = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'close');
  }
}
