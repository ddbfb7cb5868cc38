import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/cli/command-line.js';
import { type Origins, problemLines, readSettings } from '../../src/cli/given.js';
import { RELAY_SETTINGS } from '../../src/cli/relay-settings.js';
import { SETTINGS, type Setting } from '../../src/cli/settings.js';
import { type ConfigProblem, InvalidConfigError } from '../../src/errors.js';
import { resolveOptions } from '../../src/options.js';
import { check } from '../support/property.js';

type Texts = Record<string, string>;

function read(flags: Record<string, string | boolean>, variables: Texts, files: Texts = {}) {
  const problems: ConfigProblem[] = [];
  const origins: Origins = new Map();
  const readFile = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };
  const given = readSettings(SETTINGS, { flags, variables, readFile }, problems, origins);
  return {
    given,
    from: Object.fromEntries([...origins].map(([name, { text }]) => [name, text])),
    problems: problems.map(({ option, message }) => `${option}: ${message}`),
  };
}

const CONFIG = { FBCENTER_CONFIG: 'c.yaml' };

describe('the layers of settings', () => {
  it.each<[flags: Record<string, string | boolean>, variables: Texts, config: string, given: object, from: object]>([
    [{}, CONFIG, 'port: 3', { port: '3' }, { port: 'c.yaml:1: port' }],
    [{}, { ...CONFIG, FBCENTER_PORT: '2' }, 'port: 3', { port: '2' }, { port: 'FBCENTER_PORT' }],
    [{ port: '1' }, { ...CONFIG, FBCENTER_PORT: '2' }, 'port: 3', { port: '1' }, { port: '--port' }],
    [{ config: 'c.yaml' }, { FBCENTER_CONFIG: 'other.yaml' }, 'port: 3', { port: '3' }, { port: 'c.yaml:1: port' }],
    [{}, { ...CONFIG, FBCENTER_PORT: '' }, 'port: 3', { port: '3' }, { port: 'c.yaml:1: port' }],
    // The contrary of a layer above.
    [{ memory: true }, CONFIG, 'data: /d', { memory: 'true' }, { memory: '--memory' }],
    [{ data: '/e' }, CONFIG, 'memory: true', { dataFolder: '/e' }, { dataFolder: '--data' }],
    [{}, { ...CONFIG, FBCENTER_DATA: '/e' }, 'memory: true', { dataFolder: '/e' }, { dataFolder: 'FBCENTER_DATA' }],
    [
      {},
      { ...CONFIG, FBCENTER_MEMORY: 'false' },
      'data: /d',
      { dataFolder: '/d', memory: 'false' },
      { dataFolder: 'c.yaml:1: data', memory: 'FBCENTER_MEMORY' },
    ],
    // Files of credentials, in each layer.
    [
      { 'admin-token-file': 't' },
      CONFIG,
      'admin-token: x',
      { adminToken: 'in the file' },
      { adminToken: '--admin-token-file' },
    ],
    [
      {},
      { ...CONFIG, FBCENTER_ADMIN_TOKEN_FILE: 't' },
      'admin-token: x',
      { adminToken: 'in the file' },
      { adminToken: 'FBCENTER_ADMIN_TOKEN_FILE' },
    ],
    [
      {},
      CONFIG,
      'host: h\nadmin-token-file: t',
      { host: 'h', adminToken: 'in the file' },
      { host: 'c.yaml:1: host', adminToken: 'c.yaml:2: admin-token-file' },
    ],
    [
      {},
      { ...CONFIG, FBCENTER_ADMIN_TOKEN: 'v' },
      'admin-token-file: t',
      { adminToken: 'v' },
      { adminToken: 'FBCENTER_ADMIN_TOKEN' },
    ],
  ])('%j, %j and %j give %j', (flags, variables, config, given, from) => {
    expect(read(flags, variables, { 'c.yaml': config, t: ' in the file\n' })).toEqual({ given, from, problems: [] });
  });

  it.each<[flags: Record<string, string>, variables: Texts, config: string, problem: string]>([
    [
      { config: 'none.yaml' },
      {},
      '',
      '--config (FBCENTER_CONFIG): none.yaml cannot be read: give the path of a YAML file',
    ],
    [{}, CONFIG, 'admin-token-file: none', 'adminToken: the file of c.yaml:1: admin-token-file cannot be read'],
    [{ 'database-file': 'none' }, {}, '', 'database: the file of --database-file cannot be read'],
    [{ 'admin-token': 'x', 'admin-token-file': 't' }, {}, '', 'adminToken: cannot be combined with --admin-token-file'],
    [
      {},
      CONFIG,
      'admin-token: x\nadmin-token-file: t',
      'adminToken: cannot be combined with c.yaml:2: admin-token-file',
    ],
  ])('%j, %j and %j are refused: %s', (flags, variables, config, problem) => {
    expect(read(flags, variables, { 'c.yaml': config, t: 'x' }).problems).toEqual([problem]);
  });

  it('are asked from above, for every setting', async () => {
    const names = (Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]).filter((name) => 'value' in SETTINGS[name]);
    const layer = fc.option(fc.stringMatching(/^[a-z]{1,8}$/), { nil: undefined });
    await check(
      fc.property(fc.constantFrom(...names), layer, layer, layer, (name, flag, variable, config) => {
        const setting: Setting = SETTINGS[name];
        const flags = { config: 'c.yaml', ...(flag !== undefined && { [setting.flag]: flag }) };
        const variables = variable === undefined ? {} : { [setting.variable]: variable };
        const text = config === undefined ? '' : JSON.stringify({ [setting.flag]: config });
        expect(read(flags, variables, { 'c.yaml': text }).given[name]).toBe(flag ?? variable ?? config);
      }),
    );
  });
});

describe('a problem with a setting of the config file', () => {
  const linesOf = (config: string, args: readonly string[] = []) => {
    const origins: Origins = new Map();
    try {
      const command = readCommand(['--config', 'c.yaml', ...args], {}, () => config, origins);
      if (command.kind === 'start') resolveOptions(command.options);
      return [];
    } catch (error) {
      if (!(error instanceof InvalidConfigError)) throw error;
      return problemLines(error, SETTINGS, origins);
    }
  };

  it.each<[config: string, ...lines: string[]]>([
    ['host: h\nport: 99999', 'c.yaml:2: port: must be a whole number from 0 to 65535'],
    ['log-level: loud', 'c.yaml:1: log-level: must be one of debug, info, warn, error, silent'],
    ['memory: true\ndata: d', 'c.yaml:1: memory: cannot be combined with --data (FBCENTER_DATA)'],
    ['server-secret: short', 'c.yaml:1: server-secret: must be'],
    ['environment: [a, a]', 'c.yaml:1: environment: is there twice'],
    ['oidc-issuer: x\noidc-client-id: c\noidc-roles: ["*=viewer"]', 'c.yaml:1: oidc-issuer: '],
    ['prot: 1\nlog-level: loud', 'c.yaml:1: prot: there is no such setting', 'c.yaml:2: log-level: must be one of'],
  ])('%j is named by its line', (config, ...starts) => {
    const lines = linesOf(config);
    for (const [index, start] of starts.entries()) expect(lines[index]).toContain(start);
  });

  it('is named by the flag that comes before it', () => {
    expect(linesOf('port: 80', ['--port', '99999'])).toEqual([
      '--port (FBCENTER_PORT): must be a whole number from 0 to 65535',
    ]);
  });
});

describe('a relay', () => {
  it('has a config file of its own settings', () => {
    const config = 'upstream: http://x\nserver-secret: s\nport: 7\n';
    const command = readCommand(['relay'], { FBRELAY_CONFIG: 'r.yaml' }, () => config);
    expect(command).toMatchObject({ kind: 'relay', options: { upstream: 'http://x', port: 7 } });
    expect(() => readCommand(['relay', '--config', 'r'], {}, () => 'admin-token: x')).toThrow(
      'r:1: admin-token: there is no such setting',
    );
    expect(Object.values(RELAY_SETTINGS).filter((setting) => 'isSecret' in setting)).toHaveLength(4);
  });
});
