import { PIECE, piecesOf } from './pieces.js';

/**
 * Bytes in the order in which they are sent, in parts that other bytes may share: messages that differ in one document hold
 * everything else in common, and who still sends the older one holds little of its own.
 */
export class Bytes {
  readonly parts: readonly Buffer[];
  readonly length: number;

  /** @param parts which must not be changed; each ends with a whole character. */
  constructor(parts: readonly Buffer[]) {
    this.parts = parts;
    this.length = parts.reduce((sum, { length }) => sum + length, 0);
  }

  static of(buffer: Buffer): Bytes {
    return new Bytes([buffer]);
  }

  /** The same in one part when they are few: parts are worth their cost where there is much to share. */
  static compact(parts: readonly Buffer[]): Bytes {
    const bytes = new Bytes(parts);
    return bytes.length > PIECE ? bytes : Bytes.of(bytes.whole());
  }

  /** A JSON text with a list in it. @param items each with a comma before it, so that they can be shared as they are. */
  static list(head: string, items: readonly Buffer[], tail: string): Bytes {
    const parts: Buffer[] = [Buffer.from(head)];
    for (const item of items) parts.push(parts.length === 1 ? item.subarray(1) : item);
    parts.push(Buffer.from(tail));
    return Bytes.compact(parts);
  }

  /** All of them in one buffer; copies them when there are several parts. */
  whole(): Buffer {
    return joined(this.parts);
  }

  /** What is handed to a socket at a time. Small parts are put together when it is their turn, so nothing is copied for who takes nothing. */
  *pieces(): Generator<Buffer, void, undefined> {
    let small: Buffer[] = [];
    let length = 0;
    for (const part of this.parts) {
      if (length > 0 && length + part.length > PIECE) {
        yield joined(small);
        small = [];
        length = 0;
      }
      if (part.length > PIECE) {
        yield* piecesOf(part);
      } else {
        small.push(part);
        length += part.length;
      }
    }
    if (length > 0) yield joined(small);
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  const [first, ...others] = parts;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(parts);
}
