import { describe, expect, it } from 'vitest';
import { actorOf, tokenState, userState, writeDown } from '../../src/access/audit-notes.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { AuditDraft } from '../../src/model/audit.js';
import type { AccessToken, User } from '../../src/model/user.js';
import { anEnvironment } from '../support/environments.js';

const DEV = anEnvironment('dev');
const PROD = { ...anEnvironment('prod'), id: '00000000-0000-4000-8000-0000000000ff' };

const ADA: User = {
  id: 'ada-id',
  name: 'Ada',
  grants: { everywhere: undefined, environments: {} },
  isDisabled: false,
  hasPassword: true,
  subject: undefined,
  createdAt: 1,
  lastSignInAt: 2,
};

/** What is written down of a note. */
async function written(note: Omit<Parameters<typeof writeDown>[1], 'actor' | 'action' | 'kind' | 'name'>) {
  const drafts: AuditDraft[] = [];
  let looks = 0;
  const audit = { append: async (draft: AuditDraft) => void drafts.push(draft) };
  const environments = {
    list: async () => {
      looks += 1;
      return [DEV, PROD];
    },
  };
  await writeDown({ audit, environments } as unknown as Parameters<typeof writeDown>[0], {
    actor: SETTINGS_TOKEN,
    action: 'update',
    kind: 'user',
    name: 'Ada',
    ...note,
  });
  return { draft: drafts[0], looks };
}

describe('a note about access', () => {
  it('has who, what and about whom, by name', async () => {
    const { draft } = await written({});
    expect(draft).toEqual({
      actor: SETTINGS_TOKEN,
      action: 'update',
      subject: { kind: 'user', key: 'Ada' },
      before: undefined,
      after: undefined,
    });
  });

  it('looks for environments only where there are grants to name', async () => {
    expect((await written({})).looks).toBe(0);
    expect((await written({ after: userState(ADA) })).looks).toBe(1);
  });

  it.each<[string, User['grants'], object]>([
    ['nothing at all', { everywhere: undefined, environments: {} }, { role: null, environments: {} }],
    ['a role everywhere', { everywhere: 'editor', environments: {} }, { role: 'editor', environments: {} }],
    [
      'roles by the keys of environments',
      { everywhere: undefined, environments: { [DEV.id]: 'viewer', [PROD.id]: 'admin' } },
      { role: null, environments: { dev: 'viewer', prod: 'admin' } },
    ],
    [
      'a role in an environment that is gone, by its id',
      { everywhere: 'viewer', environments: { 'gone-id': 'admin' } },
      { role: 'viewer', environments: { 'gone-id': 'admin' } },
    ],
  ])('says %s', async (_, grants, said) => {
    const { draft } = await written({ before: userState({ ...ADA, grants }), after: userState(ADA) });
    expect(draft?.before).toEqual({ ...said, id: 'ada-id', isDisabled: false, signsInWith: 'password' });
    expect(draft?.after).toMatchObject({ role: null, environments: {} });
  });
});

describe('what is of interest', () => {
  it.each<[Partial<User>, object]>([
    [{}, { isDisabled: false, signsInWith: 'password' }],
    [{ isDisabled: true }, { isDisabled: true, signsInWith: 'password' }],
    [{ subject: 'https://idp 1' }, { isDisabled: false, signsInWith: 'identity-provider' }],
  ])('of a user with %j is %j, and no word of its times or how it is known elsewhere', (user, said) => {
    expect(userState({ ...ADA, ...user })).toEqual({ id: 'ada-id', grants: ADA.grants, ...said });
  });

  it.each<[number | undefined, string | null]>([
    [undefined, null],
    [0, '1970-01-01T00:00:00.000Z'],
    [Date.UTC(2030, 0, 1), '2030-01-01T00:00:00.000Z'],
  ])('of a token is when it expires: %s is %s', (expiresAt, said) => {
    const token: AccessToken = {
      ...{ id: 'id', name: 'deploy', start: 'fbc_abcdef', grants: ADA.grants, createdBy: 'Ada' },
      ...{ createdAt: 5, expiresAt, lastUsedAt: 6 },
    };
    expect(tokenState(token)).toEqual({ id: 'id', start: 'fbc_abcdef', grants: ADA.grants, expiresAt: said });
  });

  it('of a user who acts is its id and its name', () => {
    expect(actorOf(ADA)).toEqual({ kind: 'user', id: 'ada-id', name: 'Ada' });
  });
});
