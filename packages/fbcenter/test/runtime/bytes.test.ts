import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bytes } from '../../src/runtime/bytes.js';
import { PIECE } from '../../src/runtime/pieces.js';
import { check } from '../support/property.js';

describe('bytes', () => {
  it('of one buffer are that buffer, not a copy of it', () => {
    const buffer = Buffer.from('abc');
    const bytes = Bytes.of(buffer);
    expect([bytes.length, bytes.whole() === buffer, [...bytes.pieces()].length]).toEqual([3, true, 1]);
  });

  it('of nothing are nothing', () => {
    const bytes = new Bytes([]);
    expect([bytes.length, bytes.whole().length, [...bytes.pieces()]]).toEqual([0, 0, []]);
  });

  it('are sent in pieces that are neither larger than one nor smaller than they need to be', () => {
    const parts = [30_000, 30_000, 10, PIECE + 1, 5, PIECE, PIECE - 1, 1].map((length) => Buffer.alloc(length, 'a'));
    const lengths = [...new Bytes(parts).pieces()].map(({ length }) => length);
    expect(lengths).toEqual([60_010, PIECE, 1, 5, PIECE, PIECE]);
  });

  it('that are compact are one part where they are few, and share their parts where they are many', () => {
    const parts = [Buffer.alloc(PIECE, 'a'), Buffer.from('b')];
    expect(Bytes.compact(parts).parts).toEqual(parts);
    expect(Bytes.compact(parts.toReversed().slice(0, 1)).parts).toEqual([Buffer.from('b')]);
    const few = Bytes.compact([Buffer.from('a'), Buffer.from('b')]);
    expect([few.parts.length, String(few.whole())]).toEqual([1, 'ab']);
  });

  it.each<[readonly string[], string]>([
    [[], '{"a":[]}'],
    [[',1'], '{"a":[1]}'],
    [[',1', ',2', ',"é"'], '{"a":[1,2,"é"]}'],
  ])('of a list of %j are JSON', (items, expected) => {
    const list = Bytes.list(
      '{"a":[',
      items.map((item) => Buffer.from(item)),
      ']}',
    );
    expect(String(list.whole())).toBe(expected);
  });

  it('say the same whole and in pieces, in the order of their parts', () => {
    // A part ends with a whole character: that of many bytes may stand anywhere but across parts.
    const part = fc.array(fc.constantFrom('a', 'é', '🚩', '"', '{'), { maxLength: 30 }).map((some) => some.join(''));
    return check(
      fc.property(fc.array(part, { maxLength: 6 }), fc.integer({ min: 1, max: 4_000 }), (texts, times) => {
        const parts = texts.map((text) => Buffer.from(text.repeat(times)));
        const bytes = new Bytes(parts);
        const whole = Buffer.concat(parts);
        expect(bytes.length).toBe(whole.length);
        expect(bytes.whole().equals(whole)).toBe(true);
        const pieces = [...bytes.pieces()];
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
        // Each piece can be read by itself: it ends with a whole character.
        expect(pieces.map((piece) => piece.toString()).join('')).toBe(whole.toString());
      }),
      100,
    );
  });
});
