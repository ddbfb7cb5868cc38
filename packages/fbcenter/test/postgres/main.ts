/**
 * `npm run check:postgres`: the storage contract, two centers, outages, and every test of the center's surface, on a real PostgreSQL. It is
 * Debian's, which is installed where there is none, in a folder of its own; it ends with the tests.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../../scripts/run.js';
import { ensurePostgres, PostgresServer } from '../../../../scripts/test-support/postgres-server.js';

/** What has a storage that can be on PostgreSQL. */
const ON_A_STORAGE = /support\/(?:test-center|handler-world|people|experiment-center|postgres)\.js'/;

const folder = 'packages/fbcenter/test';
const wanted = process.argv.slice(2);
const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && ON_A_STORAGE.test(readFileSync(join(ROOT, folder, name), 'utf8')))
  .map((name) => join(folder, name))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

ensurePostgres();
await using server = await PostgresServer.start(['max_connections=400']);
console.log(`${files.length} files of tests on PostgreSQL`);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--silent=passed-only', '--reporter=dot', '--testTimeout=120000', ...files],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, FBCENTER_TEST_DATABASE: server.url() } },
);
process.exitCode = status ?? 1;
