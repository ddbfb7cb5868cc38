import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../../scripts/run.js';

const FOLDER = 'packages/fbcenter/test';

/** What has a storage that can be on PostgreSQL: what these make, it is on the database that the tests are given. */
const ON_A_STORAGE = /support\/(?:a-storage|test-center|handler-world|people|experiment-center|postgres)\.js'/;

/** Files of tests that have such a storage and run on SQLite alone, and why. */
const ON_SQLITE_ALONE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['relay/relay', 'relay/featbit', 'relay/relay-metrics', 'relay/agent/agent', 'cli/relay'].map((name) => [
      `${name}.test.ts`,
      'a relay has no storage; the center is only what it is in front of',
    ]),
  ),
  ...Object.fromEntries(
    ['tls', 'drain', 'rate-limit', 'hostile-peers', 'streaming-compression', 'page'].map((name) => [
      `${name}.test.ts`,
      'it is about connections, which are in front of every storage',
    ]),
  ),
  'planted-secrets.test.ts': 'it is about lines of the log, which no storage writes',
};

/** The files of tests that run on PostgreSQL, from the repository's folder. */
export function filesOnPostgres(): readonly string[] {
  return readdirSync(join(ROOT, FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !(name in ON_SQLITE_ALONE))
    .map((name) => join(FOLDER, name))
    .filter((file) => ON_A_STORAGE.test(readFileSync(join(ROOT, file), 'utf8')))
    .sort();
}
