/**
 * `npm run conformance:mutants`: builds fbclient with one fault at a time and checks that the suite notices each.
 * `-- --list` lists the faults, `-- --only NAME` (several times) runs some.
 */
import { parseArgs } from 'node:util';
import { selectJobs } from '../suite/all-jobs.js';
import { type CaseResult, runSuite } from '../suite/engine.js';
import { MutantBuild } from './build.js';
import { MUTATIONS, type Mutation } from './mutations.js';

const { values } = parseArgs({ options: { list: { type: 'boolean' }, only: { type: 'string', multiple: true } } });
const { only = [] } = values;
const unknown = only.filter((name) => !MUTATIONS.some((mutation) => mutation.name === name));
if (unknown.length > 0) {
  console.error(`there is no mutation ${unknown.join(', ')}; --list shows them all`);
  process.exit(2);
}
const wanted = MUTATIONS.filter(({ name }) => only.length === 0 || only.includes(name));

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

async function main(): Promise<number> {
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

if (values.list)
  for (const { name, rule, file } of wanted) console.log(`${name.padEnd(36)} ${rule.padEnd(26)} ${file}`);
else process.exitCode = await main();
