import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackages } from './debian.js';

const PROGRAM = process.env.REDIS_SERVER ?? '/usr/bin/redis-server';

/** Installs Debian's Redis where there is none. */
export function ensureRedis(): void {
  if (existsSync(PROGRAM)) return;
  installPackages(
    ['redis-server'],
    `Redis at ${PROGRAM}`,
    'name one, REDIS_SERVER=/path/to/redis-server npm run check:redis',
  );
}

/** A Redis of one's own on loopback, which keeps nothing on disk and can be stopped, muted and started again on its port. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** @returns one that does not run yet. */
  static async onFreePort(): Promise<RedisServer> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    return new RedisServer(port);
  }

  async start(): Promise<void> {
    const options = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.#process = spawn(PROGRAM, options, { stdio: 'ignore' });
    while (!(await this.#accepts())) {
      if (this.#process.exitCode !== null) throw new Error(`${PROGRAM} has ended with ${this.#process.exitCode}`);
      await sleep(20);
    }
  }

  /** Connections stay, nothing is answered. */
  mute(): void {
    this.#process?.kill('SIGSTOP');
  }

  unmute(): void {
    this.#process?.kill('SIGCONT');
  }

  /** As a crash: connections end without a word. */
  async stop(): Promise<void> {
    const ending = this.#process;
    this.#process = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill('SIGKILL');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accepts(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}
