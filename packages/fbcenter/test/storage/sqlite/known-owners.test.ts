import { describe, expect, it } from 'vitest';
import { KnownOwners } from '../../../src/storage/sqlite/known-owners.js';
import { openSqliteStorage } from '../../../src/storage/sqlite/open.js';
import { aDraft, anEnvironment } from '../../support/environments.js';

const environment = anEnvironment();

function owners() {
  const asked: string[] = [];
  let isRevoked = false;
  const known = new KnownOwners(async (value) => {
    asked.push(value);
    const isFound = value.startsWith('good') && !isRevoked;
    await Promise.resolve();
    return isFound ? { environment, kind: 'server', id: value } : undefined;
  });
  const revoke = () => {
    isRevoked = true;
  };
  return { known, asked, revoke };
}

describe('whose a secret is', () => {
  it('is asked for once, and again once it was forgotten', async () => {
    const { known, asked } = owners();
    for (let times = 0; times < 3; times++) expect((await known.byValue('good'))?.id).toBe('good');
    expect(asked).toEqual(['good']);
    known.forget();
    await known.byValue('good');
    expect(asked).toEqual(['good', 'good']);
  });

  it('is asked for every time while it is nobody’s: strangers fill no memory', async () => {
    const { known, asked } = owners();
    for (let times = 0; times < 3; times++) expect(await known.byValue('bad')).toBeUndefined();
    expect(asked).toHaveLength(3);
  });

  it('is not remembered when it was forgotten while it was asked for', async () => {
    const { known, asked, revoke } = owners();
    const asking = known.byValue('good');
    revoke();
    known.forget();
    expect((await asking)?.id).toBe('good');
    expect(await known.byValue('good')).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('is remembered of so many', async () => {
    const { known, asked } = owners();
    for (let index = 0; index <= 10_000; index++) await known.byValue(`good ${index}`);
    await known.byValue('good 10000');
    expect(asked).toHaveLength(10_001);
    await known.byValue('good 0');
    expect(asked).toHaveLength(10_002);
  });
});

describe('a storage in one process', () => {
  async function filled() {
    const storage = openSqliteStorage();
    await storage.environments.create(environment, []);
    const secret = await storage.secrets.add(environment.id, { kind: 'server', name: 'second', value: 's'.repeat(44) });
    if (secret === undefined) throw new Error('it was not added');
    const owner = () => storage.secrets.byValue(secret.value);
    expect((await owner())?.id).toBe(secret.id);
    return { storage, secret, owner };
  }

  it('knows at once that a secret was revoked, alone or within a transaction', async () => {
    const one = await filled();
    expect(await one.storage.secrets.remove(environment.id, one.secret.id)).toBe('removed');
    expect(await one.owner()).toBeUndefined();
    const other = await filled();
    await other.storage.transact(({ secrets }) => secrets.remove(environment.id, other.secret.id));
    expect(await other.owner()).toBeUndefined();
  });

  it('knows that nothing was revoked when that was undone', async () => {
    const { storage, secret, owner } = await filled();
    const undone = storage.transact(async ({ secrets }) => {
      await secrets.remove(environment.id, secret.id);
      throw new Error('on purpose');
    });
    await expect(undone).rejects.toThrow('on purpose');
    expect((await owner())?.id).toBe(secret.id);
  });

  it('has the environment of a secret as it is now', async () => {
    const { storage, owner } = await filled();
    await storage.environments.describe(environment.id, { name: 'Another name', isProtected: true });
    expect((await owner())?.environment).toMatchObject({ name: 'Another name', isProtected: true });
    await storage.documents.write(environment.id, aDraft('f'));
    expect((await owner())?.environment.name).toBe('Another name');
  });

  it('answers nobody any more once it is closed', async () => {
    const { storage, owner } = await filled();
    await storage.close();
    await expect(owner()).rejects.toThrow('closed');
  });
});
