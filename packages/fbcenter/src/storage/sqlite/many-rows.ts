import type { SqliteConnection } from './connection.js';

export type Row = readonly (string | number)[];

/** Rows of a statement, the largest first: so few different ones are prepared, and any number of rows takes few of them. */
const SIZES = [64, 16, 4, 1] as const;

/**
 * Runs a statement for many rows, as many at a time as it takes: each call of SQLite costs more than a row.
 *
 * @param sql makes the statement from `(?, ?), (?, ?)`, the places of its rows.
 * @param rows all of the same length.
 * @param others parameters that come after the rows'.
 * @returns how many rows were changed.
 */
export function runForRows(
  connection: SqliteConnection,
  sql: (places: string) => string,
  rows: readonly Row[],
  others: Row = [],
): number {
  const place = `(${(rows[0] ?? []).map(() => '?').join(', ')})`;
  let at = 0;
  let changed = 0;
  for (const size of SIZES) {
    for (; rows.length - at >= size; at += size) {
      const parameters: (string | number)[] = [];
      for (let index = at; index < at + size; index++) {
        for (const value of rows[index] ?? []) parameters.push(value);
      }
      for (const value of others) parameters.push(value);
      changed += connection.runWith(sql(new Array(size).fill(place).join(', ')), parameters);
    }
  }
  return changed;
}
