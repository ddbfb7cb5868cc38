import { LargeMessage, type MessageText, textOf } from '../protocol/large-message.js';
import type { DataSync } from '../protocol/messages.js';
import type { Cancel } from '../runtime/clock.js';
import { type HttpRefusal, judgeHttp } from '../runtime/http-verdict.js';
import type { Log } from '../runtime/log.js';
import type { HttpOutcome, Network, Platform } from '../runtime/platform.js';
import { refusedDelay } from './backoff.js';
import type { Commit, DataSource, DataSyncSink, SourceError } from './data-source.js';
import { type Reading, readData } from './reading.js';

export interface PollingSettings {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly secret: string;
  readonly times: PollingTimes;
  /** The longest answer that is taken, in bytes after unpacking. */
  readonly maxMessageSize: number;
}

/** Milliseconds, except where it says otherwise. */
export interface PollingTimes {
  /** From the end of one poll to the start of the next. */
  readonly interval: number;
  /** From the start of a poll to the last byte of its answer. */
  readonly requestTimeout: number;
  /** One of this many polls asks for everything; `false`: only the first one does. */
  readonly pollsPerFullSync: number | false;
  /** The first wait after a refusal; `false`: a refusal is final. */
  readonly refusedRetryDelay: number | false;
}

/** Asks the server at intervals, one request after the other; whatever goes wrong, the next poll comes. */
export class PollingSource implements DataSource {
  readonly #settings: PollingSettings;
  readonly #platform: Platform;
  readonly #network: Network;
  readonly #log: Log;
  #cancel: Cancel = () => undefined;
  /** Polls since the last one that asked for everything. */
  #polls = 0;
  /** Refusals in a row. */
  #refusals = 0;
  #closed = false;

  constructor(settings: PollingSettings, platform: Platform, network: Network, log: Log) {
    this.#settings = settings;
    this.#platform = platform;
    this.#network = network;
    this.#log = log;
  }

  start(sink: DataSyncSink): void {
    this.#poll(sink);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #poll(sink: DataSyncSink): void {
    const { url, secret, times, maxMessageSize } = this.#settings;
    const heals = sink.cursor > 0 && times.pollsPerFullSync !== false && this.#polls + 1 >= times.pollsPerFullSync;
    const cursor = heals ? 0 : sink.cursor;
    // Counted when it is asked: a server that fails at everything, but not at the rest, must not be asked for nothing else.
    this.#polls = cursor === 0 ? 0 : this.#polls + 1;
    if (heals) sink.asked();
    this.#cancel = this.#network.request(
      {
        method: 'GET',
        url: `${url}/api/public/sdk/server/latest-all${cursor === 0 ? '' : `?timestamp=${cursor}`}`,
        headers: { Authorization: secret },
        timeout: times.requestTimeout,
        maxBody: maxMessageSize,
        compressed: true,
      },
      (outcome) => void this.#answered(sink, outcome, cursor),
    );
  }

  async #answered(sink: DataSyncSink, outcome: HttpOutcome, cursor: number): Promise<void> {
    const verdict = judgeHttp(outcome, this.#platform.clock.now());
    if (verdict.kind === 'unauthorized') {
      this.#refused(sink, verdict);
      return;
    }
    const problem = verdict.kind === 'done' ? await this.#take(sink, verdict.body, cursor) : problemOf(verdict);
    if (problem !== undefined && !this.#closed) sink.interrupted(problem);
    this.#pollAfter(Math.max(this.#settings.times.interval, verdict.retryAfter ?? 0), sink);
  }

  /** Most refusals pass (a proxy, a rotated secret): the server is asked again, but only after a long time. */
  #refused(sink: DataSyncSink, { problem, retryAfter }: HttpRefusal): void {
    const check = 'check that envSecret is the server secret of this environment';
    sink.failed({ code: 'rejected', message: `the server refused the environment secret (${problem}): ${check}` });
    const { refusedRetryDelay } = this.#settings.times;
    if (refusedRetryDelay === false) return;
    const wait = refusedDelay(this.#refusals, refusedRetryDelay, this.#platform.random());
    this.#refusals += 1;
    this.#pollAfter(Math.max(wait, retryAfter ?? 0), sink);
  }

  /** Gives an answer to the sink. @returns what was wrong with it. */
  async #take(sink: DataSyncSink, body: MessageText, cursor: number): Promise<SourceError | undefined> {
    if (typeof body === 'string' && body.trim() === '') {
      // Nothing is newer than the cursor.
      this.#refusals = 0;
      sink.confirm();
      return undefined;
    }
    const data = readData(LargeMessage.of(body) ?? textOf(body), (problem) => {
      this.#log.write('error', 'bad-data-sync', `polling: an answer was ignored: ${problem}`);
    });
    if (data !== undefined && (await this.#commit(sink, data, cursor))) return undefined;
    return { code: 'bad-answer', message: 'a poll was answered with something that is no data-sync envelope' };
  }

  #commit(sink: DataSyncSink, data: DataSync | Reading, cursor: number): Promise<boolean> {
    const held = sink.cursor;
    const isRepeated = cursor === 0 && held > 0;
    return new Promise((resolve) => {
      const done = (commit: Commit | undefined): void => {
        if (commit !== undefined) this.#refusals = 0;
        if (commit !== undefined && isRepeated) {
          // What is newer than the cursor would have come with the next poll anyway.
          const repaired = commit.differences.filter(({ after }) => after === undefined || after <= held).length;
          if (repaired > 0) sink.repaired(repaired);
        }
        resolve(commit !== undefined);
      };
      sink.take(data, { mayBePush: false, isRepeated: () => isRepeated, done });
    });
  }

  #pollAfter(wait: number, sink: DataSyncSink): void {
    // A logger, which an interruption is written to, may have closed the client.
    if (!this.#closed) this.#cancel = this.#platform.clock.background(wait, () => this.#poll(sink));
  }
}

function problemOf({ kind, problem }: HttpRefusal): SourceError {
  return kind === 'unreachable' || kind === 'unanswered'
    ? { code: 'connect-failed', message: `a poll failed (${problem})` }
    : { code: 'bad-answer', message: `a poll was answered with ${problem}` };
}
