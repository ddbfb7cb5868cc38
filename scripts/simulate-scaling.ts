/** `npm run scaling:simulate`: a fleet of SDKs in several regions on paper: what a change costs, and what the outage of a region does. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './run.js';
import { COSTS, tablesOf } from './scaling/tables.js';
import { markdownOf, replaceBlock } from './simulation/page.js';

const HELP = `Usage: npm run scaling:simulate -- [--sdks <n>] [--environments <n>] [--relays <n>] [--seed <n>] [--write]

Works out what one change of a flag costs in a fleet of three regions with relays, and lets the largest region fail: how
long its SDKs take to come back elsewhere, and what that is for the relays that are left. What each thing costs was
measured, see docs/scaling.md; the rest is arithmetic, and a simulation of the waits and queues. Takes a few seconds.

  --sdks <n>          SDKs in all regions, from 1000 to 1000000   (default 100000)
  --environments <n>  environments that they are spread over      (default 50)
  --relays <n>        relays in each region                       (default 4)
  --seed <n>          a whole number; the same one gives the same tables (default 1)
  --write             puts the tables into docs/scaling.md
  --help              this text`;

interface Arguments {
  readonly sdks: number;
  readonly environments: number;
  readonly relays: number;
  readonly seed: number;
  readonly write: boolean;
}

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: {
        ...{ sdks: text, environments: text, relays: text, seed: text },
        ...{ write: { type: 'boolean' }, help: { type: 'boolean' } },
      },
    });
    if (values.help === true) return 'help';
    const number = (
      name: 'sdks' | 'environments' | 'relays' | 'seed',
      fallback: number,
      least: number,
      most: number,
    ) => {
      const value = Number(values[name] ?? fallback);
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
    };
    return {
      sdks: number('sdks', 100_000, 1_000, 1_000_000),
      environments: number('environments', 50, 1, 10_000),
      relays: number('relays', 4, 1, 1_000),
      seed: number('seed', 1, 0, 2 ** 31),
      write: values.write === true,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function simulate({ write, ...given }: Arguments): void {
  const text = markdownOf(tablesOf({ ...given, costs: COSTS }));
  console.log(text);
  if (!write) return;
  const page = join(ROOT, 'docs/scaling.md');
  const { sdks, environments, relays, seed } = given;
  const command = `npm run scaling:simulate -- --sdks ${sdks} --environments ${environments} --relays ${relays} --seed ${seed}`;
  const block = `_\`${command}\`_\n\n${text}`;
  writeFileSync(page, replaceBlock(readFileSync(page, 'utf8'), block, 'scaling:simulate'));
  console.error('written to docs/scaling.md');
}

const given = readArguments();
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  simulate(given);
}
