import type { Socket } from 'node:net';
import { connectSharing } from './shared-reads.js';

/** What a client tells of itself. */
export interface ClientListener {
  /** Everything has come. */
  synced(bytes: number): void;
  /** A push has come whole. */
  pushed(): void;
  /** The connection is over, and why. */
  ended(reason: string): void;
}

export interface ClientOptions {
  readonly port: number;
  readonly path: string;
  readonly localAddress: string;
  readonly offersDeflate: boolean;
}

const FIN = 0x80;
const CLOSE = 8;
const PING = 9;
/** A masked frame with a mask of zeros, which changes nothing. */
const framed = (opcode: number, payload: string) =>
  Buffer.concat([Buffer.from([FIN | opcode, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);
const REQUEST = framed(1, '{"messageType":"data-sync","data":{"timestamp":0}}');
const PONG = framed(10, '');

/**
 * A streaming connection that only looks at frames: it asks for everything, notes when that and each push has come, and answers pings. It takes as little
 * of the processor as can be, because the center is measured, and on the same machine.
 */
export class RawClient {
  readonly #listener: ClientListener;
  readonly #socket: Socket;
  #head = '';
  #refusal: string | undefined;
  #farewell: string | undefined;
  #isUpgraded = false;
  #isSynced = false;
  #bytes = 0;
  /** The beginning of a frame's header that has not come whole. */
  #partial: Buffer | undefined;
  /** What is left of the payload of the frame that comes. */
  #left = 0;
  #first = 0;

  constructor({ port, path, localAddress, offersDeflate }: ClientOptions, listener: ClientListener) {
    this.#listener = listener;
    const read = (chunk: Buffer) => this.#read(chunk);
    this.#socket = connectSharing({ port, localAddress }, read, () => {
      const extensions = offersDeflate ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n' : '';
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: center\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extensions}\r\n`,
      );
    });
    let reason = 'the center has cut a connection';
    this.#socket.once('error', ({ message }) => {
      reason = message;
    });
    this.#socket.once('close', () => listener.ended(this.#refusal ?? this.#farewell ?? reason));
  }

  #read(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (!this.#isUpgraded) {
      this.#head += chunk.toString('latin1');
      if (!this.#head.includes('\r\n\r\n')) return;
      if (!this.#head.startsWith('HTTP/1.1 101')) {
        this.#refusal = this.#head.slice(0, this.#head.indexOf('\r\n'));
        this.#socket.destroy();
        return;
      }
      this.#head = '';
      this.#isUpgraded = true;
      this.#bytes = 0;
      this.#socket.write(REQUEST);
      return;
    }
    this.#frames(this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]));
  }

  #frames(chunk: Buffer): void {
    this.#partial = undefined;
    for (let at = 0; at < chunk.length || this.#left > 0; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        if (step === 0) return;
        this.#left -= step;
        at += step;
        if (this.#left === 0) this.#ended();
        continue;
      }
      const short = chunk[at + 1] ?? 0;
      const header = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (chunk.length - at < header) {
        this.#partial = Buffer.from(chunk.subarray(at));
        return;
      }
      this.#first = chunk[at] ?? 0;
      this.#left =
        short === 127 ? Number(chunk.readBigUInt64BE(at + 2)) : short === 126 ? chunk.readUInt16BE(at + 2) : short;
      at += header;
      if ((this.#first & 0x0f) === CLOSE) {
        const code = chunk.length - at < 2 ? 'a code' : chunk.readUInt16BE(at);
        this.#farewell = `the center has closed a connection with ${code}`;
        this.#socket.end();
      }
      if (this.#left === 0) this.#ended();
    }
  }

  #ended(): void {
    if ((this.#first & 0x0f) === PING) this.#socket.write(PONG);
    else if ((this.#first & FIN) !== 0 && (this.#first & 0x0f) < 2) this.#message();
  }

  #message(): void {
    if (this.#isSynced) {
      this.#listener.pushed();
      return;
    }
    this.#isSynced = true;
    this.#listener.synced(this.#bytes);
  }
}
