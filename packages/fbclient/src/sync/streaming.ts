import { encodeConnectionToken } from '../protocol/connection-token.js';
import { type DataSync, dataSyncRequest, decodeServerMessage, PING_MESSAGE } from '../protocol/messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Network, Platform, Socket } from '../runtime/platform.js';
import { Backlog } from './backlog.js';
import type { DataSource, DataSyncSink } from './data-source.js';
import {
  INITIAL_STATE,
  type StreamingEffect,
  type StreamingEvent,
  type StreamingState,
  type StreamingTimes,
  streamingStep,
} from './streaming-machine.js';

export interface StreamingSettings {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly secret: string;
  readonly times: StreamingTimes;
}

/** Carries out what the streaming machine decides: the socket, the one timer, the messages. */
export class StreamingSource implements DataSource {
  readonly #settings: StreamingSettings;
  readonly #platform: Platform;
  readonly #network: Network;
  readonly #log: Log;
  #sink: DataSyncSink | undefined;
  #state: StreamingState = INITIAL_STATE;
  #socket: Socket | undefined;
  #cancelTimer: Cancel | undefined;
  /** Attempts so far: each is a connection of its own. */
  #connections = 0;
  readonly #backlog = new Backlog();
  /**
   * The last request for data as long as its answer may be missing: what came may be pushes that overtook it. The next
   * request asks from the same cursor then, or what is older than the pushes would never come.
   */
  #unanswered: { readonly connection: number; readonly cursor: number } | undefined;
  /** Whether this server has ever answered a ping. Not taken back when it stops: to ask for too much costs little. */
  #answersPings = false;

  constructor(settings: StreamingSettings, platform: Platform, network: Network, log: Log) {
    this.#settings = settings;
    this.#platform = platform;
    this.#network = network;
    this.#log = log;
  }

  start(sink: DataSyncSink): void {
    this.#sink = sink;
    this.#handle({ type: 'start' });
  }

  close(): void {
    this.#handle({ type: 'stop' });
  }

  #handle(event: StreamingEvent): void {
    const { times } = this.#settings;
    const context = { times, now: this.#clock.elapsed(), random: this.#platform.random() };
    const { state, effects } = streamingStep(this.#state, event, context);
    this.#state = state;
    for (const effect of effects) {
      this.#carryOut(effect);
      // A callback (a logger, say) may have closed the client. Its effects have then been carried out already; drop the
      // rest of ours.
      if (this.#state !== state) return;
    }
  }

  #carryOut(effect: StreamingEffect): void {
    switch (effect.do) {
      case 'connect':
        this.#connect();
        break;
      case 'request-data':
        this.#requestData();
        break;
      case 'ping':
        this.#socket?.send(PING_MESSAGE);
        break;
      case 'disconnect':
        this.#socket?.terminate();
        this.#socket = undefined;
        break;
      case 'set-timer':
        this.#cancelTimer?.();
        this.#cancelTimer = this.#clock.background(effect.milliseconds, () => this.#handle({ type: 'timer' }));
        break;
      case 'clear-timer':
        this.#cancelTimer?.();
        break;
      case 'confirm':
        this.#sink?.confirm();
        break;
      case 'interrupted':
        this.#sink?.interrupted(effect.error);
        break;
      case 'failed':
        this.#sink?.failed(effect.error);
        break;
    }
  }

  #connect(): void {
    this.#connections += 1;
    const { url, secret } = this.#settings;
    // A token is good for one attempt: it bears the time.
    const token = encodeConnectionToken(secret, this.#clock.now(), this.#platform.random());
    const endpoint = `${url.replace(/^http/, 'ws')}/streaming?type=server&token=${encodeURIComponent(token)}`;
    const connection = this.#connections;
    this.#socket = this.#network.openSocket(endpoint, {
      opened: () => {
        this.#log.write('debug', 'connected', 'streaming: connected');
        this.#handle({ type: 'opened' });
      },
      activity: () => this.#handle({ type: 'activity' }),
      message: (text) => this.#receive(text, connection),
      closed: (code, problem) => {
        this.#socket = undefined;
        this.#handle({ type: 'closed', code, problem });
      },
    });
  }

  #requestData(): void {
    const cursor = this.#unanswered?.cursor ?? this.#sink?.cursor ?? 0;
    this.#unanswered = { connection: this.#connections, cursor };
    this.#socket?.send(dataSyncRequest(cursor));
  }

  #receive(text: string, connection: number): void {
    if (this.#backlog.full) {
      this.#handle({ type: 'flooded' });
      return;
    }
    const message = decodeServerMessage(text);
    if (!message.ok) {
      this.#log.write('error', 'bad-message', `streaming: a message was ignored: ${message.problem}`);
      return;
    }
    switch (message.value.type) {
      case 'pong':
        if (this.#state.phase === 'live') {
          this.#answersPings = true;
          // A server answers a connection's messages in their order, and the ping came after the request.
          this.#answered(connection);
        }
        this.#handle({ type: 'pong' });
        break;
      case 'data-sync':
        this.#take(message.value.data, text.length, connection);
        break;
      case 'other':
        break;
    }
  }

  #take(data: DataSync, length: number, connection: number): void {
    const isAnswer = isNoPush(data);
    const leave = this.#backlog.enter(length);
    void this.#sink?.take(data).then((committed) => {
      leave();
      if (!committed) return;
      // Without answered pings nothing later proves that the request was answered. Count the first message as the answer.
      if (isAnswer || !this.#answersPings) this.#answered(connection);
      // Decoding takes its time: the connection that this came over may have been replaced by now.
      if (connection === this.#connections) this.#handle({ type: 'committed' });
    });
  }

  #answered(connection: number): void {
    if (this.#unanswered?.connection === connection) this.#unanswered = undefined;
  }

  get #clock(): Clock {
    return this.#platform.clock;
  }
}

/** A push brings something, and never everything: what does not can only be the answer to a request. */
function isNoPush({ eventType, featureFlags, segments }: DataSync): boolean {
  return eventType === 'full' || featureFlags.length + segments.length === 0;
}
