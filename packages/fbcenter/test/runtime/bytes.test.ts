import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bytes } from '../../src/runtime/bytes.js';
import { PIECE } from '../../src/runtime/pieces.js';
import { SharedMemory } from '../../src/runtime/shared-memory.js';
import { check } from '../support/property.js';

describe('bytes in parts', () => {
  it.each<[string, readonly string[]]>([
    ['none', []],
    ['one', ['abc']],
    ['several', ['a', '', 'bcd', 'e']],
  ])('of %s are those of all parts, in their order', (_, texts) => {
    const bytes = new Bytes(texts.map((text) => Buffer.from(text)));
    expect(String(bytes.whole())).toBe(texts.join(''));
    expect(bytes.length).toBe(texts.join('').length);
  });

  it('are not copied when one part has all of them', () => {
    const buffer = Buffer.from('abc');
    expect(Bytes.of(buffer).whole()).toBe(buffer);
  });

  it('are sent in pieces, part by part, none of which is too large', () => {
    const bytes = new Bytes([Buffer.alloc(10, 'a'), Buffer.alloc(PIECE + 1, 'b'), Buffer.alloc(PIECE, 'c')]);
    const pieces = [...bytes.pieces()];
    expect(pieces.map(({ length }) => length)).toEqual([10, PIECE, 1, PIECE]);
    expect(Buffer.concat(pieces).equals(bytes.whole())).toBe(true);
  });
});

describe('shared memory', () => {
  const buffers = Array.from({ length: 5 }, (_, index) => Buffer.alloc(10 ** index));

  it('counts views of the same memory once', () => {
    const memory = new SharedMemory();
    const [, , hundred = Buffer.alloc(0)] = buffers;
    memory.hold(Bytes.of(hundred));
    memory.hold(Bytes.of(hundred.subarray(1)));
    expect(memory.bytes).toBe(100);
  });

  it('is as large as the distinct parts that are held, and nothing when all are let go', async () => {
    const held = fc.array(fc.uniqueArray(fc.nat(4), { minLength: 1 }), { maxLength: 8 });
    await check(
      fc.property(held, fc.infiniteStream(fc.nat()), (lists, order) => {
        const memory = new SharedMemory();
        const bytesOf = (list: readonly number[]) => new Bytes(list.flatMap((index) => buffers[index] ?? []));
        const left = lists.map(bytesOf);
        for (const bytes of left) memory.hold(bytes);
        while (left.length > 0) {
          const distinct = new Set(left.flatMap(({ parts }) => parts));
          expect(memory.bytes).toBe([...distinct].reduce((sum, { length }) => sum + length, 0));
          const [at] = order.take(1);
          const [gone] = left.splice((at ?? 0) % left.length, 1);
          if (gone !== undefined) memory.release(gone);
        }
        expect(memory.bytes).toBe(0);
      }),
      100,
    );
  });
});
