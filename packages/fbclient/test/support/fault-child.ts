import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { plainProgram } from '../../../../scripts/test-support/plain-program.js';

interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the last output to the exit, in milliseconds. */
  readonly lingered: number;
}

export interface RunningChild {
  readonly ended: Promise<ChildResult>;
  /** Tells it, by the end of its input, that it is enough. */
  endInput(): void;
}

/**
 * Runs a TypeScript program in a process of its own, until the end of the test at most.
 *
 * @param file relative to the folder `test`.
 * @param input what the program reads with `JSON.parse(process.argv[2])`.
 * @param variables of its environment, beside those of this process.
 */
export function startChild(file: string, input: unknown, variables: Record<string, string> = {}): RunningChild {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, [plainProgram(path), JSON.stringify(input)], {
    env: { ...process.env, ...variables },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  let lastOutput = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    lastOutput = performance.now();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout,
    stderr,
    lingered: performance.now() - lastOutput,
  }));
  return { ended, endInput: () => child.stdin.end() };
}
