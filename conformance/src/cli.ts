/** The command: reads its arguments, runs the suite, writes the reports. */
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

/** Where the command writes; `process` in a shell. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Runs the command.
 *
 * @param args without the program's name.
 * @returns the exit code: 0, 1 when a case failed, 2 when the suite could not run. Never rejects.
 */
export async function main(args: readonly string[], output: Output): Promise<number> {
  try {
    return await run(args, output);
  } catch (error) {
    const hint = error instanceof UsageError ? '\nTry fbclient-conformance --help.' : '';
    output.err(`fbclient-conformance: ${(error as Error).message}${hint}\n`);
    return 2;
  }
}

async function run(args: readonly string[], { out }: Output): Promise<number> {
  const values = optionsOf(args);
  if (values.help) {
    out(HELP);
    return 0;
  }
  if (values.version) {
    const { version } = createRequire(import.meta.url)('fbclient-conformance/package.json') as { version: string };
    out(`${version}\n`);
    return 0;
  }
  const jobs = selectJobs({ groups: known(values.group ?? []), cases: values.case ?? [] });
  const cases = jobs.flatMap((job) => job.cases);
  const missing = (values.case ?? []).filter((id) => !cases.some((item) => item.id === id));
  if (missing.length > 0) throw new UsageError(`there is no case ${missing.join(', ')}; --list shows them all`);
  if (values.list) {
    for (const { id, rule, description, waits } of cases) {
      out(`${id}  [${rule}]  ${description}${waits === undefined ? '' : `  (waits: ${waits})`}\n`);
    }
    out(`${cases.length} cases\n`);
    return 0;
  }
  const parallel = parallelOf(values.jobs);
  if (values.driver === undefined) throw new UsageError('--driver is missing');
  const result = await runSuite({ command: values.driver, jobs, parallel });
  if (values.junit !== undefined) writeFileSync(values.junit, junitReport(result, GROUPS));
  if (values.json !== undefined) writeFileSync(values.json, jsonReport(result, GROUPS));
  const rules = new Map(readRules().flatMap((area) => area.rules.map(({ id, rule }) => [id, rule] as const)));
  out(textReport(result, GROUPS, rules));
  return result.results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

function optionsOf(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
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
    return values;
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
