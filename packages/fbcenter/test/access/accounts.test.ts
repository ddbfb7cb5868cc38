import { describe, expect, it, onTestFinished } from 'vitest';
import { Accounts } from '../../src/access/accounts.js';
import { digestOf } from '../../src/access/credentials.js';
import { Passwords } from '../../src/access/passwords.js';
import { SignInLimit } from '../../src/access/sign-in-limit.js';
import { SignIns } from '../../src/access/sign-ins.js';
import { StorageError } from '../../src/errors.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import { ALL_GRANTS, type Grants } from '../../src/model/role.js';
import type { User } from '../../src/model/user.js';
import { silentLogger } from '../../src/runtime/log.js';
import type { Storage } from '../../src/storage/storage.js';
import { aStorage } from '../support/a-storage.js';
import { FakeClock } from '../support/fake-clock.js';
import { CHEAP, PASSWORD } from '../support/people.js';
import { replacingWithin } from '../support/replacing.js';

const VISITOR = { address: '192.0.2.1', agent: 'a browser' };
const VIEWER: Grants = { everywhere: 'viewer', environments: {} };
const DAY = 86_400_000;

async function world() {
  const clock = new FakeClock();
  const storage = await aStorage({ clock });
  onTestFinished(() => storage.close());
  const passwords = new Passwords(CHEAP);
  const accountsOn = (on: Storage) => {
    const signIns = new SignIns({ storage: on, passwords, limit: new SignInLimit(), clock, log: silentLogger });
    return new Accounts({ storage: on, signIns, clock });
  };
  const accounts = accountsOn(storage);
  const invite = (name: string, grants: Grants = VIEWER) => accounts.invite(name, grants, SETTINGS_TOKEN);
  return {
    clock,
    storage,
    accounts,
    accountsOn,
    invite,
    /** Invites somebody, who follows the link. */
    join: async (name: string, grants: Grants = VIEWER): Promise<User> => {
      const { link } = await invite(name, grants);
      return (await accounts.follow(link.code, () => '', PASSWORD, VISITOR)).user;
    },
    follow: (code: string, name = 'Ada', password: unknown = PASSWORD) =>
      accounts.follow(code, () => name, password, VISITOR),
    written: async () =>
      (await storage.audit.list({ limit: 100 })).map(({ action, subject }) => `${action} ${subject.key}`).toReversed(),
  };
}

type World = Awaited<ReturnType<typeof world>>;

describe('an invitation', () => {
  it('makes a user without a password, and a link that is good for three days', async () => {
    const { invite, storage, accounts, clock } = await world();
    const { user, link } = await invite('Ada', { everywhere: undefined, environments: { e1: 'editor' } });
    expect(user).toMatchObject({
      name: 'Ada',
      isDisabled: false,
      hasPassword: false,
      subject: undefined,
      grants: { environments: { e1: 'editor' } },
      lastSignInAt: undefined,
    });
    expect(link.expiresAt).toBe(clock.time + 3 * DAY);
    expect(await accounts.open(link.code)).toEqual({ user, expiresAt: link.expiresAt });
    expect(await storage.users.passwordOf(user.id)).toBeUndefined();
  });

  it.each(['Ada', 'ada', ' ADA ', 'Ａda'])(
    'of %s is refused where there is an Ada, and nothing is kept of it',
    async (name) => {
      const { invite, storage, written } = await world();
      await invite('Ada');
      await expect(invite(name)).rejects.toMatchObject({
        code: 'already-exists',
        message: 'There is a user of this name.',
      });
      expect(await storage.users.list()).toHaveLength(1);
      expect(await written()).toEqual(['create Ada']);
    },
  );

  it('of more than a thousand is refused', async () => {
    const { accountsOn, storage } = await world();
    const many = Array.from({ length: 1_000 }, () => ({}) as User);
    const full = accountsOn(replacingWithin(storage, 'users', { list: async () => many }));
    await expect(full.invite('Ada', VIEWER, SETTINGS_TOKEN)).rejects.toMatchObject({
      code: 'limit-reached',
      message: 'A center takes 1000 users: remove one first.',
    });
    expect(await storage.users.list()).toEqual([]);
  });
});

describe('a link', () => {
  it('signs in whoever follows it and sets the password', async () => {
    const { invite, follow, storage, clock } = await world();
    const { user, link } = await invite('Ada');
    clock.time += 1_000;
    const begun = await follow(link.code, 'a name that nobody asks for');
    expect(begun.user).toMatchObject({ id: user.id, name: 'Ada', hasPassword: true });
    expect(begun.session).toMatchObject({ userId: user.id, agent: 'a browser', createdAt: clock.time });
    expect(await storage.sessions.byDigest(digestOf(begun.code))).toMatchObject({ session: begun.session });
    expect(await storage.links.byDigest(digestOf(link.code))).toBeUndefined();
  });

  it.each<[string, (world: World, code: string, id: string) => Promise<unknown>]>([
    ['was followed', ({ follow }, code) => follow(code)],
    ['was replaced by another', ({ accounts }, _, id) => accounts.link(id, SETTINGS_TOKEN)],
    [
      'is of a user who is disabled',
      ({ accounts }, _, id) => accounts.change(id, { isDisabled: true }, SETTINGS_TOKEN),
    ],
    ['is of a user who was removed', ({ accounts }, _, id) => accounts.remove(id, SETTINGS_TOKEN)],
    [
      'is three days old',
      async ({ clock }) => {
        clock.time += 3 * DAY;
      },
    ],
  ])('that %s is void: it says nothing, and sets no password', async (_, happens) => {
    const all = await world();
    const { user, link } = await all.invite('Ada');
    await all.join('Grace', ALL_GRANTS);
    await happens(all, link.code, user.id);
    const before = await all.storage.users.passwordOf(user.id);
    expect(await all.accounts.open(link.code)).toBeUndefined();
    await expect(all.follow(link.code)).rejects.toMatchObject({
      code: 'link-void',
      message: 'This link has been used, is too old, or was replaced by another: ask for a new one.',
    });
    expect(await all.storage.users.passwordOf(user.id)).toBe(before);
  });

  it('is good until the last millisecond', async () => {
    const { invite, accounts, clock } = await world();
    const { link } = await invite('Ada');
    clock.time = link.expiresAt - 1;
    expect(await accounts.open(link.code)).toBeDefined();
    clock.time += 1;
    expect(await accounts.open(link.code)).toBeUndefined();
  });

  it.each(['', 'x', 'a'.repeat(10_000), '\u0000', '../..'])('that nobody made is void: %j', async (code) => {
    const { accounts, follow } = await world();
    expect(await accounts.open(code)).toBeUndefined();
    await expect(follow(code)).rejects.toMatchObject({ code: 'link-void' });
  });

  it.each<[unknown]>([['short'], [''], [undefined], [null], [5], [['a password in a list']], ['x'.repeat(257)]])(
    'is not used up by a password that cannot be taken: %j',
    async (password) => {
      const { invite, follow, accounts } = await world();
      const { link } = await invite('Ada');
      await expect(accounts.follow(link.code, () => 'Ada', password, VISITOR)).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.stringMatching(/^password: /),
      });
      expect(await accounts.open(link.code)).toBeDefined();
      expect((await follow(link.code)).user.name).toBe('Ada');
    },
  );

  it('for a new password leaves the sessions until it is followed, then ends them all but the new one', async () => {
    const { join, accounts, follow, storage } = await world();
    const ada = await join('Ada');
    const link = await accounts.link(ada.id, SETTINGS_TOKEN);
    expect(await storage.sessions.ofUser(ada.id)).toHaveLength(1);
    const { session } = await follow(link.code, '', 'another long password');
    expect((await storage.sessions.ofUser(ada.id)).map(({ id }) => id)).toEqual([session.id]);
  });

  it('is followed once, however many follow it at the same time', async () => {
    const { invite, follow, storage } = await world();
    const { user, link } = await invite('Ada');
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => follow(link.code)));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await storage.sessions.ofUser(user.id)).toHaveLength(1);
  });

  it('is not made for one who signs in with the identity provider, nor for nobody', async () => {
    const { accounts, storage, written } = await world();
    const known = await storage.users.add({ name: 'Ada', grants: VIEWER, subject: 'https://idp 1' });
    await expect(accounts.link(known?.id ?? '', SETTINGS_TOKEN)).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'This user signs in with the identity provider, and has no password here.',
    });
    await expect(accounts.link('nobody', SETTINGS_TOKEN)).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no such user: it may have been removed.',
    });
    expect(await written()).toEqual([]);
  });
});

describe('the first admin', () => {
  it('comes in by a link that is good for a day, under the name that it chooses', async () => {
    const { accounts, follow, clock, written } = await world();
    const link = await accounts.firstLink();
    expect(link?.expiresAt).toBe(clock.time + DAY);
    expect(await accounts.open(link?.code ?? '')).toEqual({ user: undefined, expiresAt: link?.expiresAt });
    const { user } = await follow(link?.code ?? '', 'Grace');
    expect(user).toMatchObject({ name: 'Grace', grants: ALL_GRANTS, hasPassword: true });
    expect(await written()).toEqual(['make-link the first admin', 'create Grace', 'sign-in Grace']);
  });

  it.each<[string, (world: World) => Promise<unknown>, boolean]>([
    ['nobody', async () => {}, true],
    ['an admin', ({ join }) => join('Grace', ALL_GRANTS), false],
    ['an admin who was invited', ({ invite }) => invite('Grace', ALL_GRANTS), true],
    ['a viewer', ({ join }) => join('Ada'), true],
    [
      'an admin of one environment',
      ({ join }) => join('Ada', { everywhere: 'editor', environments: { e1: 'admin' } }),
      true,
    ],
    [
      'an admin who is disabled',
      async ({ join, accounts, storage }) => {
        const { id } = await join('Grace', ALL_GRANTS);
        const other = await join('Ada', ALL_GRANTS);
        await accounts.change(id, { isDisabled: true }, SETTINGS_TOKEN);
        await storage.users.change(other.id, { grants: VIEWER });
      },
      true,
    ],
    [
      'an admin of the identity provider',
      ({ storage }) => storage.users.add({ name: 'Grace', grants: ALL_GRANTS, subject: 'https://idp 1' }),
      false,
    ],
  ])('can be made where there is %s', async (_, prepare, isPossible) => {
    const all = await world();
    await prepare(all);
    expect((await all.accounts.firstLink()) !== undefined).toBe(isPossible);
  });

  it('is nobody any more once somebody else became it in another way', async () => {
    const { accounts, follow, join } = await world();
    const link = await accounts.firstLink();
    await join('Grace', ALL_GRANTS);
    expect(await accounts.open(link?.code ?? '')).toBeUndefined();
    await expect(follow(link?.code ?? '')).rejects.toMatchObject({ code: 'link-void' });
  });

  it('must have a name that is free; the link is good for another one', async () => {
    const { accounts, follow, join } = await world();
    await join('Ada');
    const link = await accounts.firstLink();
    await expect(follow(link?.code ?? '', 'ADA')).rejects.toMatchObject({
      code: 'already-exists',
      message: 'There is a user of this name: choose another one.',
    });
    expect((await follow(link?.code ?? '', 'Grace')).user.name).toBe('Grace');
  });

  it('is asked for a name before anything is done, and a name that cannot be taken uses nothing up', async () => {
    const { accounts } = await world();
    const link = await accounts.firstLink();
    const refused = new Error('not this name');
    const follow = accounts.follow(
      link?.code ?? '',
      () => {
        throw refused;
      },
      PASSWORD,
      VISITOR,
    );
    await expect(follow).rejects.toBe(refused);
    expect(await accounts.open(link?.code ?? '')).toBeDefined();
  });
});

describe('a change of a user', () => {
  it('is answered with the user as it is then, and written down with both', async () => {
    const { join, accounts, storage } = await world();
    const { id } = await join('Ada');
    const grants: Grants = { everywhere: 'editor', environments: {} };
    const changed = await accounts.change(id, { grants }, SETTINGS_TOKEN);
    expect(changed).toMatchObject({ id, grants, isDisabled: false });
    const [entry] = await storage.audit.list({ action: 'update', limit: 1 });
    const detail = await storage.audit.get(entry?.id ?? 0);
    expect(entry).toMatchObject({ actor: SETTINGS_TOKEN, subject: { kind: 'user', key: 'Ada' }, fields: ['role'] });
    expect(JSON.parse(detail?.before ?? '')).toMatchObject({ role: 'viewer' });
    expect(JSON.parse(detail?.after ?? '')).toMatchObject({ role: 'editor', signsInWith: 'password' });
  });

  it.each([
    [{ isDisabled: true }, 0],
    [{ isDisabled: false }, 2],
    [{ grants: VIEWER }, 2],
    [{ grants: VIEWER, isDisabled: true }, 0],
  ])('%j leaves so many of two sessions: %i', async (change, left) => {
    const { join, accounts, storage } = await world();
    const ada = await join('Ada');
    const link = await accounts.link(ada.id, SETTINGS_TOKEN);
    expect(link).toBeDefined();
    await storage.sessions.add({ userId: ada.id, agent: '' }, 'another', 20);
    await accounts.change(ada.id, change, SETTINGS_TOKEN);
    expect(await storage.sessions.ofUser(ada.id)).toHaveLength(left);
  });

  it('of one whom the groups of the identity provider decide about is refused, but for being disabled', async () => {
    const { accounts, storage } = await world();
    const known = await storage.users.add({ name: 'Ada', grants: VIEWER, subject: 'https://idp 1' });
    const id = known?.id ?? '';
    await expect(accounts.change(id, { grants: ALL_GRANTS }, SETTINGS_TOKEN)).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'The groups of the identity provider decide what this user may do.',
    });
    expect((await accounts.change(id, { isDisabled: true }, SETTINGS_TOKEN)).isDisabled).toBe(true);
    expect((await storage.users.byId(id))?.grants).toEqual(VIEWER);
  });

  it.each(['change', 'remove'] as const)('of nobody is refused: %s', async (method) => {
    const { accounts, written } = await world();
    const work =
      method === 'change'
        ? accounts.change('nobody', { isDisabled: true }, SETTINGS_TOKEN)
        : accounts.remove('nobody', SETTINGS_TOKEN);
    await expect(work).rejects.toMatchObject({ code: 'not-found' });
    expect(await written()).toEqual([]);
  });
});

describe('the only admin who can sign in', () => {
  const losses: [string, (world: World, id: string) => Promise<unknown>][] = [
    ['removed', ({ accounts }, id) => accounts.remove(id, SETTINGS_TOKEN)],
    ['disabled', ({ accounts }, id) => accounts.change(id, { isDisabled: true }, SETTINGS_TOKEN)],
    ['made an editor', ({ accounts }, id) => accounts.change(id, { grants: VIEWER }, SETTINGS_TOKEN)],
  ];
  const others: [string, (world: World) => Promise<unknown>][] = [
    ['nobody else', async () => {}],
    ['a viewer', ({ join }) => join('Ada')],
    ['an admin who was only invited', ({ invite }) => invite('Ada', ALL_GRANTS)],
  ];

  it.each(losses.flatMap(([how, lose]) => others.map(([who, add]) => [how, who, lose, add] as const)))(
    'is not %s where there is %s beside it; nothing is changed',
    async (_, __, lose, add) => {
      const all = await world();
      const { id } = await all.join('Grace', ALL_GRANTS);
      await add(all);
      const before = await all.written();
      await expect(lose(all, id)).rejects.toMatchObject({
        code: 'last-admin',
        message: 'It is the only admin who can sign in: make somebody else an admin first.',
      });
      expect(await all.storage.users.byId(id)).toMatchObject({ grants: ALL_GRANTS, isDisabled: false });
      expect(await all.storage.sessions.ofUser(id)).toHaveLength(1);
      expect(await all.written()).toEqual(before);
    },
  );

  it.each(losses)('may be %s where there is another one', async (_, lose) => {
    const all = await world();
    const { id } = await all.join('Grace', ALL_GRANTS);
    await all.join('Ada', ALL_GRANTS);
    await lose(all, id);
    expect((await all.storage.users.list()).filter(({ grants }) => grants.everywhere === 'admin')).not.toEqual([]);
  });
});

describe('what is done about access', () => {
  const acts: [string, (accounts: Accounts, id: string, code: string) => Promise<unknown>][] = [
    ['an invitation', (accounts) => accounts.invite('Bob', VIEWER, SETTINGS_TOKEN)],
    ['a link', (accounts, id) => accounts.link(id, SETTINGS_TOKEN)],
    ['the first link', (accounts) => accounts.firstLink()],
    ['following a link', (accounts, _, code) => accounts.follow(code, () => 'Ada', PASSWORD, VISITOR)],
    ['a change', (accounts, id) => accounts.change(id, { isDisabled: true }, SETTINGS_TOKEN)],
    ['a removal', (accounts, id) => accounts.remove(id, SETTINGS_TOKEN)],
  ];

  it.each(acts)('is not done where it cannot be written down: %s', async (_, act) => {
    const { invite, storage, accountsOn, accounts } = await world();
    const { user, link } = await invite('Ada');
    const refused = new StorageError('on purpose');
    const broken = accountsOn(replacingWithin(storage, 'audit', { append: () => Promise.reject(refused) }));
    await expect(act(broken, user.id, link.code)).rejects.toBe(refused);
    expect(await storage.users.list()).toEqual([user]);
    expect(await storage.users.passwordOf(user.id)).toBeUndefined();
    expect(await storage.sessions.ofUser(user.id)).toEqual([]);
    // The link is what it was: neither followed nor replaced.
    expect((await accounts.open(link.code))?.user).toEqual(user);
  });

  it('is written down without any credential', async () => {
    const { invite, accounts, follow, storage } = await world();
    const { user, link } = await invite('Ada');
    const { code } = await follow(link.code);
    const second = await accounts.link(user.id, SETTINGS_TOKEN);
    const kept = await storage.users.passwordOf(user.id);
    const entries = await storage.audit.list({ limit: 100 });
    const details = await Promise.all(entries.map(({ id }) => storage.audit.get(id)));
    const text = JSON.stringify(details);
    for (const secret of [link.code, second.code, code, PASSWORD, kept ?? '?', digestOf(code)]) {
      expect(text).not.toContain(secret);
    }
    expect(details).toHaveLength(4);
  });
});
