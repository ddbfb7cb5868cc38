import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteConnection } from '../../../src/storage/sqlite/connection.js';
import { runForRows } from '../../../src/storage/sqlite/many-rows.js';
import { check } from '../../support/property.js';

const insert = (places: string) => `INSERT INTO numbers VALUES ${places}`;

function withNumbers<T>(work: (connection: SqliteConnection) => T): T {
  const connection = new SqliteConnection(':memory:');
  connection.exec('CREATE TABLE numbers (place INTEGER PRIMARY KEY, value REAL NOT NULL) STRICT');
  try {
    return work(connection);
  } finally {
    connection.close();
  }
}

const kept = (connection: SqliteConnection) =>
  connection.rows<{ place: number; value: number }>('SELECT place, value FROM numbers ORDER BY rowid');

describe('a statement for many rows', () => {
  it.each([0, 1, 3, 4, 15, 16, 63, 64, 65, 149, 500])('keeps all of %d rows, in their order', (count) => {
    withNumbers((connection) => {
      const rows = Array.from({ length: count }, (_, place) => [place, place / 3]);
      runForRows(connection, insert, rows);
      expect(kept(connection)).toEqual(rows.map(([place, value]) => ({ place, value })));
    });
  });

  it('keeps every number to its last bit', async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const property = fc.property(fc.array(number, { maxLength: 100 }), (values) =>
      withNumbers((connection) => {
        runForRows(
          connection,
          insert,
          values.map((value, place) => [place, value]),
        );
        expect(kept(connection).map(({ value }) => value)).toEqual(values.map((value) => value + 0));
      }),
    );
    await check(property, 30);
  });

  it.each([0, 1, 5, 21, 150])(
    'says how many of %d rows it has changed, with parameters that all of them share',
    (count) => {
      withNumbers((connection) => {
        const known = Array.from({ length: count }, (_, place) => [place * 2, 1]);
        runForRows(connection, insert, known);
        const asked = Array.from({ length: count }, (_, place) => [place, 10]);
        const changed = runForRows(
          connection,
          (places) => `WITH asked (p, v) AS (VALUES ${places})
          UPDATE numbers SET value = value + v * ? FROM asked WHERE place = p AND place <> ?`,
          asked,
          [2, 4],
        );
        // Every other one is there, and one of them is left out.
        const isChanged = (place: number) => place < count && place !== 4;
        expect(changed).toBe(known.filter(([place = 0]) => isChanged(place)).length);
        expect(kept(connection)).toEqual(known.map(([place = 0]) => ({ place, value: isChanged(place) ? 21 : 1 })));
      });
    },
  );

  it('prepares as many statements for a thousand rows as for seven', () => {
    const texts = new Set<string>();
    const seen = (places: string) => {
      texts.add(places);
      return insert(places);
    };
    withNumbers((connection) => {
      for (let count = 1; count <= 1_000; count += 37) {
        connection.exec('DELETE FROM numbers');
        runForRows(
          connection,
          seen,
          Array.from({ length: count }, (_, place) => [place, 0]),
        );
      }
    });
    expect(texts.size).toBe(4);
  });

  it('leaves nothing when a row of it is refused and the transaction is undone', () => {
    withNumbers((connection) => {
      const rows = [...Array.from({ length: 70 }, (_, place) => [place, 1]), [3, 2]];
      expect(() => connection.transaction(() => runForRows(connection, insert, rows))).toThrow();
      expect(kept(connection)).toEqual([]);
    });
  });
});
