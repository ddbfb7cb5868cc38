import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { openSqliteStorage } from '../src/storage/sqlite.js';
import { storageContract } from './support/storage-contract.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

storageContract('SQLite in memory', async (options) => {
  const storage = openSqliteStorage(options);
  onTestFinished(() => storage.close());
  return { storage };
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
    async reopen() {
      await storage.close();
      const again = openSqliteStorage({ ...options, folder });
      opened.push(again);
      return again;
    },
  };
});
