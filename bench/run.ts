/**
 * `npm run bench` and `npm run bench:check`: installs the peers when they are not there yet, builds what is measured, and
 * starts the benchmark in plain Node.js, as an application runs. With `--prepare` it only installs and builds, with
 * `--help` not even that.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP } from './src/help.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '..');

function run(program: string, args: readonly string[], cwd: string): void {
  // Servers run in production mode, and some SDKs check for less then.
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status, error } = spawnSync(program, args, { cwd, env, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** npm keeps a copy of the lock file in what it has installed. */
function isInstalled(): boolean {
  const installed = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = lockedPackages(join(folder, 'package-lock.json'));
  const present = lockedPackages(installed);
  return Object.entries(wanted).every(([path, version]) => path === '' || present[path] === version);
}

function lockedPackages(file: string): Readonly<Record<string, string | undefined>> {
  const { packages }: { packages: Record<string, { version?: string }> } = JSON.parse(readFileSync(file, 'utf8'));
  return Object.fromEntries(Object.entries(packages).map(([path, { version }]) => [path, version]));
}

function prepare(): void {
  if (!isInstalled()) {
    console.log('installing the peers in bench/ …');
    run('npm', ['ci', '--no-audit', '--no-fund'], folder);
  }
  console.log('building …');
  const packages = ['fbclient', 'fbcenter', 'fbclient-openfeature'].flatMap((name) => ['-w', `packages/${name}`]);
  run('npm', ['run', 'build', '--silent', ...packages], root);
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], folder);
}

const given = process.argv.slice(2);
if (given.includes('--help')) {
  console.log(HELP);
} else {
  prepare();
  if (!given.includes('--prepare'))
    run(process.execPath, ['--expose-gc', join(folder, 'dist/main.js'), ...given], root);
}
