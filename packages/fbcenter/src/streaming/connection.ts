import type { WebSocket } from 'ws';
import type { Reader, SyncStream } from '../live/stream.js';
import type { ByteBudget } from './byte-budget.js';
import { decodeClientMessage, PONG_MESSAGE } from './client-message.js';
import type { StreamingLimits } from './limits.js';

/** What a connection is doing; it does one thing at a time. */
type Activity =
  | { readonly kind: 'idle' }
  /** An answer is being read or waits for its turn. */
  | { readonly kind: 'answering' }
  /** What was sent has not left this process yet. */
  | { readonly kind: 'draining'; readonly deadline: number };

const IDLE: Activity = { kind: 'idle' };

/**
 * One SDK's connection: a cursor in a stream. It sends one thing after another and waits while the peer
 * does not take what was sent; then it goes on from its cursor, so a slow peer costs a bounded buffer and misses nothing.
 */
export class Connection implements Reader {
  readonly #socket: WebSocket;
  readonly #stream: SyncStream;
  readonly #budget: ByteBudget;
  readonly #limits: StreamingLimits;
  readonly #onError: (error: unknown) => void;
  readonly #leave: () => void;
  /** The version up to which everything has been sent; absent before the first answer, when nothing is pushed. */
  #cursor: number | undefined;
  /** The cursor of a request that is not answered yet; of several requests only the last counts. */
  #requested: number | undefined;
  #activity: Activity = IDLE;
  #isAlive = true;

  /** @param onError receives why a request could not be answered; the connection is then closed with 1011. */
  constructor(
    socket: WebSocket,
    stream: SyncStream,
    budget: ByteBudget,
    limits: StreamingLimits,
    onError: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#stream = stream;
    this.#budget = budget;
    this.#limits = limits;
    this.#onError = onError;
    this.#leave = stream.join(this);
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('ping', () => this.#heardFrom());
    socket.on('pong', () => this.#heardFrom());
    socket.on('close', this.#leave);
  }

  wake(): void {
    this.#proceed();
  }

  /**
   * Checks whether the peer is still there: called at every heartbeat.
   *
   * @returns why the connection is to be ended; `undefined` when it is well.
   */
  beat(now: number): 'silent' | 'stalled' | undefined {
    if (this.#activity.kind === 'draining') {
      // A peer that is receiving megabytes answers a ping only after them.
      if (now <= this.#activity.deadline) return undefined;
      return 'stalled';
    }
    if (!this.#isAlive) return 'silent';
    this.#isAlive = false;
    this.#socket.ping();
    return undefined;
  }

  #heardFrom(): void {
    this.#isAlive = true;
  }

  #receive(text: string): void {
    this.#heardFrom();
    const message = decodeClientMessage(text);
    if (message.type === 'ping') {
      // Do not answer a peer that pings and does not read: the answers would pile up.
      if (this.#activity.kind !== 'draining') this.#send(PONG_MESSAGE);
    } else if (message.type === 'data-sync') {
      this.#requested = message.cursor;
      this.#proceed();
    }
  }

  /** Sends what is due, until there is nothing more or something has to be waited for. */
  #proceed(): void {
    while (this.#activity.kind === 'idle' && this.#socket.readyState === this.#socket.OPEN) {
      if (this.#requested !== undefined) {
        const cursor = this.#requested;
        this.#requested = undefined;
        void this.#answer(cursor);
        return;
      }
      if (this.#cursor === undefined) return;
      const next = this.#stream.next(this.#cursor);
      if (next === undefined) return;
      if (next === 'behind') {
        void this.#answer(this.#cursor);
        return;
      }
      this.#cursor = next.version;
      this.#send(next.message);
    }
  }

  async #answer(cursor: number): Promise<void> {
    this.#activity = { kind: 'answering' };
    try {
      const answer = await this.#stream.answer(cursor);
      const release = await this.#budget.take(answer.message.length);
      if (this.#socket.readyState !== this.#socket.OPEN) return release();
      this.#activity = IDLE;
      this.#cursor = answer.cursor;
      this.#send(answer.message, release);
      this.#proceed();
    } catch (error) {
      this.#onError(error);
      this.#socket.close(1011, 'the storage is unavailable');
    }
  }

  #send(message: Buffer, onSent?: () => void): void {
    this.#socket.send(message, { binary: false }, () => {
      onSent?.();
      // The socket keeps its order: once the last thing sent has left, so has everything before it.
      if (this.#activity.kind !== 'draining' || this.#socket.bufferedAmount > this.#limits.maxBufferedBytes) return;
      this.#activity = IDLE;
      this.#proceed();
    });
    const { bufferedAmount } = this.#socket;
    if (bufferedAmount <= this.#limits.maxBufferedBytes) return;
    const { stallTimeout, minBytesPerSecond } = this.#limits;
    const patience = stallTimeout + (bufferedAmount / minBytesPerSecond) * 1_000;
    this.#activity = { kind: 'draining', deadline: performance.now() + patience };
  }
}
