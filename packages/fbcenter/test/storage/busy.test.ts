import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A storage with one environment, and a connection of somebody else to the same database that holds its write lock. */
async function lockedByAnother() {
  const folder = temporaryFolder();
  const storage = openSqliteStorage({ folder });
  onTestFinished(() => storage.close());
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  const other = new Database(join(folder, 'fbcenter.db'));
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  return { storage, environment, release: () => other.exec('COMMIT') };
}

describe('while another process holds the write lock of the database', () => {
  it('the event loop goes on, everything can be read, and a write waits', async () => {
    const { storage, environment, release } = await lockedByAnother();
    let isWritten = false;
    const writing = storage.documents.write(environment.id, aDraft('a')).then(() => {
      isWritten = true;
    });
    for (let turn = 0; turn < 20; turn++) {
      await setImmediate();
      expect(await storage.environments.byKey(environment.key)).toEqual(environment);
      expect((await storage.changes.everything(environment.id)).documents).toEqual([]);
    }
    expect(isWritten).toBe(false);
    release();
    await writing;
    expect((await storage.changes.everything(environment.id)).documents).toHaveLength(1);
  });

  it('many writes wait no longer than one, then are refused and keep nothing', async () => {
    const { storage, environment, release } = await lockedByAnother();
    const order: string[] = [];
    const writing = Array.from({ length: 13 }, (_, index) =>
      storage.documents.write(environment.id, aDraft(`f${index}`)).catch((error) => order.push(error.code)),
    );
    await Promise.all(writing);
    expect(order).toEqual(Array(13).fill('storage-unavailable'));
    release();
    expect((await storage.documents.list(environment.id, 'flag', {})).length).toBe(0);
    await storage.documents.write(environment.id, aDraft('a'));
  });

  it('a transaction does its work once', async () => {
    const { storage, environment, release } = await lockedByAnother();
    let count = 0;
    const work = storage.transact(async ({ documents }) => {
      count += 1;
      await documents.write(environment.id, aDraft('a'));
    });
    await setImmediate();
    expect(count).toBe(0);
    release();
    await work;
    expect(count).toBe(1);
  });

  it('the storage can be closed, and what waits is refused', async () => {
    const { storage, environment } = await lockedByAnother();
    const refused = expect(storage.documents.write(environment.id, aDraft('a'))).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    await storage.close();
    await refused;
  });
});

it('a large environment is read in turns of the event loop, as it was at one moment', async () => {
  const storage = openSqliteStorage();
  onTestFinished(() => storage.close());
  const environment = anEnvironment();
  const drafts = Array.from({ length: 300 }, (_, index) => ({
    ...aDraft(`f${index}`),
    text: (version: number) => JSON.stringify({ version, filler: 'x'.repeat(50_000) }),
  }));
  await storage.environments.create(environment, drafts);
  let turns = 0;
  let isReading = true;
  const counting = (async () => {
    while (isReading) {
      await setImmediate();
      turns += 1;
    }
  })();
  const reading = storage.changes.everything(environment.id);
  const writing = storage.documents.write(environment.id, aDraft('later'));
  const { documents, cursor } = await reading;
  isReading = false;
  await counting;
  expect(documents).toHaveLength(300);
  expect(cursor).toBe(documents.at(-1)?.version);
  expect((await writing).version).toBeGreaterThan(cursor);
  expect(turns).toBeGreaterThan(1);
});
