import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/cli/command-line.js';
import { problemLines } from '../../src/cli/given.js';
import { greeting } from '../../src/cli/greeting.js';
import { InvalidConfigError } from '../../src/errors.js';
import { resolveOptions } from '../../src/options.js';

const URL = 'postgres://fbcenter:a-password@db.example.org:5432/flags';

function problemsOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    if (error instanceof InvalidConfigError) return problemLines(error).join('\n');
    throw error;
  }
}

const read = (args: readonly string[], variables: Record<string, string> = {}, files: Record<string, string> = {}) =>
  readCommand(args, variables, (path) => files[path] ?? '');

describe('a database', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['a flag', ['--database', URL], {}],
    ['a variable', [], { FBCENTER_DATABASE: URL }],
    ['a file', [], { FBCENTER_DATABASE_FILE: '/run/secrets/database' }],
  ])('is given by %s, and takes the place of the folder', (_, args, variables) => {
    const command = read(args, variables, { '/run/secrets/database': `${URL}\n` });
    expect(command).toMatchObject({ kind: 'start', options: { database: URL } });
    expect(command.kind === 'start' && 'dataFolder' in command.options).toBe(false);
  });

  it.each([
    ['--data', ['--database', URL, '--data', 'x']],
    ['--memory', ['--database', URL, '--memory']],
  ])('is not combined with %s', (other, args) => {
    expect(problemsOf(() => read(args))).toMatch(new RegExp(`^--database .* cannot be combined with ${other}`));
  });

  it('is not what the options combine with a folder either', () => {
    const problems = problemsOf(() => resolveOptions({ database: URL, dataFolder: 'x' }));
    expect(problems).toMatch(/cannot be combined with dataFolder/);
  });

  it.each([
    '',
    'flags',
    'http://db/flags',
    'postgres://',
    'postgres://db',
    'postgres://db/',
    'postgres:///flags',
    5,
    null,
  ])('is no %j, and what it is is not repeated', (database) => {
    const problems = problemsOf(() => resolveOptions({ database: database as string }));
    expect(problems).toMatch(/must be an address like postgres:\/\//);
    expect(problemsOf(() => resolveOptions({ database: 'mysql://u:a-password@db/x' }))).not.toContain('a-password');
  });

  it.each(['postgres://db/flags', 'postgresql://u:p@db:1/flags?sslmode=require', 'postgres://[::1]:5432/x'])(
    'can be %s',
    (database) => {
      expect(resolveOptions({ database }).database).toBe(database);
    },
  );

  it('is named by the greeting, without its password', () => {
    const center = {
      url: 'http://127.0.0.1:1',
      environments: [],
      adminToken: 't',
      made: { adminToken: false, environments: [] },
    };
    const text = greeting(center as never, { database: URL }, true);
    expect(text).toContain('data: PostgreSQL, database flags at db.example.org:5432\n');
    expect(text).not.toContain('a-password');
  });
});

describe('migrate-to', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['its argument', ['migrate-to', URL], {}],
    ['the setting', ['migrate-to'], { FBCENTER_DATABASE: URL }],
  ])('has the address from %s', (_, args, variables) => {
    const expected = { kind: 'migrate-to', folder: 'fbcenter-data', database: URL, overwrite: false };
    expect(read(args, variables)).toEqual(expected);
    expect(read([...args, '--data', 'x', '--force'], variables)).toEqual({ ...expected, folder: 'x', overwrite: true });
  });

  it.each([
    [['migrate-to'], /takes the address of one database/],
    [['migrate-to', URL, 'more'], /takes the address of one database/],
    [['migrate-to', 'flags'], /must be an address like/],
    [['migrate-to', URL, '--memory'], /is about a data folder/],
  ])('refuses %j', (args, message) => {
    expect(problemsOf(() => read(args))).toMatch(message);
  });
});

describe('other commands', () => {
  it.each(['backup', 'restore'])('%s is for folders, and says what databases have', (word) => {
    expect(problemsOf(() => read([word, 'copy.db', '--database', URL]))).toMatch(/pg_dump and pg_restore/);
  });

  it('users invite works on a database', () => {
    expect(read(['users', 'invite', '--database', URL])).toMatchObject({
      kind: 'manage',
      verb: 'users',
      target: { database: URL },
    });
  });
});
