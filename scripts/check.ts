/**
 * `npm run check`: everything that can break a user, one line a step, and in full only what failed. Each step is also
 * an npm script of its own; `-- --without test` leaves one out. A later step runs although an earlier one failed, unless it needs its result.
 */
import { parseArgs } from 'node:util';
import { run } from './run.js';

interface Step {
  /** The npm script. */
  readonly script: string;
  readonly args?: readonly string[];
  /** What a reader should understand by it. */
  readonly title: string;
  /** The step whose result this one needs. */
  readonly needs?: string;
}

const steps: readonly Step[] = [
  { script: 'check:tracked', title: 'no machine path or registry address in a tracked file' },
  { script: 'lint', title: 'format, lint and import directions' },
  { script: 'types', title: 'types of sources, tests, demo, examples and scripts' },
  { script: 'check:unused', title: 'no unused file, export or dependency' },
  { script: 'test', title: 'tests' },
  { script: 'check:redis', title: 'persistence in a real Redis, with each client' },
  { script: 'check:postgres', title: 'the center on a real PostgreSQL: the storage and all of its surface' },
  { script: 'build', title: 'build, ES modules and CommonJS' },
  { script: 'test:web', title: 'the page of the center in a browser', needs: 'build' },
  {
    script: 'test:clients',
    title: 'published SDKs for browsers and OpenFeature providers with the center',
    needs: 'test:web',
  },
  {
    script: 'check:guides',
    title: 'operating guides and the container file, followed with the packed package',
    needs: 'build',
  },
  { script: 'check:packages', title: 'package shape, and a consumer of the packed tarballs', needs: 'build' },
  {
    script: 'check:consumers',
    // The others take half an hour.
    args: 'openfeature opentelemetry-2 opentelemetry-3 redis workerd edge-light deno bun'.split(' '),
    title: 'the packages with OpenFeature, OpenTelemetry and Redis, and in other runtimes',
    needs: 'build',
  },
];

const { values } = parseArgs({ options: { without: { type: 'string', multiple: true, default: [] } } });
const unknown = values.without.filter((name) => steps.every(({ script }) => script !== name));
if (unknown.length > 0) throw new Error(`--without ${unknown.join(', ')}: there is no such step.`);

const failed: string[] = [];
for (const { script, args = [], title, needs } of steps.filter(({ script: name }) => !values.without.includes(name))) {
  if (needs !== undefined && failed.includes(needs)) {
    failed.push(script);
    console.log(`not run  ${script}: it needs ${needs}`);
    continue;
  }
  const start = performance.now();
  const { ok, output } = run('npm', ['run', '--silent', script, '--', ...args]);
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
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.join(', ')}. Run one alone with npm run <name>.`);
  process.exitCode = 1;
}
