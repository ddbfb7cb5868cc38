import { spawn } from 'node:child_process';

export interface ProcessOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is ended and counts as failed. @default 120_000 */
  readonly timeout?: number;
  /** Ends it early, with everything that it has started. */
  readonly signal: AbortSignal;
  /** Tells it to end, as an orchestrator does. */
  readonly told?: AbortSignal;
  /** Sees the output as it comes. */
  readonly onOutput?: (output: string) => void;
}

/** Runs a program, and everything that it starts, to its end. @returns what it printed, both streams. Rejects when it fails. */
export function runProcess(program: string, args: readonly string[], options: ProcessOptions): Promise<string> {
  const { folder, environment = {}, timeout = 120_000, signal } = options;
  const command = [program.split('/').at(-1), ...args].join(' ');
  return new Promise((resolve, reject) => {
    // A group of its own, so that tools that start others can be ended as a whole.
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    options.told?.addEventListener('abort', () => child.kill('SIGTERM'));
    let output = '';
    let problem: string | undefined;
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
      options.onOutput?.(output);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const end = (because: string): void => {
      problem ??= because;
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    };
    const timer = setTimeout(() => end(`it did not end within ${timeout / 1000} s`), timeout);
    const stop = (): void => end('it was stopped');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    child.on('error', (error) => end(error.message));
    child.on('close', (code, killed) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve(output);
      else reject(new Error(`${command}: ${problem ?? `it ended with ${killed ?? code}`}\n${output.slice(-4_000)}`));
    });
  });
}
