import { describe, expect, it } from 'vitest';
import { readPort } from '../../src/cli/setting-values.js';
import type { Given } from '../../src/cli/settings.js';
import { readStart } from '../../src/cli/start-options.js';
import { type ConfigProblem, InvalidConfigError } from '../../src/errors.js';

/** The options of a start, or its problems as lines. */
function read(given: Given, problems: ConfigProblem[] = []) {
  try {
    return readStart(given, problems);
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return error.problems.map(({ option, message }) => `${option}: ${message}`);
  }
}

const optionsOf = (given: Given) => {
  const start = read(given);
  if ('options' in start) return start.options;
  throw new Error(start.join('\n'));
};

const DATA = '--data (FBCENTER_DATA)';

describe('a start', () => {
  it('with nothing given is one in a folder, with one environment', () => {
    expect(read({})).toEqual({
      logLevel: 'info',
      logFormat: 'text',
      options: {
        host: undefined,
        port: undefined,
        dataFolder: 'fbcenter-data',
        requireData: false,
        adminToken: undefined,
        rememberUsers: false,
        missingAttribute: 'no-match',
        sendRuleNames: false,
        webhooksToPrivate: false,
        rateLimit: 60_000,
        drainTime: 3_000,
        environments: [{ key: 'dev', serverSecret: undefined, clientSecret: undefined }],
      },
    });
  });

  it.each<[given: Given, options: object]>([
    [{ memory: 'true' }, { dataFolder: undefined }],
    [{ memory: 'false', dataFolder: '/data' }, { dataFolder: '/data' }],
    [
      { host: '0.0.0.0', port: '8080' },
      { host: '0.0.0.0', port: 8_080 },
    ],
    [{ port: '0' }, { port: 0 }],
    [{ port: '99999' }, { port: 99_999 }],
    [{ port: '-1' }, { port: Number.NaN }],
    [{ port: '80a' }, { port: Number.NaN }],
    [{ port: '' }, { port: Number.NaN }],
    [
      { requireData: 'true', rememberUsers: 'true', sendRuleNames: 'true' },
      { requireData: true, rememberUsers: true, sendRuleNames: true },
    ],
    [{ auditDays: '30' }, { auditDays: 30 }],
    [{ auditDays: 'x' }, { auditDays: Number.NaN }],
    [{ publicUrl: 'https://flags.example.com' }, { publicUrl: 'https://flags.example.com' }],
    [{ missingAttribute: 'empty-string' }, { missingAttribute: 'empty-string' }],
    [{ adminToken: 'a token' }, { adminToken: 'a token' }],
    [{ webhooksToPrivate: 'true' }, { webhooksToPrivate: true }],
    [
      { metricsPort: '9464', metricsToken: 'a token' },
      { metricsPort: 9_464, metricsToken: 'a token' },
    ],
    [{ metricsPort: 'x' }, { metricsPort: Number.NaN }],
    [{ accessLog: 'true' }, { accessLog: true }],
    [
      { drainDelay: '5000', drainTime: '0' },
      { drainDelay: 5_000, drainTime: 0 },
    ],
    [{ drainDelay: '5s' }, { drainDelay: Number.NaN }],
    [
      { tlsCert: 'a', tlsKey: 'b' },
      { tlsCert: 'a', tlsKey: 'b' },
    ],
    [{ rateLimit: '100' }, { rateLimit: 100 }],
    [{ rateLimit: 'x' }, { rateLimit: Number.NaN }],
  ])('with %j has %j', (given, options) => {
    expect(optionsOf(given)).toMatchObject(options);
  });

  it('says nothing of what was not given', () => {
    for (const name of [
      'publicUrl',
      'oidc',
      'auditDays',
      'metricsPort',
      'metricsToken',
      'accessLog',
      'drainDelay',
      'tlsCert',
    ])
      expect(optionsOf({})).not.toHaveProperty(name);
  });

  it('has no limit of requests when that is 0', () => {
    expect(optionsOf({ rateLimit: '0' })).not.toHaveProperty('rateLimit');
  });

  it.each<[given: Given, problems: string[]]>([
    [{ logFormat: 'xml' }, ['logFormat: must be text or json']],
    [{ accessLog: 'yes' }, ['accessLog: must be true or false']],
    [{ webhooksToPrivate: 'yes' }, ['webhooksToPrivate: must be true or false']],
    [{ memory: 'yes' }, ['memory: must be true or false']],
    [{ memory: 'TRUE' }, ['memory: must be true or false']],
    [{ memory: '' }, ['memory: must be true or false']],
    [{ memory: 'true', dataFolder: '/data' }, [`memory: cannot be combined with ${DATA}`]],
    [{ requireData: '1' }, ['requireData: must be true or false']],
    [{ rememberUsers: 'on' }, ['rememberUsers: must be true or false']],
    [{ sendRuleNames: 'no' }, ['sendRuleNames: must be true or false']],
    [{ logLevel: 'verbose' }, [expect.stringMatching(/^logLevel: must be one of .*info/)]],
    [{ missingAttribute: 'maybe' }, ['missingAttribute: must be no-match or empty-string']],
    [{ serverSecret: 'prod=x' }, ['serverSecret: names an environment that is not among dev']],
    [{ clientSecret: 'prod=x', environments: 'a,b' }, ['clientSecret: names an environment that is not among a, b']],
    [{ oidcClientId: 'x' }, ['oidcClientId: goes with --oidc-issuer (FBCENTER_OIDC_ISSUER)']],
    [{ oidcRoles: '*=viewer' }, ['oidcRoles: goes with --oidc-issuer (FBCENTER_OIDC_ISSUER)']],
    [
      { memory: 'x', requireData: 'x', rememberUsers: 'x', sendRuleNames: 'x', missingAttribute: 'x' },
      [
        'memory: must be true or false',
        'requireData: must be true or false',
        'rememberUsers: must be true or false',
        'sendRuleNames: must be true or false',
        'missingAttribute: must be no-match or empty-string',
      ],
    ],
  ])('is refused with %j, naming everything that is wrong', (given, problems) => {
    expect(read(given)).toEqual(problems);
  });

  it('is refused for what could not be read before', () => {
    expect(read({}, [{ option: 'adminToken', message: 'the file cannot be read' }])).toEqual([
      'adminToken: the file cannot be read',
    ]);
  });
});

describe('the secrets of a start', () => {
  it.each<[given: Given, environments: object[]]>([
    [{ serverSecret: 's1' }, [{ key: 'dev', serverSecret: ['s1'] }]],
    [{ serverSecret: 's1,s2' }, [{ key: 'dev', serverSecret: ['s1', 's2'] }]],
    [{ serverSecret: ' s1 , s2 ' }, [{ key: 'dev', serverSecret: ['s1', 's2'] }]],
    [
      { environments: 'a,b', serverSecret: 's1' },
      [
        { key: 'a', serverSecret: ['s1'] },
        { key: 'b', serverSecret: undefined },
      ],
    ],
    [
      { environments: ' a , b ', serverSecret: 'b=s1,a=s2,b=s3', clientSecret: 'b=c1' },
      [
        { key: 'a', serverSecret: ['s2'], clientSecret: undefined },
        { key: 'b', serverSecret: ['s1', 's3'], clientSecret: ['c1'] },
      ],
    ],
  ])('of %j are %j', (given, environments) => {
    expect(optionsOf(given).environments).toMatchObject(environments);
  });
});

describe('the identity provider of a start', () => {
  const ISSUER = { oidcIssuer: 'https://idp' };

  it.each<[roles: string, read: object[]]>([
    ['*=viewer', [{ group: '*', role: 'viewer' }]],
    [
      'ops=admin,*=viewer',
      [
        { group: 'ops', role: 'admin' },
        { group: '*', role: 'viewer' },
      ],
    ],
    ['ops=editor:dev', [{ group: 'ops', role: 'editor', environments: ['dev'] }]],
    [
      'ops=editor:dev+staging, all = viewer'.replace(' = ', '='),
      [
        { group: 'ops', role: 'editor', environments: ['dev', 'staging'] },
        { group: 'all', role: 'viewer' },
      ],
    ],
    ['cn=ops=admin', [{ group: 'cn=ops', role: 'admin' }]],
  ])('gives by %j', (oidcRoles, roles) => {
    expect(optionsOf({ ...ISSUER, oidcRoles })).toMatchObject({ oidc: { issuer: 'https://idp', roles } });
  });

  it.each(['', 'ops', 'ops=', '=viewer', 'ops=owner', 'ops=Viewer', 'ops=viewer:', 'ops:dev=viewer:'])(
    'is refused with the roles %j',
    (oidcRoles) => {
      expect(read({ ...ISSUER, oidcRoles })).toEqual([
        expect.stringMatching(/^oidcRoles: must be GROUP=ROLE, .*; roles are viewer, editor, admin$/),
      ]);
    },
  );

  it('has what else was given, and an empty id where none was', () => {
    const given = {
      ...ISSUER,
      oidcRoles: '*=viewer',
      oidcClientSecret: 's',
      oidcGroupsClaim: 'g',
      oidcScope: 'openid',
      oidcLabel: 'Example',
    };
    expect(optionsOf(given).oidc).toEqual({
      issuer: 'https://idp',
      clientId: '',
      clientSecret: 's',
      roles: [{ group: '*', role: 'viewer' }],
      groupsClaim: 'g',
      scope: 'openid',
      label: 'Example',
    });
  });
});

describe('a port', () => {
  it.each(['tcp://10.0.0.1:80', 'udp://10.0.0.1:53', 'tcp://[::1]:80', 'tcp://fbcenter.default:6100'])(
    'that Kubernetes sets, %s, is refused with the remedies',
    (text) => {
      const problems: ConfigProblem[] = [];
      expect(readPort(text, 'fbcenter', problems)).toBeNaN();
      expect(problems).toEqual([
        { option: 'port', message: expect.stringMatching(/Kubernetes.*--port.*enableServiceLinks/) },
      ]);
    },
  );

  it.each(['http://x', 'tcp://', 'tcp:/x', 'x', '1.5', '-1', '0x10', ' 80'])(
    '%j is left to the center to refuse',
    (text) => {
      const problems: ConfigProblem[] = [];
      expect([readPort(text, 'fbcenter', problems), problems]).toEqual([Number.NaN, []]);
    },
  );
});
