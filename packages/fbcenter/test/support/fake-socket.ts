import { EventEmitter } from 'node:events';
import { constants, inflateRawSync } from 'node:zlib';
import type { WebSocket } from 'ws';
import type { RawSocket } from '../../src/streaming/outgoing.js';

/**
 * The part of a WebSocket that a connection uses, and the socket below it. What is written there stays buffered until it is {@link flush}ed; its frames
 * are read as a peer reads them.
 */
export class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  /** What was negotiated. */
  extensions = '';
  writableLength = 0;
  readonly sent: string[] = [];
  /** Bytes that were written. */
  written = 0;
  pings = 0;
  isPaused = false;
  closed: { readonly code: number; readonly reason: string } | undefined;
  terminated = false;
  /** Of a frame that was not written whole. */
  #begun = Buffer.alloc(0);
  /** Payloads of the message whose last frame is still to come. */
  #message: { readonly payloads: Buffer[]; readonly isDeflated: boolean } | undefined;
  readonly #unsent: { readonly bytes: number; readonly done: () => void }[] = [];

  /** As the type that the code under test takes. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  get asRawSocket(): RawSocket {
    return this as unknown as RawSocket;
  }

  /** A message in pieces is one entry of {@link sent}, once it is whole. */
  write(bytes: Buffer, done: () => void = () => {}): boolean {
    this.#begun = Buffer.concat([this.#begun, bytes]);
    this.#readFrames();
    this.written += bytes.length;
    this.writableLength += bytes.length;
    this.#unsent.push({ bytes: bytes.length, done });
    return true;
  }

  cork(): void {}

  uncork(): void {}

  #readFrames(): void {
    for (let frame = frameIn(this.#begun); frame !== undefined; frame = frameIn(this.#begun)) {
      this.#begun = this.#begun.subarray(frame.length);
      this.#message ??= { payloads: [], isDeflated: (frame.first & 0x40) !== 0 };
      const { payloads, isDeflated } = this.#message;
      // The first has the kind of the message, text, and those after it have none.
      if ((frame.first & 0x0f) !== (payloads.length === 0 ? 1 : 0)) throw new Error('a frame of another message');
      payloads.push(frame.payload);
      if ((frame.first & 0x80) === 0) continue;
      this.#message = undefined;
      const message = Buffer.concat(payloads);
      this.sent.push(String(isDeflated ? inflated(message) : message));
    }
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  ping(): void {
    this.pings += 1;
  }

  terminate(): void {
    this.terminated = true;
    this.readyState = 3;
    this.emit('close');
    this.flush();
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
    this.readyState = 2;
    this.emit('close');
  }

  /** Lets messages leave the process, oldest first; all of them unless a number is given. */
  flush(count = this.#unsent.length): void {
    for (const { bytes, done } of this.#unsent.splice(0, count)) {
      this.writableLength -= bytes;
      done();
    }
  }

  /** A message from the peer. */
  receive(message: unknown): void {
    this.emit('message', typeof message === 'string' ? message : JSON.stringify(message));
  }

  requestSync(timestamp?: number): void {
    this.receive({ messageType: 'data-sync', data: { timestamp } });
  }
}

/** The frame at the beginning of some bytes, if it is whole. */
function frameIn(
  bytes: Buffer,
): { readonly first: number; readonly payload: Buffer; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1);
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < start + length) return undefined;
  return { first: bytes.readUInt8(0), payload: bytes.subarray(start, start + length), length: start + length };
}

/** As RFC 7692 says: with the last bytes of the empty block that were not sent. */
export function inflated(payload: Buffer): Buffer {
  const whole = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
}
