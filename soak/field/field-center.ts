import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainProgram } from '../../scripts/test-support/plain-program.js';
import { CenterProcess } from '../kill/center-process.js';
import type { CenterOrder, CenterReply } from './center-messages.js';
import type { FieldServer } from './sdk.js';

const COMMAND = fileURLToPath(new URL('./center.ts', import.meta.url));

/** A metric as the center has counted it. */
interface CountedMetric {
  readonly eventName: string;
  readonly count: number;
  readonly sum: number;
}

/** The real flag center with ten flags, on one port and in one folder of its own, however often it is started. */
export class FieldCenter implements FieldServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fbclient-field-'));
  readonly #truth = new Map<string, string>();
  #child: ChildProcess | undefined;
  #next: ChildProcess | undefined;
  #refusing: Server | undefined;
  #port = 0;
  #token = '';
  secret = '';

  static async start(): Promise<FieldCenter> {
    const center = new FieldCenter();
    await center.start();
    for (let flag = 0; flag < 10; flag++) await center.setValue(`flag-${flag}`, 'old');
    return center;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get streamingUrl(): string {
    return this.httpUrl;
  }

  /** The value of every flag, by its key. */
  get truth(): ReadonlyMap<string, string> {
    return this.#truth;
  }

  /** Loads the process of the next start, so that it takes no longer than a scene wants. */
  async prepare(): Promise<void> {
    if (this.#next !== undefined) return;
    this.#next = fork(plainProgram(COMMAND), { execArgv: [] });
    await replyOf(this.#next);
  }

  /** Resolves when it listens. @param lead how far its clock is ahead, in milliseconds. */
  async start(lead = 0): Promise<void> {
    await this.prepare();
    const child = this.#next;
    if (child === undefined) return;
    this.#next = undefined;
    this.#child = child;
    this.#order({ order: 'start', lead, options: { port: this.#port, dataFolder: join(this.#folder, 'data') } });
    const reply = await replyOf(child);
    if (reply.reply !== 'listens') throw new Error('the center does not listen');
    this.#port = Number(new URL(reply.url).port);
    this.#token = reply.adminToken;
    if (this.secret === '') this.secret = reply.environments[0]?.serverSecret ?? '';
  }

  setClock(lead: number): void {
    this.#order({ order: 'clock', lead });
  }

  /** Resolves when the process has ended. */
  async stop(signal?: 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    if (signal === undefined) this.#order({ order: 'stop' });
    else child.kill(signal);
    await ended;
    this.#child = undefined;
  }

  /** Until {@link start} something else listens at its port, and answers everything with a status. */
  async refuse(status: number): Promise<void> {
    const server = createServer((_request, response) => void response.writeHead(status).end());
    server.on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`));
    await once(server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#refusing = server;
  }

  async endRefusing(): Promise<void> {
    const server = this.#refusing;
    if (server === undefined) return;
    this.#refusing = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async setValue(key: string, value: string): Promise<void> {
    await this.#call('PUT', `/flags/${key}`, {
      variationType: 'string',
      variations: [{ id: 'v', value }],
      isEnabled: true,
      disabledVariationId: 'v',
      fallthrough: { variations: [{ id: 'v', rollout: [0, 1] }] },
    });
    this.#truth.set(key, value);
  }

  /** Gives the environment another secret in place of the one that SDKs have. */
  async rotateSecret(): Promise<void> {
    const before = (await this.#call('GET', '/secrets')) as { items: { id: string; kind: string }[] };
    await this.#call('POST', '/secrets', { kind: 'server' });
    for (const { id, kind } of before.items) if (kind === 'server') await this.#call('DELETE', `/secrets/${id}`);
  }

  /** Lets the secret that SDKs have count again. */
  async restoreSecret(): Promise<void> {
    await this.#call('POST', '/secrets', { kind: 'server', secret: this.secret });
  }

  /** Copies its data. @returns what puts them back, for a center that is stopped. */
  async backUp(): Promise<() => Promise<void>> {
    const file = join(this.#folder, 'backup.db');
    const truth = new Map(this.#truth);
    await this.#command('backup', file, '--data', join(this.#folder, 'data'));
    return async () => {
      await this.#command('restore', file, '--data', join(this.#folder, 'data'), '--force');
      for (const [key, value] of truth) this.#truth.set(key, value);
    };
  }

  async metrics(): Promise<readonly CountedMetric[]> {
    return ((await this.#call('GET', '/insights')) as { metrics: CountedMetric[] }).metrics;
  }

  /** Stops it and removes what it kept. */
  async end(): Promise<void> {
    await this.endRefusing();
    this.#next?.kill('SIGKILL');
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #order(order: CenterOrder): void {
    this.#child?.send(order);
  }

  async #command(...args: readonly string[]): Promise<void> {
    const command = new CenterProcess(args);
    const { code } = await command.ended;
    if (code !== 0) throw new Error(`fbcenter ${args[0]} failed: ${command.errors}`);
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${this.httpUrl}/api/v1/environments/dev${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

/** @throws Error where it ends instead. */
async function replyOf(child: ChildProcess): Promise<CenterReply> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the center ended with ${code}`)));
  ended.catch(() => undefined);
  const [reply] = (await Promise.race([once(child, 'message'), ended])) as [CenterReply];
  return reply;
}
