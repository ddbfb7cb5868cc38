import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackages } from '../debian.js';
import { mustRun } from '../run.js';
import { freePort } from './free-port.js';

/** Where Debian keeps the programs of each version. */
const DEBIAN = '/usr/lib/postgresql';

/** How long it may take to accept connections, in milliseconds. */
const PATIENCE = 60_000;

/** The folder of PostgreSQL's programs; `undefined` when it is not installed. */
export function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [process.env.POSTGRES_BIN ?? '', ...versions.map((version) => join(DEBIAN, version, 'bin'))];
  return folders.find((folder) => folder !== '' && existsSync(join(folder, 'initdb')));
}

/** Installs Debian's PostgreSQL where there is none. */
export function ensurePostgres(): void {
  if (findPostgres() !== undefined) return;
  const otherwise = 'name the folder of its programs, POSTGRES_BIN=/path/to/bin npm run check:postgres';
  installPackages(['postgresql'], 'PostgreSQL', otherwise);
  if (findPostgres() === undefined) throw new Error(`PostgreSQL was installed and is not in ${DEBIAN}: ${otherwise}`);
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package has made. */
function owner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(mustRun('id', [flag, 'postgres'])));
  return uid === undefined || gid === undefined ? {} : { uid, gid };
}

/** A PostgreSQL of one's own on loopback, in a folder that is gone afterwards; it can be stopped, frozen, and started again on its port. */
export class PostgresServer implements AsyncDisposable {
  readonly port: number;
  readonly #programs: string;
  readonly #folder: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(programs: string, folder: string, port: number, options: readonly string[]) {
    this.#programs = programs;
    this.#folder = folder;
    this.port = port;
    this.#options = options;
  }

  /**
   * Makes one and starts it.
   *
   * @param options further settings, such as `max_connections=200`.
   */
  static async start(options: readonly string[] = []): Promise<PostgresServer> {
    const initialize = ['-U', 'fbcenter', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    return PostgresServer.#made('initdb', initialize, options);
  }

  /** A copy of this one that follows it, and can be promoted to take its place. */
  startStandby(): Promise<PostgresServer> {
    const source = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'fbcenter'];
    return PostgresServer.#made(
      'pg_basebackup',
      [...source, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
      this.#options,
    );
  }

  /** Makes a data folder by one of PostgreSQL's programs, and starts what is in it. */
  static async #made(program: string, args: readonly string[], options: readonly string[]): Promise<PostgresServer> {
    const programs = findPostgres();
    if (programs === undefined) throw new Error('there is no PostgreSQL');
    const folder = mkdtempSync(join(tmpdir(), 'fbcenter-postgres-'));
    const { uid, gid } = owner();
    if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
    const made = spawnSync(join(programs, program), ['-D', join(folder, 'data'), ...args], {
      ...owner(),
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`${program} failed: ${made.stderr}`);
    const server = new PostgresServer(programs, folder, await freePort(), options);
    await server.start();
    return server;
  }

  /** Makes a standby take changes. */
  async promote(): Promise<void> {
    await this.query('SELECT pg_promote()');
  }

  /** Where a database of this name is. */
  url(database = 'postgres'): string {
    return `postgres://fbcenter@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const settings = [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=`,
      'max_connections=200',
      'shared_buffers=32MB',
      ...this.#options,
    ].flatMap((setting) => ['-c', setting]);
    const child = spawn(
      join(this.#programs, 'postgres'),
      ['-D', join(this.#folder, 'data'), '-p', String(this.port), ...settings],
      { ...owner(), stdio: 'ignore' },
    );
    this.#process = child;
    const end = performance.now() + PATIENCE;
    while (!(await this.#accepts())) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL has ended with ${child.exitCode}`);
      if (performance.now() > end) throw new Error('PostgreSQL does not accept connections');
      await sleep(20);
    }
  }

  /** Ends every connection at once, as an operator's restart does; `immediate` is a crash. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const ending = this.#process;
    this.#process = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  /** Connections stay and nothing is answered: each process is stopped. @returns what lets them go on. */
  freeze(): () => void {
    const pids = this.#pids();
    for (const pid of pids) signal(pid, 'SIGSTOP');
    return () => {
      for (const pid of pids) signal(pid, 'SIGCONT');
    };
  }

  /** Kills the process of one connection: PostgreSQL ends all others, for it cannot know what that one has left behind, and recovers by itself. */
  async killBackend(pid: number): Promise<void> {
    signal(pid, 'SIGKILL');
    const end = performance.now() + PATIENCE;
    // It is noticed a moment later.
    for (let answers = 0; answers < 3; await sleep(100)) {
      answers = (await this.#answers()) ? answers + 1 : 0;
      if (performance.now() > end) throw new Error('PostgreSQL does not recover');
    }
  }

  /** Runs a statement and returns its rows as JSON has them. */
  async query(sql: string): Promise<readonly unknown[]> {
    return JSON.parse(
      await this.execute(`SELECT coalesce(json_agg(row_to_json(answer)), '[]') FROM (${sql}) AS answer`),
    );
  }

  /** Runs any statement. @returns what psql has written. */
  async execute(sql: string): Promise<string> {
    const args = ['-X', '-q', '-A', '-t', '-c', sql, this.url()];
    const child = spawn(join(this.#programs, 'psql'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(errors);
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #pids(): readonly number[] {
    const parent = this.#process?.pid;
    if (parent === undefined) return [];
    const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(parent)], { encoding: 'utf8' });
    return [parent, ...stdout.split('\n').map(Number).filter(Boolean)];
  }

  async #answers(): Promise<boolean> {
    try {
      await this.execute('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  async #accepts(): Promise<boolean> {
    const args = ['-h', '127.0.0.1', '-p', String(this.port), '-q', '-t', '2'];
    const child = spawn(join(this.#programs, 'pg_isready'), args, { stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    return code === 0;
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
