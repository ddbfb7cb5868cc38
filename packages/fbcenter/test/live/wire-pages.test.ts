import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WirePages } from '../../src/live/wire-pages.js';
import { PIECE } from '../../src/runtime/pieces.js';
import { aDocument } from '../support/fake-change-log.js';
import { check } from '../support/property.js';

/** The documents in pages, as they would be read. */
function read(pages: WirePages): string[] {
  const documents = JSON.parse(`[${Buffer.concat(pages.parts())}]`) as { key: string; updatedAt: string }[];
  return documents.map(({ key, updatedAt }) => `${key}@${Date.parse(updatedAt)}`);
}

const sized = (key: string, version: number, bytes: number) => aDocument(key, version, { x: 'ж'.repeat(bytes / 2) });

describe('documents in pages', () => {
  it.each<[string, readonly [string, number][], readonly string[]]>([
    ['none', [], []],
    [
      'in the order of their versions',
      [
        ['a', 1],
        ['b', 2],
      ],
      ['a@1', 'b@2'],
    ],
    [
      'a newer one in its place at the end',
      [
        ['a', 1],
        ['b', 2],
        ['a', 3],
      ],
      ['b@2', 'a@3'],
    ],
    [
      'the newer one where an older one comes late',
      [
        ['a', 3],
        ['b', 4],
        ['a', 2],
      ],
      ['a@3', 'b@4'],
    ],
    [
      'one that comes twice',
      [
        ['a', 1],
        ['a', 1],
      ],
      ['a@1'],
    ],
  ])('are %s', (_, added, expected) => {
    const pages = new WirePages();
    for (const [key, version] of added) pages.add([aDocument(key, version)]);
    expect(read(pages)).toEqual(expected);
  });

  it('are in pages of a piece at most, but for a document that is larger', () => {
    const pages = new WirePages();
    for (let version = 1; version <= 100; version++) pages.add([sized(`f${version}`, version, 9_000)]);
    pages.add([sized('large', 200, 3 * PIECE), sized('next', 201, 100)]);
    const lengths = pages.parts().map(({ length }) => length);
    expect(lengths.filter((length) => length > PIECE)).toHaveLength(1);
    expect(lengths).toHaveLength(Math.ceil(100 / 7) + 2);
  });

  it('are put together when changes have made pages small', () => {
    const pages = new WirePages();
    for (let version = 1; version <= 140; version++) pages.add([sized(`f${version}`, version, 9_000)]);
    expect(pages.parts()).toHaveLength(20);
    for (let at = 1; at <= 140; at++) if (at % 7 !== 0) pages.remove(`f${at}`);
    expect(pages.parts().length).toBeLessThanOrEqual(6);
    expect(read(pages)).toEqual(Array.from({ length: 20 }, (_, index) => `f${7 * (index + 1)}@${7 * (index + 1)}`));
  });

  it('are what a map of them would be, whatever comes and goes; what was read before stays as it was', async () => {
    const step = fc.record({ key: fc.nat(12), size: fc.constantFrom(0, 1_000, 20_000, 70_000), removes: fc.boolean() });
    await check(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const pages = new WirePages();
        const model = new Map<string, string>();
        const earlier: { readonly parts: readonly Buffer[]; readonly text: string }[] = [];
        for (const [index, { key: number, size, removes }] of steps.entries()) {
          const key = `f${number}`;
          model.delete(key);
          if (removes) {
            pages.remove(key);
          } else {
            pages.add([sized(key, index + 1, size)]);
            model.set(key, `${key}@${index + 1}`);
          }
          const parts = pages.parts();
          expect(read(pages)).toEqual([...model.values()]);
          earlier.push({ parts, text: String(Buffer.concat(parts)) });
        }
        for (const { parts, text } of earlier) expect(String(Buffer.concat(parts))).toBe(text);
      }),
      50,
    );
  });
});
