import type { FastifyReply } from 'fastify';
import { Refusal } from '../model/refusal.js';
import { cut } from '../runtime/cut.js';
import { FairPlaces } from '../runtime/fair-places.js';
import { networkOf } from '../runtime/network.js';
import { inShares } from '../runtime/shares.js';

/** One event of a stream; written as server-sent events are. */
export interface ServerEvent {
  /** What `Last-Event-ID` would say; absent when nothing could go on from it. */
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

interface OpenStream {
  /** Ends it, and its connection with it: it was promised for further requests before anybody knew of the end. */
  leave(): void;
  /** Ends it unless whoever gets it may still have it. */
  judge(): Promise<void>;
}

/** The answers that go on: streams of server-sent events. */
export class EventStreams {
  readonly #limits: EventStreamLimits;
  readonly #streams = new Set<OpenStream>();
  readonly #places: FairPlaces;

  constructor(limits: Partial<EventStreamLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#places = new FairPlaces(this.#limits.streams);
  }

  /**
   * Answers with a stream that goes on until the client leaves, or may not have it any more.
   *
   * @param mayGoOn asked with each sign of life, and when somebody's access has changed. What it rejects with ends nothing: it may be
   * the storage that does not answer.
   * @throws Refusal `busy` when there are too many.
   */
  open(
    reply: FastifyReply,
    headers: Readonly<Record<string, string>>,
    source: EventSource,
    mayGoOn: () => Promise<boolean> = async () => true,
  ): FastifyReply {
    const { backlog, heartbeat } = this.#limits;
    const { raw } = reply;
    // Somebody who only asks whether it is there gets no stream.
    if (reply.request.method === 'HEAD') return reply.headers(headers).send();
    const network = networkOf(reply.request.raw.socket.remoteAddress);
    const place = { network, giveUp: () => raw.socket !== null && cut(raw.socket) };
    if (!this.#places.take(place)) throw new Refusal('busy', 'Too many pages follow this center: close some, or poll.');
    reply.hijack();
    raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A proxy that collects an answer before it passes it on would make the stream useless.
      'x-accel-buffering': 'no',
    });
    const write = (text: string) => {
      // Ended, but not closed yet.
      if (raw.writableEnded) return;
      raw.write(text);
      if (raw.writableLength > backlog && raw.socket !== null) cut(raw.socket);
    };
    write(':\n\n');
    const stream: OpenStream = {
      leave: () => {
        // Once it has ended, the response has no connection any more.
        const { socket } = raw;
        raw.end(() => socket?.end());
      },
      judge: async () => {
        if (!(await mayGoOn().catch(() => true))) raw.end();
      },
    };
    /** What waited for the client at the last sign of life. */
    let waiting = 0;
    const beat = setInterval(() => {
      // It takes nothing, and the kernel holds more for it than it may take.
      if (waiting > 0 && raw.writableLength >= waiting && raw.socket !== null) cut(raw.socket);
      write(':\n\n');
      waiting = raw.writableLength;
      void stream.judge();
    }, heartbeat);
    const stop = source(({ id, event, data }) =>
      write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    );
    this.#streams.add(stream);
    raw.once('close', () => {
      clearInterval(beat);
      stop();
      this.#places.release(place);
      this.#streams.delete(stream);
    });
    return reply;
  }

  /** Ends the streams of those who may not have them any more. */
  async judgeAll(): Promise<void> {
    await Promise.all([...this.#streams].map((stream) => stream.judge()));
  }

  /** Ends every stream in shares over a time, in milliseconds; clients come back. */
  endAll(time = 0): Promise<void> {
    return inShares([...this.#streams], time, (stream) => stream.leave());
  }
}
