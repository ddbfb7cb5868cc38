import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeConnectionToken, encodeConnectionToken } from '../../src/protocol/connection-token.js';
import { check } from '../support/property.js';

const SECRET = 'qJHQTVfsZUOu1Q54RLMuIQ-JtrIvNK-k-bARYicOTNQA';
const NOW = 1_767_225_600_000;

describe('a connection token', () => {
  it('holds the position, the length of the time, and the secret with the time in it', () => {
    expect(encodeConnectionToken('abcdefgh', 1_234_567_890_123, 0.5)).toBe('QQPBSabcdBWSPHDXZUQBWSefgh');
  });

  it('is another one at another time and at another position', () => {
    const tokens = [
      encodeConnectionToken(SECRET, NOW, 0.5),
      encodeConnectionToken(SECRET, NOW + 1, 0.5),
      encodeConnectionToken(SECRET, NOW, 0.9),
    ];
    expect(new Set(tokens).size).toBe(3);
  });

  it.each([
    ['the very start', 0, 'QQW'],
    ['below two', 0.04, 'QQW'],
    ['the middle', 0.5, 'QWW'],
    ['the end', 0.999_999, 'QPS'],
  ])('puts the time at %s', (_name, random, position) => {
    expect(encodeConnectionToken(SECRET, NOW, random).slice(0, 3)).toBe(position);
  });

  it('is made without the padding, which the other side restores', () => {
    const token = encodeConnectionToken('abcde===', NOW, 0.5);
    expect(token).toBe(encodeConnectionToken('abcde', NOW, 0.5));
    expect(decodeConnectionToken(token)?.secret).toBe('abcde===');
  });

  it('cuts fractions of a millisecond off', () => {
    expect(encodeConnectionToken(SECRET, NOW + 0.9, 0.5)).toBe(encodeConnectionToken(SECRET, NOW, 0.5));
  });

  it('is read back to its secret and its time, whatever they are', async () => {
    const secret = fc.stringMatching(/^[!-<>-~]{1,200}$/);
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    await check(
      fc.property(secret, fc.integer({ min: 0, max: 9e12 }), random, (bare, now, chance) => {
        const padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
        expect(decodeConnectionToken(encodeConnectionToken(bare, now, chance))).toEqual({
          secret: padded,
          timestamp: now,
        });
      }),
      500,
    );
  });
});

describe('what is no token', () => {
  it.each([
    ['an empty text', ''],
    ['a header only', 'QQW'],
    ['a header of other letters', 'AAABSabcBWSPHDXZUQBWS'],
    ['a length of other letters', 'QQWAAabBXDXWWHDQQQQQ'],
    ['a text that is shorter than its time', 'QQWBSabBXDXWW'],
    ['a time of other letters', 'QQWBSabaaaaaaaaaaaaacd'],
    ['a time of no digits', 'QQWQQab'],
  ])('%s is refused', (_name, text) => {
    expect(decodeConnectionToken(text)).toBeUndefined();
  });
});
