import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bytes } from '../../src/runtime/bytes.js';
import { SharedMemory } from '../../src/runtime/shared-memory.js';
import { check } from '../support/property.js';

describe('shared memory', () => {
  const buffers = Array.from({ length: 5 }, (_, index) => Buffer.alloc(10 ** index));

  it('counts views of the same memory once, with all that they keep from being freed', () => {
    const memory = new SharedMemory();
    const buffer = Buffer.alloc(100);
    memory.hold(Bytes.of(buffer.subarray(90)));
    memory.hold(Bytes.of(buffer.subarray(1)));
    expect(memory.bytes).toBe(100);
  });

  it('lets go of what it does not hold without harm', () => {
    const memory = new SharedMemory();
    memory.release(Bytes.of(Buffer.alloc(10)));
    expect(memory.bytes).toBe(0);
  });

  it('is as large as the distinct parts that are held, and nothing when all are let go', async () => {
    const held = fc.array(fc.uniqueArray(fc.nat(4), { minLength: 1 }), { maxLength: 8 });
    await check(
      fc.property(held, fc.infiniteStream(fc.nat()), (lists, order) => {
        const memory = new SharedMemory();
        const left = lists.map((list) => new Bytes(list.flatMap((index) => buffers[index] ?? [])));
        for (const bytes of left) memory.hold(bytes);
        while (left.length > 0) {
          const distinct = new Set(left.flatMap(({ parts }) => parts));
          expect(memory.bytes).toBe([...distinct].reduce((sum, { length }) => sum + length, 0));
          const [at = 0] = order.take(1);
          const [gone] = left.splice(at % left.length, 1);
          if (gone !== undefined) memory.release(gone);
        }
        expect(memory.bytes).toBe(0);
      }),
      100,
    );
  });
});
