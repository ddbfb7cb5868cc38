import { setTimeout } from 'node:timers/promises';
import { FBClient } from 'fbclient';
import { wallClock } from './clock.js';
import { flagCalled } from './flags.js';

/** Where the good do their work. */
export interface Place {
  readonly url: string;
  readonly adminToken: string;
  readonly serverSecret: string;
}

/** A commit, by the machine's clock in Unix milliseconds. */
export interface Committed {
  readonly version: number;
  readonly at: number;
  readonly sentAt: number;
}

/** SDKs that stream, and when each of them got to which version. */
export class GoodSdks {
  readonly #clients: readonly FBClient[];
  /** Of each, when it got to which version. */
  readonly #progress: readonly Pick<Committed, 'version' | 'at'>[][];

  constructor(howMany: number, { url, serverSecret: envSecret }: Place) {
    this.#progress = Array.from({ length: howMany }, () => []);
    this.#clients = this.#progress.map((progress) => {
      const client = new FBClient({ envSecret, streamingUrl: url, eventUrl: url, disableEvents: true });
      let isNoting = false;
      client.flagTracker.addFlagChangedListener(() => {
        if (isNoting) return;
        isNoting = true;
        // Of changes that come together the last one counts: asking for each would take an eighth of the processor.
        setImmediate(() => {
          isNoting = false;
          progress.push({ version: client.diagnostics().data.version, at: wallClock() });
        });
      });
      return client;
    });
  }

  /** @returns how many are ready in time. */
  async ready(wait: number): Promise<number> {
    const results = await Promise.all(this.#clients.map((client) => client.waitForInitialization(wait)));
    return results.filter((result) => result === 'ready').length;
  }

  /** How often a connection was lost. */
  get interruptions(): number {
    return this.#clients.reduce((sum, client) => sum + client.diagnostics().interruptions, 0);
  }

  /** How long after a commit each SDK had it, in milliseconds; infinite for one that never did. */
  delaysOf({ version, at }: Committed): readonly number[] {
    return this.#progress.map((progress) => {
      const heard = progress.find((one) => one.version >= version);
      return heard === undefined ? Number.POSITIVE_INFINITY : Math.max(0, heard.at - at);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

/** Between two changes of one writer, in milliseconds: every change is taken in by every SDK of this one process. */
const WRITE_PAUSE = 400;

/** Switches a flag to and fro, and now and then writes it anew, until it is aborted. @returns how long each request took. */
export async function write(flag: string, { url, adminToken }: Place, signal: AbortSignal): Promise<number[]> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const address = `${url}/api/v1/environments/good/flags/${flag}`;
  const took: number[] = [];
  for (let round = 0; !signal.aborted; round++) {
    const start = performance.now();
    const answer = await (round % 10 === 9
      ? fetch(address, { method: 'PUT', headers, body: JSON.stringify(flagCalled(flag, `value ${round}`)) })
      : fetch(`${address}/toggle`, { method: 'POST', headers })
    ).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) took.push(performance.now() - start);
    await pause(WRITE_PAUSE, signal);
  }
  return took;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}
