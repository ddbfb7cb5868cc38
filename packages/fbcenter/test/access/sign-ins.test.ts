import { describe, expect, it, onTestFinished } from 'vitest';
import { Passwords } from '../../src/access/passwords.js';
import { SignInLimit } from '../../src/access/sign-in-limit.js';
import { type SignInParts, SignIns } from '../../src/access/sign-ins.js';
import { StorageError } from '../../src/errors.js';
import { Refusal } from '../../src/model/refusal.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { FakeClock } from '../support/fake-clock.js';
import { memoryLogger } from '../support/memory-logger.js';
import { CHEAP, PASSWORD } from '../support/people.js';

const VISITOR = { address: '192.0.2.1', agent: 'x'.repeat(500) };

async function withAda(parts: Partial<SignInParts> = {}) {
  const clock = new FakeClock();
  const storage = openSqliteStorage({ clock });
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
    const parts = { users: storage.users, sessions: storage.sessions, environments: storage.environments };
    const signIns = more({ storage: { ...parts, audit, transact: (work) => storage.transact(work) } });
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
