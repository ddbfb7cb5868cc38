import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const TIMEOUT = 600_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

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
    timeout: options.timeout ?? TIMEOUT,
    env: options.environment ?? process.env,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
  });
  const cause = done.error === undefined ? '' : `${done.error.message}\n`;
  // Both are null when the program could not be started.
  const stdout = done.stdout ?? '';
  const stopped = done.signal === 'SIGINT' || (done.signal === 'SIGTERM' && done.error === undefined);
  return { ok: done.status === 0, stopped, stdout, output: `${stdout}${done.stderr ?? ''}${cause}` };
}

/** As `run`, while other programs run as well. */
export function runBeside(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { folder = ROOT, timeout = TIMEOUT, environment = process.env } = options;
  const settings = { cwd: folder, timeout, env: environment, maxBuffer: MAX_OUTPUT };
  return new Promise((resolve) => {
    execFile(program, args, settings, (error, stdout, stderr) => {
      const { code, killed, signal } = error ?? {};
      // Otherwise it has ended by itself: the code says it all.
      const cause = error === null || typeof code === 'number' ? '' : `${error.message.split('\n')[0]}\n`;
      const stopped = signal === 'SIGINT' || (signal === 'SIGTERM' && killed !== true);
      resolve({ ok: error === null, stopped, stdout, output: `${stdout}${stderr}${cause}` });
    });
  });
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
