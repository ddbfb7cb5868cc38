/** The benchmark itself; `run.ts` beside this folder installs and builds what it needs and starts it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SDKS } from './adapters/all.js';
import { beforeSdk } from './adapters/before.js';
import { OBSERVED } from './adapters/observed.js';
import { type Arguments, readArguments } from './arguments.js';
import { BURSTS, type Burst } from './events/bursts.js';
import { type EvaluationWorkload, HELP, SECTIONS, type Section } from './help.js';
import { ChildFailure } from './process/child.js';
import {
  type Bar,
  barLines,
  barTable,
  commitBars,
  evaluationBars,
  eventBars,
  startUpBars,
  syncBars,
} from './report/bars.js';
import { chart } from './report/chart.js';
import { circumstances, updatePage } from './report/page.js';
import {
  commitTable,
  evaluationTable,
  eventsTable,
  growthTable,
  hooksTable,
  pushTable,
  startUpTable,
  syncTable,
  targetTable,
} from './report/tables.js';
import {
  eventTargets,
  growthTargets,
  pushTargets,
  startUpTargets,
  syncTargets,
  type Target,
} from './report/targets.js';
import { measureCommit } from './sections/commit.js';
import { measureEvaluation } from './sections/evaluation.js';
import { measureEvents } from './sections/events.js';
import { type GrowthResult, measureGrowth } from './sections/growth.js';
import { measurePush } from './sections/push.js';
import { measureStartUp } from './sections/start-up.js';
import { measureSync } from './sections/sync.js';

const PAGE = new URL('../../docs/performance.md', import.meta.url);
const picture = (section: Section): URL => new URL(`performance-${section}.svg`, PAGE);

/** How long an evaluation runs in each of its processes. */
const LOOPS = {
  evaluation: { warmUp: 200, stretch: 100 },
  growth: { warmUp: 100, stretch: 50 },
} as const;

/** How many processes everything is measured in, or of a push how many changes; the quick form takes a minute and a half. */
const ROUNDS = {
  full: { evaluation: 5, growth: 3, hooks: 5, events: 3, 'start-up': 15, sync: 10, commit: 3, push: 50 },
  check: { evaluation: 1, growth: 1, hooks: 1, events: 1, 'start-up': 5, sync: 3, commit: 1, push: 10 },
} as const satisfies Record<string, Record<Section, number>>;

/** How often a process repeats what it is there for: it is short, beside the way there. */
const REPEATS = { full: 3, check: 5 } as const;

/** The quick form leaves out those that FeatBit's SDK takes many seconds for. */
const CHECKED_BURSTS: readonly Burst[] = ['target', 'mixed'];

/** A cheap flag, a dear one, and a day of all kinds. */
const HOOKED_WORKLOADS: readonly EvaluationWorkload[] = ['target', 'rules', 'mixed'];

interface Measured {
  readonly table: string;
  readonly bars: readonly Bar[];
  readonly targets?: readonly Target[];
  /** A picture beside the table, as SVG. */
  readonly picture?: string;
}

async function measure(section: Section, given: Arguments): Promise<Measured> {
  const { workloads, isCheck } = given;
  const form = isCheck ? 'check' : 'full';
  const rounds = given.rounds ?? ROUNDS[form][section];
  const repeats = REPEATS[form];
  const before = given.before === undefined ? undefined : await beforeSdk(given.before);
  const sdks = before === undefined ? given.sdks : [...given.sdks, before];
  switch (section) {
    case 'evaluation': {
      const results = await measureEvaluation(sdks, workloads, rounds, LOOPS.evaluation);
      return { table: evaluationTable(results), bars: evaluationBars(results) };
    }
    case 'growth': {
      const results = await measureGrowth(sdks, rounds, LOOPS.growth);
      const table = growthTable(results);
      return { table, bars: [], targets: growthTargets(results), picture: growthPicture(results) };
    }
    case 'hooks': {
      const results = await measureEvaluation(OBSERVED, HOOKED_WORKLOADS, rounds, LOOPS.evaluation);
      return { table: hooksTable(results), bars: [] };
    }
    case 'events': {
      const bursts = isCheck ? CHECKED_BURSTS : (Object.keys(BURSTS) as Burst[]);
      const results = await measureEvents(bursts, { rounds, repeats }, before);
      return { table: eventsTable(results), bars: eventBars(results), targets: eventTargets(results) };
    }
    case 'start-up': {
      const started = isCheck ? sdks.filter(({ name }) => name === 'fbclient') : sdks;
      const results = await measureStartUp(started, rounds);
      return { table: startUpTable(results), bars: startUpBars(results), targets: startUpTargets(results) };
    }
    case 'sync': {
      const results = await measureSync(rounds, given.before);
      return { table: syncTable(results), bars: syncBars(results), targets: syncTargets(results) };
    }
    case 'commit': {
      const results = await measureCommit({ rounds, repeats }, given.before);
      return { table: commitTable(results), bars: commitBars(results) };
    }
    case 'push': {
      const results = await measurePush(rounds, given.before);
      return { table: pushTable(results), bars: [], targets: pushTargets(results) };
    }
  }
}

async function main(given: Arguments): Promise<void> {
  const parts = new Map<string, string>();
  const bars: Bar[] = [];
  for (const section of given.sections) {
    // No bar is on them: a push depends on the center more than on the client, a hook on what it does, growth on its size.
    if (given.isCheck && ['push', 'hooks', 'growth'].includes(section)) continue;
    const measured = await measure(section, given);
    const tables = [measured.table, ...(measured.targets?.length ? [targetTable(measured.targets)] : [])].join('\n\n');
    console.log(`\n${section}\n\n${tables}`);
    parts.set(section, `${circumstances(versions())}\n\n${tables}`);
    if (given.isWritten && measured.picture !== undefined) writeFileSync(picture(section), measured.picture);
    bars.push(...measured.bars);
  }
  console.log(`\n${barLines(bars)}`);
  if (SECTIONS.every((section) => given.sections.includes(section))) parts.set('bars', barTable(bars));
  if (given.isWritten) updatePage(PAGE, parts);
  if (given.isCheck && bars.some(({ isMet }) => !isMet)) process.exitCode = 1;
}

function growthPicture(results: readonly GrowthResult[]): string {
  const panels = results.map(({ growing, times }) => {
    const names = [...new Set([...times.values()].flatMap((row) => [...row.keys()]))];
    const lines = names.map((name) => ({
      name,
      points: Array.from(times, ([size, row]) => ({ size, nanoseconds: row.get(name) })).filter(
        (point): point is { size: number; nanoseconds: number } => point.nanoseconds !== undefined,
      ),
    }));
    return { title: growing.what, lines };
  });
  return chart('How long a flag takes while something grows', panels);
}

function versions(): ReadonlyMap<string, string> {
  const ours = createRequire(import.meta.url).resolve('fbclient/package.json');
  const manifest = (name: string): string | URL =>
    name === 'fbclient' ? ours : new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return new Map(
    SDKS.map(({ name }) => [name, (JSON.parse(readFileSync(manifest(name), 'utf8')) as { version: string }).version]),
  );
}

const given = readArguments(process.argv.slice(2));
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  try {
    await main(given);
  } catch (error) {
    if (!(error instanceof ChildFailure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
