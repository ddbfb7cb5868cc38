import type { Bytes } from './bytes.js';

/** Memory that is held by bytes which may share it: each part counts once, however many hold it. */
export class SharedMemory {
  /** By the memory itself: several buffers may be views of it. */
  readonly #parts = new Map<ArrayBufferLike, { readonly bytes: number; holders: number }>();
  #bytes = 0;

  /** How many bytes are held. */
  get bytes(): number {
    return this.#bytes;
  }

  hold({ parts }: Bytes): void {
    for (const { buffer } of parts) {
      const held = this.#parts.get(buffer);
      if (held === undefined) {
        this.#parts.set(buffer, { bytes: buffer.byteLength, holders: 1 });
        this.#bytes += buffer.byteLength;
      } else {
        held.holders += 1;
      }
    }
  }

  /** Lets go of what was held before. */
  release({ parts }: Bytes): void {
    for (const { buffer } of parts) {
      const held = this.#parts.get(buffer);
      if (held === undefined) continue;
      held.holders -= 1;
      if (held.holders > 0) continue;
      this.#parts.delete(buffer);
      this.#bytes -= held.bytes;
    }
  }
}
