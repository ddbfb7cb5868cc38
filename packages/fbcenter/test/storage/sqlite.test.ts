import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished, vi } from 'vitest';
import { StorageError } from '../../src/errors.js';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { storageContract } from './contract/contract.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Makes the `index`-th statement from now fail. */
function breakStep(index: number): () => boolean {
  let left = index;
  const spies = (['exec', 'run', 'row', 'rows'] as const).map((method) => {
    const original = SqliteConnection.prototype[method] as (...args: unknown[]) => never;
    return vi.spyOn(SqliteConnection.prototype, method).mockImplementation(function (
      this: SqliteConnection,
      ...args: unknown[]
    ) {
      left -= 1;
      if (left === -1) throw new StorageError('on purpose');
      return original.apply(this, args);
    });
  });
  return () => {
    for (const spy of spies) spy.mockRestore();
    return left < 0;
  };
}

storageContract('SQLite in memory', async (options) => {
  const storage = openSqliteStorage(options);
  onTestFinished(() => storage.close());
  return { storage, breakStep };
});

storageContract('SQLite in a folder', async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'fbcenter-'));
  folders.push(folder);
  const opened = [openSqliteStorage({ ...options, folder })];
  onTestFinished(async () => {
    await Promise.all(opened.map((storage) => storage.close()));
  });
  const [storage] = opened;
  if (storage === undefined) throw new Error('unreachable');
  return {
    storage,
    breakStep,
    async reopen() {
      await storage.close();
      const again = openSqliteStorage({ ...options, folder });
      opened.push(again);
      return again;
    },
  };
});
