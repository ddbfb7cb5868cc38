/**
 * `npm run bench:center`: builds what is measured, starts a PostgreSQL where there is one and a scene needs it, and then the measurements in plain
 * Node.js, as centers run. With `--help` nothing is built.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPostgres, PostgresServer } from '../scripts/test-support/postgres-server.js';
import { readArguments } from './src/load/arguments.js';
import { LOAD_HELP } from './src/load/help.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '..');

/** As it is set up where it is used, and not as tests have it. */
const SETTINGS = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on', 'shared_buffers=128MB'];

function run(program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): number {
  const env = { ...process.env, NODE_ENV: 'production', ...more };
  const { status, error } = spawnSync(program, args, { cwd: root, env, stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status ?? 1;
}

async function main(given: readonly string[]): Promise<number> {
  if (given.includes('--help')) {
    console.log(LOAD_HELP);
    return 0;
  }
  const parsed = readArguments(given);
  if ('problem' in parsed) {
    console.error(`${parsed.problem}\n\n${LOAD_HELP}`);
    return 2;
  }
  console.log('building …');
  const built =
    run('npm', ['run', 'build', '--silent', '-w', 'packages/fbclient', '-w', 'packages/fbcenter']) ||
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', join(folder, 'tsconfig.load.json')]);
  if (built !== 0) return built;
  const measure = (more?: NodeJS.ProcessEnv) =>
    run(process.execPath, [join(folder, 'dist/load/main.js'), ...given], more);
  const needsPostgres = parsed.scenes.some((scene) => scene === 'insights' || scene === 'two-centers');
  if (!needsPostgres) return measure();
  if (findPostgres() === undefined) {
    console.log('There is no PostgreSQL: npm run check:postgres installs one.');
    return measure();
  }
  await using server = await PostgresServer.start(SETTINGS);
  return measure({ FBCENTER_BENCH_DATABASE: server.url() });
}

process.exitCode = await main(process.argv.slice(2));
