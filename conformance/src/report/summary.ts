import type { CaseInfo } from '../suite/case.js';
import type { CaseResult, Run } from '../suite/engine.js';

export interface GroupSummary {
  group: string;
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts by group, in the order given. */
export function summarise(results: readonly CaseResult[], groups: readonly string[]): GroupSummary[] {
  const summaries = new Map(groups.map((group) => [group, { group, passed: 0, failed: 0, skipped: 0 }]));
  for (const { group, outcome } of results) {
    const summary = summaries.get(group);
    if (summary !== undefined) summary[outcome] += 1;
  }
  return [...summaries.values()].filter(({ passed, failed, skipped }) => passed + failed + skipped > 0);
}

export function totalOf(summaries: readonly GroupSummary[]): GroupSummary {
  const total = { group: 'all', passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of summaries) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** In the order of the suite, whatever order they ended in. */
export function inOrder<T extends CaseInfo>(results: readonly T[], groups: readonly string[]): T[] {
  return [...results].sort(
    (a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || a.id.localeCompare(b.id, 'en', { numeric: true }),
  );
}

/** The whole run for machines. */
export function jsonReport(run: Run, groups: readonly string[]): string {
  const summaries = summarise(run.results, groups);
  const { hello, milliseconds } = run;
  const report = {
    sdk: hello.sdk,
    version: hello.version,
    ...(hello.language === undefined ? {} : { language: hello.language }),
    date: new Date().toISOString(),
    milliseconds,
    total: totalOf(summaries),
    groups: summaries,
    results: inOrder(run.results, groups),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
