// Only the first word of MD5 decides a rollout, and its input is almost always a flag key and a user key: short ASCII that
// fits one block. So it is computed here, without the copies and objects of a general digest: that is most of its cost.

const SHIFTS = new Uint8Array([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const state = new Int32Array(4);
const block = new Int32Array(16);
const blockBytes = new Uint8Array(block.buffer);
const encoder = new TextEncoder();

/** The first four bytes of MD5 over the UTF-8 form of a text, as a little-endian signed integer (RFC 1321). */
export function md5FirstWord(text: string): number {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89 | 0;
  state[2] = 0x98badcfe | 0;
  state[3] = 0x10325476;
  const length = text.length;
  if (length <= 55 && fillBlockWithAscii(text, length)) {
    digestLastBlock(length, length);
  } else {
    digestBytes(encoder.encode(text));
  }
  return state[0] | 0;
}

function fillBlockWithAscii(text: string, length: number): boolean {
  block.fill(0);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    block[i >> 2] = (block[i >> 2] as number) | (code << ((i & 3) << 3));
  }
  return true;
}

function digestBytes(bytes: Uint8Array): void {
  const whole = bytes.length & ~63;
  for (let start = 0; start < whole; start += 64) {
    loadBlock(bytes.subarray(start, start + 64));
    digestBlock();
  }
  const rest = bytes.length - whole;
  loadBlock(bytes.subarray(whole));
  if (rest > 55) {
    block[rest >> 2] = (block[rest >> 2] as number) | (0x80 << ((rest & 3) << 3));
    digestBlock();
    block.fill(0);
    writeBitLength(bytes.length);
    digestBlock();
  } else {
    digestLastBlock(rest, bytes.length);
  }
}

function digestLastBlock(used: number, totalBytes: number): void {
  block[used >> 2] = (block[used >> 2] as number) | (0x80 << ((used & 3) << 3));
  writeBitLength(totalBytes);
  digestBlock();
}

function writeBitLength(bytes: number): void {
  block[14] = bytes << 3;
  block[15] = bytes >>> 29;
}

function loadBlock(bytes: Uint8Array): void {
  blockBytes.fill(0);
  blockBytes.set(bytes);
}

function digestBlock(): void {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mix: number;
    let word: number;
    if (round === 0) {
      mix = (b & c) | (~b & d);
      word = i;
    } else if (round === 1) {
      mix = (d & b) | (~d & c);
      word = (5 * i + 1) & 15;
    } else if (round === 2) {
      mix = b ^ c ^ d;
      word = (3 * i + 5) & 15;
    } else {
      mix = c ^ (b | ~d);
      word = (7 * i) & 15;
    }
    const sum = (a + mix + (SINES[i] as number) + (block[word] as number)) | 0;
    const shift = SHIFTS[(round << 2) | (i & 3)] as number;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
}
