/**
 * `npm run check:postgres`: the storage contract, two centers, outages, and tests of the center's surface, on a real PostgreSQL; `-- --all` runs every
 * test that has a storage, `-- NAME` those whose path has that. PostgreSQL is Debian's, which is installed where there is none, in a folder of its
 * own; it ends with the tests.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../../scripts/run.js';
import { ensurePostgres, PostgresServer } from '../../../../scripts/test-support/postgres-server.js';

/** What has a storage that can be on PostgreSQL. */
const ON_A_STORAGE = /support\/(?:test-center|handler-world|people|experiment-center|postgres)\.js'/;

/** What runs unless something else is asked for: the storage, two centers, outages, and the larger part of the surface. */
const USUAL = [
  ...['storage/postgres', 'two-centers', 'outage', 'move-to-postgres'],
  ...['management-api.test', 'sdk-http', 'secrets-api', 'transfer.test', 'handlers/'],
];

const folder = 'packages/fbcenter/test';
const asked = process.argv.slice(2);
const wanted = asked.length === 0 ? USUAL : asked.includes('--all') ? [''] : asked;
const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && ON_A_STORAGE.test(readFileSync(join(ROOT, folder, name), 'utf8')))
  .filter((name) => wanted.some((part) => name.includes(part)))
  .map((name) => join(folder, name));

ensurePostgres();
await using server = await PostgresServer.start(['max_connections=400']);
console.log(`${files.length} files of tests on PostgreSQL`);
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--silent=passed-only', '--reporter=dot'],
    // A machine may have much else to do.
    ...['--testTimeout=120000', '--hookTimeout=120000', ...files],
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, FBCENTER_TEST_DATABASE: server.url() } },
);
process.exitCode = status ?? 1;
