/** The benchmark itself; `run.ts` beside this folder installs and builds what it needs and starts it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SDKS } from './adapters/all.js';
import { OBSERVED } from './adapters/observed.js';
import { type Arguments, readArguments } from './arguments.js';
import { type EvaluationWorkload, HELP, SECTIONS, type Section } from './help.js';
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
import { circumstances, updatePage } from './report/page.js';
import {
  commitTable,
  evaluationTable,
  eventsTable,
  hooksTable,
  pushTable,
  startUpTable,
  syncTable,
} from './report/tables.js';
import { measureCommit } from './sections/commit.js';
import { measureEvaluation } from './sections/evaluation.js';
import { BURSTS, type Burst, measureEvents } from './sections/events.js';
import { measurePush } from './sections/push.js';
import { measureStartUp } from './sections/start-up.js';
import { measureSync } from './sections/sync.js';

const PAGE = new URL('../../docs/performance.md', import.meta.url);

/** How often each thing is measured; the quick form takes a minute and a half, most of it for FeatBit's events. */
const ROUNDS = {
  full: { evaluation: { rounds: 101, slot: 5, warmUp: 300 }, events: 9, 'start-up': 15, sync: 10, commit: 9, push: 50 },
  check: { evaluation: { rounds: 51, slot: 3, warmUp: 300 }, events: 5, 'start-up': 5, sync: 3, commit: 3, push: 10 },
} as const;

/** The quick form leaves out those that FeatBit's SDK takes many seconds for. */
const CHECKED_BURSTS: readonly Burst[] = ['target', 'mixed'];

/** A cheap flag, a dear one, and a day of all kinds. */
const HOOKED_WORKLOADS: readonly EvaluationWorkload[] = ['target', 'rules', 'mixed'];

interface Measured {
  readonly table: string;
  readonly bars: readonly Bar[];
}

async function measure(section: Section, { sdks, workloads, rounds, isCheck }: Arguments): Promise<Measured> {
  const often = isCheck ? ROUNDS.check : ROUNDS.full;
  switch (section) {
    case 'evaluation': {
      const settings = rounds === undefined ? often.evaluation : { ...often.evaluation, rounds };
      const results = await measureEvaluation(sdks, workloads, settings);
      return { table: evaluationTable(results), bars: evaluationBars(results) };
    }
    case 'hooks': {
      const settings = rounds === undefined ? often.evaluation : { ...often.evaluation, rounds };
      return { table: hooksTable(await measureEvaluation(OBSERVED, HOOKED_WORKLOADS, settings)), bars: [] };
    }
    case 'events': {
      const bursts = isCheck ? CHECKED_BURSTS : (Object.keys(BURSTS) as Burst[]);
      const results = await measureEvents(bursts, rounds ?? often.events);
      return { table: eventsTable(results), bars: eventBars(results) };
    }
    case 'start-up': {
      const started = isCheck ? sdks.filter(({ name }) => name === 'fbclient') : sdks;
      const results = await measureStartUp(started, rounds ?? often['start-up']);
      return { table: startUpTable(results), bars: startUpBars(results) };
    }
    case 'sync': {
      const results = await measureSync(rounds ?? often.sync);
      return { table: syncTable(results), bars: syncBars(results) };
    }
    case 'commit': {
      const result = await measureCommit(rounds ?? often.commit);
      return { table: commitTable(result), bars: commitBars(result) };
    }
    case 'push':
      return { table: pushTable(await measurePush(rounds ?? often.push)), bars: [] };
  }
}

async function main(given: Arguments): Promise<void> {
  const parts = new Map<string, string>();
  const bars: Bar[] = [];
  for (const section of given.sections) {
    // No bar is on them: a push depends on the center more than on the client, a hook on what it does.
    if (given.isCheck && (section === 'push' || section === 'hooks')) continue;
    const measured = await measure(section, given);
    console.log(`\n${section}\n\n${measured.table}`);
    parts.set(section, `${circumstances(versions())}\n\n${measured.table}`);
    bars.push(...measured.bars);
  }
  console.log(`\n${barLines(bars)}`);
  if (SECTIONS.every((section) => given.sections.includes(section))) parts.set('bars', barTable(bars));
  if (given.isWritten) updatePage(PAGE, parts);
  if (given.isCheck && bars.some(({ isMet }) => !isMet)) process.exitCode = 1;
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
  await main(given);
}
