import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { encodeConnectionToken } from 'fbclient/core';
import type { CenterSettings, FromCenter, FromClients, ToClients } from './messages.js';

/** Files that a process may need to have open. */
const OPEN_FILES = 70_000;
/** What is not a connection, of the files that a process has open. */
const OTHER_FILES = 500;

/** Starts a file of this folder, with as many open files as can be. */
function start(file: string, ...args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const script = `ulimit -n ${OPEN_FILES} 2> /dev/null || ulimit -n $(ulimit -Hn); exec "$0" "$@"`;
  return spawn('sh', ['-c', script, process.execPath, path, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
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

/** The next message of a kind; rejects when the process ends before. */
function next<T extends { readonly kind: string }, K extends T['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<T, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const end = () => {
      child.off('message', heard);
      child.off('exit', ended);
    };
    const heard = (message: T & { readonly reason?: string }) => {
      if (message.kind !== kind && message.kind !== 'failed') return;
      end();
      if (message.kind === kind) resolve(message as Extract<T, { kind: K }>);
      else reject(new Error(message.reason));
    };
    const ended = () => {
      end();
      reject(new Error('a process has ended too early'));
    };
    child.on('message', heard);
    child.once('exit', ended);
  });
}

/** What a center has taken. */
export type Usage = Omit<Extract<FromCenter, { kind: 'usage' }>, 'kind'>;

/** A center in a process of its own. */
export class LoadedCenter implements AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  readonly #token: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { url, token, secret }: Extract<FromCenter, { kind: 'ready' }>) {
    this.#child = child;
    this.url = url;
    this.secret = secret;
    this.#token = token;
  }

  static async start(settings: CenterSettings): Promise<LoadedCenter> {
    const child = start('./center.js', JSON.stringify(settings));
    return new LoadedCenter(child, await next<FromCenter, 'ready'>(child, 'ready'));
  }

  async usage(): Promise<Usage> {
    const usage = next<FromCenter, 'usage'>(this.#child, 'usage');
    this.#child.send({ kind: 'usage' });
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
    await ended(this.#child);
  }
}

/** What came to clients when they connected. */
export interface Synced {
  /** Bytes of everything, to one of them. */
  readonly messageBytes: number;
  /** Until all of them had everything. */
  readonly seconds: number;
}

/** Clients of one center, in some processes. */
export class Clients implements AsyncDisposable {
  readonly #children: readonly ChildProcess[];
  readonly #ready: Promise<Synced>;

  /** @param firstAddress the last number of the first address that is theirs: 127.0.0.x. */
  constructor(
    center: LoadedCenter,
    count: number,
    {
      offersDeflate,
      processes = 2,
      firstAddress = 2,
    }: { offersDeflate: boolean; processes?: number; firstAddress?: number },
  ) {
    const each = Math.ceil(count / processes);
    this.#children = Array.from({ length: processes }, () => start('./clients.js'));
    const token = encodeConnectionToken(center.secret, Date.now(), Math.random());
    const path = `/streaming?type=server&version=2&token=${token}`;
    const synced = this.#children.map((child, index) => {
      const done = next<FromClients, 'synced'>(child, 'synced');
      const message: ToClients = {
        kind: 'connect',
        port: Number(new URL(center.url).port),
        path,
        count: Math.min(each, count - index * each),
        address: firstAddress + index * 4,
        offersDeflate,
      };
      child.send(message);
      return done;
    });
    this.#ready = Promise.all(synced).then((all) => ({
      messageBytes: all[0]?.messageBytes ?? 0,
      seconds: Math.max(...all.map(({ seconds }) => seconds)),
    }));
  }

  /** Fulfils when everybody has everything. */
  synced(): Promise<Synced> {
    return this.#ready;
  }

  /** Fulfils when everybody has had one push since the last call, with the time of each. */
  async pushed(): Promise<readonly number[]> {
    const all = this.#children.map((child) => {
      const pushed = next<FromClients, 'pushed'>(child, 'pushed');
      child.send({ kind: 'report' } satisfies ToClients);
      return pushed;
    });
    return (await Promise.all(all)).flatMap(({ at }) => at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(ended));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exit;
}
