import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/cli/arguments.js';
import { problemLines, readSettings } from '../../src/cli/given.js';
import { nameOf, SETTINGS, type Setting } from '../../src/cli/settings.js';
import { type ConfigProblem, InvalidConfigError } from '../../src/errors.js';

const refusalOf = (args: readonly string[]): string => {
  try {
    readArguments(args);
    return 'understood';
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return error.problems.map(({ option, message }) => `${option}: ${message}`).join('; ');
  }
};

describe('the arguments', () => {
  it.each<[args: string[], flags: object, words: string[]]>([
    [[], {}, []],
    [['--port', '80'], { port: '80' }, []],
    [['--port=80'], { port: '80' }, []],
    [['--memory'], { memory: true }, []],
    [['--help', '--version'], { help: true, version: true }, []],
    [['backup', 'file.db'], {}, ['backup', 'file.db']],
    [['backup', '--force', 'file.db', '--data', 'd'], { force: true, data: 'd' }, ['backup', 'file.db']],
    [['--port', '80', '--port', '81'], { port: '81' }, []],
    [['--host', ''], { host: '' }, []],
    // One random token in 64 begins with a hyphen.
    [['--admin-token', '-abc'], { 'admin-token': '-abc' }, []],
    [['--admin-token', '--abc'], { 'admin-token': '--abc' }, []],
    [['--server-secret', '-x=y'], { 'server-secret': '-x=y' }, []],
    [['--admin-token=--memory'], { 'admin-token': '--memory' }, []],
  ])('%j are the flags %j and the words %j', (args, flags, words) => {
    const read = readArguments(args);
    expect({ ...read.flags }).toEqual(flags);
    expect(read.words).toEqual(words);
  });

  it.each([
    [['--prot', '80'], /Unknown option '--prot'/],
    [['-p', '80'], /Unknown option '-p'/],
    [['--port'], /'--port <value>' argument missing/],
    // A flag of ours is no value: there the value was forgotten.
    [['--admin-token', '--memory'], /'--admin-token(?: <value>)?' argument/],
    [['--memory=yes'], /'--memory' does not take an argument/],
  ])('%j are not understood, in one sentence', (args, message) => {
    const refusal = refusalOf(args);
    expect(refusal).toMatch(message);
    expect(refusal).toMatch(/^command line: .*; see fbcenter --help$/);
  });
});

describe('the settings that are given', () => {
  const given = (
    flags: Record<string, string | boolean>,
    variables: Record<string, string> = {},
    files: Record<string, string> = {},
  ) => {
    const problems: ConfigProblem[] = [];
    const read = (path: string) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    };
    return [
      readSettings(SETTINGS, { flags, variables, readFile: read }, problems),
      problems.map(({ option }) => option),
    ];
  };

  it.each<[flags: Record<string, string | boolean>, variables: Record<string, string>, expected: object]>([
    [{}, {}, {}],
    [{ port: '80' }, { FBCENTER_PORT: '81' }, { port: '80' }],
    [{}, { FBCENTER_PORT: '81' }, { port: '81' }],
    [{}, { FBCENTER_PORT: '' }, {}],
    [{}, { FBCENTER_PORT: '', FBCENTER_PORT_FILE: 'f' }, { port: 'in the file' }],
    [{}, { FBCENTER_PORT: '81', FBCENTER_PORT_FILE: 'f' }, { port: '81' }],
    [{}, { FBCENTER_PORT_FILE: '' }, {}],
    [{ memory: true }, {}, { memory: 'true' }],
    [{ memory: true }, { FBCENTER_DATA: 'd' }, { memory: 'true' }],
    [{ data: 'd' }, { FBCENTER_MEMORY: 'true' }, { dataFolder: 'd' }],
    [{}, { FBCENTER_MEMORY: 'true', FBCENTER_DATA: 'd' }, { memory: 'true', dataFolder: 'd' }],
    [{ force: true, help: true }, {}, {}],
  ])('by the flags %j and the variables %j are %j', (flags, variables, expected) => {
    expect(given(flags, variables, { f: ' in the file\n' })).toEqual([expected, []]);
  });

  it('by a file that cannot be read are named, each of them', () => {
    expect(given({}, { FBCENTER_ADMIN_TOKEN_FILE: 'a', FBCENTER_HOST_FILE: 'b' })).toEqual([
      {},
      ['host', 'adminToken'],
    ]);
  });
});

describe('the table of settings', () => {
  const all: readonly Setting[] = Object.values(SETTINGS);

  it('has flags and variables that are spelt alike, each once', () => {
    expect(new Set(all.map(({ flag }) => flag)).size).toBe(all.length);
    expect(new Set(all.map(({ variable }) => variable)).size).toBe(all.length);
    for (const { flag, variable } of all) {
      expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(variable).toMatch(/^FBCENTER_[A-Z]+(_[A-Z]+)*$/);
      expect(variable.endsWith('_FILE')).toBe(false);
      expect(variable).toBe(`FBCENTER_${flag.toUpperCase().replaceAll('-', '_')}`);
    }
  });

  it('names contraries that name it back', () => {
    for (const { flag, contrary } of all.filter((setting) => setting.contrary !== undefined)) {
      expect(all.find((setting) => setting.flag === contrary)?.contrary).toBe(flag);
    }
  });
});

describe('a problem with the settings', () => {
  it.each([
    ['port', `${nameOf('port')}: m`],
    ['dataFolder', `${nameOf('dataFolder')}: m`],
    ['environments[0].serverSecret', `${nameOf('serverSecret')}: m`],
    ['environments[1].key', `${nameOf('environments')}: m`],
    ['environments', `${nameOf('environments')}: m`],
    ['command line', 'command line: m'],
    ['toString', 'toString: m'],
  ])('of %s is named %s', (option, line) => {
    expect(problemLines(new InvalidConfigError([{ option, message: 'm' }]))).toEqual([line]);
  });
});
