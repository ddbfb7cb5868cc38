/** `npm run check:consumers`: uses the packed SDK as other people's tools and runtimes do. See scripts/consumers. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONSUMERS, type Consumer, type Ours } from './consumers/consumers.js';
import { PAGE, pageWith } from './consumers/page.js';
import { Stage } from './consumers/stage.js';
import { mustRun, ROOT } from './run.js';

const HELP = `npm run check:consumers [-- NAME…]

Packs the SDK and its packages for OpenFeature and OpenTelemetry, and uses them as their users do: bundled, in frameworks, in test
runners, in other runtimes, with other compilers. Each program runs against a real flag center on loopback: it becomes ready, hears a push, has its events counted, and ends by itself.

  NAME        only these: ${CONSUMERS.map(({ name }) => name).join(', ')}
  --jobs N    how many at a time (1)
  --keep      leave the projects where they were made, and say where
  --help      this text

The row of each one that was well served is written into ${PAGE}.
Packages are installed in temporary folders. All together take about half an hour; Ctrl-C stops it.`;

interface Options {
  readonly consumers: readonly Consumer[];
  readonly jobs: number;
  readonly keep: boolean;
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean' }, keep: { type: 'boolean' }, jobs: { type: 'string', default: '1' } },
    allowPositionals: true,
  });
  if (values.help === true) return undefined;
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs takes a whole number from 1, not ${values.jobs}`);
  const unknown = positionals.filter((name) => CONSUMERS.every((known) => known.name !== name));
  if (unknown.length > 0) throw new Error(`no such consumer: ${unknown.join(', ')}; see --help`);
  const wanted = CONSUMERS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { consumers: wanted, jobs, keep: values.keep === true };
}

/** Builds and packs what these consumers need. @returns the tarballs, by package. */
function pack(consumers: readonly Consumer[], folder: string): ReadonlyMap<Ours, string> {
  const wanted = new Set<Ours>(['fbclient', ...consumers.flatMap(({ ours = [] }) => ours)]);
  console.log(`building and packing ${[...wanted].join(', ')} …`);
  return new Map(
    [...wanted].map((name) => {
      mustRun('npm', ['run', '--silent', 'build', '--workspace', name]);
      const args = ['pack', '--silent', '--pack-destination', folder, '--workspace', name];
      const tarball = join(folder, mustRun('npm', args).trim());
      if (!existsSync(tarball)) throw new Error(`npm pack made no ${tarball}`);
      return [name, tarball];
    }),
  );
}

/** @returns whether all was as it should be. */
async function check(
  consumer: Consumer,
  work: string,
  packed: ReadonlyMap<Ours, string>,
  signal: AbortSignal,
): Promise<boolean> {
  const { name, title, packages, apps, scenes, ours = [] } = consumer;
  const version = Object.values(packages)[0] ?? '';
  const start = performance.now();
  const shown: string[] = [];
  const line = (outcome: string): string => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    return `${outcome.padEnd(6)} ${seconds.padStart(6)} s  ${name.padEnd(14)} ${title} ${version}`.trimEnd();
  };
  let current = 'installation';
  try {
    const tarballs = (['fbclient', ...ours] as const).flatMap((one) => packed.get(one) ?? []);
    const stage = new Stage({ folder: join(work, name), apps, packages, tarballs, signal });
    await stage.install();
    for (const [scene, show] of Object.entries(scenes)) {
      current = scene;
      await show(stage);
      shown.push(scene);
    }
    console.log(`${line('ok')}: ${shown.join('; ')}`);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    const problem = error instanceof Error ? error.message : String(error);
    console.log(`${line('FAILED')}: ${current}\n\n${problem.trimEnd()}\n`);
    return false;
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    console.log(HELP);
    return;
  }
  const { consumers, jobs, keep } = options;
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  process.once('SIGTERM', () => stopping.abort());
  const work = mkdtempSync(join(tmpdir(), 'fbclient-consumers-'));
  const failed: string[] = [];
  const served = new Set<Consumer>();
  try {
    const packed = pack(consumers, work);
    const waiting = [...consumers];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && !stopping.signal.aborted; next = waiting.shift()) {
        if (await check(next, work, packed, stopping.signal)) served.add(next);
        else failed.push(next.name);
      }
    };
    await Promise.all(Array.from({ length: jobs }, worker));
  } finally {
    if (keep) console.log(`the projects are in ${work}`);
    else rmSync(work, { recursive: true, force: true });
  }
  if (stopping.signal.aborted) throw new Error('stopped');
  const page = join(ROOT, PAGE);
  writeFileSync(page, pageWith(readFileSync(page, 'utf8'), served));
  console.log(`\n${served.size} of ${consumers.length} consumers are well served`);
  if (failed.length === 0) return;
  console.log(`Failed: ${failed.join(', ')}. Run one alone with npm run check:consumers -- NAME.`);
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
