import type { SqliteConnection } from './connection.js';

/** Rows that are read at a time. */
const PAGE = 500;

/** A table that is read as a whole. */
interface ReadTable {
  readonly name: string;
  /** What is selected, in the order of the columns. */
  readonly columns: readonly string[];
  /** The columns that order it and tell its rows apart. */
  readonly order: readonly string[];
}

/** All rows of a table, in pages. */
export function* tablePages<Row extends object>(
  connection: SqliteConnection,
  { name, columns, order }: ReadTable,
): Generator<readonly Row[], void, undefined> {
  const places = order.map((column, index) => `${column} AS place_${index}`);
  const after = `(${order.join(', ')}) > (${order.map(() => '?').join(', ')})`;
  for (let last: readonly (string | number)[] | undefined; ; ) {
    const rows = connection.rows<Row & Readonly<Record<`place_${number}`, string | number>>>(
      `SELECT ${[...columns, ...places].join(', ')} FROM ${name} ${last === undefined ? '' : `WHERE ${after}`}
       ORDER BY ${order.join(', ')} LIMIT ${PAGE}`,
      ...(last ?? []),
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows;
    last = order.map((_, index) => end[`place_${index}`] ?? 0);
  }
}
