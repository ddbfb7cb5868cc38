/** `npm run bench:center`: flag centers under load. `run-center.ts` beside this folder builds what it needs and starts it. */
import { loadavg } from 'node:os';
import { circumstances, updatePage } from '../report/page.js';
import { type Arguments, readArguments } from './arguments.js';
import type { PeerName } from './help.js';
import { comparisonTable } from './peers/comparison.js';
import type { Contender } from './peers/side.js';
import { PREPARE, sideBySide } from './peers/side-by-side.js';
import { mostConnections, OTHER_FILES } from './processes.js';
import { type Figure, MEASURES } from './scenes.js';

const PAGE = new URL('../../../docs/scaling.md', import.meta.url);

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ title, value, target }) => {
    const held = target === undefined ? '' : `${target.text}${target.isMet ? '' : ', missed'}`;
    return `| ${title} | ${value} | ${held} |`;
  });
  return ['| | measured | target |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The database that `run-center.ts` has started. */
const server = process.env.FBCENTER_BENCH_DATABASE;

/** Each scene has a database of its own. */
async function newDatabase(name: string): Promise<string> {
  const { default: postgres } = await import('postgres');
  const sql = postgres(server ?? '', { max: 1, onnotice: () => {} });
  await sql.unsafe(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  await sql.end();
  const address = new URL(server ?? '');
  address.pathname = name;
  return String(address);
}

/** Measures something, and shows the table of it. @param measure gives nothing where it cannot be measured. */
async function show(name: string, isWritten: boolean, measure: () => Promise<string | undefined>): Promise<void> {
  const [busy = 0] = loadavg();
  const begun = performance.now();
  const table = await measure();
  if (table === undefined) return;
  const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
  console.log(`\n${name}: ${seconds} s, load average ${busy.toFixed(1)} before it\n\n${table}`);
  const part = `${circumstances(new Map(), `load average ${busy.toFixed(1)}`)}\n\n${table}`;
  if (isWritten) updatePage(PAGE, new Map([[name, part]]));
}

async function run({ scenes, peers, isCheck, isWritten, ...given }: Arguments): Promise<number> {
  const most = await mostConnections();
  if (most < given.connections)
    console.log(
      `The limit of open files allows ${most} connections and not ${given.connections}: whoever may raise it says ulimit -Hn ${given.connections + OTHER_FILES} before.`,
    );
  // First, so that nothing is measured in vain.
  const contenders = new Map<PeerName, Contender>();
  try {
    for (const name of peers) contenders.set(name, await PREPARE[name]());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const options = { ...given, most, ...(server === undefined ? {} : { newDatabase }) };
  let isMet = true;
  for (const scene of scenes) {
    await show(scene, isWritten, async () => {
      const figures = await MEASURES[scene](options);
      isMet &&= figures.every(({ target }) => target?.isMet !== false);
      return figures.length === 0 ? undefined : tableOf(figures);
    });
  }
  for (const [name, peer] of contenders) {
    await show(name, isWritten, async () => {
      const { names, rows } = await sideBySide(peer, { ...given, connections: Math.min(given.connections, most) });
      return comparisonTable(names, rows);
    });
  }
  return isMet || !isCheck ? 0 : 1;
}

const parsed = readArguments(process.argv.slice(2));
// They were read before anything was built, too.
if ('problem' in parsed) throw new Error(parsed.problem);
process.exitCode = await run(parsed);
