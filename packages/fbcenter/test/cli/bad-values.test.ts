import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../src/cli/command-line.js';
import { problemLines, readSettings } from '../../src/cli/given.js';
import { RELAY_SETTINGS } from '../../src/cli/relay-settings.js';
import { isLogLevel, LOG_LEVEL_PROBLEM, readPort, readSecrets, readSwitch } from '../../src/cli/setting-values.js';
import { SETTINGS, type Setting } from '../../src/cli/settings.js';
import { type ConfigProblem, InvalidConfigError } from '../../src/errors.js';
import { resolveOptions } from '../../src/options.js';
import { check } from '../support/property.js';

const SECRET = 's'.repeat(44);

/** What is wrong with a command line, in the command's own words: what it cannot read, or what the center then refuses. */
function linesOf(args: readonly string[], variables: Record<string, string> = {}): readonly string[] {
  try {
    const command = readCommand(args, variables, () => '');
    if (command.kind === 'start') resolveOptions(command.options);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return problemLines(error);
  }
}

const TRUE_OR_FALSE = 'must be true or false';
const PORT = 'must be a whole number from 0 to 65535';
const DAYS = 'must be a whole number from 30 to 36500';
const TOKEN = 'must be 20 to 512 visible ASCII characters without spaces, such as openssl rand -base64 33 makes';
const ORIGIN = 'must be an http or https URL without a path';
const DATABASE = 'must be an address like postgres://user:password@host:5432/database';

const USERS =
  'users is called as: users list; users invite [NAME [ROLE]]; users role NAME ROLE; users disable|enable|remove NAME';
const ROLE = 'a role is one of viewer, editor, admin, or one for each of some environments: dev=editor,prod=viewer';

describe('a value that a setting cannot have', () => {
  it.each<[name: keyof typeof SETTINGS, values: string[], sentence: string]>([
    ['port', ['x', '-1', '1.5', '65536', '0x10', '1e3', ' 80', '80 ', '٨٠'], PORT],
    ['auditDays', ['x', '29', '36501', '30.5', '-30', 'Infinity'], DAYS],
    ['adminToken', ['short', 'x'.repeat(19), 'x'.repeat(513), `${'x'.repeat(20)} y`, `${'x'.repeat(20)}ä`], TOKEN],
    ['publicUrl', ['flags.example', 'ftp://h', 'https://h/path', 'https://h?q', 'https://h#f', 'https://u@h'], ORIGIN],
    ['missingAttribute', ['x', 'No-Match', 'empty', 'no-match '], 'must be no-match or empty-string'],
    ['metricsPort', ['x', '-1', '65536', '1.5'], PORT],
    ['metricsToken', ['short', `${'x'.repeat(20)} y`], TOKEN],
    ['drainDelay', ['x', '-1', '300001', '5s'], 'must be a whole number from 0 to 300000'],
    ['drainTime', ['x', '-1', '300001', '1.5'], 'must be a whole number from 0 to 300000'],
    ['rateLimit', ['x', '-1', '10000001', '1.5'], 'must be a whole number from 1 to 10000000'],
    ['logFormat', ['x', 'JSON', 'xml'], 'must be text or json'],
    ['logLevel', ['x', 'INFO', 'warning', 'off'], 'must be one of debug, info, warn, error, silent'],
  ])('%s: %j is refused by flag and by variable, in one sentence', (name, values, sentence) => {
    const { flag, variable } = SETTINGS[name];
    for (const value of values) {
      const line = `--${flag} (${variable}): ${sentence}`;
      expect([value, linesOf([`--${flag}=${value}`])]).toEqual([value, [line]]);
      expect([value, linesOf([], { [variable]: value })]).toEqual([value, [line]]);
    }
  });

  it.each(['memory', 'requireData', 'rememberUsers', 'sendRuleNames', 'accessLog', 'webhooksToPrivate'] as const)(
    '%s is a switch: its variable is true or false and nothing like it',
    (name) => {
      const { flag, variable } = SETTINGS[name];
      for (const value of ['yes', '1', '0', 'True', 'on', ' true', 'null']) {
        expect(linesOf([], { [variable]: value })).toEqual([`--${flag} (${variable}): ${TRUE_OR_FALSE}`]);
      }
      for (const value of ['true', 'false', '']) expect(linesOf([], { [variable]: value })).toEqual([]);
    },
  );

  it.each([
    'db',
    'http://db/flags',
    'postgres://u:a-password@db',
    'postgres://u:a-password@db/',
    'mysql://u:a-password@db/x',
    'postgres//u:a-password@db/x',
  ])('database: %s is refused, and not repeated', (value) => {
    expect(linesOf(['--database', value])).toEqual([`--database (FBCENTER_DATABASE): ${DATABASE}`]);
    expect(linesOf(['migrate-to', value])).toEqual([`--database (FBCENTER_DATABASE): ${DATABASE}`]);
  });

  it.each(['server-secret', 'client-secret'])('%s: one that is too short is refused, and not repeated', (flag) => {
    for (const value of ['my-short-secret', `dev=my-short-secret`, `${SECRET},my-short-secret`]) {
      const lines = linesOf(['--environment', 'dev', `--${flag}`, value]);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(new RegExp(`^--${flag} \\(FBCENTER_`));
      expect(lines[0]).not.toContain('my-short-secret');
    }
  });

  it.each<[args: string[], sentence: string]>([
    [['users'], USERS],
    [['users', 'list', 'ada'], USERS],
    [['users', 'remove'], USERS],
    [['users', 'role', 'ada'], USERS],
    [['users', 'invite', 'ada', 'admin', 'more'], USERS],
    [['users', 'invite', 'ada', 'owner'], ROLE],
    [['users', 'invite', 'ada', 'Admin'], ROLE],
    [['users', 'role', 'ada', 'dev=owner'], ROLE],
    [['tokens', 'create', 'ci', 'dev=editor,prod'], ROLE],
    [['tokens', 'create'], 'tokens is called as: tokens list; tokens create NAME [ROLE]; tokens revoke NAME|ID'],
    [['import'], 'import is called as: import FILE'],
    [['export', 'a', 'b'], 'export is called as: export [FILE]'],
    [['diff'], 'diff is called as: diff FILE|KEY [FILE|KEY]'],
    [['promote', 'a', '--from', 'dev'], 'promote is called as: promote FLAG [FLAG …] --from KEY --to KEY'],
    [['apply', 'file.yaml'], 'apply is called as: apply -f PATH'],
    [['apply'], 'apply is called as: apply -f PATH'],
    [['config'], 'config takes: check [FILE], print [FILE] or schema [apply]'],
    [['config', 'show'], 'config takes: check [FILE], print [FILE] or schema [apply]'],
    [['config', 'schema', 'file'], 'config takes: check [FILE], print [FILE] or schema [apply]'],
    [['doctor', 'all'], 'doctor takes options only'],
    [['--dry-run'], '--dry-run goes with import, promote, apply, users and tokens'],
    [['export', '--prune'], '--prune goes with apply'],
    [
      ['backup', 'f', '--url', 'http://h'],
      'backup is about a data folder: run it where that is, without --url (FBCENTER_URL); ' +
        'fbcenter export and apply carry flags and segments over the network',
    ],
    [['backup', ''], 'backup takes one file'],
    [['restore', 'f', '--memory'], 'restore is about a data folder: there is none with --memory'],
    [
      ['backup', 'f', '--database', 'postgres://db/x'],
      'backup is about a data folder: a database has programs of its own, pg_dump and pg_restore',
    ],
    [['migrate-to'], 'migrate-to takes the address of one database, postgres://…, or has it from FBCENTER_DATABASE'],
    [['migrate-to', 'postgres://db/x', '--memory'], 'migrate-to is about a data folder: there is none with --memory'],
    [['experiment', 'show', ''], 'experiment is called as: experiment show KEY'],
    [['Start'], 'there is no command Start'],
    [['relay', 'center'], 'relay takes options only, not center'],
    [['relay', '--watch'], '--watch goes with experiment'],
  ])('%j is answered by a sentence and where to look', (args, sentence) => {
    expect(linesOf(args)).toEqual([`command line: ${sentence}; see fbcenter --help`]);
  });

  it.each(['center', 'ftp://h', 'http://', 'http://h/path', 'http://h?x', ' http://h'])(
    'url: %j is no address of a center',
    (url) => {
      const args = ['experiment', 'show', 'e', '--admin-token', 't', `--url=${url}`];
      expect(linesOf(args)).toEqual(['--url (FBCENTER_URL): must be like http://host:port']);
    },
  );

  it('a command on data is refused where there are none, or where a token is missing', () => {
    expect(linesOf(['users', 'invite', '--memory'])).toEqual([
      '--memory (FBCENTER_MEMORY): there is nothing to work on: give --url (FBCENTER_URL)',
    ]);
    expect(linesOf(['export', '--url', 'http://h'])).toEqual([
      '--admin-token (FBCENTER_ADMIN_TOKEN): is needed with --url (FBCENTER_URL): the center asks for it',
    ]);
  });

  it('is named with all others that are wrong, in the order in which they are looked at', () => {
    const args = ['--server-secret', 'prod=x', '--log-level', 'x', '--missing-attribute', 'x', '--oidc-client-id', 'x'];
    expect(linesOf(args, { FBCENTER_MEMORY: 'x', FBCENTER_PORT: 'udp://10.0.0.1:53' })).toEqual([
      '--server-secret (FBCENTER_SERVER_SECRET): names an environment that is not among dev',
      `--memory (FBCENTER_MEMORY): ${TRUE_OR_FALSE}`,
      '--log-level (FBCENTER_LOG_LEVEL): must be one of debug, info, warn, error, silent',
      '--missing-attribute (FBCENTER_MISSING_ATTRIBUTE): must be no-match or empty-string',
      '--port (FBCENTER_PORT): is udp://10.0.0.1:53, which Kubernetes sets for a Service that is called fbcenter: ' +
        'give the port with --port, call the Service something else, or set enableServiceLinks: false in the pod',
      '--oidc-client-id (FBCENTER_OIDC_CLIENT_ID): goes with --oidc-issuer (FBCENTER_OIDC_ISSUER)',
    ]);
  });
});

describe('a switch', () => {
  it.each<[text: string | undefined, value: boolean, isProblem: boolean]>([
    [undefined, false, false],
    ['true', true, false],
    ['false', false, false],
    ['', false, true],
    ['TRUE', false, true],
    ['true\n', false, true],
  ])('of %j is %s', (text, value, isProblem) => {
    const problems: ConfigProblem[] = [];
    expect(readSwitch(text === undefined ? {} : { it: text }, 'it', problems)).toBe(value);
    expect(problems).toEqual(isProblem ? [{ option: 'it', message: TRUE_OR_FALSE }] : []);
  });
});

describe('secrets', () => {
  const read = (text: string | undefined, keys: readonly string[]) => {
    const problems: ConfigProblem[] = [];
    const given = text === undefined ? {} : { serverSecret: text };
    const secrets = Object.fromEntries(readSecrets(given, 'serverSecret', keys, problems));
    return [secrets, problems.map(({ message }) => message)];
  };

  it.each<[text: string | undefined, keys: string[], secrets: object, problems: string[]]>([
    [undefined, ['a'], {}, []],
    ['x', ['a', 'b'], { a: ['x'] }, []],
    [' x , y ', ['a'], { a: ['x', 'y'] }, []],
    ['b=x', ['a', 'b'], { b: ['x'] }, []],
    [' b = x ', ['a', 'b'], { b: ['x'] }, []],
    ['x,b=y,a=z', ['a', 'b'], { a: ['x', 'z'], b: ['y'] }, []],
    // Only the first equals sign divides: base64 ends with some.
    ['a=x==', ['a'], { a: ['x=='] }, []],
    ['a=', ['a'], { a: [''] }, []],
    ['', ['a'], { a: [''] }, []],
    ['x,', ['a'], { a: ['x', ''] }, []],
    ['c=x', ['a', 'b'], { c: ['x'] }, ['names an environment that is not among a, b']],
    ['=x', ['a'], { '': ['x'] }, ['names an environment that is not among a']],
  ])('%j of %j are %j', (text, keys, secrets, problems) => {
    expect(read(text, keys)).toEqual([secrets, problems]);
  });
});

describe('a port', () => {
  it('is read when it is a number, and named when Kubernetes has set it', async () => {
    await check(
      fc.property(fc.string(), (text) => {
        const problems: ConfigProblem[] = [];
        const port = readPort(text, 'service', problems);
        expect(Number.isNaN(port)).toBe(!/^\d+$/.test(text));
        expect(problems.length > 0).toBe(/^(?:tcp|udp):\/\/[\w.:[\]-]+$/.test(text));
      }),
    );
  });
});

describe('a log level', () => {
  it.each(['debug', 'info', 'warn', 'error', 'silent'])('is %s, which the sentence about others names', (level) => {
    expect(isLogLevel(level)).toBe(true);
    expect(LOG_LEVEL_PROBLEM.split(/,? /)).toContain(level);
  });

  it.each(['', 'Info', 'trace', 'toString', 'length', '0'])('is not %j', (level) => {
    expect(isLogLevel(level)).toBe(false);
  });
});

describe.each<[command: string, settings: Readonly<Record<string, Setting>>]>([
  ['a center', SETTINGS],
  ['a relay', RELAY_SETTINGS],
])('every setting of %s', (_, settings) => {
  const given = (flags: Record<string, string>, variables: Record<string, string>, file?: string) => {
    const problems: ConfigProblem[] = [];
    const readFile = () => {
      if (file === undefined) throw new Error('ENOENT: /run/secrets/x');
      return file;
    };
    return [readSettings(settings, { flags, variables, readFile }, problems), problems];
  };

  it.each(Object.entries(settings))(
    '%s is taken from its flag, its variable and its file, in this order',
    (name, { flag, variable }) => {
      const file = `${variable}_FILE`;
      expect(given({ [flag]: 'a' }, { [variable]: 'b', [file]: 'f' }, 'c')).toEqual([{ [name]: 'a' }, []]);
      expect(given({}, { [variable]: 'b', [file]: 'f' }, 'c')).toEqual([{ [name]: 'b' }, []]);
      expect(given({}, { [variable]: '', [file]: 'f' }, ' c\r\n')).toEqual([{ [name]: 'c' }, []]);
      expect(given({}, { [variable]: '', [file]: '' }, 'c')).toEqual([{}, []]);
      // The system's own sentence would name the file's place.
      const problem = { option: name, message: `the file of ${variable}_FILE cannot be read` };
      expect(given({}, { [file]: 'f' })).toEqual([{}, [problem]]);
      expect(given({ [flag]: 'a' }, { [file]: 'f' })).toEqual([{ [name]: 'a' }, []]);
    },
  );
});
