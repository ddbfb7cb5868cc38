import { encodeConnectionToken } from '../protocol/connection-token.js';
import type { Decoded } from '../protocol/decoded.js';
import { LargeMessage, type MessageText, textOf } from '../protocol/large-message.js';
import { type DataSync, dataSyncRequest, PING_MESSAGE, type ServerMessage } from '../protocol/messages.js';
import { decodeRecentMessage } from '../protocol/recent-messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import type { Network, Platform, Socket } from '../runtime/platform.js';
import { Backlog } from './backlog.js';
import type { DataRequest } from './data-requests.js';
import type { Commit, DataSource, DataSyncSink } from './data-source.js';
import type { Reading } from './reading.js';
import { StreamJournal } from './stream-journal.js';
import { streamingStep } from './streaming-machine.js';
import {
  INITIAL_STATE,
  type StreamingEffect,
  type StreamingEvent,
  type StreamingState,
  type StreamingTimes,
} from './streaming-state.js';

/** Bytes that come within this time of other ones say nothing new about the connection, in milliseconds. */
const SAME_MOMENT = 1;

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
  /** When something came in, as far as the machine knows; monotonic milliseconds. */
  #heardAt = Number.NEGATIVE_INFINITY;
  /** Attempts so far: each is a connection of its own. */
  #connections = 0;
  readonly #backlog = new Backlog();
  readonly #journal = new StreamJournal();
  /** Sync messages that are being taken in, with what came after each and must wait for it. */
  readonly #waiting: (() => void)[][] = [];

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

  #handle(event: StreamingEvent, now = this.#clock.elapsed()): void {
    const before = this.#state;
    const context = {
      times: this.#settings.times,
      now,
      random: this.#platform.random(),
      cursor: this.#sink?.cursor ?? 0,
    };
    const { state, effects } = streamingStep(before, event, context);
    this.#state = state;
    if (event.type === 'activity' || event.type === 'taken' || event.type === 'pong') this.#heardAt = now;
    const request = requestOf(before);
    if (request !== undefined || event.type === 'taken') this.#journal.followed(request, requestOf(state), event, now);
    for (const effect of effects) {
      this.#carryOut(effect);
      // A callback (a logger, say) may have closed the client. Its effects have then been carried out already; drop the
      // rest of ours.
      if (this.#state !== state) return;
    }
    const repaired = this.#journal.repaired(now);
    if (repaired > 0) this.#sink?.repaired(repaired);
  }

  #carryOut(effect: StreamingEffect): void {
    switch (effect.do) {
      case 'connect':
        this.#connect();
        break;
      case 'request-data':
        if (effect.why === 'healing') this.#sink?.asked();
        this.#socket?.send(dataSyncRequest(effect.cursor));
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
        this.#sink?.current();
        break;
      case 'answered':
        this.#sink?.answered();
        break;
      case 'interrupted':
        this.#sink?.interrupted(effect.error);
        break;
      case 'failed':
        this.#sink?.failed(effect.error);
        break;
      case 'report-idle-cut':
        this.#reportIdleCut(effect.age, effect.interval);
        break;
    }
  }

  #connect(): void {
    this.#connections += 1;
    this.#journal.connecting();
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
      activity: () => this.#heard(),
      message: (message) => this.#receive(message, connection),
      closed: (code, problem, retryAfter) => {
        this.#socket = undefined;
        this.#handle({ type: 'closed', code, problem, retryAfter });
      },
    });
  }

  /** Bytes came in. Most are those of a message that was taken in just now, or one of many pieces of a long one. */
  #heard(): void {
    const now = this.#clock.elapsed();
    if (now - this.#heardAt >= SAME_MOMENT) this.#handle({ type: 'activity' }, now);
  }

  #receive(message: MessageText, connection: number): void {
    if (this.#backlog.full) {
      this.#handle({ type: 'flooded' });
      return;
    }
    const large = LargeMessage.of(message);
    if (large !== undefined) {
      this.#take(this.#readLarge(large, connection), large.length, connection);
      return;
    }
    const text = textOf(message);
    const data = this.#understood(decodeRecentMessage(text), connection);
    if (data !== undefined) this.#take(data, text.length, connection);
  }

  *#readLarge(message: LargeMessage, connection: number): Reading {
    return this.#understood(yield* message.serverMessage(), connection);
  }

  /** @returns the data that a message brings, if it brings any. */
  #understood(message: Decoded<ServerMessage>, connection: number): DataSync | undefined {
    if (!message.ok) {
      this.#log.write('error', 'bad-message', `streaming: a message was ignored: ${message.problem}`);
      return undefined;
    }
    if (message.value.type === 'data-sync') return message.value.data;
    if (message.value.type === 'pong') {
      // What came before it counts before it: it may be the answer that the ping was sent after.
      this.#afterMessages(() => {
        if (connection === this.#connections) this.#handle({ type: 'pong' });
      });
    }
    return undefined;
  }

  #take(data: DataSync | Reading, length: number, connection: number): void {
    const leave = this.#backlog.enter(length);
    const after: (() => void)[] = [];
    this.#waiting.push(after);
    this.#sink?.take(data, {
      mayBePush: true,
      awaitsEverything: () => connection === this.#connections && awaitsEverything(this.#state),
      isRepeated: () => connection === this.#connections && isRepeated(requestOf(this.#state)),
      done: (commit) => {
        leave();
        this.#waiting.shift();
        if (commit !== undefined) this.#committed(commit, connection);
        for (const next of after) next();
      },
    });
  }

  #committed(commit: Commit, connection: number): void {
    // Decoding takes its time: the connection that this came over may have been replaced by now.
    if (connection !== this.#connections) return;
    const now = this.#clock.elapsed();
    const { what, undone } = this.#journal.committed(commit, requestOf(this.#state), now);
    this.#handle({ type: 'taken', what, undone }, now);
  }

  /** Runs at once, or after the sync messages that are still being taken in. */
  #afterMessages(next: () => void): void {
    const last = this.#waiting.at(-1);
    if (last === undefined) next();
    else last.push(next);
  }

  #reportIdleCut(age: number, interval: number): void {
    const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 100) / 10} s`;
    const what = `connections end after ${seconds(age)} without traffic: something on the way (a proxy, a load balancer) cuts them`;
    const remedy = `from now on they are pinged every ${seconds(interval)}; raise its idle time-out (nginx: proxy_read_timeout)`;
    this.#log.write('warn', 'idle-cut', `streaming: ${what}; ${remedy}`, { age, interval });
  }

  get #clock(): Clock {
    return this.#platform.clock;
  }
}

function requestOf(state: StreamingState): DataRequest | undefined {
  return state.phase === 'syncing' || state.phase === 'live' ? state.request : undefined;
}

function awaitsEverything(state: StreamingState): boolean {
  return state.phase === 'syncing' && state.request.cursor === 0;
}

function isRepeated(request: DataRequest | undefined): boolean {
  return request !== undefined && request.why !== 'first';
}
