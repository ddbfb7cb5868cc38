import { copyFileSync, existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { inspectFolder } from '../../src/storage/sqlite/inspect.js';
import { MIGRATIONS } from '../../src/storage/sqlite/migrations.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { anEnvironment } from '../support/environments.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A folder that a storage has been in, with this many environments. */
async function folderWith(...keys: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  const storage = openSqliteStorage({ folder });
  for (const key of keys) await storage.environments.create(anEnvironment(key), []);
  await storage.close();
  return folder;
}

const KNOWN = { found: MIGRATIONS.length, known: MIGRATIONS.length };

/** A folder for temporary files that nobody else uses. */
function ownTemporaryFolder(): string {
  const folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

describe('a look into a data folder', () => {
  it('finds nothing where there is no database', () => {
    expect(inspectFolder(temporaryFolder())).toBeUndefined();
    expect(inspectFolder('/nowhere/at/all')).toBeUndefined();
  });

  it('finds what was left in it, leaves no copy behind, and nothing in it', async () => {
    const folder = await folderWith('dev');
    const before = readdirSync(folder).sort();
    const temporary = ownTemporaryFolder();
    expect(inspectFolder(folder)).toEqual({
      owner: undefined,
      schema: KNOWN,
      content: {
        documents: 0,
        damaged: [],
        newestVersion: expect.any(Number),
        missingChanges: 0,
        hasLog: existsSync(join(folder, 'fbcenter.db-wal')) ? expect.any(Boolean) : false,
      },
    });
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('finds who uses it, and what that one has written a moment ago', async () => {
    const folder = temporaryFolder();
    const storage = openSqliteStorage({ folder });
    onTestFinished(() => storage.close());
    await storage.environments.create(anEnvironment('dev'), []);
    expect(inspectFolder(folder)).toMatchObject({ owner: process.pid, content: { missingChanges: 0 } });
    // The storage goes on as if nobody had looked.
    await storage.environments.create(anEnvironment('prod'), []);
    expect(await storage.environments.list()).toHaveLength(2);
  });

  it('counts what an older copy lacks, which says nothing where the mark is of another database', async () => {
    const folder = await folderWith('dev');
    const copy = join(temporaryFolder(), 'copy.db');
    copyFileSync(join(folder, 'fbcenter.db'), copy);
    const storage = openSqliteStorage({ folder });
    for (const key of ['a', 'b', 'c']) await storage.environments.create(anEnvironment(key), []);
    await storage.close();
    copyFileSync(copy, join(folder, 'fbcenter.db'));
    rmSync(join(folder, 'fbcenter.db-wal'), { force: true });
    expect(inspectFolder(folder)?.content?.missingChanges).toBeGreaterThanOrEqual(3);
    copyFileSync(join(await folderWith('x'), 'fbcenter.mark'), join(folder, 'fbcenter.mark'));
    expect(inspectFolder(folder)?.content?.missingChanges).toBeUndefined();
  });

  it.each([1, MIGRATIONS.length - 1, MIGRATIONS.length + 1, 1_000])(
    'names schema %d, and looks no further into what it may not understand',
    async (version) => {
      const folder = await folderWith('dev');
      const connection = new SqliteConnection(join(folder, 'fbcenter.db'));
      connection.exec(`PRAGMA user_version = ${version}`);
      connection.close();
      expect(inspectFolder(folder)).toMatchObject({
        schema: { found: version, known: MIGRATIONS.length },
        content: undefined,
      });
    },
  );

  it.each<[what: string, damage: (path: string) => void]>([
    ['is no database', (path) => writeFileSync(path, 'x'.repeat(10_000))],
    ['is cut off', (path) => truncateSync(path, 5_000)],
  ])('says that a file %s, and leaves no copy behind', async (_, damage) => {
    const folder = await folderWith('dev');
    damage(join(folder, 'fbcenter.db'));
    const temporary = ownTemporaryFolder();
    expect(() => inspectFolder(folder)).toThrow();
    expect(readdirSync(temporary)).toEqual([]);
  });
});
