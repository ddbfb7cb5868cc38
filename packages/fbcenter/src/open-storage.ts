import { CenterError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import type { Clock } from './runtime/clock.js';
import type { Logger } from './runtime/log.js';
import { openPostgresStorage } from './storage/postgres/open.js';
import { openSqliteStorage } from './storage/sqlite/open.js';
import type { Storage } from './storage/storage.js';

interface StorageParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly onListenerError: (error: unknown) => void;
}

/** Opens what the options name: a database, a folder, or nothing but memory. @throws CenterError when it cannot be used. */
export async function openStorage(
  options: Pick<ResolvedOptions, 'database' | 'dataFolder' | 'requireData'>,
  parts: StorageParts,
): Promise<Storage> {
  const { database, dataFolder: folder, requireData } = options;
  if (database === undefined) return openSqliteStorage({ folder, requireData, ...parts });
  const storage = await openPostgresStorage({ url: database, ...parts });
  if (!requireData || (await storage.environments.list()).length > 0) return storage;
  await storage.close();
  const message =
    'The database has no environments, and data was expected: is it the right one? Leave --require-data out to begin there';
  throw new CenterError('data-missing', message);
}
