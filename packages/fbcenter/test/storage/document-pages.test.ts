import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredDocument } from '../../src/model/document.js';
import { documentPages, FIRST_PAGE, nextPage } from '../../src/storage/document-pages.js';
import type { Documents } from '../../src/storage/documents.js';
import { check } from '../support/property.js';

const KIB = 1024;

/** Flags whose texts have these lengths, by key; notes how many each reading asks for. */
function flags(lengths: readonly number[]) {
  const all = lengths.map(
    (length, index): StoredDocument => ({
      kind: 'flag',
      key: `f${String(index).padStart(4, '0')}`,
      version: index + 1,
      isArchived: index % 3 === 0,
      text: 'x'.repeat(length),
    }),
  );
  const asked: number[] = [];
  const documents: Pick<Documents, 'list'> = {
    list: async (_environment, _kind, { archived, after = '', limit = 0 }) => {
      asked.push(limit);
      const found = all.filter(({ key, isArchived }) => key > after && (archived ?? isArchived) === isArchived);
      return found.slice(0, limit);
    },
  };
  const read = async (query: Parameters<typeof documentPages>[3] = {}) => {
    const pages: StoredDocument[][] = [];
    for await (const page of documentPages(documents, 'e', 'flag', query)) pages.push([...page]);
    return pages;
  };
  return { all, asked, read };
}

describe('the size of a page', () => {
  it.each<[string, readonly number[], number]>([
    ['of everyday flags is bounded by their number', [700, 900], 64],
    ['of flags of 4 KiB is as many as make 256 KiB', [4 * KIB, 4 * KIB], 64],
    ['of flags of 16 KiB too', [16 * KIB], 16],
    ['of long ones is a few', [100 * KIB, 28 * KIB], 4],
    ['of the longest is one', [8_000 * KIB], 1],
    ['of empty ones is bounded too', [0], 64],
  ])('%s', (_, lengths, size) => {
    expect(nextPage(lengths.map((length) => ({ text: 'x'.repeat(length) })))).toBe(size);
  });
});

describe('documents in pages', () => {
  it('are read a few at first, and then as many as are likely to be a page', async () => {
    const { asked, read } = flags([...Array(4).fill(100 * KIB), ...Array(20).fill(1_000)]);
    await read();
    expect(asked).toEqual([FIRST_PAGE, 3, 64]);
  });

  it('are none when there are none: one look shows it', async () => {
    const { asked, read } = flags([]);
    expect(await read()).toEqual([[]]);
    expect(asked).toEqual([FIRST_PAGE]);
  });

  it.each<[query: { archived?: boolean; after?: string }, keys: string]>([
    [{}, 'f0000 f0001 f0002 f0003 f0004'],
    [{ archived: true }, 'f0000 f0003'],
    [{ archived: false }, 'f0001 f0002 f0004'],
    [{ after: 'f0002' }, 'f0003 f0004'],
    [{ after: 'f0002', archived: false }, 'f0004'],
    [{ after: 'f0004' }, ''],
  ])('with %j are %s', async (query, keys) => {
    const { read } = flags([10, 10, 10, 10, 10]);
    const pages = await read(query);
    expect(
      pages
        .flat()
        .map(({ key }) => key)
        .join(' '),
    ).toBe(keys);
  });

  it('are each of them once, in their order, however long they are', async () => {
    const lengths = fc.array(fc.constantFrom(0, 10, 5_000, 50_000, 300_000), { maxLength: 150 });
    await check(
      fc.asyncProperty(lengths, async (list) => {
        const { all, asked, read } = flags(list);
        const pages = await read();
        expect(pages.flat()).toEqual(all);
        expect(asked.every((limit) => limit >= 1 && limit <= 64)).toBe(true);
      }),
      50,
    );
  });

  it('are not read further than somebody looks', async () => {
    const { asked, all } = flags(Array(200).fill(1_000));
    const list: Documents['list'] = async (_environment, _kind, { after = '', limit = 0 }) => {
      asked.push(limit);
      return all.filter(({ key }) => key > after).slice(0, limit);
    };
    for await (const page of documentPages({ list }, 'e', 'flag', {})) if (page.length > FIRST_PAGE) break;
    expect(asked).toEqual([FIRST_PAGE, 64]);
  });
});
