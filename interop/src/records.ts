import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/run.js';
import type { Comparison } from './compare/compare.js';
import type { Sdk } from './sdks.js';
import type { Outcome } from './steps.js';

/** What came of one SDK, as it is kept beside the code; the page is made of these. */
export interface Run {
  readonly package: string;
  readonly version: string;
  /** ISO date of the run. */
  readonly date: string;
  /** What it ran on, such as `Python 3.11.7`. */
  readonly runtime: string;
  /** By name of the step. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Absent for what evaluates nothing itself. */
  readonly comparison?: Comparison & { readonly seed: number };
}

const FOLDER = join(ROOT, 'interop/results');

const fileOf = ({ name }: Sdk): string => join(FOLDER, `${name}.json`);

export function record(sdk: Sdk, run: Run): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(sdk), `${JSON.stringify(run, null, 2)}\n`);
}

/** The last run of this version of an SDK; a run of another version says nothing about it. */
export function recorded(sdk: Sdk): Run | undefined {
  if (!existsSync(fileOf(sdk))) return undefined;
  const run = JSON.parse(readFileSync(fileOf(sdk), 'utf8')) as Run;
  return run.version === sdk.version && run.package === sdk.package ? run : undefined;
}
