import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../src/runtime/pieces.js';
import { check } from '../support/property.js';

const PIECE = 64 * 1024;

describe('the pieces of a message', () => {
  it.each<[string, Buffer, number]>([
    ['nothing', Buffer.alloc(0), 0],
    ['one piece', Buffer.alloc(PIECE, 'x'), 1],
    ['a byte more', Buffer.alloc(PIECE + 1, 'x'), 2],
    ['bytes that are no text', Buffer.alloc(PIECE * 2, 0x80), 2],
  ])('of %s', (_, message, count) => {
    expect([...piecesOf(message)]).toHaveLength(count);
  });

  it('are the message again when they are put together, and each is whole characters', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await check(
      fc.property(text, fc.nat(5), (part, shift) => {
        const message = Buffer.from('x'.repeat(shift) + part.repeat(6_000));
        const pieces = [...piecesOf(message)];
        expect(Buffer.concat(pieces).equals(message)).toBe(true);
        for (const piece of pieces) expect(() => new TextDecoder('utf-8', { fatal: true }).decode(piece)).not.toThrow();
      }),
      30,
    );
  });
});
