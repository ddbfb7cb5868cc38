import { createHmac } from 'node:crypto';

/** Bytes of a block of SHA-256, and words of it. */
const BLOCK = 64;
const WORDS = 16;
/** Longer texts, in UTF-16 units, are rare and left to `node:crypto`. */
const LONGEST = 1_000;

/** The first 32 bits of the fraction of a number. */
const fraction = (value: number): number => ((value % 1) * 2 ** 32) | 0;

const PRIMES = primes(64);
/** As FIPS 180-4 defines them: roots of the first primes. */
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));

/** The words of a block, and what follows from them: of all hashes, one after another. */
const schedule = new Int32Array(64);

/**
 * HMAC-SHA256 of short texts, of which the first 64 bits are of interest. `node:crypto` takes several times as long for one: each of its hashes
 * is an object. The blocks of the key are hashed once.
 */
export class KeyedHash {
  readonly #key: Uint8Array;
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #state = new Int32Array(8);
  /** A unit of UTF-16 is at most three bytes of UTF-8. */
  readonly #bytes = new Uint8Array(3 * LONGEST + 2 * BLOCK);

  /** @param key at most 64 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
    this.#inner = stateAfter(key, 0x36);
    this.#outer = stateAfter(key, 0x5c);
  }

  /** The first two words of the hash of a text's UTF-8, without sign. */
  of(text: string): readonly [high: number, low: number] {
    if (text.length > LONGEST) {
      const hash = createHmac('sha256', this.#key).update(text).digest();
      return [hash.readUInt32BE(0), hash.readUInt32BE(4)];
    }
    const state = this.#state;
    state.set(this.#inner);
    const length = this.#write(text);
    const bytes = this.#bytes;
    for (let at = 0; at < length; at += BLOCK) {
      for (let word = 0, from = at; word < WORDS; word++, from += 4) {
        schedule[word] =
          ((bytes[from] ?? 0) << 24) |
          ((bytes[from + 1] ?? 0) << 16) |
          ((bytes[from + 2] ?? 0) << 8) |
          (bytes[from + 3] ?? 0);
      }
      compress(state);
    }
    for (let word = 0; word < 8; word++) schedule[word] = state[word] ?? 0;
    schedule.fill(0, 8, WORDS - 1);
    schedule[8] = 0x80000000;
    schedule[WORDS - 1] = (BLOCK + 32) * 8;
    state.set(this.#outer);
    compress(state);
    return [(state[0] ?? 0) >>> 0, (state[1] ?? 0) >>> 0];
  }

  /** Writes a text with its padding. @returns the bytes of its blocks. */
  #write(text: string): number {
    const bytes = this.#bytes;
    let length = 0;
    for (; length < text.length; length++) {
      const code = text.charCodeAt(length);
      if (code > 0x7f) {
        length = new TextEncoder().encodeInto(text, bytes).written;
        break;
      }
      bytes[length] = code;
    }
    const end = Math.ceil((length + 9) / BLOCK) * BLOCK;
    bytes.fill(0, length, end);
    bytes[length] = 0x80;
    const bits = (BLOCK + length) * 8;
    for (let index = 1; index <= 4; index++) bytes[end - index] = bits >>> ((index - 1) * 8);
    return end;
  }
}

function stateAfter(key: Uint8Array, pad: number): Int32Array {
  for (let word = 0; word < WORDS; word++) {
    let bits = 0;
    for (let index = 4 * word; index < 4 * word + 4; index++) bits = (bits << 8) | ((key[index] ?? 0) ^ pad);
    schedule[word] = bits;
  }
  const state = START.slice();
  compress(state);
  return state;
}

/** Takes the block whose words are in the {@link schedule} into a state. */
function compress(state: Int32Array): void {
  for (let word = WORDS; word < 64; word++) {
    const near = schedule[word - 2] ?? 0;
    const far = schedule[word - 15] ?? 0;
    const s0 = ((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3);
    const s1 = ((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10);
    schedule[word] = ((schedule[word - 16] ?? 0) + s0 + (schedule[word - 7] ?? 0) + s1) | 0;
  }
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let word = 0; word < 64; word++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUNDS[word] ?? 0) + (schedule[word] ?? 0)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    if (!found.some((prime) => number % prime === 0)) found.push(number);
  }
  return found;
}
