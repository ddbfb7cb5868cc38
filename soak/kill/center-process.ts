import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { plainProgram } from '../../scripts/test-support/plain-program.js';

/** How long anything may take, in milliseconds. */
const PATIENCE = 60_000;

const COMMAND = fileURLToPath(new URL('../../packages/fbcenter/src/cli/main.ts', import.meta.url));
const CLOCK = fileURLToPath(new URL('./clock.ts', import.meta.url));

export const TOKEN = 'a-token-of-the-kill-soak';

/** By how much the clock of a process is off at first, by how much it jumps, and after how long; in milliseconds. */
export interface ClockFault {
  readonly offset: number;
  readonly jump: number;
  readonly after: number;
}

const RIGHT_CLOCK: ClockFault = { offset: 0, jump: 0, after: 0 };

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of the command `fbcenter`. */
export class CenterProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ending>;
  output = '';
  errors = '';

  constructor(args: readonly string[], { offset, jump, after }: ClockFault = RIGHT_CLOCK) {
    const options = ['--import', pathToFileURL(plainProgram(CLOCK)).href, plainProgram(COMMAND)];
    this.#child = spawn(process.execPath, [...options, ...args], {
      env: { ...process.env, FBCENTER_ADMIN_TOKEN: TOKEN, KILL_CLOCK: `${offset} ${jump} ${after}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (text) => {
      this.output += text;
    });
    this.#child.stderr?.on('data', (text) => {
      this.errors += text;
    });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal });
      });
    });
  }

  static start(folder: string, clock?: ClockFault): CenterProcess {
    return new CenterProcess(['--port', '0', '--data', folder], clock);
  }

  /** Resolves when it listens; `undefined` when it has ended before that. */
  async url(): Promise<string | undefined> {
    const listening = new Promise<string>((resolve) => {
      const look = () => {
        const [, url] = /listens on (http:\/\/[\d.]+:\d+)/.exec(this.output) ?? [];
        if (url !== undefined) resolve(url);
      };
      this.#child.stdout?.on('data', look);
      look();
    });
    return Promise.race([listening, this.ended.then(() => undefined)]);
  }

  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ending> {
    this.#child.kill(signal);
    return this.ended;
  }
}
