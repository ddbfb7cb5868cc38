import { DriverProcess } from 'fbclient-conformance/driver';
import type { Where } from './center.js';

export type ValueType = 'boolean' | 'string' | 'number' | 'json';

export interface Who {
  readonly key: string;
  readonly name: string;
  readonly custom?: Readonly<Record<string, string>>;
}

/** An SDK that runs, however it is driven: as a program, or in a browser. What it does not have is refused with `NotOffered`. */
export interface Driven {
  /** Starts a client. @throws with what happened when it is not ready in time. */
  start(where: Where, who: Who): Promise<void>;
  /** @returns the value for a user, as JSON has it. */
  evaluate(flag: string, who: Who, type: ValueType, fallback: unknown): Promise<unknown>;
  track(who: Who, eventName: string, value: number): Promise<void>;
  /** Sends what waits, or asks for that. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Ends what drives it. */
  end(): Promise<void>;
}

/** The SDK has no such thing. */
export class NotOffered extends Error {}

/** How long an SDK may take for one call, in milliseconds. */
const CALL = 60_000;
const START = 30_000;
const CLIENT = 'interop';

/** A program that speaks the protocol of the conformance suite's drivers. */
export class DrivenProgram implements Driven {
  readonly #driver: DriverProcess;

  private constructor(driver: DriverProcess) {
    this.#driver = driver;
  }

  /** @param command of a shell. */
  static async launch(command: string): Promise<DrivenProgram> {
    return new DrivenProgram((await DriverProcess.start(command)).driver);
  }

  async start({ url, serverSecret }: Where): Promise<void> {
    const settings = { startWaitMs: START };
    const urls = { streamingUrl: url.replace('http', 'ws'), pollingUrl: url, eventUrl: url };
    await this.#ask('create', { mode: 'streaming', secret: serverSecret, ...urls, settings });
    const { outcome } = await this.#ask('waitForInitialization', { timeoutMs: START });
    if (outcome !== 'ready') throw new Error(`the wait at the start ends with ${outcome}`);
  }

  async evaluate(flag: string, user: Who, type: ValueType, fallback: unknown): Promise<unknown> {
    return (await this.#ask('evaluate', { flag, user, type, default: fallback })).value;
  }

  async track(user: Who, eventName: string, value: number): Promise<void> {
    await this.#ask('track', { user, eventName, value });
  }

  async flush(): Promise<void> {
    await this.#ask('flush', {});
  }

  async close(): Promise<void> {
    await this.#ask('close', {});
  }

  end(): Promise<void> {
    return this.#driver.stop();
  }

  async #ask<Name extends Parameters<DriverProcess['request']>[0]>(
    op: Name,
    params: Parameters<typeof this.#driver.request<Name>>[1],
  ): ReturnType<typeof this.#driver.request<Name>> {
    try {
      return await this.#driver.request(op, { ...params, client: CLIENT }, CALL);
    } catch (error) {
      if ((error as { fault?: unknown }).fault === 'not-offered') throw new NotOffered(op);
      throw error;
    }
  }
}
