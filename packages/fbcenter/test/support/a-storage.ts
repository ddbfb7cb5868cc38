import { systemClock } from '../../src/runtime/clock.js';
import { openPostgresStorage } from '../../src/storage/postgres/open.js';
import { openSqliteStorage, type SqliteOptions } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { GIVEN_DATABASE, newSchema, PATIENT } from './postgres.js';

/** An empty storage for a test of what is above it: in memory, or on the PostgreSQL that the tests were given. */
export async function aStorage({
  clock = systemClock,
  log,
}: Pick<SqliteOptions, 'clock' | 'log'> = {}): Promise<Storage> {
  const options = { clock, ...(log === undefined ? {} : { log }) };
  if (GIVEN_DATABASE === undefined) return openSqliteStorage(options);
  return openPostgresStorage({ url: GIVEN_DATABASE, schema: newSchema(), patience: PATIENT, ...options });
}
