// Only the first word of MD5 decides a rollout, and its input is almost always a flag key and a user key: short ASCII. So it
// is computed here, without the copies and objects of a general digest, which are most of its cost.

/** Room for two blocks: everyday flag and user keys fit. */
const buffer = new Int32Array(32);
const bytes = new Uint8Array(buffer.buffer);
/** The longest text that fits with the padding: its end mark and eight bytes of length. */
const MAX_SHORT = 119;

let a0 = 0;
let b0 = 0;
let c0 = 0;
let d0 = 0;

/**
 * The first four bytes of MD5 (RFC 1321) over the UTF-8 form of a text, as a little-endian signed integer.
 *
 * @param start the text's beginning.
 * @param end the rest of it.
 */
export function md5FirstWord(start: string, end = ''): number {
  a0 = 0x67452301;
  b0 = 0xefcdab89 | 0;
  c0 = 0x98badcfe | 0;
  d0 = 0x10325476;
  const length = start.length + end.length;
  const blocks = length <= MAX_SHORT ? writeAscii(start, end, length) : 0;
  if (blocks === 0) {
    digestLong(utf8(start + end));
  } else {
    digestBlock(0);
    if (blocks === 2) digestBlock(16);
  }
  return a0;
}

/** As TextEncoder does it, which jsdom has not: tests of front ends evaluate flags there. */
function utf8(text: string): Uint8Array {
  const encoded: number[] = [];
  const add = (code: number): void => {
    if (code < 0x80) encoded.push(code);
    else if (code < 0x800) encoded.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) encoded.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else {
      encoded.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f));
      encoded.push(0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
  };
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    // Half a surrogate pair is no character.
    add(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
  }
  return Uint8Array.from(encoded);
}

/** Writes a short text with its padding. @returns the blocks it takes; 0 when it is not ASCII. */
function writeAscii(start: string, end: string, length: number): number {
  let seen = 0;
  const split = start.length;
  for (let i = 0; i < split; i++) {
    const code = start.charCodeAt(i);
    seen |= code;
    bytes[i] = code;
  }
  for (let i = split; i < length; i++) {
    const code = end.charCodeAt(i - split);
    seen |= code;
    bytes[i] = code;
  }
  if (seen >= 0x80) return 0;
  const blocks = length < 56 ? 1 : 2;
  const last = blocks * 16;
  const word = length >> 2;
  bytes[length] = 0x80;
  for (let i = length + 1; (i & 3) !== 0; i++) bytes[i] = 0;
  for (let i = word + 1; i < last; i++) buffer[i] = 0;
  buffer[last - 2] = length << 3;
  return blocks;
}

function digestLong(text: Uint8Array): void {
  const whole = text.length & ~63;
  for (let at = 0; at < whole; at += 64) {
    bytes.set(text.subarray(at, at + 64));
    digestBlock(0);
  }
  bytes.set(text.subarray(whole));
  digestRest(text.length - whole, text.length);
}

/** Pads what the buffer begins with, and digests it. */
function digestRest(used: number, totalBytes: number): void {
  const end = used < 56 ? 64 : 128;
  bytes.fill(0, used, end);
  bytes[used] = 0x80;
  buffer[(end >> 2) - 2] = totalBytes << 3;
  buffer[(end >> 2) - 1] = totalBytes >>> 29;
  digestBlock(0);
  if (end === 128) digestBlock(16);
}

/** The 64 steps, written out with their constants: a loop over tables takes three times as long. */
function digestBlock(at: number): void {
  const w0 = buffer[at] as number;
  const w1 = buffer[at + 1] as number;
  const w2 = buffer[at + 2] as number;
  const w3 = buffer[at + 3] as number;
  const w4 = buffer[at + 4] as number;
  const w5 = buffer[at + 5] as number;
  const w6 = buffer[at + 6] as number;
  const w7 = buffer[at + 7] as number;
  const w8 = buffer[at + 8] as number;
  const w9 = buffer[at + 9] as number;
  const w10 = buffer[at + 10] as number;
  const w11 = buffer[at + 11] as number;
  const w12 = buffer[at + 12] as number;
  const w13 = buffer[at + 13] as number;
  const w14 = buffer[at + 14] as number;
  const w15 = buffer[at + 15] as number;
  let a = a0;
  let b = b0;
  let c = c0;
  let d = d0;
  let t = 0;

  t = (a + (d ^ (b & (c ^ d))) + w0 - 680876936) | 0;
  a = (b + ((t << 7) | (t >>> 25))) | 0;
  t = (d + (c ^ (a & (b ^ c))) + w1 - 389564586) | 0;
  d = (a + ((t << 12) | (t >>> 20))) | 0;
  t = (c + (b ^ (d & (a ^ b))) + w2 + 606105819) | 0;
  c = (d + ((t << 17) | (t >>> 15))) | 0;
  t = (b + (a ^ (c & (d ^ a))) + w3 - 1044525330) | 0;
  b = (c + ((t << 22) | (t >>> 10))) | 0;
  t = (a + (d ^ (b & (c ^ d))) + w4 - 176418897) | 0;
  a = (b + ((t << 7) | (t >>> 25))) | 0;
  t = (d + (c ^ (a & (b ^ c))) + w5 + 1200080426) | 0;
  d = (a + ((t << 12) | (t >>> 20))) | 0;
  t = (c + (b ^ (d & (a ^ b))) + w6 - 1473231341) | 0;
  c = (d + ((t << 17) | (t >>> 15))) | 0;
  t = (b + (a ^ (c & (d ^ a))) + w7 - 45705983) | 0;
  b = (c + ((t << 22) | (t >>> 10))) | 0;
  t = (a + (d ^ (b & (c ^ d))) + w8 + 1770035416) | 0;
  a = (b + ((t << 7) | (t >>> 25))) | 0;
  t = (d + (c ^ (a & (b ^ c))) + w9 - 1958414417) | 0;
  d = (a + ((t << 12) | (t >>> 20))) | 0;
  t = (c + (b ^ (d & (a ^ b))) + w10 - 42063) | 0;
  c = (d + ((t << 17) | (t >>> 15))) | 0;
  t = (b + (a ^ (c & (d ^ a))) + w11 - 1990404162) | 0;
  b = (c + ((t << 22) | (t >>> 10))) | 0;
  t = (a + (d ^ (b & (c ^ d))) + w12 + 1804603682) | 0;
  a = (b + ((t << 7) | (t >>> 25))) | 0;
  t = (d + (c ^ (a & (b ^ c))) + w13 - 40341101) | 0;
  d = (a + ((t << 12) | (t >>> 20))) | 0;
  t = (c + (b ^ (d & (a ^ b))) + w14 - 1502002290) | 0;
  c = (d + ((t << 17) | (t >>> 15))) | 0;
  t = (b + (a ^ (c & (d ^ a))) + w15 + 1236535329) | 0;
  b = (c + ((t << 22) | (t >>> 10))) | 0;

  t = (a + (c ^ (d & (b ^ c))) + w1 - 165796510) | 0;
  a = (b + ((t << 5) | (t >>> 27))) | 0;
  t = (d + (b ^ (c & (a ^ b))) + w6 - 1069501632) | 0;
  d = (a + ((t << 9) | (t >>> 23))) | 0;
  t = (c + (a ^ (b & (d ^ a))) + w11 + 643717713) | 0;
  c = (d + ((t << 14) | (t >>> 18))) | 0;
  t = (b + (d ^ (a & (c ^ d))) + w0 - 373897302) | 0;
  b = (c + ((t << 20) | (t >>> 12))) | 0;
  t = (a + (c ^ (d & (b ^ c))) + w5 - 701558691) | 0;
  a = (b + ((t << 5) | (t >>> 27))) | 0;
  t = (d + (b ^ (c & (a ^ b))) + w10 + 38016083) | 0;
  d = (a + ((t << 9) | (t >>> 23))) | 0;
  t = (c + (a ^ (b & (d ^ a))) + w15 - 660478335) | 0;
  c = (d + ((t << 14) | (t >>> 18))) | 0;
  t = (b + (d ^ (a & (c ^ d))) + w4 - 405537848) | 0;
  b = (c + ((t << 20) | (t >>> 12))) | 0;
  t = (a + (c ^ (d & (b ^ c))) + w9 + 568446438) | 0;
  a = (b + ((t << 5) | (t >>> 27))) | 0;
  t = (d + (b ^ (c & (a ^ b))) + w14 - 1019803690) | 0;
  d = (a + ((t << 9) | (t >>> 23))) | 0;
  t = (c + (a ^ (b & (d ^ a))) + w3 - 187363961) | 0;
  c = (d + ((t << 14) | (t >>> 18))) | 0;
  t = (b + (d ^ (a & (c ^ d))) + w8 + 1163531501) | 0;
  b = (c + ((t << 20) | (t >>> 12))) | 0;
  t = (a + (c ^ (d & (b ^ c))) + w13 - 1444681467) | 0;
  a = (b + ((t << 5) | (t >>> 27))) | 0;
  t = (d + (b ^ (c & (a ^ b))) + w2 - 51403784) | 0;
  d = (a + ((t << 9) | (t >>> 23))) | 0;
  t = (c + (a ^ (b & (d ^ a))) + w7 + 1735328473) | 0;
  c = (d + ((t << 14) | (t >>> 18))) | 0;
  t = (b + (d ^ (a & (c ^ d))) + w12 - 1926607734) | 0;
  b = (c + ((t << 20) | (t >>> 12))) | 0;

  t = (a + (b ^ c ^ d) + w5 - 378558) | 0;
  a = (b + ((t << 4) | (t >>> 28))) | 0;
  t = (d + (a ^ b ^ c) + w8 - 2022574463) | 0;
  d = (a + ((t << 11) | (t >>> 21))) | 0;
  t = (c + (d ^ a ^ b) + w11 + 1839030562) | 0;
  c = (d + ((t << 16) | (t >>> 16))) | 0;
  t = (b + (c ^ d ^ a) + w14 - 35309556) | 0;
  b = (c + ((t << 23) | (t >>> 9))) | 0;
  t = (a + (b ^ c ^ d) + w1 - 1530992060) | 0;
  a = (b + ((t << 4) | (t >>> 28))) | 0;
  t = (d + (a ^ b ^ c) + w4 + 1272893353) | 0;
  d = (a + ((t << 11) | (t >>> 21))) | 0;
  t = (c + (d ^ a ^ b) + w7 - 155497632) | 0;
  c = (d + ((t << 16) | (t >>> 16))) | 0;
  t = (b + (c ^ d ^ a) + w10 - 1094730640) | 0;
  b = (c + ((t << 23) | (t >>> 9))) | 0;
  t = (a + (b ^ c ^ d) + w13 + 681279174) | 0;
  a = (b + ((t << 4) | (t >>> 28))) | 0;
  t = (d + (a ^ b ^ c) + w0 - 358537222) | 0;
  d = (a + ((t << 11) | (t >>> 21))) | 0;
  t = (c + (d ^ a ^ b) + w3 - 722521979) | 0;
  c = (d + ((t << 16) | (t >>> 16))) | 0;
  t = (b + (c ^ d ^ a) + w6 + 76029189) | 0;
  b = (c + ((t << 23) | (t >>> 9))) | 0;
  t = (a + (b ^ c ^ d) + w9 - 640364487) | 0;
  a = (b + ((t << 4) | (t >>> 28))) | 0;
  t = (d + (a ^ b ^ c) + w12 - 421815835) | 0;
  d = (a + ((t << 11) | (t >>> 21))) | 0;
  t = (c + (d ^ a ^ b) + w15 + 530742520) | 0;
  c = (d + ((t << 16) | (t >>> 16))) | 0;
  t = (b + (c ^ d ^ a) + w2 - 995338651) | 0;
  b = (c + ((t << 23) | (t >>> 9))) | 0;

  t = (a + (c ^ (b | ~d)) + w0 - 198630844) | 0;
  a = (b + ((t << 6) | (t >>> 26))) | 0;
  t = (d + (b ^ (a | ~c)) + w7 + 1126891415) | 0;
  d = (a + ((t << 10) | (t >>> 22))) | 0;
  t = (c + (a ^ (d | ~b)) + w14 - 1416354905) | 0;
  c = (d + ((t << 15) | (t >>> 17))) | 0;
  t = (b + (d ^ (c | ~a)) + w5 - 57434055) | 0;
  b = (c + ((t << 21) | (t >>> 11))) | 0;
  t = (a + (c ^ (b | ~d)) + w12 + 1700485571) | 0;
  a = (b + ((t << 6) | (t >>> 26))) | 0;
  t = (d + (b ^ (a | ~c)) + w3 - 1894986606) | 0;
  d = (a + ((t << 10) | (t >>> 22))) | 0;
  t = (c + (a ^ (d | ~b)) + w10 - 1051523) | 0;
  c = (d + ((t << 15) | (t >>> 17))) | 0;
  t = (b + (d ^ (c | ~a)) + w1 - 2054922799) | 0;
  b = (c + ((t << 21) | (t >>> 11))) | 0;
  t = (a + (c ^ (b | ~d)) + w8 + 1873313359) | 0;
  a = (b + ((t << 6) | (t >>> 26))) | 0;
  t = (d + (b ^ (a | ~c)) + w15 - 30611744) | 0;
  d = (a + ((t << 10) | (t >>> 22))) | 0;
  t = (c + (a ^ (d | ~b)) + w6 - 1560198380) | 0;
  c = (d + ((t << 15) | (t >>> 17))) | 0;
  t = (b + (d ^ (c | ~a)) + w13 + 1309151649) | 0;
  b = (c + ((t << 21) | (t >>> 11))) | 0;
  t = (a + (c ^ (b | ~d)) + w4 - 145523070) | 0;
  a = (b + ((t << 6) | (t >>> 26))) | 0;
  t = (d + (b ^ (a | ~c)) + w11 - 1120210379) | 0;
  d = (a + ((t << 10) | (t >>> 22))) | 0;
  t = (c + (a ^ (d | ~b)) + w2 + 718787259) | 0;
  c = (d + ((t << 15) | (t >>> 17))) | 0;
  t = (b + (d ^ (c | ~a)) + w9 - 343485551) | 0;
  b = (c + ((t << 21) | (t >>> 11))) | 0;

  a0 = (a0 + a) | 0;
  b0 = (b0 + b) | 0;
  c0 = (c0 + c) | 0;
  d0 = (d0 + d) | 0;
}
