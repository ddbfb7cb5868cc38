import type { Duplex } from 'node:stream';

const FIN = 0x80;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
/** Opcodes from here on are of control frames, which may come between those of a message. */
const FIRST_CONTROL = 8;
/** Ends a message that was begun, with a zero that no JSON has: what there is of it must not be taken for the whole. */
const ENDING = Buffer.from([FIN, MASKED | 1, 0, 0, 0, 0, 0]);

/** Length of the longest header. */
const LONGEST_HEADER = 14;

/**
 * Takes messages that are too large out of the frames of a WebSocket client, without keeping any of them: what reads the frames afterwards sees
 * nothing of such a message, or a broken one, and goes on with the next. FeatBit's clients are not to lose their connection by a large user.
 */
export class FrameFilter {
  readonly #maxMessageBytes: number;
  /** The beginning of a header that has not come whole. */
  #header = Buffer.alloc(0);
  /** What is left of the payload of the frame that is passing. */
  #left = 0;
  #isDropping = false;
  /** Payload of the message that is passing. */
  #messageBytes = 0;
  /** The rest of the message is dropped; something of it has passed. */
  #isCutOff = false;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** @returns what of the bytes is passed on, in pieces; most often the very same buffer. */
  take(bytes: Buffer): readonly Buffer[] {
    const passed: Buffer[] = [];
    let chunk = bytes;
    if (this.#header.length > 0) {
      chunk = Buffer.concat([this.#header, bytes]);
      this.#header = Buffer.alloc(0);
    }
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        if (this.#isDropping) start = at;
        continue;
      }
      const frame = headerAt(chunk, at);
      if (frame === undefined) {
        // Less than a header: it waits for the rest.
        if (at > start) passed.push(chunk.subarray(start, at));
        this.#header = Buffer.from(chunk.subarray(at));
        return passed;
      }
      const { bytes: headerBytes, payload } = frame;
      this.#left = payload;
      const isDropped = this.#isDropped(frame);
      if (isDropped && at > start) passed.push(chunk.subarray(start, at));
      at += headerBytes;
      if (isDropped) {
        start = at;
        if (frame.isFinal && this.#isCutOff) {
          passed.push(ENDING);
          this.#isCutOff = false;
        }
      }
      this.#isDropping = isDropped;
    }
    if (at > start) passed.push(chunk.subarray(start, at));
    return passed;
  }

  /** Whether a frame belongs to a message that is too large. */
  #isDropped({ isControl, isFirst, isFinal, payload }: Frame): boolean {
    // It is not part of a message, and its own bound is a matter of the protocol.
    if (isControl) return false;
    if (isFirst) {
      this.#messageBytes = 0;
      this.#isCutOff = false;
    }
    const before = this.#messageBytes;
    this.#messageBytes += payload;
    const isTooLarge = this.#messageBytes > this.#maxMessageBytes;
    // What has passed of it has to be ended.
    if (isTooLarge && !isFirst && before <= this.#maxMessageBytes) this.#isCutOff = true;
    if (isFinal && !isTooLarge) this.#messageBytes = 0;
    return isTooLarge;
  }
}

interface Frame {
  /** Length of the header. */
  readonly bytes: number;
  readonly payload: number;
  readonly isControl: boolean;
  /** The first of a message; others go on with it. */
  readonly isFirst: boolean;
  readonly isFinal: boolean;
}

/** The header at a position; `undefined` when it is not there whole. */
function headerAt(chunk: Buffer, at: number): Frame | undefined {
  const available = Math.min(chunk.length - at, LONGEST_HEADER);
  if (available < 2) return undefined;
  const first = chunk.readUInt8(at);
  const second = chunk.readUInt8(at + 1);
  const short = second & LENGTH;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const bytes = 2 + extended + ((second & MASKED) === 0 ? 0 : 4);
  if (available < bytes) return undefined;
  const payload =
    extended === 0 ? short : extended === 2 ? chunk.readUInt16BE(at + 2) : Number(chunk.readBigUInt64BE(at + 2));
  const opcode = first & OPCODE;
  return { bytes, payload, isControl: opcode >= FIRST_CONTROL, isFirst: opcode !== 0, isFinal: (first & FIN) !== 0 };
}

/**
 * Puts a filter between a socket and the WebSocket that was just made of it. The library reads its socket by listening to it, and stops by
 * removing that listener.
 */
export function filterFrames(socket: Duplex, filter: FrameFilter): void {
  for (const listener of socket.listeners('data')) {
    const read = listener as (this: Duplex, chunk: Buffer) => void;
    const readFiltered = (chunk: Buffer) => {
      for (const piece of filter.take(chunk)) read.call(socket, piece);
    };
    socket.off('data', read);
    socket.on('data', readFiltered);
    const remove = socket.removeListener.bind(socket);
    socket.removeListener = (event: string | symbol, other: (...args: never[]) => void) =>
      remove(event, (other as unknown) === read ? readFiltered : (other as (...args: unknown[]) => void));
  }
}
