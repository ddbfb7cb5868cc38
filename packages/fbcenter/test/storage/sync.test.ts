import { type fdatasync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { StoredDocument } from '../../src/model/document.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { closedGate } from '../support/fake-change-log.js';
import { memoryLogger } from '../support/memory-logger.js';
import { evaluation, NOTHING } from '../support/tallies.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** The disk: how often it was asked to sync, what it waits for before it does, and what it fails with. */
const disk = vi.hoisted(() => {
  const state: { syncs: number; gate: Promise<void>; failure: Error | null } = {
    syncs: 0,
    gate: Promise.resolve(),
    failure: null,
  };
  return state;
});

vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  fdatasync: ((_descriptor, done) => {
    disk.syncs += 1;
    void disk.gate.then(() => done(disk.failure));
  }) satisfies (...parameters: Parameters<typeof fdatasync>) => void,
}));

afterEach(() => {
  disk.gate = Promise.resolve();
  disk.failure = null;
});

async function opened(folder = temporaryFolder(), log = memoryLogger()) {
  const storage = openSqliteStorage({ folder, log });
  onTestFinished(() => storage.close());
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  disk.syncs = 0;
  return { storage, environment, folder, log };
}

const aTally = { ...NOTHING, evaluations: [evaluation('f', 'on')] };

describe('the disk is waited for', () => {
  it.each<[string, number, (storage: Storage, id: string) => Promise<unknown>]>([
    ['once for a document', 1, (storage, id) => storage.documents.write(id, aDraft('a'))],
    ['once for a setting', 1, (storage) => storage.settings.save('name', 'value')],
    ['once for an environment', 1, (storage) => storage.environments.create(anEnvironment(), [aDraft('a')])],
    [
      'once for a transaction, whatever is in it',
      1,
      (storage, id) =>
        storage.transact(async ({ documents }) => {
          await documents.write(id, aDraft('a'));
          await documents.write(id, aDraft('b'));
        }),
    ],
    [
      'never for a transaction that changes nothing',
      0,
      (storage, id) => storage.transact(({ documents }) => documents.usage(id)),
    ],
    [
      'never for one that is undone',
      0,
      (storage) => storage.transact(() => Promise.reject(new Error('undo'))).catch(() => {}),
    ],
    ['never for insights', 0, (storage, id) => storage.insights.record(new Map([[id, aTally]]))],
    ['never for a reading', 0, (storage, id) => storage.changes.everything(id)],
    ['never to find out whether the storage is ready', 0, (storage) => storage.ping()],
  ])('%s', async (_, syncs, act) => {
    const { storage, environment } = await opened();
    await act(storage, environment.id);
    expect(disk.syncs).toBe(syncs);
  });

  it.each<[string, (storage: Storage, id: string) => Promise<unknown>]>([
    ['one document', (storage, id) => storage.documents.get(id, 'flag', 'a')],
    ['everything', (storage, id) => storage.changes.everything(id)],
    ['pages of everything', (storage, id) => storage.changes.pages(id, () => {})],
  ])('before a change is reported, acknowledged or read, while the event loop goes on: %s', async (_, read) => {
    const { storage, environment } = await opened();
    const { gate, open } = closedGate();
    disk.gate = gate;
    const order: string[] = [];
    storage.changes.watch(({ key }) => order.push(`${key} is reported`));
    const writing = storage.documents.write(environment.id, aDraft('a')).then(() => order.push('acknowledged'));
    while (disk.syncs === 0) await setImmediate();
    const reading = read(storage, environment.id).then(() => order.push('read'));
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    expect(order).toEqual([]);
    open();
    await Promise.all([writing, reading]);
    expect(order.slice(0, 2)).toEqual(['a is reported', 'acknowledged']);
  });
});

describe('a patch of many documents', () => {
  it('is read while others write, as it was when it was asked for or later', async () => {
    const { storage, environment } = await opened();
    const written = await storage.transact(async ({ documents }) => {
      const list: StoredDocument[] = [];
      for (let index = 0; index < 100; index++) {
        const text = JSON.stringify({ key: `f${index}`, value: 'x'.repeat(20_000) });
        list.push(await documents.write(environment.id, { ...aDraft(`f${index}`), text: () => text }));
      }
      return list;
    });
    const order: string[] = [];
    const [cursor] = written.map(({ version }) => version);
    const reading = storage.changes.since(environment.id, cursor ?? 0).finally(() => order.push('read'));
    const writing = storage.documents.write(environment.id, aDraft('other')).finally(() => order.push('written'));
    const [changes, other] = await Promise.all([reading, writing]);
    expect(order).toEqual(['written', 'read']);
    expect(changes?.documents.slice(0, 99)).toEqual(written.slice(1));
    // What was written meanwhile is in it, or is pushed after it.
    expect(changes?.cursor).toBe(changes?.documents.at(-1)?.version);
    expect([written.at(-1)?.version, other.version]).toContain(changes?.cursor);
  });
});

describe('a disk that does not take a change', () => {
  it('has it refused, and everything after it until the next start', async () => {
    const { storage, environment, folder, log } = await opened();
    const reported: string[] = [];
    storage.changes.watch(({ key }) => reported.push(key));
    await storage.documents.write(environment.id, aDraft('before'));
    disk.failure = new Error('EIO');
    const refusal = { code: 'storage-unavailable', message: expect.stringContaining('The disk did not take a change') };
    await expect(storage.documents.write(environment.id, aDraft('lost'))).rejects.toMatchObject(refusal);
    // A disk that takes the next one has not taken this one.
    disk.failure = null;
    await expect(storage.documents.write(environment.id, aDraft('after'))).rejects.toMatchObject(refusal);
    await expect(storage.ping()).rejects.toMatchObject(refusal);
    expect(reported).toEqual(['before']);
    expect(log.lines).toContain('error changes are refused');
    await storage.close();
    const again = openSqliteStorage({ folder });
    onTestFinished(() => again.close());
    await again.documents.write(environment.id, aDraft('after'));
    await again.ping();
  });
});

describe('a reading of a whole environment', () => {
  it('keeps no writer waiting, sees nothing of what is written meanwhile, and is finished before the storage closes', async () => {
    const { storage, environment } = await opened();
    const text = (version: number) => JSON.stringify({ version, filler: 'x'.repeat(50_000) });
    const drafts = Array.from({ length: 300 }, (_, index) => ({ ...aDraft(`f${index}`), text }));
    await storage.transact(async ({ documents }) => {
      for (const draft of drafts) await documents.write(environment.id, draft);
    });
    // A turn of the event loop for each page.
    let time = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (time += 10));
    onTestFinished(() => void vi.restoreAllMocks());
    const order: string[] = [];
    let writing: Promise<unknown> | undefined;
    const keys: string[] = [];
    const reading = storage.changes
      .pages(environment.id, (page) => {
        keys.push(...page.map(({ key }) => key));
        writing ??= storage.documents.write(environment.id, aDraft('later')).then(() => order.push('written'));
      })
      .then(() => order.push('read'));
    while (writing === undefined) await setImmediate();
    await writing;
    await Promise.all([reading, storage.close()]);
    expect(order).toEqual(['written', 'read']);
    expect(keys).toEqual(drafts.map(({ key }) => key));
  });

  it('after another, without a pause between, lets the log be emptied', async () => {
    const { storage, environment, folder } = await opened();
    // A page each, and for each page a turn of the event loop.
    const text = () => JSON.stringify('x'.repeat(260_000));
    for (const key of 'bcdefghijk') await storage.documents.write(environment.id, { ...aDraft(key), text });
    let time = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (time += 10));
    onTestFinished(() => void vi.restoreAllMocks());
    let written = 0;
    for (let round = 0; round < 50; round++) {
      let isAsked = false;
      // Whenever something is written, something is being read.
      await storage.changes.pages(environment.id, () => {
        if (isAsked) return;
        isAsked = true;
        void storage.documents.write(environment.id, { ...aDraft('a'), text }).then(() => {
          written += 1;
        });
      });
      expect(written).toBe(round + 1);
      time += 1_000;
    }
    // 13 MB were written.
    expect(statSync(join(folder, 'fbcenter.db-wal')).size).toBeLessThan(7_000_000);
  });

  it('fails with what its taker throws, and the next one succeeds', async () => {
    const { storage, environment } = await opened();
    const { version } = await storage.documents.write(environment.id, aDraft('a'));
    const fail = () => {
      throw new Error('on purpose');
    };
    await expect(storage.changes.pages(environment.id, fail)).rejects.toThrow('on purpose');
    expect(await storage.changes.pages(environment.id, () => {})).toBe(version);
  });
});
