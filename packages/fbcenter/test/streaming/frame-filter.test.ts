import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameFilter } from '../../src/streaming/frame-filter.js';
import { check } from '../support/property.js';

const LIMIT = 200;

interface FrameShape {
  readonly opcode: number;
  readonly fin: boolean;
  readonly size: number;
}

/** A frame as a client writes it; its payload tells which frame it is. */
function frame({ opcode, fin, size }: FrameShape, fill: number): Buffer {
  const head = [(fin ? 0x80 : 0) | opcode];
  if (size < 126) head.push(0x80 | size);
  else if (size < 65_536) head.push(0x80 | 126, size >> 8, size & 0xff);
  else head.push(0x80 | 127, 0, 0, 0, 0, (size >> 24) & 0xff, (size >> 16) & 0xff, (size >> 8) & 0xff, size & 0xff);
  return Buffer.concat([Buffer.from(head), Buffer.from([0, 0, 0, 0]), Buffer.alloc(size, fill)]);
}

/** Reads frames back: each as its opcode, whether it is final, and its payload. */
function framesIn(bytes: Buffer): { opcode: number; fin: boolean; payload: Buffer }[] {
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
    const short = second & 0x7f;
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const size = extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
    const begin = at + 2 + extended + 4;
    frames.push({ opcode: first & 0x0f, fin: (first & 0x80) !== 0, payload: bytes.subarray(begin, begin + size) });
    at = begin + size;
  }
  return frames;
}

/** The messages, and the control frames, that somebody sees who reads frames. */
function seen(bytes: Buffer): string[] {
  const all: string[] = [];
  let parts: Buffer[] | undefined;
  for (const { opcode, fin, payload } of framesIn(bytes)) {
    if (opcode >= 8) {
      all.push(`control ${opcode} ${payload.toString('hex')}`);
      continue;
    }
    if (opcode !== 0) {
      expect(parts, 'a message within a message').toBeUndefined();
      parts = [];
    }
    expect(parts, 'a frame that goes on with nothing').toBeDefined();
    parts?.push(payload);
    if (!fin) continue;
    const message = Buffer.concat(parts ?? []);
    all.push(message.at(-1) === 0 ? 'cut off' : `message ${message.toString('hex')}`);
    parts = undefined;
  }
  return all;
}

function filtered(chunks: readonly Buffer[], limit = LIMIT): Buffer {
  const filter = new FrameFilter(limit);
  return Buffer.concat(chunks.flatMap((chunk) => filter.take(chunk)));
}

describe('the filter of frames', () => {
  it('hands on the very same bytes of what is small enough', () => {
    const bytes = Buffer.concat([
      frame({ opcode: 1, fin: true, size: LIMIT }, 65),
      frame({ opcode: 9, fin: true, size: 4 }, 66),
    ]);
    const passed = new FrameFilter(LIMIT).take(bytes);
    expect(passed).toHaveLength(1);
    expect(passed[0]?.buffer).toBe(bytes.buffer);
    expect(passed[0]).toEqual(bytes);
  });

  it.each<[string, readonly FrameShape[], readonly string[]]>([
    ['a message that is too large', [{ opcode: 1, fin: true, size: LIMIT + 1 }], []],
    ['a message of megabytes', [{ opcode: 2, fin: true, size: 3_000_000 }], []],
    [
      'a message that becomes too large',
      [
        { opcode: 1, fin: false, size: LIMIT },
        { opcode: 0, fin: true, size: 1 },
      ],
      ['cut off'],
    ],
    [
      'a message that goes on for long after it is too large',
      [
        { opcode: 1, fin: false, size: 10 },
        { opcode: 0, fin: false, size: LIMIT },
        { opcode: 0, fin: false, size: 5 },
        { opcode: 0, fin: true, size: 5 },
      ],
      ['cut off'],
    ],
    [
      'a message that begins too large and goes on',
      [
        { opcode: 1, fin: false, size: LIMIT + 1 },
        { opcode: 0, fin: false, size: 5 },
        { opcode: 0, fin: true, size: 0 },
      ],
      [],
    ],
  ])('leaves nothing of %s, and the next message comes through', (_, shapes, left) => {
    const bytes = Buffer.concat([
      ...shapes.map((shape) => frame(shape, 65)),
      frame({ opcode: 1, fin: true, size: 3 }, 66),
    ]);
    expect(seen(filtered([bytes]))).toEqual([...left, 'message 424242']);
    // Byte by byte, as a slow network has it.
    if (bytes.length < 10_000) {
      const single = [...bytes].map((byte) => Buffer.from([byte]));
      expect(seen(filtered(single))).toEqual([...left, 'message 424242']);
    }
  });

  it('lets what controls the connection through in the middle of what it drops', () => {
    const bytes = [
      frame({ opcode: 1, fin: false, size: 150 }, 65),
      frame({ opcode: 9, fin: true, size: 2 }, 7),
      frame({ opcode: 0, fin: false, size: 150 }, 65),
      frame({ opcode: 10, fin: true, size: 1 }, 8),
      frame({ opcode: 0, fin: true, size: 1 }, 65),
    ];
    expect(seen(filtered(bytes))).toEqual(['control 9 0707', 'control 10 08', 'cut off']);
  });

  it('lets through exactly the messages that are small enough, however they are cut', async () => {
    const control = fc.record({ opcode: fc.constantFrom(9, 10), fin: fc.constant(true), size: fc.nat(5) });
    const message = fc
      .array(fc.nat(LIMIT), { minLength: 1, maxLength: 4 })
      .map((sizes) =>
        sizes.map((size, index) => ({ opcode: index === 0 ? 1 : 0, fin: index === sizes.length - 1, size })),
      );
    await check(
      fc.property(
        fc.array(
          fc.oneof(
            message,
            control.map((one) => [one]),
          ),
          { maxLength: 8 },
        ),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 }),
        (groups, cuts) => {
          const bytes = Buffer.concat(groups.flat().map((shape, index) => frame(shape, 65 + (index % 26))));
          const chunks: Buffer[] = [];
          for (let at = 0, index = 0; at < bytes.length; index += 1) {
            const step = cuts[index % cuts.length] ?? 1;
            chunks.push(bytes.subarray(at, at + step));
            at += step;
          }
          let index = 0;
          const expected = groups.flatMap((shapes) => {
            const size = shapes.reduce((sum, shape) => sum + shape.size, 0);
            const text = shapes.map((shape) => Buffer.alloc(shape.size, 65 + (index++ % 26)).toString('hex')).join('');
            if ((shapes[0]?.opcode ?? 0) >= 8) return [`control ${shapes[0]?.opcode} ${text}`];
            return size <= LIMIT ? [`message ${text}`] : [];
          });
          const passed = seen(filtered(chunks)).filter((one) => one !== 'cut off');
          expect(passed).toEqual(expected);
        },
      ),
    );
  });
});
