/** `npm run experiments:simulate`: how often each way of reading an experiment is wrong, by simulation. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './run.js';
import { differenceOrRelative, falseAlarms, severalMetrics } from './simulation/false-alarms.js';
import { markdownOf, replaceBlock } from './simulation/page.js';
import { split } from './simulation/split.js';
import { coverage, power } from './simulation/truth.js';

const HELP = `Usage: npm run experiments:simulate -- [--runs <n>] [--seed <n>] [--write]

Simulates experiments without a difference and with one, and reads them in every usual way: how often is a difference
found that is not there, how soon is one found that is, how often does an interval hold the truth. Prints a table for
each question, in brackets the value of the earlier simulation on which the methods were chosen. 1,000 runs take about
twenty seconds of one processor.

  --runs <n>  experiments for each question, from 100 to 100000                 (default 1000)
  --seed <n>  a whole number; the same one gives the same tables                (default 1)
  --write     puts the tables into docs/experiments.md
  --help      this text

Exit code: 0 when always-valid intervals keep their promise, 1 when not, 2 for arguments that cannot be used.
Ctrl-C ends it at once.`;

interface Arguments {
  readonly runs: number;
  readonly seed: number;
  readonly write: boolean;
}

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  let values: { runs?: string; seed?: string; write?: boolean; help?: boolean };
  try {
    const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const;
    ({ values } = parseArgs({ options: { runs: text, seed: text, write: flag, help: flag } }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return 'help';
  const runs = Number(values.runs ?? 1000);
  if (!(Number.isInteger(runs) && runs >= 100 && runs <= 100_000)) {
    return { problem: '--runs must be a whole number from 100 to 100000' };
  }
  const seed = Number(values.seed ?? 1);
  if (!Number.isSafeInteger(seed)) return { problem: '--seed must be a whole number' };
  return { runs, seed, write: values.write === true };
}

/** In the order of the page. */
const TABLES = [falseAlarms, differenceOrRelative, severalMetrics, power, coverage, split] as const;

/** Between two lines of progress, in milliseconds. */
const PROGRESS_EVERY = 2_000;

function simulate({ runs, seed, write }: Arguments): number {
  const start = performance.now();
  let last = start;
  const progress = (what: string, done: number): void => {
    const now = performance.now();
    if (now - last < PROGRESS_EVERY) return;
    last = now;
    console.error(`${((now - start) / 1_000).toFixed(0).padStart(5)} s  ${what}: ${done.toLocaleString('en')} runs`);
  };
  const tables = TABLES.map((table) => {
    const made = table({ runs, seed, progress });
    console.log(`${markdownOf([made])}\n`);
    return made;
  });
  if (write) {
    const page = join(ROOT, 'docs/experiments.md');
    const made = `_\`npm run experiments:simulate -- --runs ${runs} --seed ${seed}\`_`;
    writeFileSync(page, replaceBlock(readFileSync(page, 'utf8'), `${made}\n\n${markdownOf(tables)}`));
    console.error('written to docs/experiments.md');
  }
  const broken = tables.flatMap((table) => table.broken);
  for (const problem of broken) console.error(`FAIL  ${problem}`);
  return broken.length === 0 ? 0 : 1;
}

const given = readArguments();
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = simulate(given);
}
