import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Backend } from './backend.js';
import { LAST_MOMENT } from './client-message.js';
import { dataSyncText } from './environment.js';

/** A request for `latest-all`. */
export interface Poll {
  /** Unix milliseconds. */
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  /** 0 asks for everything; absent where it could not be read. */
  readonly cursor: number | undefined;
  /** Absent as long as the answer is. */
  answer?: { readonly at: number; readonly status: number; readonly documents: number };
}

/** What the query of a poll asks for, or the status that refuses it. */
type PollQuery = { readonly cursor: number } | { readonly status: 400 | 500 };

/** Reads a query as the server does: the name in any case, the first of several; 0 and none at all ask for everything. */
function readPollQuery(query: URLSearchParams): PollQuery {
  const given = [...query].find(([name]) => name.toLowerCase() === 'timestamp')?.[1] ?? '0';
  const cursor = given.trim();
  if (!/^[+-]?\d{1,19}$/.test(cursor)) return { status: 400 };
  return Number(cursor) > LAST_MOMENT ? { status: 500 } : { cursor: Number(cursor) };
}

/** Answers polls. */
export class PollingService {
  readonly polls: Poll[] = [];
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  poll(request: IncomingMessage, query: URLSearchParams, response: ServerResponse): void {
    const { clock, store, environment, processor, settings, activity } = this.#backend;
    const asked = readPollQuery(query);
    const cursor = 'cursor' in asked ? asked.cursor : undefined;
    const poll: Poll = { at: clock.now(), headers: request.headers, cursor };
    this.polls.push(poll);
    activity.happened();
    const answer = (status: number, text = '', documents = 0): void => {
      poll.answer = { at: clock.now(), status, documents };
      this.#send(request, response, status, text);
      activity.happened();
    };
    if (request.headers.authorization !== settings.secret) answer(401);
    else if ('status' in asked) answer(asked.status);
    else
      store.query((ok) => {
        if (!ok) {
          answer(500);
          return;
        }
        const isFull = asked.cursor === 0;
        const documents = environment.newerThan(isFull ? -1 : asked.cursor);
        const count = documents.flags.length + documents.segments.length;
        processor.work(this.#backend.costOf(count), () => {
          // Nothing newer is an empty body.
          answer(200, isFull || count > 0 ? dataSyncText(isFull ? 'full' : 'patch', documents) : '', count);
        });
      });
  }

  #send({ headers }: IncomingMessage, response: ServerResponse, status: number, text: string): void {
    const asksForGzip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
    const isCompressed = this.#backend.settings.compressesPolls && text !== '' && asksForGzip;
    const encoding: Record<string, string> = isCompressed ? { 'Content-Encoding': 'gzip' } : {};
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...encoding });
    // Written before the end, so that it goes in chunks, without a length.
    if (text !== '') response.write(isCompressed ? gzipSync(text) : text);
    response.end();
  }
}
