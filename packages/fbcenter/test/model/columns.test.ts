import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutTo, padTo, widthOf } from '../../src/model/columns.js';
import { check } from '../support/property.js';

describe('the columns of a text', () => {
  it.each<[text: string, width: number]>([
    ['', 0],
    ['checkout', 8],
    ['Größe – “neu” …', 15],
    ['e\u0301te\u0301', 3],
    ['\u0301', 0],
    ['购物车', 6],
    ['カート', 6],
    ['장바구니', 8],
    ['ＡＢ！', 6],
    ['🙂', 2],
    ['👩‍👩‍👧', 2],
    ['🇳🇿', 2],
    ['❤', 1],
    ['❤️', 2],
    ['├──●─┤', 6],
    ['a购b', 4],
  ])('of %j are %d', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('a text that is cut to columns', () => {
  it.each<[text: string, width: number, cut: string]>([
    ['checkout', 8, 'checkout'],
    ['checkout', 7, 'checko…'],
    ['购物车', 6, '购物车'],
    ['购物车', 5, '购物…'],
    ['购物车', 4, '购…'],
    ['ab🙂🙂', 5, 'ab🙂…'],
    ['ab🙂🙂', 4, 'ab…'],
    ['👩‍👩‍👧x', 2, '…'],
    ['abc', 1, '…'],
  ])('%j to %d is %j', (text, width, cut) => {
    expect(cutTo(text, width)).toBe(cut);
  });

  it('is never wider than it may be, nor cut when it fits', async () => {
    const unit = fc.constantFrom(
      'a',
      ' ',
      'é',
      'e\u0301',
      '\u0301',
      '\u200d',
      '购',
      'Ａ',
      '장',
      '🙂',
      '👩‍👩‍👧',
      '❤️',
      '🇳',
    );
    const property = fc.property(fc.string({ unit }), fc.integer({ min: 1, max: 12 }), (text, width) => {
      const cut = cutTo(text, width);
      expect(widthOf(cut)).toBeLessThanOrEqual(width);
      if (widthOf(text) <= width) expect(cut).toBe(text);
    });
    await check(property, 200);
  });
});

describe('a text that is filled up', () => {
  it.each<[text: string, width: number, filled: string]>([
    ['ab', 4, 'ab  '],
    ['购', 4, '购  '],
    ['购物', 4, '购物'],
    ['购物', 3, '购物'],
  ])('%j to %d is %j', (text, width, filled) => {
    expect(padTo(text, width)).toBe(filled);
  });
});
