import { piecesOf } from './pieces.js';

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

  /** All of them in one buffer; copies them when there are several parts. */
  whole(): Buffer {
    const [first, ...others] = this.parts;
    return first !== undefined && others.length === 0 ? first : Buffer.concat(this.parts);
  }

  /** What is handed to a socket at a time. */
  *pieces(): Generator<Buffer, void, undefined> {
    for (const part of this.parts) yield* piecesOf(part);
  }
}
