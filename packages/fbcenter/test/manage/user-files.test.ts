import { describe, expect, it } from 'vitest';
import { readWanted } from '../../src/manage/apply-files.js';

const HEAD = 'format: fbcenter-users\nformatVersion: 1\n';
const read = (texts: Record<string, string>, environment?: string) =>
  readWanted(
    Object.entries(texts).map(([path, text]) => ({ path, text })),
    environment,
  );

function usersOf(...users: readonly string[]) {
  const wanted = read({ f: `${HEAD}users:\n${users.map((user) => `  - ${user}\n`).join('')}` });
  if ('faults' in wanted) throw new Error(JSON.stringify(wanted.faults));
  return wanted.users?.map(({ place, ...user }) => user);
}

describe('files that say who the users are', () => {
  it.each<[string, object]>([
    ['{ name: ada, role: admin }', { name: 'ada', grants: { role: 'admin', environments: {} } }],
    [
      '{ name: " Ada Lovelace ", environments: { prod: viewer, dev: editor } }',
      { name: 'Ada Lovelace', grants: { role: null, environments: { prod: 'viewer', dev: 'editor' } } },
    ],
    [
      '{ name: ada, role: viewer, environments: { prod: admin }, isDisabled: false }',
      { name: 'ada', grants: { role: 'viewer', environments: { prod: 'admin' } }, isDisabled: false },
    ],
    // What is not said stays as it is.
    ['{ name: ada }', { name: 'ada' }],
    ['{ name: ada, role: null, environments: {} }', { name: 'ada' }],
    ['{ name: ada, isDisabled: true }', { name: 'ada', isDisabled: true }],
    ['{ name: __proto__, environments: { __proto__: viewer } }', expect.objectContaining({ name: '__proto__' })],
  ])('%s', (text, user) => {
    expect(usersOf(text)).toEqual([user]);
  });

  it('may be several, beside those of environments; a file about no user is not one without users', () => {
    const environment = 'format: fbcenter-environment\nformatVersion: 1\nenvironment: { key: dev }\n';
    const wanted = read({
      a: `${environment}---\n${HEAD}users: [{ name: ada, role: admin }]\n`,
      b: `${HEAD}users:\n  - name: bob\n    role: viewer\n`,
    });
    if ('faults' in wanted) throw new Error(JSON.stringify(wanted.faults));
    expect(wanted.environments.map(({ key }) => key)).toEqual(['dev']);
    expect(wanted.users?.map(({ name, place }) => [name, place(), place('role')])).toEqual([
      ['ada', 'a:7', 'a:7'],
      ['bob', 'b:4', 'b:5'],
    ]);
    expect(read({ a: environment })).toMatchObject({ users: undefined });
    expect(read({ a: `${HEAD}users: []` })).toMatchObject({ environments: [], users: [] });
  });

  it.each<[text: string, ...faults: string[]]>([
    ['', 'f:1: users: must be a list'],
    ['users: {}', 'f:3: users: must be a list'],
    ['users: []\nuser: []', 'f:4: user: there is no such field; did you mean users?'],
    [
      'users: []\nenvironment: { key: dev }',
      'f:4: environment: there is no such field; there are format, formatVersion, users',
    ],
    ['users: [ada]', 'f:3: must be a user such as "{ name: ada, role: editor }"'],
    ['users: [{ role: viewer }]', 'f:3: name: Must be a text.'],
    ['users: [{ name: 1, role: viewer }]', 'f:3: name: Must be a text.'],
    ['users: [{ name: " ", role: viewer }]', 'f:3: name: Must not be blank.'],
    [`users: [{ name: ${'x'.repeat(101)}, role: viewer }]`, 'f:3: name: Must not be longer than 100 characters.'],
    ['users: [{ name: ada, rol: viewer }]', 'f:3: rol: there is no such field; did you mean role?'],
    ['users: [{ name: ada, role: owner }]', 'f:3: role: must be one of viewer, editor, admin'],
    [
      'users: [{ name: ada, environments: prod }]',
      'f:3: environments: must be roles by environment, such as "{ prod: viewer }"',
    ],
    [
      'users:\n  - name: ada\n    environments:\n      prod: viewer\n      dev: owner',
      'f:7: environments.dev: must be one of viewer, editor, admin',
    ],
    ['users: [{ name: ada, role: viewer, isDisabled: 1 }]', 'f:3: isDisabled: must be true or false'],
    [
      'users:\n  - { name: ada, role: viewer }\n  - { name: " ADA ", role: viewer }',
      'f:5: the user ADA stands in f:4, too: leave one of them out',
    ],
    ...['password', 'passwordHash', 'Secret', 'token'].map((field): [string, string] => [
      `users:\n  - name: ada\n    role: viewer\n    ${field}: harmless`,
      `f:6: ${field}: no credential stands in a file; a new user gets a link by "fbcenter users invite NAME"`,
    ]),
  ])('%j are refused: %s', (text, ...faults) => {
    const wanted = read({ f: HEAD + text });
    const found = 'faults' in wanted ? wanted.faults.map(({ place, message }) => `${place}: ${message}`) : [];
    expect(found).toEqual(faults);
  });

  it('belong to no environment: an import does not take them', () => {
    expect(read({ f: `${HEAD}users: []` }, 'dev')).toEqual({
      faults: [{ place: 'f:1', message: 'users belong to no environment: "fbcenter apply -f" takes this file' }],
    });
  });
});
