/** `npm run bench:center`: flag centers under load. `run.ts` beside this folder builds what it needs and starts it. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { circumstances, updatePage } from '../report/page.js';
import { LOAD_HELP, SCENES, type Scene } from './help.js';
import { mostConnections, OTHER_FILES } from './processes.js';
import { type Figure, MEASURES, type SceneOptions } from './scenes.js';

interface Arguments extends Omit<SceneOptions, 'newDatabase' | 'most'> {
  readonly scenes: readonly Scene[];
  readonly isCheck: boolean;
  /** Whether the page gets the tables. */
  readonly isWritten: boolean;
}

const PAGE = new URL('../../../docs/scaling.md', import.meta.url);

function readArguments(given: readonly string[]): Arguments | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...given],
      options: {
        ...{ scene: text, connections: text, flags: text, pushes: text },
        ...{ plain: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
        write: { type: 'boolean', default: false },
      },
    });
    const scenes = values.scene?.split(',') ?? SCENES;
    const unknown = scenes.find((name) => !SCENES.some((known) => known === name));
    if (unknown !== undefined) throw new Error(`--scene: there is no "${unknown}"; there are ${SCENES.join(', ')}`);
    const number = (name: 'connections' | 'flags' | 'pushes', fallback: number, least: number, most: number) => {
      const value = Number(values[name] ?? fallback);
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
    };
    return {
      scenes: SCENES.filter((name) => scenes.includes(name)),
      connections: number('connections', 50_000, 10, 60_000),
      flags: number('flags', 3_000, 1, 20_000),
      pushes: number('pushes', 20, 1, 1_000),
      offersDeflate: !values.plain,
      isCheck: values.check,
      isWritten: values.write,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ title, value, target }) => {
    const held = target === undefined ? '' : `${target.text}${target.isMet ? '' : ', missed'}`;
    return `| ${title} | ${value} | ${held} |`;
  });
  return ['| | measured | target |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The database that `run.ts` has started. */
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

async function run({ scenes, isCheck, isWritten, ...given }: Arguments): Promise<number> {
  const most = await mostConnections();
  if (most < given.connections)
    console.log(
      `The limit of open files allows ${most} connections and not ${given.connections}: whoever may raise it says ulimit -Hn ${given.connections + OTHER_FILES} before.`,
    );
  const options = { ...given, most, ...(server === undefined ? {} : { newDatabase }) };
  if (server === undefined) console.log('There is no PostgreSQL: npm run check:postgres installs one.');
  let isMet = true;
  for (const scene of scenes) {
    const [busy = 0] = loadavg();
    const begun = performance.now();
    const figures = await MEASURES[scene](options);
    if (figures.length === 0) continue;
    const table = tableOf(figures);
    const took = `${scene}: ${((performance.now() - begun) / 1_000).toFixed(0)} s, load average ${busy.toFixed(1)} before it`;
    console.log(`\n${took}\n\n${table}`);
    if (isWritten)
      updatePage(
        PAGE,
        new Map([[scene, `${circumstances(new Map(), `load average ${busy.toFixed(1)}`)}\n\n${table}`]]),
      );
    isMet &&= figures.every(({ target }) => target?.isMet !== false);
  }
  return isMet || !isCheck ? 0 : 1;
}

const parsed = readArguments(process.argv.slice(2));
if ('problem' in parsed) {
  console.error(`${parsed.problem}\n\n${LOAD_HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(parsed);
}
