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
import { gone, type Result, reportOf, surprises, withReport } from './src/report.js';
import { SDKS, type Sdk } from './src/sdks.js';
import { type Outcome, play } from './src/steps.js';

const PAGE = join(ROOT, 'docs/interoperability.md');
const FLAGS = 300;
const USERS = 50;

/** What every SDK is compared with. */
interface Reference {
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
    const results: Result[] = [];
    for (const sdk of SDKS.filter(({ name }) => only.length === 0 || only.includes(name)))
      results.push(await runOne(sdk, center, reference, home, keep));
    if (write) {
      const report = reportOf(results, new Date().toISOString().slice(0, 10), seed);
      writeFileSync(PAGE, withReport(readFileSync(PAGE, 'utf8'), report));
    }
    return summarise(results);
  } finally {
    await center.kill();
    if (keep) console.log(`kept: ${home}`);
  }
}

async function referenceOf(center: CenterProcess, seed: number): Promise<Reference> {
  const world = worldOf(seed, FLAGS, USERS);
  const environment = await center.environment('values');
  await environment.load(world.flags, world.segments);
  return { world, environment, answers: await centerAnswers(world, environment) };
}

async function runOne(
  sdk: Sdk,
  center: CenterProcess,
  reference: Reference,
  home: string,
  keep: boolean,
): Promise<Result> {
  const runtime = languageOf(sdk.language);
  if (runtime === undefined) {
    say(sdk, `not run: no ${sdk.language}`);
    return { sdk, notRun: `no ${sdk.language}`, outcomes: new Map() };
  }
  const folder = join(home, sdk.name);
  mkdirSync(folder);
  say(sdk, `${sdk.package} ${sdk.version}: installing …`);
  let installed: Installed;
  try {
    installed = sdk.install(folder, sdk.package, sdk.version);
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    say(sdk, `not run: it cannot be installed: ${error}`);
    return { sdk, notRun: `it cannot be installed: ${line}`, outcomes: new Map() };
  }
  if (keep && installed.command !== undefined) say(sdk, `driver: ${installed.command}`);
  const outcomes = await playSteps(sdk, installed, center);
  const isThere = outcomes.get('start')?.kind === 'well';
  if (sdk.quirks === undefined || !isThere) return { sdk, runtime, outcomes };
  return { sdk, runtime, outcomes, comparison: await compareValues(sdk, installed, reference) };
}

async function playSteps(sdk: Sdk, installed: Installed, center: CenterProcess): Promise<ReadonlyMap<string, Outcome>> {
  const environment = await center.environment(sdk.name.replaceAll('.', '-'));
  await environment.load(FLAGS_AT_FIRST, SEGMENTS_AT_FIRST);
  const driven = await installed.launch();
  try {
    const scene = { sdk: driven, environment, asksEachTime: sdk.asksEachTime ?? false };
    return await play(scene, ({ name, title }, outcome) =>
      say(sdk, `${title.padEnd(12)} ${inWords(outcome, sdk.faults?.[name])}`),
    );
  } finally {
    await driven.end();
  }
}

async function compareValues(sdk: Sdk, installed: Installed, reference: Reference): Promise<Comparison> {
  const { world, environment, answers } = reference;
  const driven = await installed.launch();
  try {
    const comparison = await compare(driven, world, environment, answers, sdk.quirks ?? []);
    for (const [cause, { count }] of comparison.disagreements)
      say(sdk, `${String(count).padStart(5)} values  ${cause}`);
    if (comparison.disagreements.size === 0) say(sdk, `all ${comparison.evaluations} values are the center's`);
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

function summarise(results: readonly Result[]): number {
  for (const result of results)
    for (const step of gone(result)) say(result.sdk, `${step} went well; its line in the table says that it does not`);
  const found = results.flatMap((result) => surprises(result).map((text) => ({ sdk: result.sdk, text })));
  for (const { sdk, text } of found) say(sdk, `NOT WELL: ${text}`);
  const ran = results.filter(({ outcomes }) => outcomes.size > 0).length;
  console.log(`${ran} of ${results.length} were run; ${found.length} surprises`);
  return found.length === 0 ? 0 : 1;
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
