import { describe, expect, it, onTestFinished } from 'vitest';
import { Passwords } from '../../src/access/passwords.js';
import { SignInLimit } from '../../src/access/sign-in-limit.js';
import { type SignInParts, SignIns } from '../../src/access/sign-ins.js';
import { StorageError } from '../../src/errors.js';
import { Refusal } from '../../src/model/refusal.js';
import { aStorage } from '../support/a-storage.js';
import { FakeClock } from '../support/fake-clock.js';
import { memoryLogger } from '../support/memory-logger.js';
import { CHEAP, PASSWORD } from '../support/people.js';
import { replacing, replacingWithin } from '../support/replacing.js';

const VISITOR = { address: '192.0.2.1', agent: 'x'.repeat(500) };

async function withAda(parts: Partial<SignInParts> = {}) {
  const clock = new FakeClock();
  const storage = await aStorage({ clock });
  onTestFinished(() => storage.close());
  const passwords = new Passwords(CHEAP);
  const log = memoryLogger();
  const ada = await storage.users.add({
    name: 'Ada',
    grants: { everywhere: 'viewer', environments: {} },
    subject: undefined,
  });
  await storage.users.change(ada?.id ?? '', { password: await passwords.hash(PASSWORD) });
  const all = { storage, passwords, limit: new SignInLimit(), clock, log, ...parts };
  return {
    storage,
    clock,
    lines: log.lines,
    passwords,
    adaId: ada?.id ?? '',
    /** Passwords of which each comparison is followed by something else before its outcome is known. */
    meanwhile: (happens: () => Promise<unknown>): SignInParts['passwords'] => ({
      hash: (text) => passwords.hash(text),
      verify: async (text, kept) => {
        const isRight = await passwords.verify(text, kept);
        await happens();
        return isRight;
      },
    }),
    signIns: new SignIns(all),
    more: (other: Partial<SignInParts>) => new SignIns({ ...all, ...other }),
  };
}

describe('a sign-in', () => {
  it.each([
    ['too many came at once', new Refusal('busy', 'on purpose')],
    ['the storage does not answer', new StorageError('on purpose')],
  ])('that was not looked at, because %s, does not count', async (_, error) => {
    const { more, signIns, passwords } = await withAda();
    const failing = more({ passwords: { hash: (text) => passwords.hash(text), verify: () => Promise.reject(error) } });
    for (let index = 0; index < 40; index++) {
      await expect(failing.withPassword('ada', PASSWORD, VISITOR)).rejects.toBe(error);
    }
    expect((await signIns.withPassword('ada', PASSWORD, VISITOR)).kind).toBe('begun');
  });

  it('compares a password also where there is none to compare with', async () => {
    const { storage, more } = await withAda();
    const compared: (string | undefined)[] = [];
    const verify = async (_: string, kept: string | undefined) => {
      compared.push(kept === undefined ? 'nothing' : 'a hash');
      return false;
    };
    const signIns = more({ passwords: { hash: async () => '', verify } });
    await storage.users.add({ name: 'Bob', grants: { everywhere: 'viewer', environments: {} }, subject: undefined });
    for (const name of ['ada', 'bob', 'nobody', '']) {
      expect(await signIns.withPassword(name, PASSWORD, VISITOR)).toEqual({ kind: 'wrong' });
    }
    expect(compared).toEqual(['a hash', 'nothing', 'nothing', 'nothing']);
  });

  it('that failed is refused also while that cannot be written down; the log has a line', async () => {
    const { storage, more, lines } = await withAda();
    const audit = { ...storage.audit, append: () => Promise.reject(new Error('on purpose')) };
    const signIns = more({ storage: replacing(storage, { audit }) });
    expect(await signIns.withPassword('ada', 'wrong wrong wrong', VISITOR)).toEqual({ kind: 'wrong' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.stringify(lines)).toContain('could not be written down');
    expect(JSON.stringify(lines)).not.toContain('wrong wrong');
  });

  it('keeps little of what a browser calls itself, and clears away the sessions that are over', async () => {
    const { storage, clock, signIns } = await withAda();
    const begun = await signIns.withPassword('ada', PASSWORD, VISITOR);
    if (begun.kind !== 'begun') throw new Error('not signed in');
    const { user, session } = begun.begun;
    expect(session.agent).toBe('x'.repeat(200));
    clock.time += 8 * 86_400_000;
    await signIns.withPassword('ada', PASSWORD, VISITOR);
    const left = await storage.sessions.ofUser(user.id);
    expect(left.map(({ createdAt }) => createdAt)).toEqual([clock.time]);
    expect((await storage.users.byId(user.id))?.lastSignInAt).toBe(clock.time);
  });
});

describe('what happens to a user while the password is compared', () => {
  type World = Awaited<ReturnType<typeof withAda>>;
  const NEXT = 'a completely different one';
  const changes: [string, (world: World) => Promise<unknown>][] = [
    ['is disabled', ({ storage, adaId }) => storage.users.change(adaId, { isDisabled: true })],
    ['is removed', ({ storage, adaId }) => storage.users.remove(adaId)],
    [
      'gets another password',
      async ({ storage, adaId, passwords }) => storage.users.change(adaId, { password: await passwords.hash(NEXT) }),
    ],
  ];

  it.each(changes)('counts: whoever %s is not signed in', async (_, change) => {
    const world = await withAda();
    const signIns = world.more({ passwords: world.meanwhile(() => change(world)) });
    expect(await signIns.withPassword('ada', PASSWORD, VISITOR)).toEqual({ kind: 'wrong' });
    await world.storage.users.change(world.adaId, { isDisabled: false });
    expect(await world.storage.sessions.ofUser(world.adaId)).toEqual([]);
  });

  it.each(changes)('counts: whoever %s changes no password', async (_, change) => {
    const world = await withAda();
    const signIns = world.more({ passwords: world.meanwhile(() => change(world)) });
    const user = await world.storage.users.byId(world.adaId);
    if (user === undefined) throw new Error('no user');
    expect(await signIns.changePassword(user, PASSWORD, 'stolen stolen stolen', VISITOR)).toEqual({ kind: 'wrong' });
    const kept = await world.storage.users.passwordOf(world.adaId);
    const isStolen = kept !== undefined && (await world.passwords.verify('stolen stolen stolen', kept));
    expect([isStolen, await world.storage.sessions.ofUser(world.adaId)]).toEqual([false, []]);
  });

  it('counts: of two that change it at the same time, one does', async () => {
    const { signIns, storage, adaId, passwords } = await withAda();
    const user = await storage.users.byId(adaId);
    if (user === undefined) throw new Error('no user');
    const wanted = ['the first of two passwords', 'the second of two passwords'];
    const outcomes = await Promise.all(wanted.map((next) => signIns.changePassword(user, PASSWORD, next, VISITOR)));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['begun', 'wrong']);
    const kept = await storage.users.passwordOf(adaId);
    const winner = outcomes.findIndex(({ kind }) => kind === 'begun');
    expect(await passwords.verify(wanted[winner] ?? '', kept)).toBe(true);
    expect(await storage.sessions.ofUser(adaId)).toHaveLength(1);
  });

  it('is no matter where no password was shown, but for one who is disabled or gone', async () => {
    const { signIns, storage, adaId, passwords } = await withAda();
    await storage.users.change(adaId, { password: await passwords.hash(NEXT) });
    expect((await signIns.begin({ id: adaId }, VISITOR))?.user.name).toBe('Ada');
    await storage.users.change(adaId, { isDisabled: true });
    expect(await signIns.begin({ id: adaId }, VISITOR)).toBeUndefined();
    expect(await signIns.begin({ id: 'nobody' }, VISITOR)).toBeUndefined();
    expect(await storage.sessions.ofUser(adaId)).toHaveLength(1);
  });
});

describe('changing a password', () => {
  const asAda = async () => {
    const world = await withAda();
    const user = await world.storage.users.byId(world.adaId);
    if (user === undefined) throw new Error('no user');
    return { ...world, user };
  };

  it('ends every session and begins one', async () => {
    const { signIns, storage, user } = await asAda();
    for (let index = 0; index < 3; index++) await signIns.withPassword('ada', PASSWORD, VISITOR);
    const outcome = await signIns.changePassword(user, PASSWORD, 'another long password', VISITOR);
    if (outcome.kind !== 'begun') throw new Error(outcome.kind);
    expect((await storage.sessions.ofUser(user.id)).map(({ id }) => id)).toEqual([outcome.begun.session.id]);
    expect(await signIns.withPassword('ada', PASSWORD, VISITOR)).toEqual({ kind: 'wrong' });
    expect((await signIns.withPassword('ada', 'another long password', VISITOR)).kind).toBe('begun');
  });

  it.each([
    ['too short', 'short'],
    ['nothing', ''],
  ])('to one that is %s changes nothing, and every session goes on', async (_, next) => {
    const { signIns, storage, user } = await asAda();
    await signIns.withPassword('ada', PASSWORD, VISITOR);
    await expect(signIns.changePassword(user, PASSWORD, next, VISITOR)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/^password: /),
    });
    expect(await storage.sessions.ofUser(user.id)).toHaveLength(1);
    expect((await signIns.withPassword('ada', PASSWORD, VISITOR)).kind).toBe('begun');
  });

  it('takes ten wrong ones for the present one, then none', async () => {
    const { signIns, user } = await asAda();
    const kinds: string[] = [];
    for (let index = 0; index < 12; index++) {
      kinds.push((await signIns.changePassword(user, 'wrong wrong wrong', 'another long password', VISITOR)).kind);
    }
    expect(kinds).toEqual([...Array<string>(10).fill('wrong'), 'too-many', 'too-many']);
    expect((await signIns.changePassword(user, PASSWORD, 'another long password', VISITOR)).kind).toBe('too-many');
  });

  it.each(['users', 'sessions', 'audit'] as const)(
    'is done whole or not at all: the %s cannot be written',
    async (repository) => {
      const { storage, more, user, signIns } = await asAda();
      await signIns.withPassword('ada', PASSWORD, VISITOR);
      const refused = new StorageError('on purpose');
      const methods = {
        users: { change: () => Promise.reject(refused) },
        sessions: { removeAll: () => Promise.reject(refused) },
        audit: { append: () => Promise.reject(refused) },
      };
      const broken = more({ storage: replacingWithin(storage, repository, methods[repository]) });
      const before = (await storage.audit.list({ limit: 100 })).length;
      await expect(broken.changePassword(user, PASSWORD, 'another long password', VISITOR)).rejects.toBe(refused);
      expect(await storage.sessions.ofUser(user.id)).toHaveLength(1);
      expect((await storage.audit.list({ limit: 100 })).length).toBe(before);
      expect((await signIns.withPassword('ada', PASSWORD, VISITOR)).kind).toBe('begun');
    },
  );
});

describe('the end of a session', () => {
  it('is written down with who ended it, and once', async () => {
    const { signIns, storage, adaId } = await withAda();
    const begun = await signIns.begin({ id: adaId }, VISITOR);
    if (begun === undefined) throw new Error('not signed in');
    const admin = { kind: 'user', id: 'admin-id', name: 'Grace' } as const;
    const ends = async () => signIns.end(begun.user, begun.session.id, admin);
    expect([await ends(), await ends()]).toEqual([true, false]);
    const entries = await storage.audit.list({ action: 'sign-out', limit: 10 });
    expect(entries.map(({ actor, subject }) => [actor.name, subject.key])).toEqual([['Grace', 'Ada']]);
  });

  it('is not for somebody else to bring about', async () => {
    const { signIns, storage, adaId } = await withAda();
    const bob = await storage.users.add({
      name: 'Bob',
      grants: { everywhere: 'viewer', environments: {} },
      subject: undefined,
    });
    const begun = await signIns.begin({ id: adaId }, VISITOR);
    if (begun === undefined || bob === undefined) throw new Error('not signed in');
    expect(await signIns.end(bob, begun.session.id, { kind: 'user', id: bob.id, name: 'Bob' })).toBe(false);
    expect(await storage.sessions.ofUser(adaId)).toHaveLength(1);
  });

  it('of all of a user leaves those of others', async () => {
    const { signIns, storage, adaId } = await withAda();
    const bob = await storage.users.add({
      name: 'Bob',
      grants: { everywhere: 'viewer', environments: {} },
      subject: undefined,
    });
    for (const id of [adaId, adaId, bob?.id ?? '']) await signIns.begin({ id }, VISITOR);
    await signIns.endAll({ id: adaId, name: 'Ada' }, { kind: 'center', id: 'center', name: 'center' });
    expect(await storage.sessions.ofUser(adaId)).toEqual([]);
    expect(await storage.sessions.ofUser(bob?.id ?? '')).toHaveLength(1);
    expect(await storage.audit.list({ action: 'end-sessions', limit: 10 })).toHaveLength(1);
  });
});
