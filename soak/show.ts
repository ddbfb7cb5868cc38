import type { Line } from './verdict.js';

/** Prints a table of what was found out. */
export function showLines(lines: readonly Line[]): void {
  const width = Math.max(...lines.map(({ what }) => what.length));
  for (const { what, figure, good } of lines) {
    const sign = good === undefined ? '    ' : good ? 'ok  ' : 'FAIL';
    console.log(`${sign}  ${what.padEnd(width)}  ${figure}`);
  }
}
