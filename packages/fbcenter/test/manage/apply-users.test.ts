import { describe, expect, it } from 'vitest';
import { type ApplyOptions, type ApplyPlan, apply } from '../../src/manage/apply.js';
import { readWanted } from '../../src/manage/apply-files.js';
import { planText } from '../../src/manage/display.js';
import { Management } from '../../src/manage/management.js';
import { FakeManagement } from '../support/fake-management.js';
import { type PeopleCenter, startWithPeople } from '../support/people.js';

const HEAD = 'format: fbcenter-users\nformatVersion: 1\nusers:\n';

function wanted(users: readonly string[], environments = '') {
  const text = `${environments}${HEAD}${users.map((user) => `  - ${user}\n`).join('')}`;
  const read = readWanted([{ path: 'f', text }]);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read;
}

const managementOf = ({ center }: PeopleCenter, token = center.adminToken) =>
  new Management({ url: center.url, token, comment: 'Grüße', group: 'one-run' });

async function run(management: Management, what: ReturnType<typeof wanted>, given: Partial<ApplyOptions> = {}) {
  const shown: ApplyPlan[] = [];
  const options = {
    ...{ dryRun: false, prune: false, withSwitch: true, makesEnvironments: true },
    show: (one: ApplyPlan) => void shown.push(one),
    progress: () => {},
    ...given,
  };
  const failure = await apply(management, what, options).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const [plan] = shown;
  return { failure, plan, text: shown.map((one) => planText(one, options.dryRun)).join('') };
}

/** The users as the center has them: name, roles, state. */
async function usersOf({ admin }: PeopleCenter) {
  const { body } = await admin('GET', '/users');
  return body.items.map((user: Record<string, unknown>) => [user.name, user.role, user.environments, user.state]);
}

describe('apply of users', () => {
  it('makes them what files say, without a password; a second run changes nothing', async () => {
    const people = await startWithPeople();
    const management = managementOf(people);
    const what = wanted(['{ name: ada, role: admin }', '{ name: bob, environments: { prod: viewer } }']);
    const dry = await run(management, what, { dryRun: true });
    const lines = ['users: 2 created', '  + user ada', '      role: "admin"', '  + user bob'];
    expect(dry.text).toBe(`${[...lines, '      environments.prod: "viewer"'].join('\n')}\nplan ${dry.plan?.plan}\n`);
    expect(await usersOf(people)).toEqual([]);
    expect((await run(management, what, { expected: dry.plan?.plan })).failure).toBeUndefined();
    expect(await usersOf(people)).toEqual([
      ['ada', 'admin', {}, 'invited'],
      ['bob', null, { prod: 'viewer' }, 'invited'],
    ]);
    const again = await run(management, what);
    expect([again.text, again.plan?.isDifferent]).toEqual(['users: 2 as they are\n', false]);
    // Written down as by the API, with why and as one act.
    const events = await people.events();
    expect(events.map(({ action, subject, comment, group }) => [action, subject.key, comment, group])).toEqual([
      ['create', 'ada', 'Grüße', 'one-run'],
      ['create', 'bob', 'Grüße', 'one-run'],
    ]);
    // The link is asked for where it is handed on.
    const { link } = await management.call<{ readonly link: string }>(`/users/${await people.idOf('ada')}/link`, {
      method: 'POST',
    });
    expect(link).toMatch(/^\/welcome#/);
  });

  it('changes roles, disables and enables, and only what is different', async () => {
    const people = await startWithPeople();
    const management = managementOf(people);
    await people.join('Ada', { role: 'admin' });
    const bob = await people.join('Bob', { role: 'viewer' });
    const { text } = await run(management, wanted(['{ name: ada }', '{ name: bob, role: editor, isDisabled: true }']));
    expect(text).toBe(
      'users: 1 changed, 1 as they are\n  ~ user Bob\n      role: "viewer" → "editor"\n      isDisabled: false → true\n',
    );
    expect((await bob.api(people.center, 'GET', '/environments')).status).toBe(401);
    await run(management, wanted(['{ name: bob, isDisabled: false }']));
    expect(await usersOf(people)).toEqual([
      ['Ada', 'admin', {}, 'active'],
      ['Bob', 'editor', {}, 'active'],
    ]);
    expect((await people.events()).filter(({ action }) => action === 'update')).toHaveLength(2);
  });

  it('gives roles in environments that the same files make, and disables who may not sign in at once', async () => {
    const people = await startWithPeople();
    const environment = 'format: fbcenter-environment\nformatVersion: 1\nenvironment: { key: new }\n---\n';
    const what = wanted(['{ name: ada, environments: { new: editor }, isDisabled: true }'], environment);
    const management = managementOf(people);
    expect((await run(management, what)).failure).toBeUndefined();
    expect(await usersOf(people)).toEqual([['ada', null, { new: 'editor' }, 'disabled']]);
    expect((await run(management, what)).plan?.isDifferent).toBe(false);
  });

  it('disables whom the files do not name only when it is asked to, and swaps admins in the right order', async () => {
    const people = await startWithPeople();
    const management = managementOf(people);
    await people.join('Ada', { role: 'admin' });
    await people.join('Bob', { role: 'viewer' });
    await people.join('Cyd', { role: 'editor' });
    const what = wanted(['{ name: ada, role: viewer }', '{ name: bob, role: admin }']);
    expect((await run(management, what)).failure).toBeUndefined();
    expect(await usersOf(people)).toEqual([
      ['Ada', 'viewer', {}, 'active'],
      ['Bob', 'admin', {}, 'active'],
      ['Cyd', 'editor', {}, 'active'],
    ]);
    const pruned = await run(management, what, { prune: true });
    expect(pruned.text).toBe('users: 1 changed, 2 as they are\n  ~ user Cyd\n      isDisabled: false → true\n');
    expect((await usersOf(people)).at(-1)).toEqual(['Cyd', 'editor', {}, 'disabled']);
    // Nothing is said of users: nothing is pruned of them.
    const nothing = { environments: [], users: undefined };
    expect((await run(management, nothing, { prune: true })).plan?.isDifferent).toBe(false);
  });

  it('refuses all of it when nobody would be left who may do everything, or who applies it would be shut out', async () => {
    const people = await startWithPeople();
    const ada = await people.join('Ada', { role: 'admin' });
    const { body } = await ada.api(people.center, 'POST', '/tokens', { name: 'ci', role: 'admin' });
    const before = await usersOf(people);
    const what = wanted(['{ name: ada, role: viewer }', '{ name: bob, role: admin }']);
    const last = await run(managementOf(people), what);
    expect(last.failure).toBe('Nothing was changed: put right what is named above');
    expect(last.plan?.faults).toMatchObject([{ place: 'f:4', code: 'last-admin' }]);
    const own = await run(managementOf(people, body.token), wanted(['{ name: bob, role: admin }']), { prune: true });
    expect(own.plan?.faults.map(({ code }) => code)).toEqual(['last-admin', 'own-access']);
    expect(own.text).toContain('the user Ada, whom the files do not name: ');
    await people.join('Eve', { role: 'admin' });
    const left = await run(managementOf(people, body.token), wanted(['{ name: ada, isDisabled: true }']));
    expect(left.plan?.faults).toMatchObject([{ code: 'own-access', message: expect.stringContaining('token ci') }]);
    expect((await usersOf(people)).slice(0, 1)).toEqual(before);
    // With another token it is done.
    expect((await run(managementOf(people), wanted(['{ name: ada, isDisabled: true }']))).failure).toBeUndefined();
  });

  it('is held to a plan: nothing is done when a user has changed since', async () => {
    const people = await startWithPeople();
    const management = managementOf(people);
    await people.join('Ada', { role: 'viewer' });
    const what = wanted(['{ name: ada, role: editor }']);
    const dry = await run(management, what, { dryRun: true });
    await people.admin('PUT', `/users/${await people.idOf('Ada')}`, { role: 'viewer', environments: { dev: 'admin' } });
    expect((await run(management, what, { expected: dry.plan?.plan })).failure).toMatch(/since the dry run/);
    expect(await usersOf(people)).toEqual([['Ada', 'viewer', { dev: 'admin' }, 'active']]);
  });

  it('takes an admin of the center', async () => {
    const people = await startWithPeople();
    const { body } = await people.admin('POST', '/tokens', { name: 'ci', environments: { dev: 'admin' } });
    const { failure } = await run(managementOf(people, body.token), wanted(['{ name: ada, role: viewer }']));
    expect(failure).toMatch(/^Users are a matter of the center's admins: give an access token/);
    expect(await usersOf(people)).toEqual([]);
  });
});

describe('while users are changed', () => {
  const ada = {
    ...{ id: '1', name: 'ada', role: 'viewer', environments: {}, state: 'active', signsInWith: 'password' },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', lastSignInAt: null },
  };
  const ANSWERS = {
    'GET /environments': { items: [] },
    'GET /session': { me: { kind: 'settings-token', id: 't', name: 't' } },
    'GET /users': { items: [ada] },
  };

  it.each<[what: string, now: object]>([
    ['another role', { ...ada, role: 'editor' }],
    ['another role somewhere', { ...ada, environments: { dev: 'admin' } }],
    ['another state', { ...ada, state: 'disabled' }],
  ])('nothing is overwritten: %s', async (_, now) => {
    const management = new FakeManagement({ ...ANSWERS, 'GET /users/1': now });
    const { failure } = await run(management, wanted(['{ name: ada, role: admin }']));
    expect(failure).toMatch(/^Somebody else has changed the user ada meanwhile: nothing was overwritten there/);
    expect(management.changes).toEqual([]);
  });

  it('a change of what nobody says here is left as it is', async () => {
    const management = new FakeManagement({
      ...ANSWERS,
      'GET /users/1': { ...ada, lastSignInAt: '2026-01-02T00:00:00.000Z' },
      'PUT /users/1': ada,
    });
    expect((await run(management, wanted(['{ name: ada, isDisabled: true }']))).failure).toBeUndefined();
    expect(management.changes).toEqual([['PUT', '/users/1', { isDisabled: true }]]);
  });
});
