import type { RawData, WebSocket } from 'ws';
import { answerTo, codeOf } from '../access/sdk-reactions.js';
import type { Reader, SyncStream } from '../live/stream.js';
import type { Room } from '../runtime/byte-budget.js';
import { Bytes } from '../runtime/bytes.js';
import { sharedListener } from '../runtime/shared-listener.js';
import { type Activity, type Delivery, IDLE, type Request } from './activity.js';
import type { Dialogue } from './dialogue.js';
import type { StreamingLimits } from './limits.js';
import { Outgoing, type RawSocket, type Sender } from './outgoing.js';
import { packedFor } from './packing.js';

/** While as many wait for their answers, nothing more is read. */
const MOST_WAITING = 16;

/**
 * One SDK's connection: a cursor in a stream. It sends one thing after another and waits while the peer
 * does not take what was sent; then it goes on from its cursor, so a slow peer costs a bounded buffer and misses nothing.
 */
export class Connection implements Reader, Sender {
  /** By their sockets, for the listeners that all of these share. */
  static readonly #all = new WeakMap<WebSocket, Connection>();
  static readonly #onMessage = Connection.#listener((connection, data: RawData) => connection.#take(String(data)));
  static readonly #onSignOfLife = Connection.#listener((connection) => connection.#heardFrom());
  static readonly #onClose = Connection.#listener((connection) => connection.#leave());
  readonly #socket: WebSocket;
  readonly #outgoing: Outgoing;
  readonly #dialogue: Dialogue;
  readonly #budget: Pick<Room, 'take'>;
  readonly #limits: StreamingLimits;
  readonly #owner: { cut(): void };
  readonly #onError: (error: unknown) => void;
  readonly #leave: () => void;
  /** The stream that the last answer was of; absent before the first one, when nothing is pushed. */
  #stream: SyncStream | undefined;
  /** The version up to which everything of it has been sent. */
  #cursor = 0;
  /** What is not answered yet, the oldest first; with replies, which wait for their turn. */
  readonly #requests: (Request | Buffer)[] = [];
  #activity: Activity = IDLE;
  #isAlive = true;

  static #listener<Args extends readonly unknown[]>(listener: (connection: Connection, ...args: Args) => void) {
    return sharedListener((socket: WebSocket, ...args: Args) => {
      const connection = Connection.#all.get(socket);
      if (connection !== undefined) listener(connection, ...args);
    });
  }

  /**
   * @param raw what the socket writes to.
   * @param dialogue how the SDK is talked to.
   * @param owner can end the connection at once.
   * @param onError receives why a request could not be answered; the connection is then closed, so that the SDK comes back.
   * @param onPushed called when a push was written, with the time of its commit.
   */
  constructor(
    socket: WebSocket,
    raw: RawSocket,
    dialogue: Dialogue,
    budget: Pick<Room, 'take'>,
    limits: StreamingLimits,
    owner: { cut(): void },
    onError: (error: unknown) => void,
    onPushed?: (committedAt: number) => void,
  ) {
    this.#socket = socket;
    this.#dialogue = dialogue;
    this.#budget = budget;
    this.#limits = limits;
    this.#owner = owner;
    this.#onError = onError;
    this.#outgoing = new Outgoing(socket, raw, limits.maxBufferedBytes, this, onPushed);
    this.#leave = dialogue.join(this);
    Connection.#all.set(socket, this);
    socket.on('message', Connection.#onMessage);
    socket.on('ping', Connection.#onSignOfLife);
    socket.on('pong', Connection.#onSignOfLife);
    socket.on('close', Connection.#onClose);
  }

  /** The version up to which everything has been sent, absent before the first answer; whether nothing is left to be sent. */
  progress(): { readonly sentVersion: number | undefined; readonly isUpToDate: boolean } {
    const stream = this.#stream;
    if (stream === undefined) return { sentVersion: undefined, isUpToDate: false };
    const isUpToDate = this.#activity.kind === 'idle' && stream.next(this.#cursor) === undefined;
    return { sentVersion: this.#cursor, isUpToDate };
  }

  onTaken(): void {
    // The socket keeps its order: once the last thing sent has left, so has everything before it.
    if (this.#activity.kind === 'draining') this.#settle();
  }

  wake(): void {
    try {
      this.#proceed();
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Checks whether the peer is still there: called at every heartbeat.
   *
   * @returns why the connection is to be ended; `undefined` when it is well.
   */
  beat(now: number): 'silent' | 'stalled' | undefined {
    const waiting = this.#outgoing.waitingFor(now);
    // A peer that is receiving megabytes answers a ping only after them.
    if (waiting !== undefined) return waiting > this.#limits.stallTimeout ? 'stalled' : undefined;
    // What it says now is not read.
    if (this.#socket.isPaused) return undefined;
    if (!this.#isAlive) return 'silent';
    this.#isAlive = false;
    this.#socket.ping();
    return undefined;
  }

  #take(text: string): void {
    try {
      this.#receive(text);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A fault of ours, which only what this peer sends may bring about, ends its connection and no other. */
  #fail(error: unknown): void {
    this.#onError(error);
    this.#owner.cut();
  }

  #heardFrom(): void {
    this.#isAlive = true;
  }

  /** Whatever is sent gets its answer when it is its turn: the answer to a ping says that everything before it is answered. */
  #receive(text: string): void {
    this.#heardFrom();
    const message = this.#dialogue.read(text);
    if (message.type === 'other') return;
    this.#requests.push(message.type === 'reply' ? message.message : message);
    this.#proceed();
    // What comes after these is answered after them, so it need not be read yet. What has been read is no more than a chunk.
    if (this.#requests.length >= MOST_WAITING) this.#socket.pause();
  }

  /** Sends what is due, until there is nothing more or something has to be waited for. */
  #proceed(): void {
    while (this.#activity.kind === 'idle' && this.#outgoing.isOpen) {
      const request = this.#requests.shift();
      // An empty list keeps its room, thousands of connections theirs; it is given back so.
      if (request !== undefined && this.#requests.length === 0) this.#requests.length = 0;
      if (this.#socket.isPaused && this.#requests.length < MOST_WAITING) this.#socket.resume();
      if (Buffer.isBuffer(request)) {
        this.#send(request);
        continue;
      }
      if (request !== undefined) {
        void this.#transfer(request.stream.expectedBytes(request.cursor), () => this.#answer(request));
        return;
      }
      const stream = this.#stream;
      if (stream === undefined) return;
      const next = stream.next(this.#cursor);
      if (next === undefined) return;
      if (typeof next === 'string' || next.message.length > this.#limits.maxBufferedBytes) {
        const bytes = typeof next === 'string' ? stream.expectedBytes(this.#neededFrom(next)) : next.message.length;
        void this.#transfer(bytes, () => this.#nextDelivery(stream));
        return;
      }
      this.#cursor = next.version;
      this.#send(next.message, next.committedAt);
    }
  }

  async #answer({ stream, cursor }: Request): Promise<Delivery> {
    const answer = await stream.answer(cursor);
    this.#stream = stream;
    return answer;
  }

  /** What follows the cursor, now that there is room for it: meanwhile it may have become something else. */
  async #nextDelivery(stream: SyncStream): Promise<Delivery | undefined> {
    const next = stream.next(this.#cursor);
    if (typeof next === 'string') return this.#answer({ stream, cursor: this.#neededFrom(next) });
    return next && { cursor: next.version, message: Bytes.of(next.message), committedAt: next.committedAt };
  }

  /** The cursor that it needs an answer to: 0 when what it has may be gone. */
  #neededFrom(next: 'behind' | 'replaced'): number {
    return next === 'behind' ? this.#cursor : 0;
  }

  /** Sends one message that may be large: waits for room, then reads it, so that nothing is held for a peer that waits. */
  async #transfer(bytes: number, read: () => Promise<Delivery | undefined>): Promise<void> {
    this.#activity = { kind: 'transferring' };
    const transfer = await this.#budget.take(bytes);
    try {
      const delivery = this.#outgoing.isOpen ? await read() : undefined;
      if (delivery !== undefined) {
        const { message, isDeflated } = await packedFor(this.#socket, delivery.message);
        await transfer.carry(message, () => this.#owner.cut());
        if (this.#outgoing.isOpen) {
          this.#cursor = delivery.cursor;
          const { committedAt } = delivery;
          await this.#outgoing.sendInPieces(message, { isDeflated, committedAt, moved: () => transfer.moved() });
        }
      }
    } catch (error) {
      this.#onError(error);
      this.#socket.close(codeOf(answerTo('storage-away-connected', 'unknown')), 'the storage is unavailable');
    } finally {
      transfer.end();
    }
    this.#settle();
  }

  /** Goes on, unless the peer has too much to take first. */
  #settle(): void {
    this.#activity = this.#outgoing.isFull ? { kind: 'draining' } : IDLE;
    this.#proceed();
  }

  #send(message: Buffer, committedAt?: number): void {
    this.#outgoing.send(message, committedAt);
    if (this.#activity.kind === 'idle' && this.#outgoing.isFull) this.#activity = { kind: 'draining' };
  }
}
