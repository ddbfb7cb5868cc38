import type { FastifyReply } from 'fastify';
import { Refusal } from '../model/refusal.js';
import { cut } from '../runtime/cut.js';

/** One event of a stream; written as server-sent events are. */
export interface ServerEvent {
  /** What `Last-Event-ID` would say; absent = what it says already. */
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** Starts sending; returns what ends it. */
export type EventSource = (send: (event: ServerEvent) => void) => () => void;

export interface EventStreamLimits {
  /** Streams at once. */
  readonly streams: number;
  /** Bytes that a client may leave untaken before its connection is cut. */
  readonly backlog: number;
  /** Milliseconds between two signs of life, which keep proxies and this server from closing a quiet stream. */
  readonly heartbeat: number;
}

const LIMITS: EventStreamLimits = { streams: 1_000, backlog: 256 * 1024, heartbeat: 15_000 };

/** The answers that go on: streams of server-sent events. */
export class EventStreams {
  readonly #limits: EventStreamLimits;
  readonly #ends = new Set<() => void>();

  constructor(limits: Partial<EventStreamLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * Answers with a stream that goes on until the client leaves.
   *
   * @throws Refusal `busy` when there are too many.
   */
  open(reply: FastifyReply, headers: Readonly<Record<string, string>>, source: EventSource): FastifyReply {
    const { streams, backlog, heartbeat } = this.#limits;
    if (this.#ends.size >= streams)
      throw new Refusal('busy', 'Too many pages follow this center: close some, or poll.');
    // Somebody who only asks whether it is there gets no stream.
    if (reply.request.method === 'HEAD') return reply.headers(headers).send();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A proxy that collects an answer before it passes it on would make the stream useless.
      'x-accel-buffering': 'no',
    });
    const write = (text: string) => {
      raw.write(text);
      if (raw.writableLength > backlog && raw.socket !== null) cut(raw.socket);
    };
    write(':\n\n');
    const beat = setInterval(() => write(':\n\n'), heartbeat);
    const stop = source(({ id, event, data }) =>
      write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    );
    const end = () => raw.end();
    this.#ends.add(end);
    raw.once('close', () => {
      clearInterval(beat);
      stop();
      this.#ends.delete(end);
    });
    return reply;
  }

  /** Ends every stream; clients come back. */
  endAll(): void {
    for (const end of [...this.#ends]) end();
  }
}
