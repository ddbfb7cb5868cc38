import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run.js';
import { type Backend, type BackendOptions, startBackend } from './backend.js';
import { runProcess } from './process.js';

export interface StageSettings {
  /** An empty folder of its own. */
  readonly folder: string;
  /** Folders of scripts/consumers/apps whose files it starts with; later ones win. */
  readonly apps: readonly string[];
  /** What is installed: versions by package. */
  readonly packages: Readonly<Record<string, string>>;
  /** Packages of ours, as they were packed. */
  readonly tarballs: readonly string[];
  readonly signal: AbortSignal;
}

/** A consumer's project in a folder of its own: installs, builds, runs. Whatever is not as it should be is thrown. */
export class Stage {
  readonly folder: string;
  readonly #settings: StageSettings;

  constructor(settings: StageSettings) {
    this.folder = settings.folder;
    this.#settings = settings;
  }

  async install(): Promise<void> {
    const { apps, packages, tarballs } = this.#settings;
    mkdirSync(this.folder, { recursive: true });
    for (const app of apps) cpSync(join(ROOT, 'scripts/consumers/apps', app), this.folder, { recursive: true });
    const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    await this.run('npm', ['install', ...quiet, ...tarballs, ...wanted], { timeout: 600_000 });
  }

  run(
    program: string,
    args: readonly string[],
    options: { readonly environment?: Readonly<Record<string, string>>; readonly timeout?: number } = {},
  ): Promise<string> {
    return runProcess(program, args, { folder: this.folder, signal: this.#settings.signal, ...options });
  }

  /** Runs a program that an installed package brings. */
  tool(name: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.run(this.bin(name), args, { environment, timeout: 300_000 });
  }

  bin(name: string): string {
    return join(this.folder, 'node_modules/.bin', name);
  }

  /**
   * Runs a program that plays the scene of apps/program, and looks at both ends: what it prints, what has arrived at the center, and
   * that it ends by itself.
   *
   * @param oneCopy whether `import` and `require` must have given one copy of the SDK.
   */
  async play(
    program: string,
    args: readonly string[],
    oneCopy: boolean,
    options: BackendOptions = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.withBackend(async (backend) => {
      const output = await this.run(program, args, { environment: { ...backend.variables, ...environment } });
      const last = output.trim().split('\n').at(-1) ?? '';
      const played: unknown = JSON.parse(last.startsWith('{') ? last : '{}');
      const expected = { ready: 'ready', before: 'off', after: 'on', oneCopy };
      if (JSON.stringify(played) !== JSON.stringify(expected)) {
        throw new Error(`expected ${JSON.stringify(expected)}, and it printed:\n${output}`);
      }
      expectEvents(backend, 2);
    }, options);
  }

  /** Runs tests that play the scene once, and looks at what has arrived at the center. */
  async test(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.withBackend(async (backend) => {
      await this.run(program, args, { environment: { ...backend.variables, ...environment } });
      expectEvents(backend, 2);
    });
  }

  async withBackend(use: (backend: Backend) => Promise<void>, options: BackendOptions = {}): Promise<void> {
    const backend = await startBackend(options);
    try {
      await use(backend);
    } finally {
      await backend.close();
    }
  }

  /**
   * Starts a server in the background, waits until it has said where it listens, and ends it when it has been used.
   *
   * @param use gets its address, and what asks it to end and waits until it has.
   */
  async withServer(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    use: (url: string, terminate: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, this.#settings.signal]);
    let output = '';
    const told = new AbortController();
    let exited: Promise<void> | undefined;
    const address = new Promise<string>((resolve) => {
      const onOutput = (all: string): void => {
        output = all;
        const [url] = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(all) ?? [];
        if (url !== undefined && /ready/i.test(all)) resolve(url.replace('localhost', '127.0.0.1'));
      };
      const options = { folder: this.folder, environment, timeout: 300_000, signal, told: told.signal, onOutput };
      exited = runProcess(program, args, options).then(
        () => resolve(''),
        () => resolve(''),
      );
    });
    const terminate = async (): Promise<void> => {
      told.abort();
      await exited;
    };
    try {
      const url = await address;
      if (url === '') throw new Error(`the server has ended:\n${output.slice(-4_000)}`);
      await use(url, terminate).catch((error: Error) => {
        throw new Error(`${error.message}\n${output.slice(-4_000)}`);
      });
    } finally {
      ended.abort();
    }
  }

  /** Changes a file of the project, as its author would. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.folder, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }
}

/** The center has counted these evaluations and one metric. */
export function expectEvents({ counts }: Backend, evaluations: number): void {
  const expected = JSON.stringify({ evaluations, metrics: 1, rejected: 0 });
  if (JSON.stringify(counts) !== expected) {
    throw new Error(`the center should have counted ${expected}, and has ${JSON.stringify(counts)}`);
  }
}

/** Waits until something holds; throws what did not hold after ten seconds. */
export async function eventually(holds: () => void | Promise<void>): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
