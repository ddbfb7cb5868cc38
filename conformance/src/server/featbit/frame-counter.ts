/** The frames that a message came in. */
export interface Framing {
  readonly frames: number;
  readonly bytes: number;
}

const CONTROL = 8;
/** The longest header of a client's frame: two bytes, eight of length, four of the mask. */
const LONGEST_HEADER = 14;

/** Counts the frames and bytes of a client's messages, which a WebSocket library puts together without saying. */
export class FrameCounter {
  readonly #messages: Framing[] = [];
  readonly #header = Buffer.alloc(LONGEST_HEADER);
  #headerLength = 0;
  #payloadLeft = 0;
  #frames = 0;
  #bytes = 0;

  /** Takes in what came over the wire. */
  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const skipped = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= skipped;
        at += skipped;
        continue;
      }
      this.#header[this.#headerLength] = chunk[at] ?? 0;
      this.#headerLength += 1;
      at += 1;
      if (this.#headerLength === this.#neededHeader()) this.#begin();
    }
  }

  /** The framing of the oldest message that was not asked for yet. */
  next(): Framing | undefined {
    return this.#messages.shift();
  }

  #neededHeader(): number {
    if (this.#headerLength < 2) return 2;
    const second = this.#header[1] ?? 0;
    const length = second & 0x7f;
    const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
    return 2 + extended + ((second & 0x80) === 0 ? 0 : 4);
  }

  #begin(): void {
    const first = this.#header[0] ?? 0;
    const short = (this.#header[1] ?? 0) & 0x7f;
    const length =
      short === 126 ? this.#header.readUInt16BE(2) : short === 127 ? Number(this.#header.readBigUInt64BE(2)) : short;
    this.#headerLength = 0;
    this.#payloadLeft = length;
    if ((first & 0x0f) >= CONTROL) return;
    this.#frames += 1;
    this.#bytes += length;
    if ((first & 0x80) === 0) return;
    this.#messages.push({ frames: this.#frames, bytes: this.#bytes });
    this.#frames = 0;
    this.#bytes = 0;
  }
}
