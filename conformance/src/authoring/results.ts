import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES_DIRECTORY } from '../fixtures/read.js';
import type { GroupSummary } from '../report/summary.js';

export const RESULTS_DIRECTORY = join(FIXTURES_DIRECTORY, '../results');

/** A run as it is kept beside the README. */
export interface RecordedRun {
  sdk: string;
  version: string;
  /** ISO date of the run. */
  date: string;
  seconds: number;
  total: GroupSummary;
  groups: GroupSummary[];
  failures: { id: string; message: string }[];
  skips: { id: string; message: string }[];
}

/** What failures of an SDK come from. */
export interface Finding {
  /** One fair line. */
  finding: string;
  /** Ids of cases, with `*` for any part of one. */
  cases: string[];
  /** A pattern that the failure's message also has to match. */
  seen?: string;
}

export interface ExplainedRun extends RecordedRun {
  findings: (Finding & { failures: string[] })[];
  /** Failures that no finding explains. */
  unexplained: string[];
}

/** What the others are read beside. */
const FIRST = 'fbclient.json';

/** Every recorded run, ours first, each failure under the first finding that explains it. */
export function recordedRuns(): ExplainedRun[] {
  return readdirSync(RESULTS_DIRECTORY)
    .filter((name) => name.endsWith('.json') && !name.endsWith('.findings.json'))
    .sort((a, b) => Number(b === FIRST) - Number(a === FIRST) || (a < b ? -1 : 1))
    .map((name) => {
      const findings = join(RESULTS_DIRECTORY, name.replace(/\.json$/, '.findings.json'));
      return explained(read(join(RESULTS_DIRECTORY, name)), existsSync(findings) ? read(findings) : []);
    });
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function explained(run: RecordedRun, findings: Finding[]): ExplainedRun {
  const results = findings.map((finding) => ({ ...finding, failures: [] as string[] }));
  const unexplained: string[] = [];
  for (const { id, message } of run.failures) {
    const finding = results.find((candidate) => explains(candidate, id, message));
    (finding?.failures ?? unexplained).push(id);
  }
  return { ...run, findings: results, unexplained };
}

function explains({ cases, seen }: Finding, id: string, message: string): boolean {
  // What fails once more in a long message fails for the same reason.
  const source = id.replace(/^long-messages\//, '');
  return cases.some((pattern) => matches(pattern, source)) && (seen === undefined || new RegExp(seen).test(message));
}

function matches(pattern: string, id: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(id);
}
