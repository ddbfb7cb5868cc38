import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Bytes } from '../runtime/bytes.js';
import { frameOf, headerOf } from './frames.js';

/** What a WebSocket writes to. */
export type RawSocket = Pick<Duplex, 'write' | 'writableLength' | 'cork' | 'uncork'>;

export interface Sending {
  /** Whether it is compressed, for a peer that has agreed to it. */
  readonly isDeflated?: boolean;
  /** Of a push. */
  readonly committedAt?: number | undefined;
  /** Called when the peer has taken a piece. */
  readonly moved?: () => void;
}

/** Who sends. */
export interface Sender {
  /** Called whenever a whole message, and so everything before it, has left this process. */
  onTaken(): void;
}

/** What leaves by a socket: whole messages, large ones in pieces; and whether the peer takes it. */
export class Outgoing {
  readonly #socket: Pick<WebSocket, 'readyState' | 'OPEN'>;
  readonly #raw: RawSocket;
  readonly #maxBufferedBytes: number;
  /** One for all messages: there are thousands of connections, and a push goes to each. */
  readonly #taken: () => void;
  readonly #sender: Sender;
  readonly #onPushed: ((committedAt: number) => void) | undefined;
  /** The pieces of one message are on their way: no other message may come between them. */
  #isInPieces = false;
  /** When the peer last took something, or was last sent something after it had taken everything. */
  #movedAt = performance.now();

  /**
   * @param raw what the socket writes to. Messages go there by themselves, in frames that connections share.
   * @param maxBufferedBytes above this the peer has too much to take, and a message goes in pieces.
   * @param onPushed called when a push has left it, with the time of its commit.
   */
  constructor(
    socket: Pick<WebSocket, 'readyState' | 'OPEN'>,
    raw: RawSocket,
    maxBufferedBytes: number,
    sender: Sender,
    onPushed?: (committedAt: number) => void,
  ) {
    this.#socket = socket;
    this.#raw = raw;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#sender = sender;
    this.#onPushed = onPushed;
    this.#taken = () => this.#tookAll();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** The peer has more to take than is kept for it. */
  get isFull(): boolean {
    return this.#raw.writableLength > this.#maxBufferedBytes;
  }

  /** For how many milliseconds the peer has taken nothing of what waits for it; `undefined` when nothing waits. */
  waitingFor(now: number): number | undefined {
    return this.#isInPieces || this.#raw.writableLength > 0 ? now - this.#movedAt : undefined;
  }

  /**
   * Sends a message; not once the connection is closing, after whose last frame there is no other.
   *
   * @param committedAt of a push.
   */
  send(message: Buffer, committedAt?: number): void {
    if (!this.isOpen) return;
    if (this.#raw.writableLength === 0) this.#movedAt = performance.now();
    const isMeasured = committedAt !== undefined && this.#onPushed !== undefined;
    this.#raw.write(frameOf(message), isMeasured ? (error) => this.#tookPush(committedAt, error) : this.#taken);
  }

  /**
   * Fulfils when the whole message has left this process, or the connection is over; a small one is only handed over.
   */
  async sendInPieces(message: Bytes, { isDeflated = false, committedAt, moved }: Sending = {}): Promise<void> {
    if (message.length <= this.#maxBufferedBytes && !isDeflated) {
      this.send(message.whole(), committedAt);
      return;
    }
    this.#isInPieces = true;
    let sent = 0;
    for (const piece of message.pieces()) {
      const isFirst = sent === 0;
      sent += piece.length;
      await this.#write(headerOf(piece.length, { isFirst, isLast: sent === message.length, isDeflated }), piece);
      if (!this.isOpen) return;
      moved?.();
    }
    this.#isInPieces = false;
    if (committedAt !== undefined) this.#onPushed?.(committedAt);
  }

  #tookAll(): void {
    this.#movedAt = performance.now();
    this.#sender.onTaken();
  }

  #tookPush(committedAt: number, error: Error | null | undefined): void {
    if (!error) this.#onPushed?.(committedAt);
    this.#tookAll();
  }

  /** Fulfils when both have left this process; the piece is shared, so it is not copied to stand behind its header. */
  #write(header: Buffer, piece: Buffer): Promise<void> {
    this.#movedAt = performance.now();
    return new Promise((resolve) => {
      this.#raw.cork();
      this.#raw.write(header);
      this.#raw.write(piece, () => resolve());
      this.#raw.uncork();
    });
  }
}
