/** `npm run interop`: the SDKs and providers that others have published, as programs of their own, with the center. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../scripts/run.js';
import { type Arguments, HELP, readArguments } from './src/arguments.js';
import { type CenterEnvironment, CenterProcess } from './src/center.js';
import { type Answers, type Comparison, centerAnswers, compare } from './src/compare/compare.js';
import { type World, worldOf } from './src/compare/world.js';
import { FLAGS_AT_FIRST, SEGMENTS_AT_FIRST } from './src/flags.js';
import type { Installed } from './src/install.js';
import { languageOf } from './src/languages.js';
import { type Run, record, recorded } from './src/records.js';
import { gone, reportOf, surprises, withReport } from './src/report.js';
import { SDKS, type Sdk } from './src/sdks.js';
import { type Outcome, play } from './src/steps.js';

const PAGE = join(ROOT, 'docs/interoperability.md');
const FLAGS = 300;
const USERS = 50;

/** What every SDK is compared with. */
interface Reference {
  readonly seed: number;
  readonly world: World;
  readonly environment: CenterEnvironment;
  readonly answers: Answers;
}

const say = (sdk: Sdk, text: string): void => console.log(`${sdk.name.padEnd(18)} ${text}`);

async function runAll({ only, seed, keep, write }: Arguments): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'fbcenter-interop-'));
  if (!keep) process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  const center = new CenterProcess(join(home, 'center'));
  try {
    await center.start();
    console.log(`a center runs; asking it for ${FLAGS} flags and ${USERS} users of seed ${seed} …`);
    const reference = await referenceOf(center, seed);
    const chosen = SDKS.filter(({ name }) => only.length === 0 || only.includes(name));
    let [ran, surprising] = [0, 0];
    for (const sdk of chosen) {
      const found = await look(sdk, () => runOne(sdk, center, reference, home, keep), write);
      if (found !== undefined) ran += 1;
      surprising += found ?? 0;
    }
    if (write) writePage();
    console.log(`${ran} of ${chosen.length} were run; ${surprising} surprises`);
    return surprising === 0 ? 0 : 1;
  } finally {
    await center.kill();
    if (keep) console.log(`kept: ${home}`);
  }
}

/** @returns how many surprises there were; `undefined` when the SDK was not run. */
async function look(sdk: Sdk, run: () => Promise<Run>, write: boolean): Promise<number | undefined> {
  if (languageOf(sdk.language) === undefined) {
    say(sdk, `not run: no ${sdk.language}`);
    return undefined;
  }
  try {
    const done = await run();
    for (const step of gone(sdk, done)) say(sdk, `${step} went well; its line in the table says that it does not`);
    const found = surprises(sdk, done);
    for (const text of found) say(sdk, `NOT WELL: ${text}`);
    if (write) record(sdk, done);
    return found.length;
  } catch (error) {
    say(sdk, `NOT WELL: it could not be run: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

function writePage(): void {
  const rows = SDKS.map((sdk) => ({ sdk, run: recorded(sdk) }));
  writeFileSync(PAGE, withReport(readFileSync(PAGE, 'utf8'), reportOf(rows)));
}

async function referenceOf(center: CenterProcess, seed: number): Promise<Reference> {
  const world = worldOf(seed, FLAGS, USERS);
  const environment = await center.environment('values');
  await environment.load(world.flags, world.segments);
  return { seed, world, environment, answers: await centerAnswers(world, environment) };
}

async function runOne(
  sdk: Sdk,
  center: CenterProcess,
  { seed, ...reference }: Reference,
  home: string,
  keep: boolean,
): Promise<Run> {
  const folder = join(home, sdk.name);
  mkdirSync(folder);
  say(sdk, `${sdk.package} ${sdk.version}: installing …`);
  const installed = sdk.install(folder, sdk.package, sdk.version);
  if (keep && installed.command !== undefined) say(sdk, `driver: ${installed.command}`);
  const run: Run = {
    package: sdk.package,
    version: sdk.version,
    date: new Date().toISOString().slice(0, 10),
    runtime: languageOf(sdk.language) ?? '',
    outcomes: await playSteps(sdk, installed, center),
  };
  if (sdk.quirks === undefined || run.outcomes.start?.kind !== 'well') return run;
  return { ...run, comparison: { ...(await compareValues(sdk, installed, reference)), seed } };
}

async function playSteps(
  sdk: Sdk,
  installed: Installed,
  center: CenterProcess,
): Promise<Readonly<Record<string, Outcome>>> {
  const environment = await center.environment(sdk.name.replaceAll('.', '-'));
  await environment.load(FLAGS_AT_FIRST, SEGMENTS_AT_FIRST);
  const driven = await installed.launch();
  try {
    const { asksEachTime = false, reports = 'all' } = sdk;
    const scene = { sdk: driven, environment, asksEachTime, reports };
    return await play(scene, ({ name, title }, outcome) =>
      say(sdk, `${title.padEnd(12)} ${inWords(outcome, sdk.faults?.[name])}`),
    );
  } finally {
    await driven.end();
  }
}

async function compareValues(
  sdk: Sdk,
  installed: Installed,
  { world, environment, answers }: Omit<Reference, 'seed'>,
): Promise<Comparison> {
  const driven = await installed.launch();
  try {
    const comparison = await compare(driven, world, environment, answers, sdk.quirks ?? []);
    for (const { cause, count, example } of comparison.disagreements)
      say(sdk, `${String(count).padStart(5)} values  ${cause}, such as ${example}`);
    if (comparison.disagreements.length === 0) say(sdk, `all ${comparison.evaluations} values are the center's`);
    return comparison;
  } finally {
    await driven.end();
  }
}

function inWords(outcome: Outcome, known: string | undefined): string {
  if (outcome.kind === 'well') return outcome.text === '' ? 'well' : outcome.text;
  if (outcome.kind === 'not-offered') return 'it has no such thing';
  return known === undefined ? `NOT WELL: ${outcome.seen}` : `not well, as is known: ${known}`;
}

process.once('SIGINT', () => process.exit(130));
const given = readArguments(process.argv.slice(2));
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\nTry npm run interop -- --help.`);
  process.exitCode = 2;
} else {
  process.exitCode = await runAll(given);
}
