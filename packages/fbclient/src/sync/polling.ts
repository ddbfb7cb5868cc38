import type { Cancel } from '../runtime/clock.js';
import { type HttpRefusal, judgeHttp } from '../runtime/http-verdict.js';
import type { HttpOutcome, Network, Platform } from '../runtime/platform.js';
import type { DataSink, DataSource, SourceError } from './data-source.js';

/** Longest answer that is accepted, in bytes. */
const MAX_ANSWER = 256 * 1024 * 1024;

export interface PollingSettings {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly secret: string;
  readonly times: PollingTimes;
}

/** Milliseconds. */
export interface PollingTimes {
  /** From the end of one poll to the start of the next. */
  readonly interval: number;
  /** From the start of a poll to the last byte of its answer. */
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
    const { url, secret, times } = this.#settings;
    const query = sink.cursor === 0 ? '' : `?timestamp=${sink.cursor}`;
    this.#cancel = this.#network.request(
      {
        method: 'GET',
        url: `${url}/api/public/sdk/server/latest-all${query}`,
        headers: { Authorization: secret },
        timeout: times.requestTimeout,
        maxBody: MAX_ANSWER,
      },
      (outcome) => void this.#answered(sink, outcome),
    );
  }

  async #answered(sink: DataSink, outcome: HttpOutcome): Promise<void> {
    const verdict = judgeHttp(outcome, this.#platform.clock.now());
    if (verdict.kind === 'unauthorized') {
      const message = `the server refused the environment secret for good (${verdict.problem}): check that envSecret is the server secret of this environment`;
      sink.failed({ code: 'rejected', message });
      return;
    }
    const problem = verdict.kind === 'done' ? await take(sink, verdict.body) : problemOf(verdict);
    if (problem !== undefined && !this.#closed) sink.interrupted(problem);
    // Asked after that: a logger, which the interruption is written to, may have closed the client.
    if (this.#closed) return;
    const wait = Math.max(this.#settings.times.interval, verdict.retryAfter ?? 0);
    this.#cancel = this.#platform.clock.background(wait, () => this.#poll(sink));
  }
}

/** Gives an answer to the sink. @returns what was wrong with it. */
async function take(sink: DataSink, body: string): Promise<SourceError | undefined> {
  if (body.trim() === '') {
    // Nothing is newer than the cursor.
    sink.confirm();
    return undefined;
  }
  if (await sink.accept(body)) return undefined;
  return { code: 'bad-answer', message: 'a poll was answered with something that is no data-sync envelope' };
}

function problemOf({ kind, problem }: HttpRefusal): SourceError {
  return kind === 'unreachable' || kind === 'timed-out'
    ? { code: 'connect-failed', message: `a poll failed (${problem})` }
    : { code: 'bad-answer', message: `a poll was answered with ${problem}` };
}
