import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSqliteStorage, type SqliteOptions } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { Child } from '../support/child.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function open(folder: string, options: SqliteOptions = {}): Storage {
  const storage = openSqliteStorage({ folder, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

async function filled(folder: string): Promise<string> {
  const environment = anEnvironment('dev');
  const storage = openSqliteStorage({ folder });
  await storage.environments.create(environment, [aDraft('kept')]);
  await storage.close();
  return environment.id;
}

describe('the lock of a data folder', () => {
  it.each<[string, (folder: string) => void]>([
    ['a second start in the same process', (folder) => void expect(() => openSqliteStorage({ folder })).toThrow()],
    [
      'this process reading every file in the folder',
      (folder) => {
        for (const file of readdirSync(folder)) readFileSync(join(folder, file));
      },
    ],
    [
      'this process copying the folder',
      (folder) => cpSync(folder, join(temporaryFolder(), 'copy'), { recursive: true }),
    ],
  ])('outlives %s', async (_, act) => {
    const folder = temporaryFolder();
    const storage = open(folder);
    act(folder);
    const second = new Child('support/folder-opener.ts', [folder]);
    await second.exited();
    expect(second.stdout).toBe('folder-in-use\n');
    await storage.settings.save('still', 'mine');
    await storage.close();
    const third = new Child('support/folder-opener.ts', [folder]);
    await third.exited();
    expect(third.stdout).toBe('opened\n');
  });

  it.each<[string, (owner: object) => string]>([
    ['a process that is gone', (owner) => JSON.stringify({ ...owner, pid: 999_999_999 })],
    ['another process that had the same number', (owner) => JSON.stringify({ ...owner, started: '1' })],
    ['a process of another machine', (owner) => JSON.stringify({ ...owner, place: 'elsewhere' })],
    ['nobody', () => 'not what it was'],
  ])('is free when the owner that is written down is %s', async (_, statement) => {
    const folder = temporaryFolder();
    const path = join(folder, 'fbcenter.owner');
    const first = open(folder);
    const owner = JSON.parse(readFileSync(path, 'utf8'));
    await first.close();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, JSON.stringify(owner));
    expect(() => openSqliteStorage({ folder }), 'what is written down does count').toThrow();
    writeFileSync(path, statement(owner));
    await open(folder).ping();
  });

  it('is not that of a copy of the folder', async () => {
    const folder = temporaryFolder();
    open(folder);
    const copy = join(temporaryFolder(), 'copy');
    cpSync(folder, copy, { recursive: true });
    await open(copy).ping();
  });
});

describe('a data folder that is changed while it is used', () => {
  it.each<[string, (folder: string) => void, RegExp]>([
    ['is removed', (folder) => rmSync(folder, { recursive: true }), /removed while the center runs/],
    ['is renamed', (folder) => renameSync(folder, `${folder}-away`), /removed while the center runs/],
    [
      'is replaced by another one',
      (folder) => {
        renameSync(folder, `${folder}-away`);
        cpSync(`${folder}-away`, folder, { recursive: true });
      },
      /replaced while the center runs/,
    ],
    ['loses its database', (folder) => rmSync(join(folder, 'fbcenter.db')), /fbcenter\.db .* removed/],
    ['loses its log', (folder) => rmSync(join(folder, 'fbcenter.db-wal')), /fbcenter\.db-wal .* removed/],
    [
      'gets another database',
      (folder) => {
        const path = join(folder, 'fbcenter.db');
        cpSync(path, `${path}.new`);
        renameSync(`${path}.new`, path);
      },
      /fbcenter\.db .* replaced/,
    ],
    [
      'is taken by another center',
      (folder) => {
        const path = join(folder, 'fbcenter.owner');
        writeFileSync(`${path}.new`, '{}');
        renameSync(`${path}.new`, path);
      },
      /fbcenter\.owner .* replaced/,
    ],
  ])('and %s takes no changes, is not ready, and still serves', async (_, change, message) => {
    const folder = join(temporaryFolder(), 'data');
    const id = await filled(folder);
    const log = memoryLogger();
    const storage = open(folder, { log });
    await storage.ping();
    change(folder);
    const refusal = { code: 'storage-unavailable', message: expect.stringMatching(message) };
    await expect(storage.documents.write(id, aDraft('lost'))).rejects.toMatchObject(refusal);
    await expect(storage.settings.save('a', 'b')).rejects.toMatchObject(refusal);
    await expect(storage.ping()).rejects.toMatchObject(refusal);
    expect((await storage.changes.everything(id)).documents.map(({ key }) => key)).toEqual(['kept']);
    expect(log.lines).toEqual(['error changes are refused']);
  });

  it('says so without being asked, and takes changes again when it is what it was', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const folder = join(temporaryFolder(), 'data');
    const id = await filled(folder);
    const log = memoryLogger();
    const storage = open(folder, { log });
    renameSync(folder, `${folder}-away`);
    vi.advanceTimersByTime(3_000);
    expect(log.lines).toEqual(['error changes are refused']);
    renameSync(`${folder}-away`, folder);
    vi.advanceTimersByTime(3_000);
    expect(log.lines).toEqual(['error changes are refused', 'info changes are accepted again']);
    vi.useRealTimers();
    await storage.documents.write(id, aDraft('taken'));
    await storage.close();
    expect((await open(folder).changes.everything(id)).documents).toHaveLength(2);
  });

  it('while a change is written does not acknowledge it', async () => {
    const folder = join(temporaryFolder(), 'data');
    const id = await filled(folder);
    const storage = open(folder);
    const reported: string[] = [];
    storage.changes.watch(({ key }) => reported.push(key));
    const writing = storage.transact(async ({ documents }) => {
      await documents.write(id, aDraft('lost'));
      rmSync(folder, { recursive: true });
    });
    await expect(writing).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(reported).toEqual([]);
  });
});

describe('readiness', () => {
  it('means that a write would succeed', async () => {
    const folder = temporaryFolder();
    const storage = open(folder);
    // Nothing can be written here, as on a disk that is full.
    symlinkSync('/no/such/folder/probe', join(folder, 'fbcenter.probe'));
    await expect(storage.ping()).rejects.toMatchObject({
      code: 'storage-unavailable',
      message: expect.stringMatching(/look at the disk/),
    });
  });

  it('leaves nothing behind', async () => {
    const folder = temporaryFolder();
    await open(folder).ping();
    expect(existsSync(join(folder, 'fbcenter.probe'))).toBe(false);
  });
});

describe('a folder without data', () => {
  const NEW = 'warn the data folder is new: environments, secrets and token that are not given are made now';

  it('is said to be new, once', async () => {
    const folder = join(temporaryFolder(), 'data');
    for (const lines of [[NEW], []]) {
      const log = memoryLogger();
      await open(folder, { log }).close();
      expect(log.lines).toEqual(lines);
    }
  });

  it.each<[string, SqliteOptions, (folder: string) => void]>([
    ['is empty, and data are required', { requireData: true }, (folder) => rmSync(folder, { recursive: true })],
    ['has lost its database', {}, (folder) => rmSync(join(folder, 'fbcenter.db'))],
    ['has an empty database', {}, (folder) => truncateSync(join(folder, 'fbcenter.db'))],
    [
      'has nothing but a log',
      {},
      (folder) => {
        writeFileSync(join(folder, 'fbcenter.db-wal'), 'changes');
        for (const file of ['fbcenter.db', 'fbcenter.mark']) rmSync(join(folder, file));
      },
    ],
  ])('is not filled anew when it %s', async (_, options, empty) => {
    const folder = join(temporaryFolder(), 'data');
    await filled(folder);
    empty(folder);
    for (let start = 1; start <= 2; start++) {
      expect(() => openSqliteStorage({ folder, ...options })).toThrow(
        expect.objectContaining({ code: 'data-missing', message: expect.stringMatching(/mounted.*fbcenter restore/) }),
      );
    }
  });

  it('that data are required of starts when it has them', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    await open(folder, { requireData: true }).ping();
  });
});
