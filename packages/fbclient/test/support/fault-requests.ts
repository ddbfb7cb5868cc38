import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { FaultData } from './fault-data.js';

/** What becomes of an HTTP request. */
export type RequestFault =
  /** Another answer; the request is not worked on. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Never answered. */
  | { readonly kind: 'silent' }
  /** Worked on, but the connection is reset in place of the answer. */
  | { readonly kind: 'lost-answer' }
  /** Reset before the request is worked on. */
  | { readonly kind: 'reset' }
  /** The answer ends in the middle of its body. */
  | { readonly kind: 'cut-body' }
  /** The answer's body comes in one byte at a time, without an end. */
  | { readonly kind: 'drip'; readonly every: number }
  /** The answer has a body of so many bytes. */
  | { readonly kind: 'giant'; readonly bytes: number };

/** One payload object of the insight API. */
export interface InsightPayload {
  readonly user: {
    readonly keyId: string;
    readonly name: string;
    readonly customizedProperties: readonly { readonly name: string; readonly value: string }[];
  };
  readonly variations?: readonly {
    readonly featureFlagKey: string;
    readonly variation: { readonly id: string; readonly value: string };
    readonly timestamp: number;
    readonly sendToExperiment: boolean;
  }[];
  readonly metrics?: readonly {
    readonly eventName: string;
    readonly numericValue: number;
    readonly timestamp: number;
  }[];
}

/** What became of events: worked on, or thrown away by something that answered in the event service's place, with success. */
type EventFate = 'received' | 'swallowed';

/** One HTTP request as it came. */
export interface RequestRecord {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a captive portal answers to everything, with status 200. */
export const HTML_PAGE = '<!DOCTYPE html><html><body>Please sign in to the network</body></html>';
export const HTML_WITH_200: RequestFault = {
  kind: 'answer',
  status: 200,
  body: HTML_PAGE,
  headers: { 'Content-Type': 'text/html' },
};

export type EventConsumer = (payloads: readonly InsightPayload[], fate: EventFate) => void;

/** The HTTP side of the fault server: polling, and events. */
export class FaultRequests {
  /** Every request, the oldest first; not kept when a consumer of events is given. */
  readonly records: RequestRecord[] = [];
  readonly #data: FaultData;
  readonly #consume: EventConsumer | undefined;
  /** How often a fault was carried out. */
  faults = 0;
  fault: RequestFault | undefined;

  /** @param consume takes the events; without it those that were received are kept. */
  constructor(data: FaultData, consume: EventConsumer | undefined) {
    this.#data = data;
    this.#consume = consume;
  }

  /** The events that were received, in their order of arrival. */
  readonly events: InsightPayload[] = [];

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers, socket } = request;
    let body: string;
    try {
      body = await text(request);
    } catch {
      // The client gave up in the middle.
      return;
    }
    if (this.#consume === undefined) this.records.push({ method, url, headers, body });
    const fault = this.fault;
    if (fault !== undefined) this.faults += 1;
    switch (fault?.kind) {
      case undefined:
        this.#answer(url, body, response);
        break;
      case 'answer':
        if (isTrack(url) && fault.status < 300) this.#consume?.(JSON.parse(body) as InsightPayload[], 'swallowed');
        response.writeHead(fault.status, fault.headers).end(fault.body);
        break;
      case 'silent':
        break;
      case 'lost-answer':
        if (isTrack(url)) this.#receive(body);
        socket.resetAndDestroy();
        break;
      case 'reset':
        socket.resetAndDestroy();
        break;
      case 'cut-body':
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('{"messageType":"data-sync","data":{', () => socket.destroy());
        break;
      case 'drip':
        drip(response, fault.every);
        break;
      case 'giant':
        response.writeHead(200, { 'Content-Length': String(fault.bytes) }).end(Buffer.alloc(fault.bytes, ' '));
        break;
    }
  }

  #answer(url: string, body: string, response: ServerResponse): void {
    if (isTrack(url)) {
      this.#receive(body);
      response.end();
      return;
    }
    const { pathname, searchParams } = new URL(url, 'http://server');
    if (!pathname.endsWith('/api/public/sdk/server/latest-all')) {
      response.writeHead(404).end();
      return;
    }
    const cursor = Number(searchParams.get('timestamp') ?? 0);
    const newer = this.#data.answer(cursor);
    const empty = cursor > 0 && newer === EMPTY_PATCH;
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    // As the real server: nothing newer is an empty body.
    response.end(empty ? '' : newer);
  }

  #receive(body: string): void {
    const payloads = JSON.parse(body) as InsightPayload[];
    if (this.#consume === undefined) this.events.push(...payloads);
    else this.#consume(payloads, 'received');
  }
}

const EMPTY_PATCH = '{"messageType":"data-sync","data":{"eventType":"patch","featureFlags":[],"segments":[]}}';

function isTrack(url: string): boolean {
  return url.endsWith('/api/public/insight/track');
}

function drip(response: ServerResponse, every: number): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const timer = setInterval(() => response.write(' '), every);
  response.on('close', () => clearInterval(timer));
  response.on('error', () => clearInterval(timer));
}
