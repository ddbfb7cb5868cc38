import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../packages/fbcenter/src/cli/main.ts', import.meta.url));
const TOKEN = 'the-token-of-an-interop-run';
/** How long a center may take to start on a busy machine, in milliseconds. */
const START = 120_000;

/** What an SDK is told of its environment. */
export interface Where {
  readonly url: string;
  readonly serverSecret: string;
  readonly clientSecret: string;
}

/** A center in a process of its own, which can be killed and started again on the same port with the same data. */
export class CenterProcess {
  readonly #folder: string;
  #child: ChildProcess | undefined;
  /** Where SDKs look for it; 0 until it has one. */
  #home = 0;
  #port = 0;

  /** @param folder of its data. */
  constructor(folder: string) {
    this.#folder = folder;
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /**
   * Starts it where it was before, or on another port for this once.
   *
   * @throws with what it printed when it does not start.
   */
  async start(place: 'as-before' | 'elsewhere' = 'as-before'): Promise<void> {
    const options = ['--conditions=fbclient-source', '--import=tsx', COMMAND];
    const wanted = place === 'elsewhere' ? 0 : this.#home;
    const child = spawn(process.execPath, [...options, '--port', String(wanted), '--data', this.#folder], {
      env: { ...process.env, FBCENTER_ADMIN_TOKEN: TOKEN },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let output = '';
    this.#port = await new Promise<number>((resolve, reject) => {
      const fail = () => reject(new Error(`the center did not start:\n${output}`));
      const timer = setTimeout(fail, START);
      child.once('close', fail);
      const hear = (text: Buffer) => {
        // Nobody reads what it prints after that.
        if (output.length < 20_000) output += text;
        const [, port] = /listens on http:\/\/[\d.]+:(\d+)/.exec(output) ?? [];
        if (port === undefined) return;
        clearTimeout(timer);
        child.off('close', fail);
        resolve(Number(port));
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
    });
    if (place === 'as-before') this.#home = this.#port;
  }

  /** Ends it with SIGKILL: it says goodbye to nobody. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  }

  /** Makes an environment. */
  async environment(key: string): Promise<CenterEnvironment> {
    const made = await this.call('POST', '/environments', { key, name: key });
    const { serverSecret, clientSecret } = made as { readonly serverSecret: string; readonly clientSecret: string };
    return new CenterEnvironment(this, key, { url: this.url, serverSecret, clientSecret });
  }

  /** Calls the management API. @throws for an answer that is an error. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      // A connection that is kept would be one to the center before its restart.
      headers: { authorization: `Bearer ${TOKEN}`, connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} is answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

/** An environment of a center, with what the steps do to it. */
export class CenterEnvironment {
  readonly center: CenterProcess;
  readonly where: Where;
  readonly #path: string;

  constructor(center: CenterProcess, key: string, where: Where) {
    this.center = center;
    this.where = where;
    this.#path = `/environments/${key}`;
  }

  /** Puts documents there, segments first. */
  async load(flags: readonly { readonly key: string }[], segments: readonly { readonly id: string }[]): Promise<void> {
    for (const segment of segments) await this.call('PUT', `/segments/${encodeURIComponent(segment.id)}`, segment);
    for (const flag of flags) await this.call('PUT', `/flags/${encodeURIComponent(flag.key)}`, flag);
  }

  call(method: string, path: string, body?: unknown): Promise<unknown> {
    return this.center.call(method, `${this.#path}${path}`, body);
  }

  /** How many SDKs are connected. */
  async connections(): Promise<number> {
    const { items } = (await this.call('GET', '/secrets')) as { readonly items: readonly { connections: number }[] };
    return items.reduce((sum, { connections }) => sum + connections, 0);
  }

  /** What has been counted. */
  async insights(): Promise<Insights> {
    return (await this.call('GET', '/insights')) as Insights;
  }
}

export interface Insights {
  readonly flags: readonly {
    readonly key: string;
    readonly count: number;
    readonly variations: readonly { readonly experimentCount: number }[];
  }[];
  readonly metrics: readonly { readonly eventName: string; readonly count: number; readonly sum: number }[];
  readonly rejected: number;
}
