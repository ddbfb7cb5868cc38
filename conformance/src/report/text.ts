import type { CaseResult, Run } from '../suite/engine.js';
import { type GroupSummary, inOrder, summarise, totalOf } from './summary.js';

const HEAD = ['group', 'passed', 'failed', 'skipped'] as const;

/** The run for people: a table by group, each failure with its rule and what was seen, and why cases were skipped. */
export function textReport(run: Run, groups: readonly string[], rules: ReadonlyMap<string, string>): string {
  const summaries = summarise(run.results, groups);
  const total = totalOf(summaries);
  const results = inOrder(run.results, groups);
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const parts = [
    `${run.hello.sdk} ${run.hello.version}`,
    table([...summaries, total]),
    ...(failed.length === 0 ? [] : [`Failures (${failed.length})`, ...failed.map((result) => failure(result, rules))]),
    skips(results),
    `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped in ${(run.milliseconds / 1000).toFixed(1)} s`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function table(summaries: readonly GroupSummary[]): string {
  const rows = summaries.map(({ group, passed, failed, skipped }) => [group, passed, failed, skipped].map(String));
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => pad(cell, widths[column] ?? 0, column === 0)).join('  ');
  return [line(HEAD), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

const pad = (text: string, width: number, left: boolean): string => (left ? text.padEnd(width) : text.padStart(width));

function failure({ id, rule, description, message }: CaseResult, rules: ReadonlyMap<string, string>): string {
  return [
    `  ✗ ${id}`,
    `    rule ${rule}: ${rules.get(rule) ?? ''}`,
    `    case: ${description}`,
    `    ${message ?? ''}`,
  ].join('\n');
}

function skips(results: readonly CaseResult[]): string {
  const reasons = new Map<string, number>();
  for (const { outcome, message } of results) {
    if (outcome === 'skipped') reasons.set(message ?? '', (reasons.get(message ?? '') ?? 0) + 1);
  }
  if (reasons.size === 0) return '';
  const lines = [...reasons]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `  ${String(count).padStart(4)}  ${reason}`);
  return ['Skipped', ...lines].join('\n');
}
