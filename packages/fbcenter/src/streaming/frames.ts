/** Of a message: whether it begins, ends, and is compressed in a frame. */
export interface FrameOf {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly isDeflated: boolean;
}

const FIN = 0x80;
const DEFLATED = 0x40;
const TEXT = 1;
const CONTINUATION = 0;

const WHOLE: FrameOf = { isFirst: true, isLast: true, isDeflated: false };

/** Frames of whole messages, as long as somebody has the message: a push is sent to everybody. */
const whole = new WeakMap<Buffer, Buffer>();

/**
 * A WebSocket frame of a whole text message, as a server sends it. It is made once for a message: to thousands of peers it goes in one write each,
 * of bytes that they share.
 */
export function frameOf(message: Buffer): Buffer {
  const known = whole.get(message);
  if (known !== undefined) return known;
  const frame = Buffer.concat([headerOf(message.length, WHOLE), message]);
  whole.set(message, frame);
  return frame;
}

/** The header of a frame with so many bytes of payload (RFC 6455, 5.2). */
export function headerOf(length: number, { isFirst, isLast, isDeflated }: FrameOf): Buffer {
  const first = (isLast ? FIN : 0) | (isFirst && isDeflated ? DEFLATED : 0) | (isFirst ? TEXT : CONTINUATION);
  if (length < 126) return Buffer.from([first, length]);
  if (length < 65_536) return Buffer.from([first, 126, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header.writeUInt8(first);
  header.writeUInt8(127, 1);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
