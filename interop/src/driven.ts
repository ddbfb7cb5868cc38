import { DriverError, DriverProcess, type Operation, type Operations } from 'fbclient-conformance/driver';
import type { Page } from 'playwright-core';
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

  async #ask<Name extends Operation>(
    op: Name,
    params: Operations[Name]['params'],
  ): Promise<Operations[Name]['result']> {
    try {
      return await this.#driver.request(op, { ...params, client: CLIENT }, CALL);
    } catch (error) {
      if (error instanceof DriverError && error.fault === 'not-offered') throw new NotOffered(op);
      throw error;
    }
  }
}

/** What a page offers: interop/drivers/page.js. Arguments and results are JSON. */
interface PageDriver {
  start(where: Where, who: Who): Promise<void>;
  evaluate(flag: string, who: Who, type: ValueType, fallback: unknown): Promise<unknown>;
  track(who: Who, eventName: string, value: number): Promise<string | undefined>;
  flush(): Promise<void> | undefined;
  close(): Promise<void>;
}

type PageCall = { [Name in keyof PageDriver]: readonly [Name, ...Parameters<PageDriver[Name]>] }[keyof PageDriver];

/** An SDK in a page of a browser. */
export class DrivenPage implements Driven {
  readonly #page: Page;
  readonly #end: () => Promise<void>;

  /** @param end closes the browser. */
  constructor(page: Page, end: () => Promise<void>) {
    this.#page = page;
    this.#end = end;
  }

  async start(where: Where, who: Who): Promise<void> {
    // A page is given no server secret.
    await this.#call(['start', { ...where, serverSecret: '' }, who]);
  }

  evaluate(flag: string, who: Who, type: ValueType, fallback: unknown): Promise<unknown> {
    return this.#call(['evaluate', flag, who, type, fallback]);
  }

  async track(who: Who, eventName: string, value: number): Promise<void> {
    if ((await this.#call(['track', who, eventName, value])) === 'not offered') throw new NotOffered('track');
  }

  async flush(): Promise<void> {
    await this.#call(['flush']);
  }

  async close(): Promise<void> {
    await this.#call(['close']);
  }

  end(): Promise<void> {
    return this.#end();
  }

  #call([name, ...parameters]: PageCall): Promise<unknown> {
    const calling = this.#page.evaluate(
      ([name, parameters]) => {
        const { driver } = window as unknown as { readonly driver: Record<string, (...given: unknown[]) => unknown> };
        return driver[name]?.(...parameters);
      },
      [name, parameters as unknown[]] as const,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer to ${name} within ${CALL} ms`)), CALL);
    });
    return Promise.race([calling, late]).finally(() => clearTimeout(timer));
  }
}
