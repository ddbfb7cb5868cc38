import { parseRetryAfter } from '../protocol/retry-after.js';
import type { Cancel } from '../runtime/clock.js';
import type { HttpOutcome, Network, Platform } from '../runtime/platform.js';
import { proxyProblem } from '../runtime/proxy-problem.js';
import type { DataSink, DataSource, SourceError } from './data-source.js';

/** Longest answer that is accepted, in bytes. */
const MAX_ANSWER = 256 * 1024 * 1024;

export interface PollingSettings {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly secret: string;
  /** From the end of one poll to the start of the next, in milliseconds. */
  readonly interval: number;
  /** From the start of a poll to the last byte of its answer, in milliseconds. */
  readonly requestTimeout: number;
}

/** Asks the server at intervals, one request after the other; whatever goes wrong, the next poll comes. */
export class PollingSource implements DataSource {
  readonly #settings: PollingSettings;
  readonly #platform: Platform;
  readonly #network: Network;
  #cancel: Cancel = () => undefined;
  #closed = false;

  constructor(settings: PollingSettings, platform: Platform, network: Network) {
    this.#settings = settings;
    this.#platform = platform;
    this.#network = network;
  }

  start(sink: DataSink): void {
    this.#poll(sink);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #poll(sink: DataSink): void {
    const { url, secret, requestTimeout: timeout } = this.#settings;
    const query = sink.cursor === 0 ? '' : `?timestamp=${sink.cursor}`;
    this.#cancel = this.#network.request(
      {
        method: 'GET',
        url: `${url}/api/public/sdk/server/latest-all${query}`,
        headers: { Authorization: secret },
        timeout,
        maxBody: MAX_ANSWER,
      },
      (outcome) => void this.#answered(sink, outcome),
    );
  }

  async #answered(sink: DataSink, outcome: HttpOutcome): Promise<void> {
    if (outcome.kind === 'response' && (outcome.status === 401 || outcome.status === 403)) {
      const message = `the server refused the environment secret for good (HTTP status ${outcome.status}): check that envSecret is the server secret of this environment`;
      sink.failed({ code: 'rejected', message });
      return;
    }
    const problem = await take(sink, outcome);
    if (problem !== undefined && !this.#closed) sink.interrupted(problem);
    // Asked after that: a logger, told of it, may have closed the client.
    if (this.#closed) return;
    const asked =
      outcome.kind === 'response' ? parseRetryAfter(outcome.retryAfter, this.#platform.clock.now()) : undefined;
    const wait = Math.max(this.#settings.interval, asked ?? 0);
    this.#cancel = this.#platform.clock.background(wait, () => this.#poll(sink));
  }
}

/** Gives an answer to the sink. @returns what was wrong with it. */
async function take(sink: DataSink, outcome: HttpOutcome): Promise<SourceError | undefined> {
  if (outcome.kind === 'failed') return { code: 'connect-failed', message: `a poll failed (${outcome.problem})` };
  const proxy = proxyProblem(outcome.status);
  if (proxy !== undefined) return { code: 'connect-failed', message: `a poll failed (${proxy})` };
  if (outcome.status < 200 || outcome.status >= 300) {
    return { code: 'bad-answer', message: `a poll was answered with HTTP status ${outcome.status}` };
  }
  if (outcome.body.trim() === '') {
    // Nothing is newer than the cursor.
    sink.confirm();
    return undefined;
  }
  if (await sink.accept(outcome.body)) return undefined;
  return { code: 'bad-answer', message: 'a poll was answered with something that is no data-sync envelope' };
}
