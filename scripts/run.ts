import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** How a command is run. */
export interface RunOptions {
  /** Where it runs. @default the repository's folder */
  readonly folder?: string;
  /** Milliseconds after which it is ended and counts as failed. @default 600_000 */
  readonly timeout?: number;
  /** @default the environment of this process */
  readonly environment?: NodeJS.ProcessEnv;
}

/** What a finished command left behind. */
export interface Finished {
  readonly ok: boolean;
  /** Whether somebody has ended it, with Ctrl-C for instance. */
  readonly stopped: boolean;
  readonly stdout: string;
  /** Everything that it printed, both streams. */
  readonly output: string;
}

/** Runs a program without a shell and waits for it. A program that cannot be started counts as failed. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Finished {
  const done = spawnSync(program, args, {
    cwd: options.folder ?? ROOT,
    timeout: options.timeout ?? 600_000,
    env: options.environment ?? process.env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const cause = done.error === undefined ? '' : `${done.error.message}\n`;
  // Both are null when the program could not be started.
  const stdout = done.stdout ?? '';
  const stopped = done.signal === 'SIGINT' || (done.signal === 'SIGTERM' && done.error === undefined);
  return { ok: done.status === 0, stopped, stdout, output: `${stdout}${done.stderr ?? ''}${cause}` };
}

/**
 * As `run`, for a step that nothing can go on without: returns what it wrote to stdout; a failure is thrown, with the
 * command and all its output.
 */
export function mustRun(program: string, args: readonly string[], options: RunOptions = {}): string {
  const { ok, stdout, output } = run(program, args, options);
  if (!ok) throw new Error(`${[program, ...args].join(' ')} failed:\n${output}`);
  return stdout;
}
