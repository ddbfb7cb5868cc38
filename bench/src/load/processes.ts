import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Child } from '../process/child.js';
import type {
  CenterSettings,
  FromBare,
  FromCenter,
  FromClients,
  Stream,
  ToBare,
  ToClients,
  Usage,
} from './messages.js';

/** Files that a process may need to have open. */
const OPEN_FILES = 70_000;
/** What is not a connection, of the files that a process has open. */
export const OTHER_FILES = 500;

/** Starts a program, with as many open files as can be. It keeps its process's id. */
export function spawnLoaded(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const script = `ulimit -n ${OPEN_FILES} 2> /dev/null || ulimit -n $(ulimit -Hn); exec "$0" "$@"`;
  return spawn('sh', ['-c', script, program, ...args], options);
}

/** Starts a file of this folder. */
function start(file: string, ...args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return spawnLoaded(process.execPath, [path, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** How many connections a process can have. */
export async function mostConnections(): Promise<number> {
  const child = spawn('sh', ['-c', `ulimit -n ${OPEN_FILES} 2> /dev/null || ulimit -n $(ulimit -Hn); ulimit -n`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  await once(child, 'close');
  return Number(output) - OTHER_FILES;
}

/** What clients connect to, and what it takes. */
export interface Loaded {
  readonly url: string;
  /** What clients open there. */
  readonly stream: Stream;
  usage(): Promise<Usage>;
  /** Has something pushed to everybody; fulfils when that is under way. */
  change(): Promise<void>;
}

/** A center in a process of its own. */
export class LoadedCenter implements Loaded, AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  readonly stream: Stream;
  readonly #token: string;
  readonly #process: Child<'usage', FromCenter>;

  private constructor(
    process: Child<'usage', FromCenter>,
    { url, token, secret }: Extract<FromCenter, { kind: 'ready' }>,
  ) {
    this.#process = process;
    this.url = url;
    this.secret = secret;
    this.stream = { kind: 'websocket', secret };
    this.#token = token;
  }

  static async start(settings: CenterSettings): Promise<LoadedCenter> {
    const process = new Child<'usage', FromCenter>('the center', start('./center.js', JSON.stringify(settings)));
    return new LoadedCenter(process, await process.next('ready'));
  }

  usage(): Promise<Usage> {
    const usage = this.#process.next('usage');
    this.#process.send('usage');
    return usage;
  }

  /** Switches a flag; fulfils with the answer. */
  async change(): Promise<void> {
    const answer = await fetch(`${this.url}/api/v1/environments/load/flags/flag-0/toggle`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}` },
    });
    if (!answer.ok) throw new Error(`the center answered ${answer.status}: ${await answer.text()}`);
    await answer.text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** A server that only writes, see bare-server.ts. */
export class BareServer implements Loaded, AsyncDisposable {
  readonly url: string;
  /** The secret is anything that a token can be made of. */
  readonly stream: Stream = { kind: 'websocket', secret: 'nobody-asks-for-it' };
  readonly #process: Child<ToBare, FromBare>;

  private constructor(process: Child<ToBare, FromBare>, port: number) {
    this.#process = process;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** @param length of what it pushes, in bytes. */
  static async start(length: number): Promise<BareServer> {
    const process = new Child<ToBare, FromBare>('the bare server', start('./bare-server.js', String(length)));
    return new BareServer(process, (await process.next('listening')).port);
  }

  usage(): Promise<Usage> {
    const usage = this.#process.next('usage');
    this.#process.send('usage');
    return usage;
  }

  async change(): Promise<void> {
    this.#process.send('push');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** What came to clients when they connected. */
export interface Synced {
  /** Bytes of everything, to one of them. */
  readonly messageBytes: number;
  /** Until all of them had everything. */
  readonly seconds: number;
  /** Connections that were cut meanwhile, and made anew. */
  readonly cut: number;
}

/** Clients of one center, in some processes. */
export class Clients implements AsyncDisposable {
  readonly #processes: readonly Child<ToClients, FromClients>[];
  readonly #synced: Promise<Synced>;

  /** @param firstAddress the last number of the first address that is theirs: 127.0.0.x. */
  constructor(
    { url, stream }: Pick<Loaded, 'url' | 'stream'>,
    count: number,
    {
      offersDeflate,
      processes = 2,
      firstAddress = 2,
    }: { offersDeflate: boolean; processes?: number; firstAddress?: number },
  ) {
    const each = Math.ceil(count / processes);
    this.#processes = Array.from(
      { length: processes },
      () => new Child<ToClients, FromClients>('a process of clients', start('./clients.js')),
    );
    const synced = this.#processes.map((process, index) => {
      process.send({
        kind: 'connect',
        port: Number(new URL(url).port),
        stream,
        count: Math.min(each, count - index * each),
        address: firstAddress + index * 4,
        offersDeflate,
      });
      return process.next('synced');
    });
    this.#synced = Promise.all(synced).then((all) => ({
      messageBytes: all[0]?.messageBytes ?? 0,
      seconds: Math.max(...all.map(({ seconds }) => seconds)),
      cut: all.reduce((sum, { cut }) => sum + cut, 0),
    }));
    this.#synced.catch(() => {});
  }

  /** Fulfils when everybody has everything. */
  synced(): Promise<Synced> {
    return this.#synced;
  }

  /** Fulfils when everybody has had one push since the last call, with the time of each. */
  async pushed(): Promise<readonly number[]> {
    const all = this.#processes.map((process) => {
      const pushed = process.next('pushed');
      process.send({ kind: 'report' });
      return pushed;
    });
    return (await Promise.all(all)).flatMap(({ at }) => at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
  }
}
