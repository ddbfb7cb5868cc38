#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { readRules } from './fixtures/read.js';
import { junitReport } from './report/junit.js';
import { jsonReport } from './report/summary.js';
import { textReport } from './report/text.js';
import { GROUPS, selectJobs } from './suite/all-jobs.js';
import { runSuite } from './suite/engine.js';

const HELP = `fbclient-conformance: checks a FeatBit server-side SDK from outside

  fbclient-conformance --driver "node my-driver.js" [options]

  --driver COMMAND   the command that starts a driver for the SDK (see README.md)
  --group NAME       only this group; may be given several times
  --case ID          only this case; may be given several times
  --jobs N           drivers that run beside each other, 1 to 64 (default 8)
  --junit FILE       also write the results as JUnit XML
  --json FILE        also write the results as JSON
  --list             list the cases (with --group or --case: those) and end
  --version          print the suite's version and end
  --help             print this and end

Exit code: 0 no case failed, 1 a case failed, 2 the suite could not run.
`;

class UsageError extends Error {}

async function main(): Promise<number> {
  const { values } = options();
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.version) {
    const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const jobs = selectJobs({ groups: known(values.group ?? []), cases: values.case ?? [] });
  const cases = jobs.flatMap((job) => job.cases);
  const missing = (values.case ?? []).filter((id) => !cases.some((item) => item.id === id));
  if (missing.length > 0) throw new UsageError(`there is no case ${missing.join(', ')}; --list shows them all`);
  if (values.list) {
    for (const { id, rule, description, waits } of cases) {
      process.stdout.write(`${id}  [${rule}]  ${description}${waits === undefined ? '' : `  (waits: ${waits})`}\n`);
    }
    process.stdout.write(`${cases.length} cases\n`);
    return 0;
  }
  if (values.driver === undefined) throw new UsageError('--driver is missing');
  const run = await runSuite({ command: values.driver, jobs, parallel: parallelOf(values.jobs) });
  if (values.junit !== undefined) writeFileSync(values.junit, junitReport(run, GROUPS));
  if (values.json !== undefined) writeFileSync(values.json, jsonReport(run, GROUPS));
  const rules = new Map(readRules().flatMap((area) => area.rules.map(({ id, rule }) => [id, rule] as const)));
  process.stdout.write(textReport(run, GROUPS, rules));
  return run.results.some((result) => result.outcome === 'failed') ? 1 : 0;
}

function options() {
  try {
    return parseArgs({
      options: {
        driver: { type: 'string' },
        group: { type: 'string', multiple: true },
        case: { type: 'string', multiple: true },
        jobs: { type: 'string' },
        junit: { type: 'string' },
        json: { type: 'string' },
        list: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function known(groups: readonly string[]): readonly string[] {
  const unknown = groups.filter((group) => !GROUPS.includes(group));
  if (unknown.length > 0)
    throw new UsageError(`there is no group ${unknown.join(', ')}; there are ${GROUPS.join(', ')}`);
  return groups;
}

function parallelOf(text: string | undefined): number {
  if (text === undefined) return 8;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64)
    throw new UsageError('--jobs must be a whole number from 1 to 64');
  return count;
}

try {
  process.exitCode = await main();
} catch (error) {
  const hint = error instanceof UsageError ? '\nTry fbclient-conformance --help.' : '';
  process.stderr.write(`fbclient-conformance: ${(error as Error).message}${hint}\n`);
  process.exitCode = 2;
}
