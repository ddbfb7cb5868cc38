import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/cli/command-line.js';
import { manageTokens, manageUsers, usersDoneText } from '../../src/cli/people.js';
import { type Call, FakeManagement } from '../support/fake-management.js';
import { commandContext } from '../support/run-line.js';

const ada = {
  id: 'u/1',
  name: 'Ada',
  role: null,
  environments: { dev: 'editor' },
  state: 'active',
  signsInWith: 'password',
  lastSignInAt: '2026-11-01T00:00:00.000Z',
};
const USERS = { 'GET /users': { items: [ada] } };
const link = { link: '/welcome#code', expiresAt: '2026-11-30T00:00:00.000Z' };

const token = (id: string, name: string, more: object = {}) => ({
  id,
  name,
  role: 'viewer',
  environments: {},
  start: 'fbc_ab',
  expiresAt: null,
  isExpired: false,
  lastUsedAt: null,
  ...more,
});
const TOKENS = {
  'GET /tokens': {
    items: [
      token('1', 'ci'),
      token('2', 'twice'),
      token('3', 'twice', { expiresAt: '2026-01-01T00:00:00.000Z', isExpired: true }),
    ],
  },
};

/** Runs a line against a table of answers. */
async function run(line: string, answers: Readonly<Record<string, unknown>>) {
  const command = readCommand(line.split(' '), { FBCENTER_URL: 'http://h', FBCENTER_ADMIN_TOKEN: 't' }, () => '');
  if (command.kind !== 'manage') throw new Error(`not managed: ${command.kind}`);
  const management = new FakeManagement(answers);
  const { context, written } = commandContext();
  const work = command.verb === 'users' ? manageUsers : manageTokens;
  const failure = await work({ command, context, management }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { ...written, failure, changes: management.changes };
}

describe('fbcenter users', () => {
  it.each<[line: string, answers: object, out: string, ...changes: Call[]]>([
    [
      'users list',
      USERS,
      'user  role        state   last sign-in\nAda   dev=editor  active  2026-11-01T00:00:00.000Z\n',
    ],
    ['users list', { 'GET /users': { items: [] } }, 'user  role  state  last sign-in\n'],
    [
      'users list --yaml',
      {
        'GET /users': {
          items: [
            ada,
            { ...ada, name: 'Bob', role: 'viewer', environments: {}, state: 'disabled' },
            { ...ada, name: 'Eve', signsInWith: 'identity-provider' },
            { ...ada, name: 'Uma', state: 'invited' },
          ],
        },
      },
      'format: fbcenter-users\nformatVersion: 1\nusers:\n' +
        '  - name: Ada\n    environments:\n      dev: editor\n' +
        '  - name: Bob\n    role: viewer\n    isDisabled: true\n' +
        '  - name: Uma\n    environments:\n      dev: editor\n',
    ],
    [
      'users invite',
      { 'POST /links/first': link },
      'A link for the first admin, in private: it works once, until 2026-11-30T00:00:00.000Z.\nhttp://h/welcome#code\n',
      ['POST', '/links/first'],
    ],
    [
      'users invite bob',
      { ...USERS, 'POST /users': link },
      'A link for bob, in private: it works once, until 2026-11-30T00:00:00.000Z.\nhttp://h/welcome#code\n',
      ['POST', '/users', { name: 'bob', role: 'viewer', environments: {} }],
    ],
    [
      'users invite bob dev=editor,prod=viewer --json',
      { ...USERS, 'POST /users': link },
      '{"name":"bob","link":"http://h/welcome#code","expiresAt":"2026-11-30T00:00:00.000Z"}\n',
      ['POST', '/users', { name: 'bob', role: null, environments: { dev: 'editor', prod: 'viewer' } }],
    ],
    [
      'users invite bob --public-url https://flags.example',
      { ...USERS, 'POST /users': link },
      'A link for bob, in private: it works once, until 2026-11-30T00:00:00.000Z.\nhttps://flags.example/welcome#code\n',
      ['POST', '/users', { name: 'bob', role: 'viewer', environments: {} }],
    ],
    // Who is there already gets a new link, and no new role.
    [
      'users invite ADA dev=editor',
      { ...USERS, 'POST /users/u%2F1/link': link },
      'A link for ADA, in private: it works once, until 2026-11-30T00:00:00.000Z.\nhttp://h/welcome#code\n',
      ['POST', '/users/u%2F1/link'],
    ],
    ['users invite bob --dry-run', {}, 'bob would be given a link\n'],
    [
      'users role ada admin',
      { ...USERS, 'PUT /users/u%2F1': {} },
      'Ada is admin\n',
      ['PUT', '/users/u%2F1', { role: 'admin', environments: {} }],
    ],
    [
      'users disable ada',
      { ...USERS, 'PUT /users/u%2F1': {} },
      'Ada is disabled: every session has ended\n',
      ['PUT', '/users/u%2F1', { isDisabled: true }],
    ],
    [
      'users enable ada --json',
      { ...USERS, 'PUT /users/u%2F1': {} },
      '{"dryRun":false,"done":"Ada can sign in again"}\n',
      ['PUT', '/users/u%2F1', { isDisabled: false }],
    ],
    [
      'users remove ada',
      { ...USERS, 'DELETE /users/u%2F1': undefined },
      'Ada is removed\n',
      ['DELETE', '/users/u%2F1'],
    ],
    ['users remove ada --dry-run', USERS, 'to be done: Ada is removed\n'],
    ['users remove ada --dry-run --json', USERS, '{"dryRun":true,"done":null}\n'],
  ])('%s', async (line, answers, out, ...changes) => {
    expect(await run(line, answers as Record<string, unknown>)).toEqual({ out, err: '', failure: undefined, changes });
  });

  it.each<[line: string, answers: object, failure: string]>([
    ['users remove bob', USERS, 'There is no user bob: see "fbcenter users list"'],
    ['users role bob admin', USERS, 'There is no user bob: see "fbcenter users list"'],
    ['users invite ada admin', USERS, 'Ada is there already, as dev=editor: change that with "fbcenter users role"'],
    [
      'users disable ada',
      { ...USERS, 'PUT /users/u%2F1': new Error('It is the last admin.') },
      'It is the last admin.',
    ],
  ])('%s is refused, and says why', async (line, answers, failure) => {
    expect(await run(line, answers as Record<string, unknown>)).toMatchObject({ out: '', failure });
  });

  it('shows names of others without what moves a terminal', async () => {
    const { out } = await run('users list', { 'GET /users': { items: [{ ...ada, name: '\u001b[31mAda\n' }] } });
    expect(out).toContain('?[31mAda?');
  });
});

describe('what is said once users are what files say', () => {
  const change = (key: string, outcome: 'created' | 'changed') =>
    ({ kind: 'user', key, outcome, differences: [] }) as const;

  it.each([
    [[], ''],
    [[change('ada', 'changed')], 'users are done\n'],
    [
      [change('ada', 'changed'), change('bob', 'created'), change("Zoë O'Hara", 'created')],
      'users are done\n' +
        'bob needs a link, in private: fbcenter users invite bob\n' +
        "Zoë O'Hara needs a link, in private: fbcenter users invite 'Zoë O'\\''Hara'\n",
    ],
  ])('of %j', (changes, text) => {
    expect(usersDoneText(changes)).toBe(text);
  });
});

describe('fbcenter tokens', () => {
  const made = { ...token('9', 'ci'), token: 'fbc_secret' };

  it('lists them with their end, and whether it is over', async () => {
    const { out, changes } = await run('tokens list', TOKENS);
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['token', 'role', 'begins with', 'ends', 'last used', 'id'],
      ['ci', 'viewer', 'fbc_ab', 'never', '1'],
      ['twice', 'viewer', 'fbc_ab', 'never', '2'],
      ['twice', 'viewer', 'fbc_ab', '2026-01-01T00:00:00.000Z (over)', '3'],
      [''],
    ]);
    expect(changes).toEqual([]);
    expect(JSON.parse((await run('tokens list --json', TOKENS)).out)).toHaveLength(3);
  });

  it('makes one: the token alone goes to stdout, and is asked for with what was given', async () => {
    const result = await run('tokens create ci editor --expires 2030-01-01T00:00:00Z', { 'POST /tokens': made });
    expect(result).toEqual({
      out: 'fbc_secret\n',
      err: 'The access token ci, viewer; it is not shown again:\n',
      failure: undefined,
      changes: [
        ['POST', '/tokens', { name: 'ci', role: 'editor', environments: {}, expiresAt: '2030-01-01T00:00:00Z' }],
      ],
    });
    const json = await run('tokens create ci --json', { 'POST /tokens': made });
    expect([JSON.parse(json.out), json.err]).toEqual([made, '']);
    const dry = await run('tokens create ci prod=viewer --dry-run', {});
    expect([dry.out, dry.changes]).toEqual(['ci would be prod=viewer\n', []]);
  });

  it.each<[line: string, out: string, ...changes: Call[]]>([
    ['tokens revoke ci', 'ci is revoked\n', ['DELETE', '/tokens/1']],
    ['tokens revoke 3', 'twice is revoked\n', ['DELETE', '/tokens/3']],
    ['tokens revoke ci --dry-run', 'to be done: ci is revoked\n'],
  ])('%s', async (line, out, ...changes) => {
    const answers = { ...TOKENS, 'DELETE /tokens/1': undefined, 'DELETE /tokens/3': undefined };
    expect(await run(line, answers)).toMatchObject({ out, failure: undefined, changes });
  });

  it.each([
    ['tokens revoke twice', '2 access tokens are called twice: give the id of one'],
    ['tokens revoke none', 'There is no access token none: see "fbcenter tokens list"'],
    ['tokens revoke CI', 'There is no access token CI: see "fbcenter tokens list"'],
  ])('%s is refused, and says why', async (line, failure) => {
    expect(await run(line, TOKENS)).toMatchObject({ out: '', failure, changes: [] });
  });
});
