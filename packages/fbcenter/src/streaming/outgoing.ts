import type { WebSocket } from 'ws';
import type { Bytes } from '../runtime/bytes.js';

/** What leaves by a socket: whole messages, large ones in pieces; and whether the peer takes it. */
export class Outgoing {
  readonly #socket: WebSocket;
  readonly #maxBufferedBytes: number;
  readonly #onTaken: () => void;
  readonly #onPushed: ((committedAt: number) => void) | undefined;
  /** The pieces of one message are on their way: no other message may come between them. */
  #isInPieces = false;
  /** When the peer last took something, or was last sent something after it had taken everything. */
  #movedAt = performance.now();

  /**
   * @param maxBufferedBytes above this the peer has too much to take, and a message goes in pieces.
   * @param onTaken called whenever a whole message, and so everything before it, has left this process.
   * @param onPushed called when a push has left it, with the time of its commit.
   */
  constructor(
    socket: WebSocket,
    maxBufferedBytes: number,
    onTaken: () => void,
    onPushed?: (committedAt: number) => void,
  ) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#onTaken = onTaken;
    this.#onPushed = onPushed;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get isInPieces(): boolean {
    return this.#isInPieces;
  }

  /** The peer has more to take than is kept for it. */
  get isFull(): boolean {
    return this.#socket.bufferedAmount > this.#maxBufferedBytes;
  }

  /** For how many milliseconds the peer has taken nothing of what waits for it; `undefined` when nothing waits. */
  waitingFor(now: number): number | undefined {
    return this.#isInPieces || this.#socket.bufferedAmount > 0 ? now - this.#movedAt : undefined;
  }

  /** @param committedAt of a push. */
  send(message: Buffer, committedAt?: number): void {
    if (this.#socket.bufferedAmount === 0) this.#movedAt = performance.now();
    this.#socket.send(message, { binary: false }, (error) => {
      this.#movedAt = performance.now();
      if (committedAt !== undefined && !error) this.#onPushed?.(committedAt);
      this.#onTaken();
    });
  }

  /**
   * Fulfils when the whole message has left this process, or the connection is over; a small one is only handed over.
   *
   * @param moved called when the peer has taken a piece.
   * @param committedAt of a push.
   */
  async sendInPieces(message: Bytes, moved: () => void, committedAt?: number): Promise<void> {
    if (message.length <= this.#maxBufferedBytes) {
      this.send(message.whole(), committedAt);
      return;
    }
    this.#isInPieces = true;
    let sent = 0;
    for (const piece of message.pieces()) {
      sent += piece.length;
      await this.#sendPiece(piece, sent === message.length);
      if (!this.isOpen) return;
      moved();
    }
    this.#isInPieces = false;
    if (committedAt !== undefined) this.#onPushed?.(committedAt);
  }

  #sendPiece(piece: Buffer, fin: boolean): Promise<void> {
    this.#movedAt = performance.now();
    return new Promise((resolve) => this.#socket.send(piece, { binary: false, fin }, () => resolve()));
  }
}
