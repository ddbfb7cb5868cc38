import { systemClock } from '../../src/runtime/clock.js';
import { openPostgresStorage } from '../../src/storage/postgres/open.js';
import { openSqliteStorage, type SqliteOptions } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { GIVEN_DATABASE, PATIENT, schemasOf } from './postgres.js';

/** An empty storage for a test of what is above it: in memory, or on the PostgreSQL that the tests were given. */
export async function aStorage({
  clock = systemClock,
  log,
}: Pick<SqliteOptions, 'clock' | 'log'> = {}): Promise<Storage> {
  const options = { clock, ...(log === undefined ? {} : { log }) };
  if (GIVEN_DATABASE === undefined) return openSqliteStorage(options);
  const { name, giveBack } = await schemasOf(GIVEN_DATABASE).lease();
  const storage = await openPostgresStorage({ url: GIVEN_DATABASE, schema: name, patience: PATIENT, ...options });
  const close = storage.close.bind(storage);
  let closed: Promise<void> | undefined;
  return Object.assign(storage, {
    close: () => {
      closed ??= close().then(giveBack);
      return closed;
    },
  });
}
