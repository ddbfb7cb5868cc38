import { createHmac, hash } from 'node:crypto';

/** Bytes of a block of SHA-256, and of a hash. */
const BLOCK = 64;
const HASH = 32;
/** Longer texts, in UTF-16 units, are rare and have no room kept for them. */
const LONGEST = 1_000;

/**
 * HMAC-SHA256 of short texts (RFC 2104), of which the first 64 bits are of interest: two hashes in a call each. An `Hmac` of `node:crypto` is an object
 * and a stream for each text, and takes two and a half times as long.
 */
export class KeyedHash {
  readonly #key: Uint8Array;
  /** The key's block and the text; a unit of UTF-16 is at most three bytes of UTF-8. */
  readonly #inner: Buffer;
  /** The key's block and the hash of the inner part. */
  readonly #outer: Buffer;

  /** @param key at most 64 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
    this.#inner = keyBlock(key, 0x36, 3 * LONGEST);
    this.#outer = keyBlock(key, 0x5c, HASH);
  }

  /** The first two words of the hash of a text's UTF-8, without sign. */
  of(text: string): readonly [high: number, low: number] {
    const bytes =
      text.length > LONGEST ? createHmac('sha256', this.#key).update(text).digest('binary') : this.#short(text);
    return [wordAt(bytes, 0), wordAt(bytes, 4)];
  }

  #short(text: string): string {
    const end = BLOCK + this.#inner.write(text, BLOCK);
    // Texts of bytes: a Buffer for each hash takes longer than the hash.
    this.#outer.write(hash('sha256', this.#inner.subarray(0, end), 'binary'), BLOCK, 'binary');
    return hash('sha256', this.#outer, 'binary');
  }
}

function wordAt(bytes: string, at: number): number {
  let word = 0;
  for (let index = at; index < at + 4; index++) word = word * 256 + bytes.charCodeAt(index);
  return word;
}

/** A block of the key and a pad, with room for more bytes behind it. */
function keyBlock(key: Uint8Array, pad: number, room: number): Buffer {
  const block = Buffer.alloc(BLOCK + room).fill(pad, 0, BLOCK);
  for (const [index, byte] of key.entries()) block.writeUInt8(byte ^ pad, index);
  return block;
}
