import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UserBody } from '../../src/api/access.js';
import type { WantedUser } from '../../src/manage/user-files.js';
import { type Applier, type UsersPlanOptions, usersPlan } from '../../src/manage/users-plan.js';
import { check } from '../support/property.js';

const user = (name: string, more: Partial<UserBody> = {}): UserBody => ({
  id: `id of ${name}`,
  name,
  role: 'viewer',
  environments: {},
  state: 'active',
  signsInWith: 'password',
  createdAt: '2026-01-01T00:00:00.000Z',
  lastSignInAt: '2026-01-02T00:00:00.000Z',
  ...more,
});
const admin = (name: string, more: Partial<UserBody> = {}) => user(name, { role: 'admin', ...more });

type Said = Omit<WantedUser, 'place' | 'grants'> & Partial<UserBody>;
const wanted = ({ name, role = null, environments = {}, isDisabled }: Said): WantedUser => ({
  name,
  ...((role !== null || Object.keys(environments).length > 0) && { grants: { role, environments } }),
  ...(isDisabled !== undefined && { isDisabled }),
  place: (...path) => ['users.yaml', name, ...path].join(':'),
});

const planOf = (said: readonly Said[], there: readonly UserBody[], more: Partial<UsersPlanOptions> = {}) =>
  usersPlan(said.map(wanted), there, { environments: ['dev', 'prod'], prune: false, ...more });

/** A plan in short: what becomes of whom. */
const short = ({ changes, same }: ReturnType<typeof planOf>) => [
  ...changes.map(
    ({ key, outcome, differences }) =>
      `${outcome} ${key}${differences.map(({ path, before, after }) => ` ${path}:${before ?? ''}>${after ?? ''}`).join('')}`,
  ),
  `same ${same}`,
];

describe('what becomes of users', () => {
  it.each<[what: string, said: Said[], there: UserBody[], expected: string[], more?: Partial<UsersPlanOptions>]>([
    ['who are as they are to be', [{ name: 'ada', role: 'viewer' }], [user('ada')], ['same 1']],
    ['who are named otherwise written', [{ name: ' ADA', role: 'viewer' }], [user('Ada')], ['same 1']],
    ['who are new', [{ name: 'bob', role: 'editor' }], [], ['created bob role:>editor', 'same 0']],
    [
      'who are new, in one environment, and may not sign in yet',
      [{ name: 'bob', environments: { prod: 'viewer' }, isDisabled: true }],
      [],
      ['created bob environments.prod:>viewer isDisabled:>true', 'same 0'],
    ],
    [
      'who get another role',
      [{ name: 'ada', role: 'editor' }],
      [user('ada')],
      ['changed ada role:viewer>editor', 'same 0'],
    ],
    [
      'whose roles in environments are no more said: they are all that a user may do',
      [{ name: 'ada', role: 'viewer' }],
      [user('ada', { environments: { prod: 'admin' } })],
      ['changed ada environments.prod:admin>', 'same 0'],
    ],
    [
      'who are only in environments from now on',
      [{ name: 'ada', environments: { dev: 'editor' } }],
      [user('ada')],
      ['changed ada role:viewer> environments.dev:>editor', 'same 0'],
    ],
    ['of whom nothing is said but the name', [{ name: 'ada' }], [admin('ada', { state: 'disabled' })], ['same 1']],
    [
      'who are disabled',
      [{ name: 'ada', isDisabled: true }],
      [user('ada')],
      ['changed ada isDisabled:false>true', 'same 0'],
    ],
    [
      'who may sign in again',
      [{ name: 'ada', isDisabled: false }],
      [user('ada', { state: 'disabled' })],
      ['changed ada isDisabled:true>false', 'same 0'],
    ],
    ['who are invited already', [{ name: 'ada', role: 'viewer' }], [user('ada', { state: 'invited' })], ['same 1']],
    ['who are not named: they stay', [], [user('ada'), admin('bob')], ['same 0']],
    [
      'who are not named, when that is asked for: they are disabled, and never removed',
      [{ name: 'bob', role: 'admin' }],
      [user('ada'), admin('bob'), user('cyd', { state: 'invited' }), user('dan', { state: 'disabled' })],
      ['changed ada isDisabled:false>true', 'changed cyd isDisabled:false>true', 'same 1'],
      { prune: true },
    ],
    [
      'whom the identity provider lets in: it decides about them',
      [{ name: 'bob', role: 'admin' }],
      [user('ada', { signsInWith: 'identity-provider' }), admin('bob')],
      ['same 1'],
      { prune: true },
    ],
  ])('%s', (_, said, there, expected, more) => {
    const plan = planOf(said, there, more);
    expect(plan.faults).toEqual([]);
    expect(short(plan)).toEqual(expected);
  });

  it.each<[what: string, said: Said[], there: UserBody[], place: string, message: RegExp]>([
    ['are new and may do nothing', [{ name: 'bob' }], [], 'users.yaml:bob', /^bob is not there yet: give a role/],
    [
      'have a role in an environment that there is not',
      [{ name: 'ada', environments: { prd: 'viewer' } }],
      [user('ada')],
      'users.yaml:ada:environments:prd',
      /there is no environment prd: there are dev, prod$/,
    ],
    [
      'have their roles from the identity provider',
      [{ name: 'ada', role: 'admin' }],
      [user('ada', { signsInWith: 'identity-provider' })],
      'users.yaml:ada',
      /^ada signs in with the identity provider, whose groups decide/,
    ],
  ])('is nothing when they %s', (_, said, there, place, message) => {
    expect(planOf(said, there).faults).toEqual([{ place, message: expect.stringMatching(message) }]);
  });

  it('may be said of the identity provider’s users as it is, and that they are disabled', () => {
    const there = [user('ada', { signsInWith: 'identity-provider' })];
    expect(planOf([{ name: 'ada', role: 'viewer' }], there).faults).toEqual([]);
    expect(planOf([{ name: 'ada', isDisabled: true }], there).faults).toEqual([]);
  });
});

describe('the digest of a plan', () => {
  const there = [user('ada'), user('bob')];
  const said: Said[] = [{ name: 'ada', role: 'editor' }];
  const { digest } = planOf(said, there);

  it.each<[what: string, said: Said[], there: UserBody[], isSame: boolean]>([
    ['the same again', said, there, true],
    ['somebody has signed in', said, [user('ada', { lastSignInAt: null }), user('bob')], true],
    ['another user has changed', said, [user('ada'), admin('bob')], true],
    ['the user has another role by now', said, [user('ada', { environments: { dev: 'admin' } }), user('bob')], false],
    ['the user is another one of the same name', said, [user('ada', { id: 'x' }), user('bob')], false],
    ['the user is disabled by now', said, [user('ada', { state: 'disabled' }), user('bob')], false],
    ['another role is wanted', [{ name: 'ada', role: 'admin' }], there, false],
    ['one more is wanted', [...said, { name: 'bob', role: 'admin' }], there, false],
  ])('stands for what is done and on what: %s', (_, said, there, isSame) => {
    expect(planOf(said, there).digest === digest).toBe(isSame);
  });
});

describe('nobody is shut out', () => {
  const byToken: Applier = { user: 'Ada', token: 'ci' };

  it.each<
    [what: string, said: Said[], there: UserBody[], codes: (string | undefined)[], more?: Partial<UsersPlanOptions>]
  >([
    ['the last admin gets a lower role', [{ name: 'ada', role: 'viewer' }], [admin('ada')], ['last-admin']],
    ['the last admin is disabled', [{ name: 'ada', isDisabled: true }], [admin('ada'), user('bob')], ['last-admin']],
    ['the last admin is not named', [], [admin('ada')], ['last-admin'], { prune: true }],
    [
      'all admins lose it: each is named',
      [{ name: 'ada', role: 'viewer' }],
      [admin('ada'), admin('bob')],
      ['last-admin', 'last-admin'],
      { prune: true },
    ],
    [
      'the other admin has not followed the link',
      [{ name: 'ada', role: 'viewer' }],
      [admin('ada'), admin('bob', { state: 'invited' })],
      ['last-admin'],
    ],
    [
      'the other admin is disabled',
      [{ name: 'ada', role: 'viewer' }],
      [admin('ada'), admin('bob', { state: 'disabled' })],
      ['last-admin'],
    ],
    [
      'somebody new is to be admin in the place of the last',
      [
        { name: 'bob', role: 'admin' },
        { name: 'ada', role: 'viewer' },
      ],
      [admin('ada')],
      ['last-admin'],
    ],
    ['an admin is left', [{ name: 'ada', role: 'viewer' }], [admin('ada'), admin('bob')], []],
    [
      'an admin of the identity provider is left',
      [],
      [admin('ada'), admin('eve', { signsInWith: 'identity-provider' })],
      [],
      { prune: true },
    ],
    [
      'another one who has a password becomes admin',
      [
        { name: 'ada', role: 'viewer' },
        { name: 'bob', role: 'admin' },
      ],
      [admin('ada'), user('bob')],
      [],
    ],
    [
      'an admin who was disabled may sign in again',
      [
        { name: 'ada', role: 'viewer' },
        { name: 'bob', isDisabled: false },
      ],
      [admin('ada'), admin('bob', { state: 'disabled' })],
      [],
    ],
    ['there was no admin before', [{ name: 'ada', role: 'viewer' }], [user('ada')], []],
    [
      'the one who applies gets a lower role',
      [{ name: 'ada', role: 'editor' }],
      [admin('ada'), admin('bob')],
      ['own-access'],
      { applier: { user: 'ada', token: undefined } },
    ],
    [
      'the maker of the token is disabled',
      [{ name: 'ada', isDisabled: true }],
      [admin('ada'), admin('bob')],
      ['own-access'],
      { applier: byToken },
    ],
    [
      'the maker of the token is not named',
      [{ name: 'bob', role: 'admin' }],
      [admin('ada'), admin('bob')],
      ['own-access'],
      { applier: byToken, prune: true },
    ],
    [
      'the maker of the token gets nothing else than a role in an environment beside',
      [{ name: 'ada', role: 'admin', environments: { dev: 'viewer' } }],
      [admin('ada')],
      [],
      { applier: byToken },
    ],
    [
      'the maker of the token is gone',
      [{ name: 'bob', role: 'viewer' }],
      [user('bob'), admin('cyd')],
      [],
      { applier: byToken },
    ],
  ])('%s', (_, said, there, codes, more) => {
    const { faults } = planOf(said, there, more);
    expect(faults.map(({ code }) => code)).toEqual(codes);
  });

  it('says who, where, and what to do', () => {
    const [last, own] = planOf([{ name: 'ada', role: 'viewer' }], [admin('ada')], { applier: byToken }).faults;
    expect(last).toMatchObject({ place: 'users.yaml:ada', message: expect.stringContaining('make another one first') });
    expect(own?.message).toBe(
      'ada has made the access token ci, with which this is applied, and would be no admin any more: use a token of another admin',
    );
  });
});

/** So few that the last admin among them is often in question. */
const NAMES = ['ada', 'bob', 'cyd'];
const roles = fc.constantFrom('viewer', 'admin' as const);
const grants = fc.record({
  role: fc.option(roles, { nil: null }),
  environments: fc.dictionary(fc.constantFrom('dev', 'prod'), roles),
});
const anybody = fc
  .record({
    state: fc.constantFrom('active', 'active', 'active', 'invited', 'disabled' as const),
    signsInWith: fc.constantFrom('password' as const, 'password' as const, 'identity-provider' as const),
    lastSignInAt: fc.option(fc.constant('2026-01-02T00:00:00.000Z'), { nil: null }),
    grants,
  })
  // Whom the identity provider lets in needs no password.
  .filter(({ state, signsInWith }) => state !== 'invited' || signsInWith === 'password');
const groups = fc
  .subarray(NAMES)
  .chain((names) =>
    fc.tuple(...names.map((name) => anybody.map(({ grants, ...more }) => user(name, { ...grants, ...more })))),
  );
const said = fc.subarray(NAMES).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc.record({ grants, isDisabled: fc.option(fc.boolean(), { nil: undefined }) }).map(
        ({ grants, isDisabled }): Said => ({
          name,
          ...(grants.role === null && Object.keys(grants.environments).length === 0
            ? { role: 'viewer' as const }
            : grants),
          ...(isDisabled !== undefined && { isDisabled }),
        }),
      ),
    ),
  ),
);

/** The center's users once a plan is carried out. */
function carriedOut(there: readonly UserBody[], { steps }: ReturnType<typeof planOf>): readonly UserBody[] {
  const users = new Map(there.map((one) => [one.name, one]));
  for (const { name, before, after } of steps) {
    const { isDisabled, role, environments } = after;
    const hasWayIn = before?.signsInWith === 'identity-provider' || before?.lastSignInAt != null;
    const back = hasWayIn ? ('active' as const) : ('invited' as const);
    const open = before === undefined ? 'invited' : before.state === 'disabled' ? back : before.state;
    const body = before ?? user(name, { lastSignInAt: null });
    users.set(name, { ...body, role, environments, state: isDisabled ? 'disabled' : open });
  }
  return [...users.values()];
}

describe('whatever is there and whatever is wanted', () => {
  it('a plan that can be carried out is over with it, and leaves an admin where there was one', async () => {
    await check(
      fc.property(groups, said, fc.boolean(), (there, wantedUsers, prune) => {
        const plan = planOf(wantedUsers, there, { prune });
        if (plan.faults.length > 0) return;
        const after = carriedOut(there, plan);
        expect(planOf(wantedUsers, after, { prune }).changes).toEqual([]);
        const isAdmin = ({ role, state }: UserBody) => role === 'admin' && state === 'active';
        expect(after.length).toBeGreaterThanOrEqual(there.length);
        if (!there.some(isAdmin)) return;
        // Neither at the end, nor on the way: the center would refuse that step.
        for (let done = 0; done <= plan.steps.length; done++) {
          expect(carriedOut(there, { ...plan, steps: plan.steps.slice(0, done) }).some(isAdmin)).toBe(true);
        }
      }),
      500,
    );
  });
});
