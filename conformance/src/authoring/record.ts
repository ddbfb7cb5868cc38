/**
 * Records a run for the README: `npm run record --workspace conformance -- report.json`, with a report that the command's
 * `--json` wrote. Only what the README tells is kept.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESULTS_DIRECTORY, type RecordedRun } from './results.js';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: npm run record --workspace conformance -- report.json');
const report = JSON.parse(readFileSync(file, 'utf8'));
const { sdk, version, date, milliseconds, total, groups, results } = report;

const told = (outcome: string): { id: string; message: string }[] =>
  (results as { id: string; outcome: string; message?: string }[])
    .filter((result) => result.outcome === outcome)
    .map(({ id, message = '' }) => ({ id, message }));

const recorded: RecordedRun = {
  sdk,
  version,
  date: String(date).slice(0, 10),
  seconds: Math.round(milliseconds / 1000),
  total,
  groups,
  failures: told('failed'),
  skips: told('skipped'),
};
const name = String(sdk).replace(/^@/, '').replaceAll('/', '-');
writeFileSync(join(RESULTS_DIRECTORY, `${name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
console.log(`recorded ${name} ${version} of ${recorded.date}; npm run readme puts it into the README`);
