import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Command, readCommand } from '../../src/cli/command-line.js';
import { problemLines } from '../../src/cli/given.js';
import { helpText, verbHelpText } from '../../src/cli/help.js';
import { VERBS, type Verb, type VerbName } from '../../src/cli/verbs.js';
import { InvalidConfigError } from '../../src/errors.js';

const SECRET = 'a'.repeat(44);
const OTHER = 'b'.repeat(44);
const THIRD = 'c'.repeat(44);

function read(line: string, variables: Record<string, string> = {}, files: Record<string, string> = {}): Command {
  return readCommand(line.split(' ').filter(Boolean), variables, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error('no such file');
    return text;
  });
}

const DEFAULTS = {
  host: undefined,
  port: undefined,
  dataFolder: 'fbcenter-data',
  requireData: false,
  rememberUsers: false,
  missingAttribute: 'no-match',
  sendRuleNames: false,
  rateLimit: 60_000,
  drainTime: 3_000,
  webhooksToPrivate: false,
  adminToken: undefined,
  environments: [{ key: 'dev', serverSecret: undefined, clientSecret: undefined }],
};

const list = (secret?: string) => secret?.split(',');
const env = (key: string, serverSecret?: string, clientSecret?: string) => ({
  key,
  serverSecret: list(serverSecret),
  clientSecret: list(clientSecret),
});

describe('the command line', () => {
  it.each<[string, Record<string, string>, Record<string, string>, object]>([
    ['', {}, {}, {}],
    ['--port 80 --host ::1', {}, {}, { port: 80, host: '::1' }],
    ['--port=0', {}, {}, { port: 0 }],
    ['', { FBCENTER_PORT: '81', FBCENTER_HOST: 'h' }, {}, { port: 81, host: 'h' }],
    ['--port 80', { FBCENTER_PORT: '81' }, {}, { port: 80 }],
    ['', { FBCENTER_PORT: '' }, {}, {}],
    ['--port x', {}, {}, { port: Number.NaN }],
    ['--data /d', {}, {}, { dataFolder: '/d' }],
    ['--missing-attribute empty-string', {}, {}, { missingAttribute: 'empty-string' }],
    ['', { FBCENTER_MISSING_ATTRIBUTE: 'empty-string' }, {}, { missingAttribute: 'empty-string' }],
    ['--send-rule-names', {}, {}, { sendRuleNames: true }],
    ['', { FBCENTER_SEND_RULE_NAMES: 'true' }, {}, { sendRuleNames: true }],
    ['--memory', {}, {}, { dataFolder: undefined }],
    ['--require-data', {}, {}, { requireData: true }],
    ['', { FBCENTER_REQUIRE_DATA: 'true' }, {}, { requireData: true }],
    ['', { FBCENTER_REQUIRE_DATA: 'false' }, {}, {}],
    ['', { FBCENTER_MEMORY: 'true' }, {}, { dataFolder: undefined }],
    ['', { FBCENTER_MEMORY: 'false', FBCENTER_DATA: '/d' }, {}, { dataFolder: '/d' }],
    ['--memory', { FBCENTER_DATA: '/d' }, {}, { dataFolder: undefined }],
    ['--memory', { FBCENTER_DATA_FILE: '/nowhere' }, {}, { dataFolder: undefined }],
    ['--data /d', { FBCENTER_MEMORY: 'true' }, {}, { dataFolder: '/d' }],
    ['--admin-token t', {}, {}, { adminToken: 't' }],
    ['', { FBCENTER_ADMIN_TOKEN_FILE: 'f' }, { f: 'token\n' }, { adminToken: 'token' }],
    ['', { FBCENTER_ADMIN_TOKEN: 'direct', FBCENTER_ADMIN_TOKEN_FILE: 'f' }, { f: 'token' }, { adminToken: 'direct' }],
    [`--server-secret ${SECRET}`, {}, {}, { environments: [env('dev', SECRET)] }],
    [
      '',
      { FBCENTER_SERVER_SECRET_FILE: 's', FBCENTER_CLIENT_SECRET: OTHER },
      { s: `${SECRET}\n` },
      { environments: [env('dev', SECRET, OTHER)] },
    ],
    ['--environment dev,prod', {}, {}, { environments: [env('dev'), env('prod')] }],
    [
      `--environment dev,prod --server-secret prod=${SECRET},dev=${OTHER}`,
      {},
      {},
      { environments: [env('dev', OTHER), env('prod', SECRET)] },
    ],
    [
      `--environment dev,prod --server-secret ${SECRET},prod=${THIRD},dev=${OTHER}`,
      {},
      {},
      { environments: [env('dev', `${SECRET},${OTHER}`), env('prod', THIRD)] },
    ],
    ['', { FBCENTER_SERVER_SECRET: `${SECRET},${OTHER}` }, {}, { environments: [env('dev', `${SECRET},${OTHER}`)] }],
    ['--public-url https://flags.example', {}, {}, { publicUrl: 'https://flags.example' }],
    [
      '--oidc-issuer https://id.example --oidc-client-id c --oidc-roles admins=admin,a=b=editor:dev+prod,*=viewer',
      { FBCENTER_OIDC_CLIENT_SECRET_FILE: 's' },
      { s: 'secret\n' },
      {
        oidc: {
          issuer: 'https://id.example',
          clientId: 'c',
          clientSecret: 'secret',
          groupsClaim: undefined,
          scope: undefined,
          label: undefined,
          roles: [
            { group: 'admins', role: 'admin' },
            { group: 'a=b', role: 'editor', environments: ['dev', 'prod'] },
            { group: '*', role: 'viewer' },
          ],
        },
      },
    ],
    // A value may begin with a hyphen, as one random token in 64 does.
    ['--admin-token -token', {}, {}, { adminToken: '-token' }],
    ['--admin-token=-token', {}, {}, { adminToken: '-token' }],
    ['--admin-token --token --port 80', {}, {}, { adminToken: '--token', port: 80 }],
    ['--admin-token --ports', {}, {}, { adminToken: '--ports' }],
    ['--admin-token -', {}, {}, { adminToken: '-' }],
    [`--server-secret -${SECRET.slice(1)}`, {}, {}, { environments: [env('dev', `-${SECRET.slice(1)}`)] }],
    ['--data -folder', {}, {}, { dataFolder: '-folder' }],
    ['--port 80', { FBCENTER_PORT: 'tcp://10.0.0.1:5100' }, {}, { port: 80 }],
    [
      `--environment dev,prod --client-secret ${SECRET},prod=${OTHER}`,
      {},
      {},
      { environments: [env('dev', undefined, SECRET), env('prod', undefined, OTHER)] },
    ],
  ])('%s with %j', (line, variables, files, expected) => {
    expect(read(line, variables, files)).toEqual({
      kind: 'start',
      logLevel: 'info',
      logFormat: 'text',
      options: { ...DEFAULTS, ...expected },
    });
  });

  it('asks for help, the version and a log level', () => {
    expect(read('--help --port x')).toEqual({ kind: 'help', verb: 'start' });
    expect(read('apply --help')).toEqual({ kind: 'help', verb: 'apply' });
    expect(read('--version')).toEqual({ kind: 'version' });
    expect(read('--log-level debug')).toMatchObject({ logLevel: 'debug' });
    expect(read('', { FBCENTER_LOG_LEVEL: 'silent' })).toMatchObject({ logLevel: 'silent' });
    expect(read('--log-format json')).toMatchObject({ logFormat: 'json' });
    expect(read('', { FBCENTER_LOG_FORMAT: 'json' })).toMatchObject({ logFormat: 'json' });
  });

  it.each<[string, Record<string, string>, ...string[]]>([
    ['--nonsense', {}, "command line: Unknown option '--nonsense'; see fbcenter --help"],
    ['start', {}, 'command line: '],
    ['--port', {}, 'command line: '],
    ['--admin-token --port 80', {}, 'command line: '],
    ['--port tcp://10.0.0.1:5100', {}, '--port (FBCENTER_PORT): is tcp://10.0.0.1:5100, which Kubernetes sets'],
    ['', { FBCENTER_PORT: 'tcp://10.0.0.1:5100' }, '--port (FBCENTER_PORT): is tcp://10.0.0.1:5100, which Kubernetes'],
    ['', { FBCENTER_PORT: 'tcp://[fd00::1]:5100' }, 'a Service that is called fbcenter: give the port with --port'],
    ['--memory --data /d', {}, '--memory (FBCENTER_MEMORY): cannot be combined with --data (FBCENTER_DATA)'],
    [
      '',
      { FBCENTER_MEMORY: 'true', FBCENTER_DATA: '/d' },
      '--memory (FBCENTER_MEMORY): cannot be combined with --data (FBCENTER_DATA)',
    ],
    ['', { FBCENTER_MEMORY: 'yes' }, '--memory (FBCENTER_MEMORY): must be true or false'],
    ['', { FBCENTER_REMEMBER_USERS: 'yes' }, '--remember-users (FBCENTER_REMEMBER_USERS): must be true or false'],
    ['--log-level loud', {}, '--log-level (FBCENTER_LOG_LEVEL): must be one of debug, info, warn, error, silent'],
    [
      '',
      { FBCENTER_ADMIN_TOKEN_FILE: '/nowhere' },
      '--admin-token (FBCENTER_ADMIN_TOKEN): the file of FBCENTER_ADMIN_TOKEN_FILE cannot be read',
    ],
    [
      `--server-secret prod=${SECRET}`,
      {},
      '--server-secret (FBCENTER_SERVER_SECRET): names an environment that is not among dev',
    ],
    ['--log-level loud', { FBCENTER_MEMORY: 'yes' }, '--memory', '--log-level'],
  ])('is refused: %s with %j', (line, variables, ...starts) => {
    let lines: readonly string[] = [];
    try {
      read(line, variables);
    } catch (error) {
      if (!(error instanceof InvalidConfigError)) throw error;
      lines = problemLines(error);
    }
    expect(lines).toHaveLength(starts.length);
    for (const [index, start] of starts.entries()) expect(lines[index]).toContain(start);
    expect(lines.join()).not.toContain(SECRET);
  });

  it('names what the center refuses by the flag that it was given with', () => {
    const refused = [
      'port',
      'environments[0].serverSecret',
      'environments[1].key',
      'environments[0].flags[0].variations',
    ];
    const lines = problemLines(new InvalidConfigError(refused.map((option) => ({ option, message: 'm' }))));
    expect(lines).toEqual([
      '--port (FBCENTER_PORT): m',
      '--server-secret (FBCENTER_SERVER_SECRET): m',
      '--environment (FBCENTER_ENVIRONMENT): m',
      '--environment (FBCENTER_ENVIRONMENT): m',
    ]);
  });

  it('is explained, every setting with its flag and variable, and the guide names them all', () => {
    const help = helpText();
    const guide = readFileSync(new URL('../../../../docs/fbcenter.md', import.meta.url), 'utf8');
    const names = [...help.matchAll(/--[a-z-]+|FBCENTER_[A-Z_]+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(18);
    for (const name of names) expect(guide).toContain(name);
    for (const line of help.split('\n')) expect(line.length).toBeLessThan(120);
  });
});

describe('the commands backup and restore', () => {
  it.each<[string, Record<string, string>, Command]>([
    ['backup copy.db', {}, { kind: 'backup', folder: 'fbcenter-data', file: 'copy.db', overwrite: false }],
    ['backup copy.db --data /d', {}, { kind: 'backup', folder: '/d', file: 'copy.db', overwrite: false }],
    ['--data /d restore copy.db --force', {}, { kind: 'restore', folder: '/d', file: 'copy.db', overwrite: true }],
    ['restore copy.db', { FBCENTER_DATA: '/e' }, { kind: 'restore', folder: '/e', file: 'copy.db', overwrite: false }],
  ])('%s', (line, variables, command) => {
    expect(read(line, variables)).toEqual(command);
  });

  it.each([
    ['backup', /backup takes one file/],
    ['restore one.db two.db', /restore takes one file/],
    ['backup copy.db --memory', /there is none with --memory/],
    ['destroy copy.db', /there is no command destroy/],
    ['--force', /--force goes with export, backup, restore and migrate-to/],
  ])('%s is refused', (line, message) => {
    expect(() => read(line)).toThrow(message);
  });
});

describe('commands through the management API', () => {
  const token = 'token-of-my-own-and-long';
  const here = {
    url: undefined,
    token: undefined,
    folder: 'fbcenter-data',
    database: undefined,
    localUrl: 'http://127.0.0.1:5100',
    publicUrl: undefined,
  };

  it.each<[string, Record<string, string>, object]>([
    ['experiment show e', {}, { verb: 'experiment', words: ['show', 'e'], target: here }],
    [
      `export --admin-token ${token} --url https://h:1/`,
      { FBCENTER_URL: 'http://i:2' },
      { verb: 'export', words: [], target: { ...here, url: 'https://h:1', token } },
    ],
    ['users list --host :: --port 7', {}, { target: { ...here, localUrl: 'http://127.0.0.1:7' } }],
    ['users list --host ::2', {}, { target: { ...here, localUrl: 'http://[::2]:5100' } }],
    ['tokens list --data /d', {}, { verb: 'tokens', target: { ...here, folder: '/d' } }],
    ['diff a.yaml --environment prod', {}, { words: ['a.yaml'], environment: 'prod' }],
    ['apply -f flags --prune --dry-run', {}, { options: { file: 'flags', prune: true, dryRun: true, json: false } }],
    ['apply --file=flags --plan p --comment c', {}, { options: { file: 'flags', plan: 'p', comment: 'c' } }],
    ['promote a b --from dev --to prod --with-switch', {}, { words: ['a', 'b'], options: { from: 'dev', to: 'prod' } }],
  ])('%s with %j', (line, variables, command) => {
    expect(read(line, variables)).toMatchObject({ kind: 'manage', ...command });
  });

  it('explain themselves, each with what it takes', () => {
    for (const verb of Object.keys(VERBS) as VerbName[]) {
      if (verb === 'start' || verb === 'relay') continue;
      const help = verbHelpText(verb);
      const { usage, takes }: Verb = VERBS[verb];
      for (const line of usage) expect(help).toContain(`fbcenter ${line}`);
      for (const option of takes) expect(help).toContain(`--${option}`);
      for (const line of help.split('\n')) expect(line.length).toBeLessThan(125);
    }
  });
});
