/**
 * `npm run check`: everything that can break a user, one line a step, and in full only what failed. Each step is also
 * an npm script of its own; `-- --without test` leaves one out. A later step runs although an earlier one failed, unless it needs its result.
 */
import { parseArgs } from 'node:util';
import { runBeside } from './run.js';

interface Step {
  /** The npm script. */
  readonly script: string;
  readonly args?: readonly string[];
  /** What a reader should understand by it. */
  readonly title: string;
  /** The step whose result this one needs. */
  readonly needs?: string;
  /** It keeps every processor busy by itself, or measures. */
  readonly alone?: true;
}

/** How many steps run side by side: each keeps a processor busy, or waits for another program. */
const PLACES = 2;

const steps: readonly Step[] = [
  // It waits most of the time: the next ones run beside it.
  { script: 'check:redis', title: 'persistence in a real Redis, with each client' },
  { script: 'check:tracked', title: 'no machine path or registry address in a tracked file' },
  { script: 'lint', title: 'format, lint and import directions' },
  { script: 'types', title: 'types of sources, tests, demo, examples and scripts' },
  { script: 'check:unused', title: 'no unused file, export or dependency' },
  { script: 'build', title: 'build, ES modules and CommonJS' },
  { script: 'test', title: 'tests', alone: true },
  {
    script: 'check:postgres',
    title: 'the center on a real PostgreSQL: the storage and all of its surface',
    alone: true,
  },
  { script: 'test:web', title: 'the page of the center in a browser', needs: 'build', alone: true },
  {
    script: 'check:guides',
    title: 'operating guides and the container file, followed with the packed package',
    needs: 'build',
  },
  {
    script: 'test:clients',
    title: 'published SDKs for browsers and OpenFeature providers with the center',
    needs: 'test:web',
  },
  { script: 'check:packages', title: 'package shape, and a consumer of the packed tarballs', needs: 'build' },
  {
    script: 'check:consumers',
    // The others take half an hour.
    args: '--jobs 2 openfeature opentelemetry-2 opentelemetry-3 redis workerd edge-light deno bun jest'.split(' '),
    title: 'the packages with OpenFeature, OpenTelemetry, Redis and Jest, and in other runtimes',
    needs: 'build',
    // It builds what it packs.
    alone: true,
  },
];

const { values } = parseArgs({ options: { without: { type: 'string', multiple: true, default: [] } } });
const unknown = values.without.filter((name) => steps.every(({ script }) => script !== name));
if (unknown.length > 0) throw new Error(`--without ${unknown.join(', ')}: there is no such step.`);

const failed: string[] = [];
const running = new Map<string, { readonly places: number; readonly ended: Promise<void> }>();

async function finish({ script, args = [], title }: Step): Promise<void> {
  const start = performance.now();
  const { ok, output } = await runBeside('npm', ['run', '--silent', script, '--', ...args]);
  running.delete(script);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.padStart(6)} s  ${script.padEnd(15)} ${title}`);
  if (!ok) {
    failed.push(script);
    console.log(`\n${output.trimEnd()}\n`);
  } else {
    // What held and is to be looked at all the same.
    for (const line of output.split('\n').filter((line) => line.startsWith('FAULT'))) console.log(`       ${line}`);
  }
}

for (const step of steps.filter(({ script }) => !values.without.includes(script))) {
  const { script, needs = '', alone } = step;
  const places = alone === true ? PLACES : 1;
  const taken = () => [...running.values()].reduce((sum, { places }) => sum + places, 0);
  while (taken() + places > PLACES || running.has(needs)) {
    await Promise.race([...running.values()].map(({ ended }) => ended));
  }
  if (failed.includes(needs)) {
    failed.push(script);
    console.log(`not run  ${script}: it needs ${needs}`);
    continue;
  }
  running.set(script, { places, ended: finish(step) });
}
await Promise.all([...running.values()].map(({ ended }) => ended));
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.join(', ')}. Run one alone with npm run <name>.`);
  process.exitCode = 1;
}
