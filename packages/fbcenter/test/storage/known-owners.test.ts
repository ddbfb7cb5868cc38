import { describe, expect, it } from 'vitest';
import { KnownOwners, type KnownOwnersOptions } from '../../src/storage/known-owners.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { aDraft, anEnvironment } from '../support/environments.js';

const environment = anEnvironment();

function owners(options?: KnownOwnersOptions) {
  const asked: string[] = [];
  let isRevoked = false;
  const known = new KnownOwners(async (value) => {
    asked.push(value);
    const isFound = value.startsWith('good') && !isRevoked;
    await Promise.resolve();
    if (value === 'away') throw new Error('the storage is away');
    return isFound ? { environment, kind: 'server', id: value } : undefined;
  }, options);
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

  it('is asked for once by all who come at the same time, and anew by who comes after it was forgotten', async () => {
    const { known, asked, revoke } = owners();
    const [first, second] = [known.byValue('good'), known.byValue('good')];
    revoke();
    known.forget();
    const third = known.byValue('good');
    expect([(await first)?.id, (await second)?.id, await third]).toEqual(['good', 'good', undefined]);
    expect(asked).toHaveLength(2);
  });

  it('is asked for again when it could not be found out', async () => {
    const { known, asked } = owners();
    for (let times = 0; times < 2; times++) await expect(known.byValue('away')).rejects.toThrow('away');
    expect(asked).toHaveLength(2);
  });

  it.each<[what: string, passed: number, isAsked: boolean]>([
    ['a moment later', 0, false],
    ['shortly before the time is over', 99, false],
    ['when the time is over', 100, true],
  ])('is asked for again where others write, too, once some time is over: %s', async (_, passed, isAsked) => {
    let now = 1_000;
    const { known, asked, revoke } = owners({ lifetime: 100, now: () => now });
    const asking = known.byValue('good');
    // What it says may be as old as the question.
    now += passed;
    await asking;
    revoke();
    expect((await known.byValue('good'))?.id).toBe(isAsked ? undefined : 'good');
    expect(asked).toHaveLength(isAsked ? 2 : 1);
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
