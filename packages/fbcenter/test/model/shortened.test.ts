import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortened } from '../../src/model/shortened.js';
import { check } from '../support/property.js';

describe('a text that is too long', () => {
  it.each<[text: string, length: number, short: string]>([
    ['', 3, ''],
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['abcd', 2, 'a…'],
    ['abcd', 1, '…'],
    ['a🚩', 3, 'a🚩'],
    ['a🚩b', 3, 'a…'],
    ['ab🚩', 3, 'ab…'],
    ['🚩🚩🚩', 5, '🚩🚩…'],
    ['🚩🚩🚩', 4, '🚩…'],
    ['éé', 1, '…'],
  ])('%j in %i is %j', (text, length, short) => {
    expect(shortened(text, length)).toBe(short);
  });

  it('is never longer than that, begins as the text does, and has no half character that the text has not', () =>
    check(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.integer({ min: 2, max: 30 }), (text, length) => {
        const short = shortened(text, length);
        expect(short.length).toBeLessThanOrEqual(length);
        expect(short.isWellFormed()).toBe(true);
        if (short === text) return;
        expect(text.length).toBeGreaterThan(length);
        expect(text.startsWith(short.slice(0, -1))).toBe(true);
        expect(short.length).toBeGreaterThanOrEqual(length - 1);
      }),
      300,
    ));
});
