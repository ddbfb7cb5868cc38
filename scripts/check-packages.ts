/**
 * Checks what users get: packs each package, has the tarballs' shape judged (publint, attw), installs them into an empty
 * folder as an application would, and there type-checks and runs the programs of scripts/consumer. Needs a build. `-- --run-only` leaves out
 * what is the same on every version of Node.js: the judgement of the shape.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mustRun, ROOT } from './run.js';
import { manifestIn, type PublicPackage, publicPackages } from './workspaces.js';

/** What `npm pack --json` reports of one package. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const node = process.execPath;
const tool = (path: string): string => join(ROOT, 'node_modules', path);

/** Packs the package; returns the tarball's path. */
function pack({ folder, manifest }: PublicPackage, target: string, isJudged: boolean): string {
  const { name, exports = {} } = manifest;
  const [packed]: Packed[] = JSON.parse(
    mustRun('npm', ['pack', '--json', '--silent', '--pack-destination', target], { folder }),
  );
  if (packed === undefined) throw new Error(`npm pack said nothing about ${name}`);
  const files = new Set(packed.files.map(({ path }) => path));
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md']) {
    if (!files.has(file)) throw new Error(`the tarball of ${name} lacks ${file}`);
  }
  const tarball = join(target, packed.filename);
  if (!isJudged) return tarball;
  mustRun(node, [tool('publint/src/cli.js'), 'run', tarball, '--strict']);
  // A package without a `require` condition is for ES modules only, and says so.
  const profile = JSON.stringify(exports).includes('"require"') ? 'strict' : 'esm-only';
  mustRun(node, [tool('@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', profile, '--no-emoji']);
  console.log(`${name}: ${files.size} files, ${Math.round(packed.size / 1024)} KiB packed, profile ${profile}`);
  return tarball;
}

/** Installs the tarballs as an application's dependencies. Refuses a dependency that does not support this Node. */
function installConsumer(folder: string, tarballs: readonly string[]): void {
  cpSync(join(ROOT, 'scripts/consumer'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const types = `@types/node@${manifestIn(ROOT).devDependencies?.['@types/node'] ?? 'latest'}`;
  const quiet = ['--prefer-offline', '--engine-strict', '--no-audit', '--no-fund'];
  mustRun('npm', ['install', ...quiet, ...tarballs, types], { folder });
}

/**
 * Type-checks the consumer with the compiler a new project gets, and as a Node project with the one before it, which takes
 * ten times as long.
 */
function typeCheckConsumer(folder: string): void {
  const check = (compiler: string, project: string): string =>
    mustRun(node, [tool(`${compiler}/bin/tsc`), '-p', project], { folder });
  check('typescript6', 'tsconfig.node.json');
  check('typescript', 'tsconfig.node.json');
  check('typescript', 'tsconfig.bundler.json');
}

/** Runs the compiled programs: each throws when something is not as promised, and has to end by itself. */
function runConsumer(folder: string): void {
  const program = (...args: string[]): string => mustRun(node, args, { folder, timeout: 30_000 });
  program('out/esm.mjs');
  program('out/cjs.cjs');
  // The CommonJS build itself: what Jest and other loaders get that cannot require an ES module.
  program('--no-experimental-require-module', 'out/cjs.cjs');
  program('out/stack.mjs');
  program('out/stack-cjs.cjs');
  program('--no-experimental-require-module', 'out/stack-cjs.cjs');
  program('out/one-copy.mjs');
  program('out/center.mjs');
  for (const command of ['fbclient', 'fbcenter']) {
    const help = mustRun(join(folder, 'node_modules/.bin', command), ['--help'], { folder, timeout: 30_000 });
    if (!/usage/i.test(help)) throw new Error(`${command} --help prints no usage:\n${help}`);
  }
}

const { values } = parseArgs({ options: { 'run-only': { type: 'boolean', default: false } } });
const work = mkdtempSync(join(tmpdir(), 'fbclient-check-'));
try {
  const tarballs = publicPackages().map((published) => pack(published, work, !values['run-only']));
  const consumer = join(work, 'consumer');
  mkdirSync(consumer);
  installConsumer(consumer, tarballs);
  typeCheckConsumer(consumer);
  runConsumer(consumer);
  console.log('consumer: installed, type-checked and run as ES module and CommonJS');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
