import { isDeepStrictEqual } from 'node:util';
import { DriverError, type DriverProcess } from '../driver/driver-process.js';
import type {
  AllFlagsReply,
  Capability,
  Change,
  ClientSettings,
  CreateRequest,
  EvaluateReply,
  Hello,
  LogEntry,
  Operation,
  Operations,
} from '../driver/protocol.js';
import type { RequestedType } from '../reference/wire.js';
import { NotSeenError } from '../server/activity.js';
import { FeatBitServer, type FeatBitServerOptions, SERVER_SECRET } from '../server/featbit/index.js';
import { dataSync, ScriptedServer } from '../server/scripted-server.js';

/** A case's expectation was not met; the message says what was expected and what was seen. */
export class MismatchError extends Error {}

/** A case does not apply to this SDK. */
export class SkipError extends Error {}

/** A secret of the usual form. */
export const SECRET = SERVER_SECRET;

/** Settings of a case; `undefined` leaves one to the SDK. */
export type CaseSettings = { readonly [Name in keyof ClientSettings]?: number | undefined };

/** Where a client finds its server. */
export interface Address {
  readonly streamingUrl: string;
  readonly httpUrl: string;
}

/** Times that keep the suite quick where an SDK lets itself be told. */
const QUICK: ClientSettings = {
  startWaitMs: 10_000,
  connectTimeoutMs: 2_000,
  firstRetryDelayMs: 50,
  maxRetryDelayMs: 200,
  pingIntervalMs: 2_000,
  pollingIntervalMs: 100,
  flushIntervalMs: 60_000,
  eventRetryIntervalMs: 50,
  eventMaxRetries: 2,
  eventRequestTimeoutMs: 5_000,
  closeTimeoutMs: 3_000,
};

/** How long an SDK may take to answer, waits that it was asked to make apart. */
export const REPLY_MS = 10_000;

/** One client of the SDK under test. */
export class TrialClient {
  readonly #driver: DriverProcess;
  readonly #name: string;
  readonly #replyMs: number;

  constructor(driver: DriverProcess, name: string, replyMs: number) {
    this.#driver = driver;
    this.#name = name;
    this.#replyMs = replyMs;
  }

  #ask<Name extends Operation>(
    op: Name,
    params: Operations[Name]['params'],
    timeoutMs = this.#replyMs,
  ): Promise<Operations[Name]['result']> {
    return this.#driver.request(op, { ...params, client: this.#name }, timeoutMs);
  }

  async create(request: CreateRequest): Promise<void> {
    await this.#ask('create', request);
  }

  async waitForInitialization(timeoutMs: number): Promise<string> {
    return (await this.#ask('waitForInitialization', { timeoutMs }, timeoutMs + this.#replyMs)).outcome;
  }

  /** Waits until the client is ready and fails the case if it does not become so. */
  async ready(timeoutMs = REPLY_MS): Promise<void> {
    const outcome = await this.waitForInitialization(timeoutMs);
    if (outcome !== 'ready')
      throw new MismatchError(`expected the client to initialise; the wait ended with ${outcome}`);
  }

  async initialized(): Promise<boolean> {
    return (await this.#ask('initialized', {})).initialized;
  }

  async status(): Promise<string> {
    return (await this.#ask('status', {})).status;
  }

  evaluate(flag: unknown, user: unknown, type: RequestedType, fallback: unknown): Promise<EvaluateReply> {
    return this.#ask('evaluate', { flag, user, type, default: fallback });
  }

  evaluateAndMutate(flag: unknown, user: unknown, type: RequestedType, fallback: unknown): Promise<EvaluateReply> {
    return this.#ask('evaluate', { flag, user, type, default: fallback, mutateValue: true });
  }

  /** A flag's string value for the user `ada`, "fallback" where it fails. */
  async value(flag: string, user: unknown = ADA): Promise<unknown> {
    return (await this.evaluate(flag, user, 'string', 'fallback')).value;
  }

  allFlags(user: unknown): Promise<AllFlagsReply> {
    return this.#ask('allFlags', { user });
  }

  async track(user: unknown, eventName: unknown, value?: unknown, mutateUser?: Record<string, string>): Promise<void> {
    await this.#ask('track', {
      user,
      eventName,
      ...(value === undefined ? {} : { value }),
      ...(mutateUser === undefined ? {} : { mutateUser }),
    });
  }

  async identify(user: unknown): Promise<void> {
    await this.#ask('identify', { user });
  }

  async flush(): Promise<void> {
    await this.#ask('flush', {});
  }

  async flushAndWait(timeoutMs: number): Promise<boolean> {
    return (await this.#ask('flushAndWait', { timeoutMs }, timeoutMs + this.#replyMs)).done;
  }

  async listen(name: string, behaviour: 'record' | 'throw' = 'record'): Promise<void> {
    await this.#ask('listen', { name, user: ADA, behaviour });
  }

  async listenToValue(name: string, flag: string, user: unknown): Promise<void> {
    await this.#ask('listen', { name, user, behaviour: 'record', ofFlag: flag });
  }

  async changes(name: string): Promise<Change[]> {
    return (await this.#ask('changes', { name })).changes;
  }

  async logs(): Promise<LogEntry[]> {
    return (await this.#ask('logs', {})).entries;
  }

  async dropped(): Promise<number> {
    return (await this.#ask('counters', {})).dropped;
  }

  /** @returns how long it took, in milliseconds. */
  async close(timeoutMs = this.#replyMs): Promise<number> {
    const start = Date.now();
    await this.#ask('close', {}, timeoutMs);
    return Date.now() - start;
  }
}

export const ADA = { key: 'ada' };

/** What a case has while it runs: the driver, its own servers and clients, and ways to say what is wrong. */
export class Trial {
  readonly hello: Hello;
  readonly driver: DriverProcess;
  readonly #servers: ScriptedServer[] = [];
  readonly #featbitServers: FeatBitServer[] = [];
  readonly #clients: TrialClient[] = [];
  readonly #replyMs: number;
  static #lastClient = 0;

  constructor(driver: DriverProcess, hello: Hello, replyMs: number) {
    this.driver = driver;
    this.hello = hello;
    this.#replyMs = replyMs;
  }

  offers(capability: Capability): boolean {
    return this.hello.capabilities.includes(capability);
  }

  /** Skips the case unless the SDK offers all of them. */
  needs(...capabilities: Capability[]): void {
    const missing = capabilities.find((capability) => !this.offers(capability));
    if (missing !== undefined) throw new SkipError(`not offered: ${missing}`);
  }

  async server(): Promise<ScriptedServer> {
    const server = await ScriptedServer.start();
    this.#servers.push(server);
    return server;
  }

  /** A server with the flaws of a real one. */
  async featbitServer(options?: FeatBitServerOptions): Promise<FeatBitServer> {
    const server = await FeatBitServer.start(options);
    this.#featbitServers.push(server);
    return server;
  }

  /** A client for a server, streaming unless told otherwise. */
  async client(
    server: Address,
    overrides: Partial<CreateRequest> = {},
    settings: CaseSettings = {},
  ): Promise<TrialClient> {
    return this.clientFor({
      secret: SECRET,
      mode: 'streaming',
      streamingUrl: server.streamingUrl,
      pollingUrl: server.httpUrl,
      eventUrl: server.httpUrl,
      ...overrides,
      // What is undefined does not go over to the driver.
      settings: settings as ClientSettings,
    });
  }

  /**
   * A ready client that holds an environment: over a stream, with a server that takes its events, or offline where that
   * is what the SDK offers.
   */
  async clientWith(flags: unknown[], segments: unknown[]): Promise<{ client: TrialClient; server: ScriptedServer }> {
    const server = await this.server();
    const envelope = dataSync('full', flags, segments);
    server.onDataSync = () => envelope;
    const isOffline = !this.offers('streaming') && this.offers('offline') && this.offers('bootstrap');
    if (!isOffline) this.needs('streaming');
    const client = await this.client(server, isOffline ? { offline: true, bootstrap: JSON.stringify(envelope) } : {});
    await client.ready();
    return { client, server };
  }

  async clientFor(request: CreateRequest): Promise<TrialClient> {
    Trial.#lastClient += 1;
    const client = new TrialClient(this.driver, `client-${Trial.#lastClient}`, this.#replyMs);
    this.#clients.push(client);
    await client.create({ ...request, settings: { ...QUICK, ...request.settings } });
    return client;
  }

  /** How long to watch that the SDK does not connect again. */
  get longerThanReconnect(): number {
    return (this.hello.reconnectMs ?? 2_000) * 2 + 200;
  }

  /** How long a reconnection may take: an SDK that cannot be told may be at its third or fourth wait. */
  get reconnectDeadline(): number {
    return 15_000;
  }

  equal(what: string, seen: unknown, expected: unknown): void {
    if (isDeepStrictEqual(seen, expected)) return;
    throw new MismatchError(`expected ${what} to be ${show(expected)}; saw ${show(seen)}`);
  }

  check(expectation: string, holds: boolean, seen: unknown): void {
    if (!holds) throw new MismatchError(`expected ${expectation}; saw ${show(seen)}`);
  }

  /** Asks again and again until the answer is the expected one. */
  async eventually(what: string, ask: () => Promise<unknown>, expected: unknown, timeoutMs = 3_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const seen = await ask();
      if (isDeepStrictEqual(seen, expected)) return;
      if (Date.now() > deadline) {
        throw new MismatchError(
          `expected ${what} to become ${show(expected)} within ${timeoutMs} ms; saw ${show(seen)}`,
        );
      }
      await this.pause(15);
    }
  }

  /** Lets time pass; for cases about what must not happen meanwhile. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  /**
   * Ends what the case has started. How a client takes its end is for the cases about closing, so servers become kind,
   * and a client that takes long is left to it.
   *
   * @returns `ended` resolves when everything has; the suite waits for it before it ends the driver.
   */
  async end(): Promise<{ ended: Promise<void> }> {
    for (const server of this.#servers) server.calm();
    for (const server of this.#featbitServers) server.calm();
    const closing = this.driver.alive ? this.#clients.map((client) => client.close(5_000).catch(() => undefined)) : [];
    const ended = Promise.all(closing).then(async () => {
      await Promise.all(this.#servers.map((server) => server.close()));
      await Promise.all(this.#featbitServers.map((server) => server.kill()));
    });
    await Promise.race([ended, this.pause(300)]);
    return { ended };
  }
}

/** A value for a message: JSON, cut where it is long. */
export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** Whether an error says something of the SDK, rather than of the suite. */
export function isFinding(error: unknown): error is Error {
  return error instanceof MismatchError || error instanceof NotSeenError || error instanceof DriverError;
}
