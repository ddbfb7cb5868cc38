import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parse } from 'yaml';
import { type Center, startCenter } from '../../src/center.js';
import { grantsOf } from '../../src/cli/manage.js';
import { tableText } from '../../src/cli/table.js';
import { aFlag, aSegment } from '../support/documents.js';
import { runLine } from '../support/run-line.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

type RunLine = (...args: readonly string[]) => Promise<Ran>;

async function run(args: readonly string[], variables: Record<string, string>): Promise<Ran> {
  return runLine({
    args,
    variables,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}

const ENVIRONMENTS = [
  { key: 'dev', flags: [aFlag({ key: 'a' })], segments: [aSegment({ id: 'staff' })] },
  { key: 'prod' },
];

/** A folder with data, and where it is managed from: the folder alone, beside its center, or by the center's address. */
async function place(
  kind: 'folder' | 'beside' | 'url',
): Promise<{ readonly line: RunLine; readonly center?: Center; readonly data: string }> {
  const data = join(temporaryFolder(), 'data');
  const center = await startCenter({ port: 0, dataFolder: data, environments: ENVIRONMENTS });
  if (kind === 'folder') {
    await center.close();
    return { line: (...args) => run(args, { FBCENTER_DATA: data }), data };
  }
  onTestFinished(() => center.close());
  const { port } = new URL(center.url);
  const variables =
    kind === 'beside'
      ? { FBCENTER_DATA: data, FBCENTER_PORT: port }
      : { FBCENTER_URL: center.url, FBCENTER_ADMIN_TOKEN: center.adminToken };
  return { line: (...args) => run(args, variables), center, data };
}

// Each command on a folder starts a center.
vi.setConfig({ testTimeout: 120_000 });

describe.each(['folder', 'beside', 'url'] as const)('commands on %s', (kind) => {
  it('export, diff, import, promote and apply are the same words with the same answers', async () => {
    const { line } = await place(kind);
    const work = temporaryFolder();
    const file = join(work, 'dev.json');
    expect(await line('export')).toEqual({
      code: 1,
      out: '',
      err: 'fbcenter: Give --environment: there are dev, prod\n',
    });
    expect(await line('export', file, '--environment', 'dev')).toEqual({
      code: 0,
      out: '',
      err: `${file} holds 1 flags and 1 segments of dev\n`,
    });
    expect(await line('export', file, '--environment', 'dev')).toMatchObject({
      code: 1,
      err: expect.stringContaining('add --force'),
    });
    const printed = await line('export', '--environment', 'dev');
    expect(printed.out).toBe(readFileSync(file, 'utf8'));
    expect(printed.out).not.toContain('exportedAt');
    const yaml = await line('export', '--environment', 'dev', '--yaml');
    expect(parse(yaml.out)).toEqual(JSON.parse(printed.out));

    expect(await line('diff', file, 'dev')).toEqual({ code: 0, out: '2 as they are\n', err: '' });
    expect(await line('diff', file, '--environment', 'dev')).toMatchObject({ code: 0 });
    const empty = await line('diff', 'dev', 'prod');
    expect([empty.code, empty.out]).toEqual([1, '2 removed\n  - segment staff\n  - flag a\n']);
    expect(JSON.parse((await line('diff', 'prod', 'dev', '--json')).out)).toMatchObject({
      isDifferent: true,
      changes: [{ outcome: 'created' }, {}],
    });

    const dry = await line('import', file, '--environment', 'prod', '--dry-run');
    expect([dry.code, dry.out]).toEqual([1, expect.stringMatching(/^prod: 2 created\n.*\n.*\nplan \w{32}\n$/)]);
    expect(await line('import', file, '--environment', 'prod', '--without-switch')).toMatchObject({
      code: 0,
      err: 'prod is done\n',
    });
    const promoted = await line('promote', 'a', '--from', 'dev', '--to', 'prod', '--with-switch', '--comment', 'now');
    expect(promoted).toEqual({
      code: 0,
      out: 'prod: 1 changed\n  ~ flag a\n      isEnabled: false → true\n',
      err: 'prod is done\n',
    });

    const flags = join(work, 'flags');
    mkdirSync(flags);
    writeFileSync(join(flags, 'dev.yaml'), yaml.out.replace('isEnabled: true', 'isEnabled: false'));
    writeFileSync(join(flags, 'README.md'), 'not read');
    const planned = await line('apply', '-f', flags, '--dry-run', '--json');
    expect(planned.code).toBe(1);
    const { plan } = JSON.parse(planned.out);
    expect(await line('apply', '-f', flags, '--plan', plan)).toEqual({
      code: 0,
      out: 'dev: 1 changed, 1 as they are\n  ~ flag a\n      isEnabled: true → false\n',
      err: 'dev is done\n',
    });
    expect(await line('apply', '-f', flags, '--dry-run')).toEqual({ code: 0, out: 'dev: 2 as they are\n', err: '' });
    expect(await line('apply', '-f', flags, '--plan', plan)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/since the dry run/),
    });
  }, 300_000);

  it('users and tokens are shown, made, changed and ended', async () => {
    const { line } = await place(kind);
    expect((await line('users', 'list')).out).toBe('user  role  state  last sign-in\n');
    expect((await line('users', 'invite', 'ada', 'dev=editor')).out).toMatch(
      /^A link for ada, .*\nhttp:.*\/welcome#[\w-]{43}\n$/,
    );
    expect(await line('users', 'invite', 'ada', 'admin')).toMatchObject({
      code: 1,
      err: expect.stringContaining('as dev=editor'),
    });
    expect((await line('users', 'list')).out.split('\n')[1]).toMatch(/^ada +dev=editor +invited +never$/);
    expect(await line('users', 'role', 'Ada', 'admin', '--dry-run')).toEqual({
      code: 0,
      out: 'to be done: ada is admin\n',
      err: '',
    });
    expect(JSON.parse((await line('users', 'list', '--json')).out)).toMatchObject([{ name: 'ada', role: null }]);
    expect((await line('users', 'role', 'Ada', 'admin')).out).toBe('ada is admin\n');
    expect((await line('users', 'disable', 'ada')).out).toBe('ada is disabled: every session has ended\n');
    expect((await line('users', 'enable', 'ada')).out).toBe('ada can sign in again\n');
    expect(await line('users', 'remove', 'bob')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no user bob'),
    });
    const file = join(temporaryFolder(), 'users.yaml');
    writeFileSync(
      file,
      `${(await line('users', 'list', '--yaml')).out}  - { name: Zoë K, environments: { prod: viewer } }\n`,
    );
    const planned = await line('apply', '-f', file, '--dry-run', '--json');
    expect(planned.code).toBe(1);
    const { plan, users } = JSON.parse(planned.out);
    expect(users).toMatchObject({ same: 1, changes: [{ kind: 'user', key: 'Zoë K', outcome: 'created' }] });
    expect(await line('apply', '-f', file, '--plan', plan)).toEqual({
      code: 0,
      out: 'users: 1 created, 1 as they are\n  + user Zoë K\n      environments.prod: "viewer"\n',
      // No link: what a pipeline prints is read by many.
      err: "users are done\nZoë K needs a link, in private: fbcenter users invite 'Zoë K'\n",
    });
    expect(await line('apply', '-f', file, '--dry-run')).toEqual({ code: 0, out: 'users: 2 as they are\n', err: '' });
    expect((await line('users', 'invite', 'Zoë K')).out).toMatch(/\/welcome#[\w-]{43}\n$/);
    expect(await line('import', file, '--environment', 'dev')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`${file}:1: users belong to no environment`),
    });

    expect((await line('users', 'remove', 'ada')).out).toBe('ada is removed\n');

    const made = await line('tokens', 'create', 'ci', 'prod=editor', '--expires', '2100-01-01T00:00:00Z');
    expect([made.out, made.err]).toEqual([
      expect.stringMatching(/^fbc_\S+\n$/),
      'The access token ci, prod=editor; it is not shown again:\n',
    ]);
    expect((await line('tokens', 'list')).out).toMatch(/\nci +prod=editor +fbc_\S+ +2100-01-01T00:00:00\.000Z +/);
    await line('tokens', 'create', 'ci');
    expect(await line('tokens', 'revoke', 'ci')).toMatchObject({
      code: 1,
      err: expect.stringContaining('2 access tokens are called ci'),
    });
    const tokens: { id: string; name: string }[] = JSON.parse((await line('tokens', 'list', '--json')).out);
    for (const { id, name } of tokens.filter((token) => token.name === 'ci')) {
      expect((await line('tokens', 'revoke', id)).out).toBe(`${name} is revoked\n`);
    }
    expect(await line('tokens', 'create', 'ci', 'viewer', '--expires', 'tomorrow')).toMatchObject({
      code: 1,
      err: expect.stringContaining('expiresAt must be'),
    });
  }, 300_000);
});

describe('commands on a folder', () => {
  it('leave what is kept of the audit log as it is, and the token', async () => {
    const data = join(temporaryFolder(), 'data');
    const first = await startCenter({ port: 0, dataFolder: data, auditDays: 90, environments: ENVIRONMENTS });
    await first.close();
    await run(['export', '--environment', 'dev'], { FBCENTER_DATA: data });
    const second = await startCenter({ port: 0, dataFolder: data, auditDays: 90 });
    onTestFinished(() => second.close());
    expect(second.adminToken).toBe(first.adminToken);
    const answer = await fetch(`${second.url}/api/v1/audit?kind=setting`, {
      headers: { authorization: `Bearer ${second.adminToken}` },
    });
    expect(((await answer.json()) as { items: unknown[] }).items).toHaveLength(1);
  });

  it.each([
    [
      ['export', '--data', '/nowhere/at/all'],
      1,
      /There is no fbcenter\.db in \/nowhere\/at\/all: give its folder with --data/,
    ],
    [['apply', '-f', '/nowhere/flags.yaml'], 1, /flags\.yaml cannot be read: give the path of a file or folder/],
    [['import', '/nowhere/flags.yaml', '--environment', 'dev'], 1, /cannot be read/],
    [['import', 'x', '--environment', 'none'], 1, /There is no environment none: there are dev, prod/],
    [['diff', 'none', 'dev'], 1, /There is no environment none: there are dev, prod/],
    [['promote', 'a', '--from', 'dev', '--to', 'dev'], 1, /two different environments/],
    [['experiment', 'show', 'e'], 1, /Give --environment: there are dev, prod/],
  ])('%j ends with %d and says what to do', async (args, code, message) => {
    const { data } = await place('folder');
    expect(await run(args, { FBCENTER_DATA: data })).toEqual({ code, out: '', err: expect.stringMatching(message) });
  });

  it('say what is wrong in which line of which file', async () => {
    const { line } = await place('folder');
    const file = join(temporaryFolder(), 'flags.yaml');
    writeFileSync(
      file,
      'format: fbcenter-environment\nformatVersion: 1\nenvironment: { key: dev }\nflags:\n  - key: b\n    variationType: boolean\n',
    );
    const { code, out, err } = await line('apply', '-f', file);
    expect([code, err]).toEqual([1, 'fbcenter: Nothing was changed: put right what is named above\n']);
    expect(out).toContain(`${file}:5: variations: `);
    writeFileSync(file, 'format: fbcenter-environment\n');
    expect((await line('apply', '-f', file)).err).toContain(`\n  ${file}:1: formatVersion: must be 1`);
    const empty = temporaryFolder();
    expect((await line('apply', '-f', empty)).err).toContain('There is no file that ends in .yaml, .yml, .json in');
  });
});

describe('fbcenter doctor', () => {
  it('looks at what is here, or at the center there, and ends with 1 when something is wrong', async () => {
    const { data, center } = await place('beside');
    const port = new URL(center?.url ?? '').port;
    const good = await run(['doctor', '--data', data, '--port', port], {});
    expect([good.code, good.err]).toEqual([0, '']);
    expect(good.out).toMatch(/^ok +port +a center answers at/m);
    const bad = await run(['doctor', '--data', data, '--port', '99999'], { FBCENTER_LOG_LEVEL: 'loud' });
    expect([bad.code, bad.out]).toEqual([
      1,
      expect.stringMatching(/^fail +settings +--log-level \(FBCENTER_LOG_LEVEL\): must be/m),
    ]);
    const there = await run(['doctor', '--json'], {
      FBCENTER_URL: center?.url ?? '',
      FBCENTER_ADMIN_TOKEN: center?.adminToken ?? '',
    });
    expect([there.code, JSON.parse(there.out)]).toEqual([
      0,
      expect.arrayContaining([expect.objectContaining({ check: 'readiness', state: 'ok' })]),
    ]);
    expect((await run(['doctor', '--url', 'http://h'], {})).code).toBe(2);
  });
});

describe('grants', () => {
  it.each([
    ['viewer', { role: 'viewer', environments: {} }],
    ['dev=editor', { role: null, environments: { dev: 'editor' } }],
    ['dev=editor, a=b=admin', { role: null, environments: { dev: 'editor', 'a=b': 'admin' } }],
    ['Viewer', undefined],
    ['dev=', undefined],
    ['=editor', undefined],
    ['dev=editor,', undefined],
    ['', undefined],
  ])('%s are %j', (text, grants) => {
    expect(grantsOf(text)).toEqual(grants);
  });
});

describe('a table', () => {
  it('has columns as wide as what is in them, and nothing that moves a terminal', () => {
    expect(
      tableText(
        ['a', 'b'],
        [
          ['longer', ''],
          ['x', '\u001b[2J'],
        ],
      ),
    ).toBe('a       b\nlonger\nx       ?[2J\n');
    expect(tableText(['a'], [])).toBe('a\n');
    expect(tableText(['name', 'role'], [['小明', 'admin']])).toBe('name  role\n小明  admin\n');
  });
});
