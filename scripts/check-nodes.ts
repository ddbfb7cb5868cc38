/** `npm run check:nodes`: the tests, and a consumer of the packed packages, on every version of Node.js that is supported. */
import { parseArgs } from 'node:util';
import { environmentOf, NODE_VERSIONS, nodeOf, nodeVersions } from './node-versions.js';
import { run } from './run.js';

const HELP = `npm run check:nodes [-- VERSION… --below FOLDER…]

Runs the tests and the consumer of the packed packages on Node.js ${NODE_VERSIONS.join(', ')}, one after the other.
The programs come from the npm registry the first time and are kept in the user's cache folder.

  VERSION          only these: 24, or 24.21.0
  --below FOLDER   only the tests in there, such as packages/fbclient; may be given several times
  --help           this text

Takes two to three minutes a version. Ctrl-C stops it.`;

/** How long a step may take, in milliseconds: on a machine with much else to do the tests need many times as long. */
const STEP_LIMIT = 3_600_000;

/** What runs on each version, as arguments of its `node`. @param folders whose tests; none = all of them. */
const stepsOn = (folders: readonly string[]) => [
  { title: 'tests', args: ['node_modules/vitest/vitest.mjs', 'run', '--silent=passed-only', ...folders] },
  { title: 'consumer of the packages', args: ['--import', 'tsx', 'scripts/check-packages.ts', '--run-only'] },
];

function main(): void {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean' }, below: { type: 'string', multiple: true, default: [] } },
    allowPositionals: true,
  });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const versions = nodeVersions(positionals);
  // The packages are built once: what is tested is that they run, not that they can be built.
  const built = run('npm', ['run', '--silent', 'build']);
  if (!built.ok) throw new Error(`the packages could not be built:\n${built.output}`);
  const failed: string[] = [];
  for (const version of versions) {
    const node = nodeOf(version);
    for (const { title, args } of stepsOn(values.below.map((folder) => `${folder}/`))) {
      const name = `Node.js ${version}  ${title}`;
      console.log(`running          ${name}`);
      const start = performance.now();
      const { ok, stopped, output } = run(node, args, { environment: environmentOf(node), timeout: STEP_LIMIT });
      if (stopped) throw new Error('stopped');
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${seconds.padStart(6)} s  ${name}`);
      if (ok) continue;
      failed.push(name);
      console.log(`\n${output.trimEnd()}\n`);
    }
  }
  if (failed.length === 0) return;
  console.log(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
