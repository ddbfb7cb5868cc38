import { describe, expect, it } from 'vitest';
import { masked } from '../../src/cli/config-command.js';
import { readYaml } from '../../src/yaml-text.js';
import { runLine } from '../support/run-line.js';

async function run(line: string, variables: Record<string, string> = {}, files: Record<string, string> = {}) {
  return runLine({
    args: line.split(' ').filter(Boolean),
    variables,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
  });
}

const TOKEN = 'token-of-my-own-and-long';

describe('fbcenter config check', () => {
  it.each<[line: string, variables: Record<string, string>, files: Record<string, string>, out: string]>([
    ['config check c', {}, { c: 'port: 80' }, 'c: one setting is given, and a start would take them\n'],
    [
      'config check --config c',
      {},
      { c: 'port: 80\nhost: h' },
      'c: 2 settings are given, and a start would take them\n',
    ],
    ['config check', { FBCENTER_CONFIG: 'c' }, { c: '' }, 'c: 0 settings are given, and a start would take them\n'],
    ['config check', {}, {}, '0 settings are given, and a start would take them\n'],
    ['config check c --json', {}, { c: 'port: 80' }, '{"ok":true,"file":"c","settings":1}\n'],
  ])('%s with %j and %j is content', async (line, variables, files, out) => {
    expect(await run(line, variables, files)).toEqual({ code: 0, out, err: '' });
  });

  it('names everything that a start would refuse, by its line, and ends with 2', async () => {
    const c = 'prot: 1\nport: 99999\nadmin-token: short\nenvironment: [a, a]\n';
    const { code, out, err } = await run('config check c', { FBCENTER_LOG_LEVEL: 'loud' }, { c });
    expect([code, out]).toEqual([2, '']);
    expect(err.trimEnd().split('\n')).toEqual([
      'fbcenter: c:1: prot: there is no such setting; did you mean port?',
      expect.stringMatching(/^fbcenter: --log-level \(FBCENTER_LOG_LEVEL\): must be one of/),
    ]);
    const later = await run('config check c', {}, { c: c.replace('prot: 1\n', '') });
    expect(later.err.trimEnd().split('\n')).toEqual([
      'fbcenter: c:1: port: must be a whole number from 0 to 65535',
      expect.stringMatching(/^fbcenter: c:2: admin-token: must be 20 to 512 visible/),
    ]);
  });
});

describe('fbcenter config print', () => {
  const files = {
    c: `port: 80\nenvironment: [dev, prod]\nadmin-token-file: t\n`,
    t: `${TOKEN}\n`,
  };
  const variables = { FBCENTER_DATABASE: 'postgres://flags:open-sesame@db.example.org/flags?sslmode=require' };

  it('shows what is in force and where it is from, and no credential', async () => {
    const { code, out, err } = await run('config print c --memory', { FBCENTER_HOST: '::1' }, files);
    expect([code, err]).toEqual([0, '']);
    expect(out).not.toContain(TOKEN);
    for (const line of [
      'host: ::1  # FBCENTER_HOST',
      'port: 80  # c:1: port',
      'memory: true  # --memory',
      'admin-token: "********"  # c:3: admin-token-file',
      'log-level: info  # default',
    ]) {
      expect(out.split('\n')).toContain(line);
    }
    expect(out).toContain('environment:\n  - dev\n  - prod  # c:2: environment\n');
    expect(out).not.toContain('data: ');
  });

  it('is YAML, which a config file could be', async () => {
    const { out } = await run('config print c', variables, files);
    const read = readYaml(out);
    expect('documents' in read && read.documents[0]?.value).toMatchObject({ port: 80, environment: ['dev', 'prod'] });
  });

  it('is JSON for programs', async () => {
    const { out } = await run('config print c --json', variables, files);
    expect(JSON.parse(out)).toContainEqual({
      key: 'database',
      value: 'postgres://flags:********@db.example.org/flags?sslmode=require',
      from: 'FBCENTER_DATABASE',
    });
    expect(out).not.toContain('open-sesame');
  });

  it('shows a folder where nothing else keeps the data', async () => {
    expect((await run('config print')).out).toContain('data: fbcenter-data  # default\n');
    expect((await run('config print', variables)).out).not.toContain('data: ');
  });

  it.each([
    ['a-token-that-is-secret', '********'],
    ['postgres://u:p@h/d', 'postgres://u:********@h/d'],
    ['postgres://u@h/d', 'postgres://u@h/d'],
    ['postgres://h/d?password=p', 'postgres://h/d?password=********'],
    ['postgres://u:p w@h/d', 'postgres://u:********@h/d'],
    ['no://url with spaces', '********'],
    ['a,b', '********'],
  ])('%s is shown as %s', (text, shown) => {
    expect(masked(text)).toBe(shown);
  });
});

describe('fbcenter config schema', () => {
  it('is a JSON Schema', async () => {
    const { code, out } = await run('config schema');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ type: 'object', additionalProperties: false });
    expect(JSON.parse((await run('config schema apply')).out)).toMatchObject({ $defs: { ApplyFile: {} } });
  });
});
