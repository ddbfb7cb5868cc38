import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../../scripts/run.js';

const FOLDER = 'packages/fbcenter/test';

/** What has a storage that can be on PostgreSQL: what these make, it is on the database that the tests are given. */
const ON_A_STORAGE = /support\/(?:a-storage|test-center|handler-world|people|experiment-center|postgres)\.js'/;

/** Files of tests that have such a storage and run on SQLite alone, and why. */
const ON_SQLITE_ALONE: Readonly<Record<string, string>> = {};

/** The files of tests that run on PostgreSQL, from the repository's folder. */
export function filesOnPostgres(): readonly string[] {
  return readdirSync(join(ROOT, FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !(name in ON_SQLITE_ALONE))
    .map((name) => join(FOLDER, name))
    .filter((file) => ON_A_STORAGE.test(readFileSync(join(ROOT, file), 'utf8')))
    .sort();
}
