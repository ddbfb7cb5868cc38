import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/storage/ids.js';
import { intactValue, keptText, keptValue } from '../../src/storage/kept-json.js';
import { documentOf } from '../../src/storage/postgres/document-rows.js';
import { ITERATION, iterationOf } from '../../src/storage/postgres/iteration-rows.js';
import { secretOf } from '../../src/storage/postgres/secret-rows.js';
import { TOKEN_COLUMNS, tokenOf } from '../../src/storage/token-rows.js';
import { grantsOf, USER_COLUMNS, userOf } from '../../src/storage/user-rows.js';
import { check } from '../support/property.js';

const DAMAGED = 'What is kept of this experiment is damaged: restore a backup, or have it counted anew.';

describe('a value that is kept as text', () => {
  it.each([
    [null, 'null\n634125391'],
    [0, '0\n4108050209'],
    ['', '""\n856364347'],
  ])('%j has its checksum behind it', (value, text) => {
    expect(keptText(value)).toBe(text);
    expect(keptValue(text)).toEqual(value);
  });

  it('comes back as it was', async () => {
    const property = fc.property(fc.jsonValue(), (value) => {
      expect(keptValue(keptText(value))).toEqual(JSON.parse(JSON.stringify(value)));
    });
    await check(property);
  });

  it('is damaged when any of its characters is another one', async () => {
    const property = fc.property(fc.jsonValue({ maxDepth: 2 }), fc.nat(), (value, place) => {
      const text = keptText(value);
      const at = place % text.length;
      // Another character, of the same kind as far as there is one: a digit stays a digit.
      const other = /\d/.test(text.charAt(at))
        ? String((Number(text.charAt(at)) + 1) % 10)
        : '~~x'.charAt(text.charAt(at) === '~' ? 2 : 0);
      expect(intactValue(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
    });
    await check(property);
  });

  it.each([
    ['nothing', ''],
    ['a line break alone', '\n'],
    ['a checksum of nothing', '\n0'],
    ['no checksum', '{"a":1}'],
    ['an empty checksum', '{"a":1}\n'],
    ['another checksum', '{"a":1}\n1'],
    ['a checksum with something behind it', `${keptText(1)} `],
    ['a checksum with a zero before it', keptText(1).replace('\n', '\n0')],
    ['a second line', `${keptText(1)}\n${keptText(1)}`],
    ['the first half', keptText({ a: [1, 2, 3] }).slice(0, 8)],
  ])('is damaged when it is %s', (_, text) => {
    expect(intactValue(text)).toBeUndefined();
    expect(() => keptValue(text)).toThrow(expect.objectContaining({ code: 'damaged-data', message: DAMAGED }));
  });
});

describe('an id', () => {
  it('is 24 hexadecimal digits, and never the same', () => {
    const ids = Array.from({ length: 500 }, newId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(new Set(ids).size).toBe(500);
  });
});

describe('a user of a row', () => {
  const row = {
    id: 'u',
    name: 'Ada',
    grants: '{"everywhere":"admin","environments":{"e":"viewer"}}',
    is_disabled: 0,
    has_password: 1,
    subject: null,
    created_at: 5,
    last_sign_in_at: null,
  };

  it('has nothing where the row has none', () => {
    expect(userOf(row)).toEqual({
      id: 'u',
      name: 'Ada',
      grants: { everywhere: 'admin', environments: { e: 'viewer' } },
      isDisabled: false,
      hasPassword: true,
      subject: undefined,
      createdAt: 5,
      lastSignInAt: undefined,
    });
  });

  it.each([
    [0, 1, false, true],
    [1, 0, true, false],
    [false, true, false, true],
    [true, false, true, false],
  ])('is disabled by %j and has a password by %j', (is_disabled, has_password, isDisabled, hasPassword) => {
    expect(userOf({ ...row, is_disabled, has_password })).toMatchObject({ isDisabled, hasPassword });
  });

  it.each([0, 7])('has signed in last at %d, which is a time', (last_sign_in_at) => {
    expect(userOf({ ...row, last_sign_in_at, subject: '' })).toMatchObject({
      lastSignInAt: last_sign_in_at,
      subject: '',
    });
  });

  it.each<[text: string, grants: object]>([
    ['{"environments":{}}', { everywhere: undefined, environments: {} }],
    [
      '{"everywhere":"editor","environments":{"e":"admin"},"more":1}',
      { everywhere: 'editor', environments: { e: 'admin' } },
    ],
  ])('with the grants %s has those and no more', (text, grants) => {
    expect(grantsOf(text)).toEqual(grants);
  });

  it('is read without the password, as a token is without its digest', () => {
    expect(USER_COLUMNS.replace('users.password IS NOT NULL AS has_password', '')).not.toContain('password');
    expect(TOKEN_COLUMNS.split(', ')).not.toContain('digest');
  });
});

describe('a token of a row', () => {
  it.each([
    [null, null, undefined, undefined],
    [0, 9, 0, 9],
  ])('ends at %j and was used at %j', (expires_at, last_used_at, expiresAt, lastUsedAt) => {
    const row = { id: 't', name: 'ci', start: 'fbc_a', grants: '{"environments":{}}', created_by: 'u', created_at: 1 };
    expect(tokenOf({ ...row, expires_at, last_used_at })).toEqual({
      ...{ id: 't', name: 'ci', start: 'fbc_a', grants: { everywhere: undefined, environments: {} } },
      ...{ createdBy: 'u', createdAt: 1, expiresAt, lastUsedAt },
    });
  });
});

describe('a row of PostgreSQL', () => {
  it.each([true, false])('is a document that is archived: %s', (is_archived) => {
    const same = { kind: 'flag', key: 'f', version: 3, text: '{}' } as const;
    expect(documentOf({ ...same, is_archived })).toEqual({ ...same, isArchived: is_archived });
  });

  it.each([
    [null, null, undefined, undefined],
    [0, 4, 0, 4],
  ])('is a secret that was made at %j and used at %j', (created_at, last_used_at, createdAt, lastUsedAt) => {
    const same = { id: 'i', kind: 'server', name: 'n' } as const;
    expect(secretOf({ ...same, secret: 'v', created_at, last_used_at })).toEqual({
      ...same,
      value: 'v',
      createdAt,
      lastUsedAt,
    });
  });

  it('is an iteration, whose numbers are those of the row; a damaged one is none', () => {
    const row = {
      id: 7,
      environment_id: 'e',
      experiment_key: 'x',
      number: 2,
      text: keptText({ startedAt: 1, id: 99 }),
    };
    expect(iterationOf(row)).toEqual({ startedAt: 1, id: 7, experimentKey: 'x', number: 2 });
    expect(iterationOf({ ...row, text: row.text.replace('1', '2') })).toBeUndefined();
    for (const column of Object.keys(row)) expect(ITERATION).toMatch(new RegExp(`\\b${column}\\b`));
  });
});
