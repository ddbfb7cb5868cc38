import { padTo, widthOf } from '../model/columns.js';

/** A table for a terminal: columns as wide as what is in them, without spaces at the end of a line. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, column) => Math.max(...lines.map((row) => widthOf(row[column] ?? ''))));
  return lines
    .map(
      (row) =>
        `${row
          .map((cell, column) => padTo(cell, widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Names come from others: none of them moves the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
