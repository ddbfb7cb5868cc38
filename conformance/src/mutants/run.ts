/** `npm run conformance:mutants`: builds fbclient with one fault at a time and checks that the suite notices each. */
import { parseArgs } from 'node:util';
import { selectJobs } from '../suite/all-jobs.js';
import { type CaseResult, runSuite } from '../suite/engine.js';
import { MutantBuild } from './build.js';
import { MUTATIONS, type Mutation } from './mutations.js';

const HELP = `Usage: npm run conformance:mutants -- [--list] [--only <name>]...

Builds fbclient with one fault at a time and checks that the conformance suite notices each. All of them take some minutes.

  --list         shows the faults with the rule that each breaks, and ends
  --only <name>  only this fault; may be given several times
  --help         this text

Exit code: 0 when every fault was noticed, 1 when one was not, 2 for arguments that cannot be used.`;

type Arguments =
  | 'help'
  | { readonly problem: string }
  | { readonly list: boolean; readonly wanted: readonly Mutation[] };

function readArguments(): Arguments {
  let values: { list?: boolean; only?: string[]; help?: boolean };
  try {
    const flag = { type: 'boolean' } as const;
    ({ values } = parseArgs({ options: { list: flag, only: { type: 'string', multiple: true }, help: flag } }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { list = false, only = [], help = false } = values;
  if (help) return 'help';
  const unknown = only.filter((name) => !MUTATIONS.some((mutation) => mutation.name === name));
  if (unknown.length > 0) return { problem: `there is no fault ${unknown.join(', ')}; --list shows them all` };
  return { list, wanted: MUTATIONS.filter(({ name }) => only.length === 0 || only.includes(name)) };
}

async function failures(build: MutantBuild, mutations: readonly Mutation[]): Promise<CaseResult[]> {
  const groups = [...new Set(mutations.flatMap((mutation) => mutation.groups ?? []))];
  const cases = [...new Set(mutations.flatMap((mutation) => mutation.cases ?? []))];
  const jobs = [
    ...(cases.length > 0 ? selectJobs({ groups: [], cases }) : []),
    ...(groups.length > 0 ? selectJobs({ groups, cases: [] }) : []),
  ];
  const { results } = await runSuite({ command: build.command, jobs, parallel: 4, untilFailure: true });
  return results.filter(({ outcome }) => outcome === 'failed');
}

/** What became of a mutant: the case that noticed it first, or why it got away. */
async function judge(build: MutantBuild, mutation: Mutation): Promise<{ caught: boolean; told: string }> {
  try {
    build.buildWith(mutation);
  } catch (error) {
    return { caught: false, told: (error as Error).message };
  }
  const [first] = await failures(build, [mutation]);
  if (first === undefined) return { caught: false, told: 'no case noticed it' };
  return { caught: true, told: first.id };
}

async function run(wanted: readonly Mutation[]): Promise<number> {
  const build = new MutantBuild();
  try {
    build.build();
    const sound = await failures(build, wanted);
    if (sound.length > 0) {
      console.error(
        `without a fault the suite fails ${sound.map(({ id, message }) => `${id} (${message})`).join(', ')}`,
      );
      return 2;
    }
    console.log('without a fault: no case fails');
    let escaped = 0;
    for (const mutation of wanted) {
      const { caught, told } = await judge(build, mutation);
      if (!caught) escaped += 1;
      console.log(`${caught ? 'caught ' : 'ESCAPED'}  ${mutation.name.padEnd(36)} ${told}`);
    }
    console.log(`${wanted.length - escaped} of ${wanted.length} mutants caught`);
    return escaped === 0 ? 0 : 1;
  } finally {
    build.remove();
  }
}

const given = readArguments();
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else if (given.list) {
  for (const { name, rule, file } of given.wanted) console.log(`${name.padEnd(36)} ${rule.padEnd(26)} ${file}`);
} else {
  process.exitCode = await run(given.wanted);
}
