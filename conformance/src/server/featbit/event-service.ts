import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Backend } from './backend.js';
import { readInsightBody } from './insight-body.js';
import type { InsightRequest } from './ledger.js';
import type { Refusal } from './options.js';

/** Takes events in: refuses whole requests, or answers once each event of one has become a row. */
export class EventService {
  /** While it is set every request is answered so. */
  refusal: Refusal | undefined;
  readonly #backend: Backend;
  /** When the requests of the limiter's window came. */
  readonly #window: number[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Requests whose events are being worked on, whether anybody waits for the answer or not. */
  get busy(): number {
    return this.#backend.worker.busy;
  }

  async track(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, ledger, worker, activity } = this.#backend;
    const at = clock.now();
    let body: Buffer;
    try {
      body = await buffer(request);
    } catch {
      // The client gave up in the middle.
      return;
    }
    const verdict = this.#judge(request, body, at);
    const events = 'events' in verdict ? verdict.events : [];
    const record: InsightRequest = { at, bytes: body.length, events: events.length, givenUp: false };
    ledger.requests.push(record);
    activity.happened();
    const answer = ({ status, retryAfter }: Refusal): void => {
      record.answer = { at: clock.now(), status };
      if (!response.destroyed) response.writeHead(status, retryAfter ? { 'Retry-After': retryAfter } : {}).end();
      activity.happened();
    };
    response.on('close', () => {
      record.givenUp = record.answer === undefined;
      activity.happened();
    });
    if ('events' in verdict) worker.take(events, () => answer({ status: 200 }));
    else answer(verdict);
  }

  #judge({ headers }: IncomingMessage, body: Buffer, at: number): Refusal | ReturnType<typeof readInsightBody> {
    const { settings } = this.#backend;
    const refusal = this.refusal ?? this.#overLimit(at);
    if (refusal !== undefined) return refusal;
    if (body.length > settings.bodyLimit) return { status: 413 };
    if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) return { status: 415 };
    if (headers.authorization !== settings.secret) return { status: 401 };
    // Nobody unpacks it.
    if (headers['content-encoding'] !== undefined) return { status: 400 };
    const verdict = readInsightBody(body.toString('utf8'));
    if (!('events' in verdict)) return verdict;
    const status = verdict.events.map(settings.refusesEvent).find((refused) => refused !== undefined);
    return status === undefined ? verdict : { status };
  }

  /** A fixed window, as the server's own limiter has it. */
  #overLimit(at: number): Refusal | undefined {
    const limit = this.#backend.settings.insightLimit;
    if (limit === undefined) return undefined;
    const [first = at] = this.#window;
    const end = first + limit.perMilliseconds;
    if (at >= end) this.#window.length = 0;
    if (this.#window.length >= limit.requests) {
      return { status: 429, retryAfter: String(Math.ceil((end - at) / 1_000)) };
    }
    this.#window.push(at);
    return undefined;
  }
}
