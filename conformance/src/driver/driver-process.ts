import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CAPABILITIES, type Hello, type Operation, type Operations, PROTOCOL_VERSION } from './protocol.js';

/** What can go wrong between the suite and a driver. */
export type DriverFault =
  /** The SDK does not have this. */
  | 'not-offered'
  /** The SDK threw, or refused in some other way. */
  | 'threw'
  /** The process ended. */
  | 'died'
  /** No reply in time. */
  | 'timeout';

export class DriverError extends Error {
  readonly fault: DriverFault;

  constructor(fault: DriverFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: DriverError) => void;
  timer: NodeJS.Timeout;
}

const KEPT_STDERR = 2_000;

/** One running driver. */
export class DriverProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #tellDeath: (death: DriverError) => void = () => undefined;
  /** Rejects when the process ends. */
  readonly death: Promise<never> = new Promise((_resolve, reject) => {
    this.#tellDeath = reject;
  });
  #lastId = 0;
  #stderr = '';
  #death: DriverError | undefined;

  private constructor(command: string) {
    // A process group of its own, so that what a shell starts can be ended with it.
    this.#child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.death.catch(() => undefined);
    const { stdin, stdout, stderr } = this.#child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('the driver has no standard streams');
    stdin.on('error', () => undefined);
    stderr.on('data', (chunk) => {
      this.#stderr = (this.#stderr + String(chunk)).slice(-KEPT_STDERR);
    });
    createInterface({ input: stdout }).on('line', (line) => this.#take(line));
    this.#exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        this.#fail(how);
        resolve();
      };
      this.#child.once('error', (error) => ended(`could not be started: ${error.message}`));
      this.#child.once('close', (code, signal) => ended(`ended (${signal ?? `exit code ${code}`})`));
    });
  }

  /** Starts a driver and greets it. */
  static async start(command: string): Promise<{ driver: DriverProcess; hello: Hello }> {
    const driver = new DriverProcess(command);
    try {
      const hello = await driver.request('hello', { protocol: PROTOCOL_VERSION }, 20_000);
      const unknown = hello.capabilities.filter((capability) => !Object.hasOwn(CAPABILITIES, capability));
      if (unknown.length > 0)
        throw new Error(`the driver names capabilities that there are not: ${unknown.join(', ')}`);
      return { driver, hello };
    } catch (error) {
      await driver.kill();
      throw error;
    }
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  /**
   * Asks the driver for one operation.
   *
   * @throws DriverError also when there is no reply within the time, in milliseconds.
   */
  request<Name extends Operation>(
    op: Name,
    params: Operations[Name]['params'] & { client?: string },
    timeoutMs: number,
  ): Promise<Operations[Name]['result']> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new DriverError('timeout', `no reply to ${op} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, { resolve: (result) => resolve(result as Operations[Name]['result']), reject, timer });
      this.#child.stdin?.write(`${JSON.stringify({ id, op, ...params })}\n`);
    });
  }

  /** Asks the driver to end, and ends it if it does not. */
  async stop(): Promise<void> {
    await this.request('exit', {}, 1_000).catch(() => undefined);
    await this.kill();
  }

  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined && this.#death === undefined) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        this.#child.kill('SIGKILL');
      }
    }
    await this.#exited;
  }

  #take(line: string): void {
    let reply: { id?: unknown; result?: unknown; error?: { code?: unknown; message?: unknown } };
    try {
      reply = JSON.parse(line);
    } catch {
      // SDKs write to standard output too; only replies are the suite's.
      return;
    }
    const pending = typeof reply?.id === 'number' ? this.#pending.get(reply.id) : undefined;
    if (pending === undefined) return;
    this.#pending.delete(reply.id as number);
    clearTimeout(pending.timer);
    if (reply.error === undefined) {
      pending.resolve(reply.result);
      return;
    }
    const fault = reply.error.code === 'not-offered' ? 'not-offered' : 'threw';
    pending.reject(new DriverError(fault, String(reply.error.message ?? fault)));
  }

  #fail(how: string): void {
    const said = this.#stderr.trim();
    this.#death = new DriverError('died', `the driver process ${how}${said === '' ? '' : `: ${firstError(said)}`}`);
    this.#tellDeath(this.#death);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#death);
    }
    this.#pending.clear();
  }
}

/** The line of a stack trace that names the error, or the last line. */
function firstError(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.find((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines.at(-1) ?? '';
}
