import { describe, expect, it, onTestFinished } from 'vitest';
import { StorageError } from '../../src/errors.js';
import { measuredStorage } from '../../src/metrics/measured-storage.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Repositories, Storage } from '../../src/storage/storage.js';
import { aStorage } from '../support/a-storage.js';
import { aDraft, anEnvironment } from '../support/environments.js';

async function setUp() {
  const inner = await aStorage();
  onTestFinished(() => inner.close());
  const observed: (readonly [string, string, number])[] = [];
  let time = 0;
  const storage = measuredStorage(
    inner,
    (...call) => observed.push(call),
    () => time++,
  );
  return { inner, storage, observed };
}

describe('a storage that is measured', () => {
  it('does what the storage does, and reports each call with its repository', async () => {
    const { storage, observed } = await setUp();
    const environment = anEnvironment();
    expect(await storage.environments.create(environment, [aDraft('f')])).toBe(true);
    expect(await storage.environments.list()).toEqual([environment]);
    expect(await storage.documents.get(environment.id, 'flag', 'f')).toMatchObject({ key: 'f' });
    await storage.settings.save('a', 'b');
    await storage.ping();
    expect(observed).toEqual([
      ['environments', 'done', 1],
      ['environments', 'done', 1],
      ['documents', 'done', 1],
      ['settings', 'done', 1],
      ['ping', 'done', 1],
    ]);
  });

  it('counts a transaction as one call, and what is refused within one as no failure', async () => {
    const { storage, observed } = await setUp();
    await storage.transact(async ({ settings, audit }) => {
      await settings.save('a', 'b');
      await audit.append({ actor: SETTINGS_TOKEN, action: 'update', subject: { kind: 'setting', key: 'a' } });
    });
    const refused = storage.transact(async () => {
      throw new Error('a refusal');
    });
    await expect(refused).rejects.toThrow('a refusal');
    expect(observed.map(([repository, result]) => [repository, result])).toEqual([
      ['transaction', 'done'],
      ['transaction', 'done'],
    ]);
  });

  it('reports what the storage could not do, and fails as it does', async () => {
    const { inner, storage, observed } = await setUp();
    await inner.close();
    await expect(storage.settings.get('a')).rejects.toBeInstanceOf(StorageError);
    await expect(storage.ping()).rejects.toBeInstanceOf(StorageError);
    expect(observed.map(([repository, result]) => [repository, result])).toEqual([
      ['settings', 'failed'],
      ['ping', 'failed'],
    ]);
  });

  it('has every repository and method of the storage', async () => {
    const { inner, storage } = await setUp();
    const ofTransaction = await inner.transact(async (transaction) => Object.keys(transaction));
    for (const name of ofTransaction as (keyof Repositories)[]) {
      const [own, measured] = [inner[name], storage[name]] as unknown as Record<string, unknown>[];
      for (const method of Object.keys(own ?? {}))
        expect(typeof measured?.[method], `${name}.${method}`).toBe('function');
    }
    for (const method of ['transact', 'watchOthers', 'alone', 'ping', 'close'] satisfies (keyof Storage)[]) {
      expect(typeof storage[method]).toBe('function');
    }
    expect(storage.changes).toBe(inner.changes);
  });
});
