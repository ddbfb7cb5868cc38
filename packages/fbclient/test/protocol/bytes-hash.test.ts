import { describe, expect, it } from 'vitest';
import { hashOfBytes } from '../../src/protocol/bytes-hash.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the hash of bytes', () => {
  // Known values of MurmurHash3 with 32 bits and a seed of 0.
  it.each([
    ['', 0],
    ['a', 0x3c2569b2],
    ['ab', 0x9bbfd75f],
    ['abc', 0xb3dd93fa],
    ['abcd', 0x43ed676a],
    ['hello', 0x248bfa47],
    ['hello, world', 0x149bbb7f],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('of %j is that of MurmurHash3', (text, expected) => {
    expect(hashOfBytes(bytesOf(text), 0, text.length) >>> 0).toBe(expected);
  });

  it('is that of the part, wherever it begins, also where the bytes are a part of others', () => {
    const around = bytesOf('..xyzhello, world!');
    const expected = hashOfBytes(bytesOf('hello, world'), 0, 12);
    expect(hashOfBytes(around, 5, 17)).toBe(expected);
    expect(hashOfBytes(around.subarray(2), 3, 15)).toBe(expected);
  });

  it('is a whole number of 32 bits, which no object has to be made for', () => {
    const hashes = Array.from({ length: 1_000 }, (_, index) => hashOfBytes(bytesOf(`text ${index}`), 0, 6));
    expect(hashes.every((hash) => hash === (hash | 0))).toBe(true);
  });

  it('is another one for each of many texts that differ in little', () => {
    const hashes = Array.from({ length: 5_000 }, (_, index) => {
      const text = bytesOf(`{"key":"flag","value":"${index}"}`);
      return hashOfBytes(text, 0, text.length);
    });
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
