import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Reply, SubjectInput } from './protocol.js';

/** How long an answer may take, in milliseconds. */
const PATIENCE = 60_000;

/** The process of the SDK under test, seen from the soak. */
export class SubjectProcess {
  readonly #child: ChildProcess;
  readonly #waiting: ((reply: Reply | undefined) => void)[] = [];
  #ended: string | undefined;

  constructor(input: SubjectInput) {
    const path = fileURLToPath(new URL('./subject.ts', import.meta.url));
    const execArgv = ['--expose-gc', '--conditions=fbclient-source', '--import=tsx'];
    this.#child = fork(path, [JSON.stringify(input)], { execArgv });
    this.#child.on('message', (reply: Reply) => this.#waiting.shift()?.(reply));
    this.#child.once('exit', (code, signal) => {
      this.#ended = signal ?? `exit code ${code}`;
      for (const answer of this.#waiting.splice(0)) answer(undefined);
    });
  }

  /** How the process ended, if it has. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Resolves when the process is there. */
  async started(): Promise<boolean> {
    return (await this.#next()) !== undefined;
  }

  /** @returns the answer; `undefined` when the process has ended or does not answer in time. */
  async ask<O extends Order['order'], R extends Reply['reply']>(
    order: O,
    kind: R,
  ): Promise<Extract<Reply, { reply: R }> | undefined> {
    if (this.#ended !== undefined) return undefined;
    const answer = this.#next();
    this.#child.send({ order });
    const reply = await answer;
    return reply?.reply === kind ? (reply as Extract<Reply, { reply: R }>) : undefined;
  }

  /** Waits until the process ends by itself. @returns how long that took, in milliseconds; `undefined` when it takes longer. */
  async ends(limit: number): Promise<number | undefined> {
    const start = performance.now();
    const ended = new Promise<void>((resolve) => {
      if (this.#ended !== undefined) resolve();
      else this.#child.once('exit', () => resolve());
    });
    // The channel would keep the process alive.
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), limit);
    await ended;
    clearTimeout(timer);
    return this.#ended === 'SIGKILL' ? undefined : performance.now() - start;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #next(): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), PATIENCE);
      this.#waiting.push((reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
    });
  }
}
