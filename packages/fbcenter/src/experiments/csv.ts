import type { ExperimentResultsBody } from '../api/experiment-results.js';

const COLUMNS = [
  'metric',
  'role',
  'variation',
  'is control',
  'users',
  'users with a value',
  'total',
  'value',
  'verdict',
  'difference',
  'low',
  'high',
  'uplift',
  'uplift low',
  'uplift high',
  'p value',
  'adjusted p value',
  'chance to win',
  'variance reduction',
] as const;

type Cell = string | number | boolean | null | undefined;

/** The results as a table: a row for each metric and variation. Numbers are written with a point and as exactly as they are known. */
export function csvOf({ metrics, variations }: ExperimentResultsBody): string {
  const rows = metrics.flatMap(({ key, role, values, comparisons }) =>
    values.map(({ variation, users, nonzero, total, value }): readonly Cell[] => {
      const comparison = comparisons.find((one) => one.variation === variation);
      const result = comparison?.result.status === 'ok' ? comparison.result : undefined;
      const relative = result?.relative.status === 'ok' ? result.relative : undefined;
      return [
        ...[key, role, variation, variations.find(({ id }) => id === variation)?.isControl],
        ...[users, nonzero, total, value, comparison?.verdict],
        ...[result?.difference, result?.low, result?.high, relative?.uplift, relative?.low, relative?.high],
        ...[result?.pValue, comparison?.adjustedPValue, comparison?.bayes?.chanceToWin, result?.varianceReduction],
      ];
    }),
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  // What a spreadsheet would take for a formula stays a text.
  const text = /^[=+\-@\t]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
