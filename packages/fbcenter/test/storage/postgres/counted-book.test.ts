import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IterationSums } from '../../../src/model/experiment.js';
import { keptText } from '../../../src/storage/kept-json.js';
import { connectionOf, type Parameter } from '../../../src/storage/postgres/connection.js';
import { BatchBook } from '../../../src/storage/postgres/counted-book.js';
import { writeReach } from '../../../src/storage/postgres/reach.js';
import { noteUses } from '../../../src/storage/postgres/uses.js';
import { check } from '../../support/property.js';

const SUMS: IterationSums = {
  variations: [],
  excluded: { several: 0, targeted: 0, segment: 0 },
  ...{ late: 0, oversized: 0, undeclared: 1, replays: 0, newest: null },
};

interface Kept {
  readonly taken?: readonly object[];
  readonly participants?: readonly object[];
  readonly sums?: readonly object[];
  readonly log?: readonly object[];
}

/** A book on tables that have so much, with what is written to them. */
async function bookOn({ taken = [], participants = [], sums = [], log = [] }: Kept = {}) {
  const written: [table: string, ...parameters: Parameter[]][] = [];
  const connection = connectionOf(async (sql, parameters) => {
    const [, table] = /INSERT INTO (\w+)/.exec(sql) ?? [];
    if (table !== undefined) written.push([table, ...parameters]);
    const [, from] = /FROM (\w+)/.exec(sql) ?? [];
    const tables: Record<string, readonly object[]> = {
      ...{ taken_requests: taken, participants, iteration_sums: sums, measured_events: log },
    };
    return { count: 0, rows: table === undefined ? (tables[from ?? ''] ?? []) : [] };
  });
  const range = { environmentId: 'e', iterations: [1], users: [7, 8], hashes: ['h'] };
  return { book: await BatchBook.read(connection, range), connection, written };
}

describe('a book of counting', () => {
  it('has what the tables have', async () => {
    const { book } = await bookOn({
      taken: [{ hash: 'h', next: 5 }],
      participants: [{ iteration: 1, participant: 7, variation: 0, first_at: 9, totals: '[1.5,2]' }],
      sums: [{ iteration: 1, text: keptText(SUMS) }],
      log: [{ name: 'buy', participant: 7, at: 3, seq: 0, value: 2 }],
    });
    expect([book.taken('h'), book.taken('other')]).toEqual([5, undefined]);
    expect(book.participant(1, 7)).toEqual({ variation: 0, firstAt: 9, totals: [1.5, 2] });
    expect([book.participant(1, 8), book.participant(2, 7)]).toEqual([undefined, undefined]);
    expect([book.sums(1), book.sums(2)]).toEqual([SUMS, undefined]);
    expect(book.logOf(7)('buy', 0, 10)).toMatchObject([{ at: 3, value: 2 }]);
    expect([book.logOf(8)('buy', 0, 10), book.logOf(7)('view', 0, 10)]).toEqual([[], []]);
  });

  it('writes nothing when nothing was kept', async () => {
    const { book, connection, written } = await bookOn({
      log: [{ name: 'buy', participant: 7, at: 3, seq: 0, value: 2 }],
    });
    await book.write(connection, 1_000);
    expect(written).toEqual([]);
  });

  it('gives what was kept last, and writes it once', async () => {
    const { book, connection, written } = await bookOn({ taken: [{ hash: 'h', next: 5 }] });
    book.keepTaken('h', 6);
    book.keepTaken('h', 7);
    book.keepParticipant(1, 7, { variation: 0, firstAt: 9, totals: [1] });
    book.keepParticipant(1, 7, { variation: -1, firstAt: 8, totals: [] });
    book.keepSums(1, SUMS);
    expect([book.taken('h'), book.participant(1, 7)?.variation, book.sums(1)]).toEqual([7, -1, SUMS]);
    await book.write(connection, 1_000);
    expect(written).toEqual([
      ['participants', '[{"i":1,"u":7,"v":-1,"f":8,"t":"[]"}]'],
      ['iteration_sums', JSON.stringify([{ i: 1, t: keptText(SUMS) }])],
      ['taken_requests', '[{"h":"h","n":7}]', 1_000],
    ]);
  });

  it('fails at damaged sums, unless they are made anew', async () => {
    const { book } = await bookOn({ sums: [{ iteration: 1, text: '{}\n1' }] });
    expect(() => book.sums(1)).toThrow(expect.objectContaining({ code: 'damaged-data' }));
    book.keepSums(1, SUMS);
    expect(book.sums(1)).toEqual(SUMS);
  });

  it.each<[kept: [at: number, value: number][], log: [at: number, seq: number, value: number][]]>([
    [
      [[5, 1]],
      [
        [3, 0, 9],
        [5, 0, 1],
        [7, 2, 9],
      ],
    ],
    [
      [[1, 1]],
      [
        [1, 0, 1],
        [3, 0, 9],
        [7, 2, 9],
      ],
    ],
    [
      [[9, 1]],
      [
        [3, 0, 9],
        [7, 2, 9],
        [9, 0, 1],
      ],
    ],
    // Several of the same time: each has a place of its own behind those that are there.
    [
      [
        [3, 1],
        [3, 2],
      ],
      [
        [3, 0, 9],
        [3, 1, 1],
        [3, 2, 2],
        [7, 2, 9],
      ],
    ],
    [
      [[7, 1]],
      [
        [3, 0, 9],
        [7, 2, 9],
        [7, 3, 1],
      ],
    ],
  ])('has the events %j among those of before, in the order of times', async (kept, expected) => {
    const { book, connection, written } = await bookOn({
      log: [
        { name: 'buy', participant: 7, at: 3, seq: 0, value: 9 },
        { name: 'buy', participant: 7, at: 7, seq: 2, value: 9 },
      ],
    });
    for (const [at, value] of kept) book.keepEvent('buy', 7, { at, value });
    expect(book.logOf(7)('buy', 0, 100)).toMatchObject(expected.map(([at, seq, value]) => ({ at, seq, value })));
    await book.write(connection, 0);
    const rows = expected.filter(([, , value]) => value !== 9).map(([a, s, x]) => ({ u: 7, e: 'buy', a, s, x }));
    expect(written).toEqual([
      ['measured_events', 'e', JSON.stringify(rows)],
      ['metric_log', 'e', JSON.stringify(rows)],
    ]);
  });

  it.each([
    [3, 7, [3]],
    [3, 8, [3, 7]],
    [4, 7, []],
    [0, 3, []],
    [7, 3, []],
  ])('gives events from %d until before %d', async (from, until, times) => {
    const log = [3, 7].map((at) => ({ name: 'buy', participant: 7, at, seq: 0, value: 1 }));
    const { book } = await bookOn({ log });
    expect(
      book
        .logOf(7)('buy', from, until)
        .map(({ at }) => at),
    ).toEqual(times);
  });

  it('tells users and names apart, whatever the names are', async () => {
    const { book } = await bookOn();
    const name = fc.string({ maxLength: 4 });
    const place = fc.tuple(fc.nat({ max: 99 }), name);
    const property = fc.property(place, place, ([user, one], [other, two]) => {
      fc.pre(user !== other || one !== two);
      const before = book.logOf(other)(two, 0, 10).length;
      book.keepEvent(one, user, { at: 1, value: 1 });
      expect(book.logOf(other)(two, 0, 10)).toHaveLength(before);
    });
    await check(property);
  });

  it('keeps the order of events, and no place twice, however they come', async () => {
    const property = fc.asyncProperty(fc.array(fc.nat({ max: 5 }), { maxLength: 30 }), async (times) => {
      const { book, connection, written } = await bookOn();
      for (const [value, at] of times.entries()) book.keepEvent('buy', 7, { at, value });
      const expected = [...times.entries()].sort(([a, x], [b, y]) => x - y || a - b);
      expect(
        book
          .logOf(7)('buy', 0, 10)
          .map(({ value }) => value),
      ).toEqual(expected.map(([value]) => value));
      await book.write(connection, 0);
      const rows: { a: number; s: number }[] = JSON.parse(String(written[1]?.[2] ?? '[]'));
      expect(new Set(rows.map(({ a, s }) => `${a} ${s}`)).size).toBe(times.length);
    });
    await check(property, 50);
  });
});

describe('statements that several centers send at once', () => {
  it.each(['secrets', 'sessions', 'access_tokens'] as const)('note uses of %s in the order of ids', async (table) => {
    const calls: unknown[] = [];
    const connection = connectionOf(async (sql, parameters) => {
      calls.push([sql.split(' ')[1], ...parameters]);
      return { count: 1, rows: [] };
    });
    await noteUses(
      connection,
      table,
      new Map([
        ['c', 3],
        ['a', 1],
        ['B', 2],
      ]),
    );
    expect(calls).toEqual([
      [table, 2, 'B'],
      [table, 1, 'a'],
      [table, 3, 'c'],
    ]);
  });

  it('write the last sketch of a day, by keys as the database has them', async () => {
    const calls: (readonly Parameter[])[] = [];
    const connection = connectionOf(async (_, parameters) => {
      calls.push(parameters);
      return { count: 1, rows: [] };
    });
    const day = (flagKey: string, text: string) => ({ environmentId: 'e', flagKey, day: 5, text });
    await writeReach(connection, [day('f\0', 'a'), day('g', 'b'), day('f\ufffd', 'c')], 3);
    const rows = JSON.stringify([
      { environmentId: 'e', day: 5, text: 'c', flagKey: 'f\ufffd' },
      { environmentId: 'e', day: 5, text: 'b', flagKey: 'g' },
    ]);
    expect(calls).toEqual([[rows], [rows, 3]]);
  });
});
