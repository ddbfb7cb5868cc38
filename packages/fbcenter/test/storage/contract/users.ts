import { describe, expect, it } from 'vitest';
import type { Grants } from '../../../src/model/role.js';
import type { SetUp } from './subject.js';

const VIEWER: Grants = { everywhere: 'viewer', environments: {} };

/** What every storage must do with users. */
export function usersContract(setUp: SetUp): void {
  describe('users', () => {
    it('are added with what they may do, without a password, and are found by id and name', async () => {
      const { storage, environment, clock } = await setUp();
      const { users } = storage;
      const grants: Grants = { everywhere: undefined, environments: { [environment.id]: 'editor' } };
      const ada = await users.add({ name: 'Ada Lovelace', grants, subject: undefined });
      expect(ada).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        name: 'Ada Lovelace',
        grants,
        isDisabled: false,
        hasPassword: false,
        subject: undefined,
        createdAt: clock.time,
        lastSignInAt: undefined,
      });
      expect(await users.byId(ada?.id ?? '')).toEqual(ada);
      expect(await users.list()).toEqual([ada]);
      expect(await users.passwordOf(ada?.id ?? '')).toBeUndefined();
      for (const name of ['Ada Lovelace', ' ada lovelace', 'ADA LOVELACE', 'Ａda Lovelace']) {
        expect(await users.byName(name), name).toEqual(ada);
      }
      for (const name of ['', 'Ada', 'AdaLovelace', ada?.id ?? '']) {
        expect(await users.byName(name), name).toBeUndefined();
      }
      expect(await users.byId('nobody')).toBeUndefined();
    });

    it('have names that differ in more than case, and subjects of their own', async () => {
      const { storage } = await setUp();
      const { users } = storage;
      const ada = await users.add({ name: 'Ada', grants: VIEWER, subject: 'https://id.example 1' });
      for (const [name, subject] of [
        ['ada', undefined],
        [' ADA ', undefined],
        ['Bob', 'https://id.example 1'],
      ] as const) {
        expect(await users.add({ name, grants: VIEWER, subject })).toBeUndefined();
      }
      expect(await users.bySubject('https://id.example 1')).toEqual(ada);
      expect(await users.bySubject('https://id.example 2')).toBeUndefined();
      // No subject is no subject that others can have in common.
      for (const name of ['Cyd', 'Dan']) {
        expect(await users.add({ name, grants: VIEWER, subject: undefined })).toBeDefined();
      }
      expect((await users.list()).map(({ name }) => name)).toEqual(['Ada', 'Cyd', 'Dan']);
    });

    it('are changed in what is given, and in nothing else', async () => {
      const { storage } = await setUp();
      const { users } = storage;
      const other = await users.add({ name: 'Bob', grants: VIEWER, subject: undefined });
      const ada = await users.add({ name: 'Ada', grants: VIEWER, subject: undefined });
      if (ada === undefined) throw new Error('unreachable');
      let expected = ada;
      const grants: Grants = { everywhere: 'admin', environments: {} };
      for (const [change, seen] of [
        [{}, {}],
        [{ grants }, { grants }],
        [{ isDisabled: true }, { isDisabled: true }],
        [{ lastSignInAt: 5 }, { lastSignInAt: 5 }],
        [{ password: 'hash' }, { hasPassword: true }],
        [{ isDisabled: false, password: 'other' }, { isDisabled: false }],
      ] as const) {
        expected = { ...expected, ...seen };
        expect(await users.change(ada.id, change)).toEqual(expected);
        expect(await users.byId(ada.id)).toEqual(expected);
      }
      expect(await users.passwordOf(ada.id)).toBe('other');
      expect(await users.change('nobody', { isDisabled: true })).toBeUndefined();
      expect(await users.byId(other?.id ?? '')).toEqual(other);
    });

    it('are removed with their sessions and links', async () => {
      const { storage } = await setUp();
      const { users, sessions, links } = storage;
      const ada = await users.add({ name: 'Ada', grants: VIEWER, subject: undefined });
      const userId = ada?.id ?? '';
      await sessions.add({ userId, agent: '' }, 's', 9);
      await links.put({ userId, expiresAt: 5 }, 'l');
      expect(await users.remove(userId)).toBe(true);
      expect(await users.remove(userId)).toBe(false);
      expect([await sessions.byDigest('s'), await links.byDigest('l'), await users.list()]).toEqual([
        undefined,
        undefined,
        [],
      ]);
    });
  });

  describe('sessions', () => {
    const withUser = async () => {
      const subject = await setUp();
      const user = await subject.storage.users.add({ name: 'Ada', grants: VIEWER, subject: undefined });
      if (user === undefined) throw new Error('unreachable');
      return { ...subject, sessions: subject.storage.sessions, user };
    };

    it('are found by their digest with their user as it is now', async () => {
      const { storage, sessions, user, clock } = await withUser();
      const session = await sessions.add({ userId: user.id, agent: 'Firefox' }, 'digest', 9);
      expect(session).toEqual({
        id: expect.any(String),
        userId: user.id,
        agent: 'Firefox',
        createdAt: clock.time,
        lastUsedAt: clock.time,
      });
      expect(await sessions.byDigest('digest')).toEqual({ session, user });
      const disabled = await storage.users.change(user.id, { isDisabled: true });
      expect(await sessions.byDigest('digest')).toEqual({ session, user: disabled });
      for (const digest of ['', 'DIGEST', session.id]) expect(await sessions.byDigest(digest)).toBeUndefined();
    });

    it('are some at most for each user: the oldest ones give way', async () => {
      const { storage, sessions, user } = await withUser();
      const bob = await storage.users.add({ name: 'Bob', grants: VIEWER, subject: undefined });
      await sessions.add({ userId: bob?.id ?? '', agent: "Bob's" }, 'bob', 2);
      for (const agent of ['1', '2', '3']) await sessions.add({ userId: user.id, agent }, `d${agent}`, 2);
      expect((await sessions.ofUser(user.id)).map(({ agent }) => agent)).toEqual(['3', '2']);
      expect(await sessions.byDigest('d1')).toBeUndefined();
      expect(await sessions.byDigest('bob')).toBeDefined();
    });

    it('are removed one by one, by their user only, or all but one', async () => {
      const { storage, sessions, user } = await withUser();
      const bob = await storage.users.add({ name: 'Bob', grants: VIEWER, subject: undefined });
      const [first, second, third] = [
        await sessions.add({ userId: user.id, agent: '1' }, 'd1', 9),
        await sessions.add({ userId: user.id, agent: '2' }, 'd2', 9),
        await sessions.add({ userId: user.id, agent: '3' }, 'd3', 9),
      ];
      expect(await sessions.remove(bob?.id ?? '', first.id)).toBe(false);
      expect(await sessions.remove(user.id, first.id)).toBe(true);
      expect(await sessions.remove(user.id, first.id)).toBe(false);
      await sessions.removeAll(bob?.id ?? '');
      expect(await sessions.ofUser(user.id)).toEqual([third, second]);
      await sessions.removeAll(user.id, second.id);
      expect(await sessions.ofUser(user.id)).toEqual([second]);
      await sessions.removeAll(user.id);
      expect(await sessions.ofUser(user.id)).toEqual([]);
    });

    it('know when they were used last, and are removed by age', async () => {
      const { sessions, user, clock } = await withUser();
      const begin = clock.time;
      const old = await sessions.add({ userId: user.id, agent: 'old' }, 'd1', 9);
      clock.time += 10;
      const idle = await sessions.add({ userId: user.id, agent: 'idle' }, 'd2', 9);
      const used = await sessions.add({ userId: user.id, agent: 'used' }, 'd3', 9);
      await sessions.used(
        new Map([
          [old.id, begin + 50],
          [used.id, begin + 50],
          ['nonsense', 1],
        ]),
      );
      expect((await sessions.byDigest('d3'))?.session.lastUsedAt).toBe(begin + 50);
      expect((await sessions.byDigest('d2'))?.session.lastUsedAt).toBe(idle.lastUsedAt);
      await sessions.removeOld({ createdBefore: begin, usedBefore: begin + 10 });
      expect(await sessions.ofUser(user.id)).toHaveLength(3);
      await sessions.removeOld({ createdBefore: begin + 1, usedBefore: begin + 20 });
      expect((await sessions.ofUser(user.id)).map(({ agent }) => agent)).toEqual(['used']);
    });
  });

  describe('links', () => {
    it('are taken once', async () => {
      const { storage } = await setUp();
      const { links } = storage;
      await links.put({ userId: undefined, expiresAt: 5 }, 'd');
      expect(await links.byDigest('d')).toEqual({ userId: undefined, expiresAt: 5 });
      expect(await links.byDigest('D')).toBeUndefined();
      expect(await links.take('d')).toEqual({ userId: undefined, expiresAt: 5 });
      expect([await links.take('d'), await links.byDigest('d')]).toEqual([undefined, undefined]);
    });

    it('void earlier ones for the same user, or for the first admin', async () => {
      const { storage } = await setUp();
      const { links, users } = storage;
      const ids: string[] = [];
      for (const name of ['Ada', 'Bob']) {
        ids.push((await users.add({ name, grants: VIEWER, subject: undefined }))?.id ?? '');
      }
      const [ada = '', bob = ''] = ids;
      for (const [userId, digest] of [
        [undefined, 'first-1'],
        [ada, 'ada-1'],
        [bob, 'bob-1'],
        [undefined, 'first-2'],
        [ada, 'ada-2'],
      ] as const) {
        await links.put({ userId, expiresAt: 5 }, digest);
      }
      const there: string[] = [];
      for (const digest of ['first-1', 'first-2', 'ada-1', 'ada-2', 'bob-1']) {
        if ((await links.byDigest(digest)) !== undefined) there.push(digest);
      }
      expect(there).toEqual(['first-2', 'ada-2', 'bob-1']);
      expect((await links.take('bob-1'))?.userId).toBe(bob);
    });
  });

  describe('access tokens', () => {
    it('are kept by their digest, listed in the order in which they were made, and removed by their id', async () => {
      const { storage, environment, clock } = await setUp();
      const { tokens } = storage;
      const grants: Grants = { everywhere: 'viewer', environments: { [environment.id]: 'admin' } };
      const ci = { name: 'CI', start: 'fbc_12', grants, createdBy: 'Ada', expiresAt: clock.time + 5 };
      const first = await tokens.add(ci, 'd1');
      const made = { id: expect.any(String), createdAt: clock.time, lastUsedAt: undefined };
      expect(first).toEqual({ ...ci, ...made });
      // Names are for people, who may give one twice.
      const second = await tokens.add({ ...ci, expiresAt: undefined }, 'd2');
      expect(await tokens.list()).toEqual([first, second]);
      expect([await tokens.byDigest('d1'), await tokens.byDigest('d2')]).toEqual([first, second]);
      expect(await tokens.byDigest('D1')).toBeUndefined();
      await tokens.used(
        new Map([
          [second.id, 7],
          ['nonsense', 7],
        ]),
      );
      expect(await tokens.list()).toEqual([first, { ...second, lastUsedAt: 7 }]);
      expect([await tokens.remove(first.id), await tokens.remove(first.id)]).toEqual([true, false]);
      expect([await tokens.byDigest('d1'), (await tokens.list()).length]).toEqual([undefined, 1]);
    });
  });

  describe('what is known of users', () => {
    it('is undone with the transaction that it is changed in', async () => {
      const { storage } = await setUp();
      const ada = await storage.users.add({ name: 'Ada', grants: VIEWER, subject: undefined });
      const userId = ada?.id ?? '';
      await storage.links.put({ userId, expiresAt: 5 }, 'l');
      const session = await storage.sessions.add({ userId, agent: '' }, 's', 9);
      const failing = storage.transact(async ({ users, sessions, links, tokens }) => {
        await users.change(userId, { password: 'hash' });
        await sessions.removeAll(userId);
        await links.take('l');
        const token = { name: 'x', start: 'y', grants: VIEWER, createdBy: 'z', expiresAt: undefined };
        await tokens.add(token, 't');
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      expect(await storage.users.byId(userId)).toEqual(ada);
      expect(await storage.sessions.ofUser(userId)).toEqual([session]);
      expect(await storage.links.byDigest('l')).toBeDefined();
      expect(await storage.tokens.list()).toEqual([]);
    });

    it('is there after a restart', async ({ skip }) => {
      const { storage, reopen } = await setUp();
      if (reopen === undefined) return skip('nothing outlives this storage');
      const ada = await storage.users.add({ name: 'Ada', grants: VIEWER, subject: undefined });
      const userId = ada?.id ?? '';
      await storage.users.change(userId, { password: 'hash' });
      const session = await storage.sessions.add({ userId, agent: '' }, 's', 9);
      const again = await reopen();
      expect((await again.sessions.byDigest('s'))?.session).toEqual(session);
      expect(await again.users.passwordOf(userId)).toBe('hash');
    });
  });
}
