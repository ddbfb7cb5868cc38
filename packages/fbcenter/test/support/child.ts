import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { plainProgram } from '../../../../scripts/test-support/plain-program.js';

/** A TypeScript program running in a process of its own, killed at the end of the test if it is still there. */
export class Child {
  stdout = '';
  stderr = '';
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  /** @param file relative to the folder `test`. */
  constructor(file: string, args: readonly string[] = [], environment: Record<string, string> = {}) {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    const child = this.start([process.execPath, plainProgram(path), ...args], {
      // Not what runs the tests: npm may do so.
      ...process.env,
      npm_command: undefined,
      ...environment,
    });
    this.#process = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#exit = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await this.#exit;
    });
  }

  protected start([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
    return spawn(program, args, { env });
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits until the process is over and its output complete. */
  exited(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#exit;
  }

  /** Waits until the output so far satisfies a condition; fails when the process ends before that. */
  async until<T>(read: (stdout: string) => T | undefined): Promise<T> {
    for (;;) {
      const found = read(this.stdout);
      if (found !== undefined) return found;
      const ended = await Promise.race([
        once(this.#process.stdout, 'data').then(() => false),
        this.#exit.then(() => true),
      ]);
      if (ended && read(this.stdout) === undefined) {
        throw new Error(`The process ended first. stdout: ${this.stdout} stderr: ${this.stderr}`);
      }
    }
  }

  /** Waits for a pattern in the output. */
  untilMatch(pattern: RegExp): Promise<RegExpExecArray> {
    return this.until((stdout) => pattern.exec(stdout) ?? undefined);
  }
}

/** The same behind a shell, as npm starts commands: signals reach the shell alone. */
export class Shell extends Child {
  protected override start(command: readonly string[], env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
    const quoted = command.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(' ');
    // A second command, so that no shell replaces itself by the first.
    return spawn('/bin/sh', ['-c', `${quoted}; exit`], { env });
  }
}
