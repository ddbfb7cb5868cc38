/**
 * `npm run check:postgres`: every test of the center that has a storage, on a real PostgreSQL; `-- NAME` runs those whose path has that. PostgreSQL is
 * Debian's, which is installed where there is none; it runs in a folder of its own and ends with the tests.
 */
import { spawnSync } from 'node:child_process';
import { ROOT } from '../../../../scripts/run.js';
import { ensurePostgres, PostgresServer } from '../../../../scripts/test-support/postgres-server.js';
import { filesOnPostgres } from './files.js';

const asked = process.argv.slice(2);
const files = filesOnPostgres().filter((file) => asked.length === 0 || asked.some((part) => file.includes(part)));
if (files.length === 0) throw new Error(`no file of tests with a storage is called ${asked.join(' or ')}`);

ensurePostgres();
await using server = await PostgresServer.start(['max_connections=400', 'shared_buffers=128MB']);
console.log(`${files.length} files of tests on PostgreSQL`);
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--silent=passed-only'],
    // A machine may have much else to do.
    ...['--testTimeout=120000', '--hookTimeout=120000', ...files],
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, FBCENTER_TEST_DATABASE: server.url() } },
);
process.exitCode = status ?? 1;
