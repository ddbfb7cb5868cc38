import type { Cancel, Clock } from '../platform/clock.js';
import type { Log } from '../platform/log.js';
import type { Network, Platform, Socket } from '../platform/platform.js';
import { encodeConnectionToken } from '../protocol/connection-token.js';
import { dataSyncRequest, decodeServerMessage, PING_MESSAGE } from '../protocol/messages.js';
import type { DataSink, DataSource } from './data-source.js';
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
  #sink: DataSink | undefined;
  #state: StreamingState = INITIAL_STATE;
  #socket: Socket | undefined;
  #cancelTimer: Cancel | undefined;
  #connections = 0;

  constructor(settings: StreamingSettings, platform: Platform, network: Network, log: Log) {
    this.#settings = settings;
    this.#platform = platform;
    this.#network = network;
    this.#log = log;
  }

  /** Connections opened so far, attempts that failed included. */
  get connections(): number {
    return this.#connections;
  }

  start(sink: DataSink): void {
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
      // Telling may have closed the client (a logger can): what follows from that takes the place of the rest.
      if (this.#state !== state) return;
    }
  }

  #carryOut(effect: StreamingEffect): void {
    switch (effect.do) {
      case 'connect':
        this.#connect();
        break;
      case 'request-data':
        this.#socket?.send(dataSyncRequest(this.#sink?.cursor ?? 0));
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

  #receive(text: string, connection: number): void {
    const message = decodeServerMessage(text);
    if (!message.ok) {
      this.#log.write('error', 'bad-message', `streaming: a message was ignored: ${message.problem}`);
      return;
    }
    switch (message.value.type) {
      case 'pong':
        this.#handle({ type: 'pong' });
        break;
      case 'data-sync':
        void this.#sink?.accept(message.value.envelope).then((committed) => {
          // Decoding takes its time: the connection that this came over may have been replaced by now.
          if (committed && connection === this.#connections) this.#handle({ type: 'committed' });
        });
        break;
      case 'other':
        break;
    }
  }

  get #clock(): Clock {
    return this.#platform.clock;
  }
}
