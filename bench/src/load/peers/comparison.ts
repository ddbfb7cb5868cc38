import { rounded } from '../../report/numbers.js';

/** What was measured of one of the two; a text says why there is no number. */
export type Value = number | string;

/** Two servers at the same work; of everything that is measured less is better. */
export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly values: readonly [ours: Value, theirs: Value];
}

/** Nobody is ahead by less: the next run may say otherwise. */
const EVEN = 1.1;

/** @param names of both, with their versions. */
export function comparisonTable(names: readonly [string, string], rows: readonly Row[]): string {
  const lines = rows.map(({ title, unit, values }) => {
    const cells = values.map((value) => (typeof value === 'string' ? value : `${rounded(value)} ${unit}`));
    return `| ${title} | ${cells.join(' | ')} | ${leaderOf(names, values)} |`;
  });
  return [`|  | ${names.join(' | ')} | ahead |`, '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** Who takes less, and how many times as much the other one takes. */
function leaderOf(names: readonly [string, string], [ours, theirs]: readonly [Value, Value]): string {
  if (typeof ours === 'string' || typeof theirs === 'string' || ours <= 0 || theirs <= 0) return '–';
  const ratio = theirs / ours;
  if (ratio < EVEN && ratio > 1 / EVEN) return 'even';
  const [leader, times] = ratio > 1 ? [names[0], ratio] : [names[1], 1 / ratio];
  return `${titleOf(leader)}, ${rounded(times)} ×`;
}

/** A name without its version. */
function titleOf(name: string): string {
  return name.slice(0, name.lastIndexOf(' '));
}
