import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Command, readCommand } from '../../src/cli/command-line.js';
import { RELAY_SETTINGS } from '../../src/cli/relay-settings.js';
import { InvalidConfigError } from '../../src/errors.js';
import { Child } from '../support/child.js';
import { aFlag } from '../support/documents.js';
import { runLine } from '../support/run-line.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { put, startTestCenter } from '../support/test-center.js';

const read = (args: readonly string[], variables: Record<string, string> = {}, files: Record<string, string> = {}) =>
  readCommand(['relay', ...args], variables, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  });
const optionsOf = (...given: Parameters<typeof read>) => (read(...given) as Command<'relay'>).options;
const problemsOf = (...given: Parameters<typeof read>): readonly string[] => {
  try {
    read(...given);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return error.problems.map(({ option, message }) => `${option}: ${message}`);
  }
};

describe('the command line of a relay', () => {
  it('has defaults', () => {
    expect(read(['--upstream', 'http://x', '--server-secret', 's'])).toMatchObject({
      kind: 'relay',
      logLevel: 'info',
      options: {
        upstream: 'http://x',
        dataFolder: 'fbrelay-data',
        environments: [{ key: 'default', serverSecret: ['s'], clientSecret: undefined }],
        sendRuleNames: false,
      },
    });
  });

  it('is read from flags, variables and files alike', () => {
    const expected = {
      upstream: 'https://x/y',
      host: '0.0.0.0',
      port: 7,
      dataFolder: '/d',
      spoolBytes: 99,
      startWait: 5,
      missingAttribute: 'empty-string',
      sendRuleNames: true,
      metricsPort: 9_464,
      metricsToken: 'm',
      drainDelay: 1,
      drainTime: 2,
      tlsCert: '/c',
      tlsKey: '/k',
      rateLimit: 3,
      relayKey: 'rp-k',
      environments: [
        { key: 'a', serverSecret: ['s1', 's2'], clientSecret: ['c'] },
        { key: 'b', serverSecret: ['s3'], clientSecret: undefined },
      ],
    };
    const given: Record<string, string> = {
      upstream: 'https://x/y',
      host: '0.0.0.0',
      port: '7',
      data: '/d',
      'spool-bytes': '99',
      'start-wait': '5',
      'missing-attribute': 'empty-string',
      'relay-key': 'rp-k',
      'metrics-port': '9464',
      'metrics-token': 'm',
      'drain-delay': '1',
      'drain-time': '2',
      'tls-cert': '/c',
      'tls-key': '/k',
      'rate-limit': '3',
      environment: 'a,b',
      'server-secret': 's1,a=s2,b=s3',
      'client-secret': 'c',
    };
    const flags = Object.entries(given).flatMap(([flag, value]) => [`--${flag}`, value]);
    expect(optionsOf([...flags, '--send-rule-names'])).toEqual(expected);
    const named = Object.values(RELAY_SETTINGS).flatMap(({ flag, variable }): [string, string][] => {
      const value = flag === 'send-rule-names' ? 'true' : given[flag];
      return value === undefined ? [] : [[variable, value]];
    });
    expect(optionsOf([], Object.fromEntries(named))).toEqual(expected);
    const files = Object.fromEntries(named.map(([variable, value]) => [`/${variable}`, `${value}\n`]));
    const variables = Object.fromEntries(named.map(([variable]) => [`${variable}_FILE`, `/${variable}`]));
    expect(optionsOf([], variables, files)).toEqual(expected);
  });

  it('leaves the environments to upstream where only a key is given', () => {
    expect(optionsOf(['--upstream', 'http://x', '--relay-key', 'k']).environments).toBeUndefined();
    expect(optionsOf(['--relay-key', 'k']).upstream).toBeUndefined();
  });

  it('keeps nothing with --memory', () => {
    expect(optionsOf(['--server-secret', 's', '--memory']).dataFolder).toBeUndefined();
  });

  it.each<[args: string[], problem: RegExp]>([
    [['file'], /relay takes options only, not file/],
    [['--upsteam', 'x'], /Unknown option '--upsteam'/],
    [['--force'], /--force goes with export, backup, restore and migrate-to/],
    [['--admin-token', 'x'], /Unknown option '--admin-token'/],
    [['--upstream', 'x'], /^serverSecret: is missing for the environment default$/],
    [['--environment', 'a,b', '--server-secret', 's'], /^serverSecret: is missing for the environment b$/],
    [['--server-secret', 'x=s'], /names an environment that is not among default/],
    [['--server-secret', 's', '--memory', '--data', 'd'], /cannot be combined with --data \(FBRELAY_DATA\)/],
    [['--server-secret', 's', '--log-level', 'x'], /must be one of debug/],
    [['--server-secret', 's', '--port', 'tcp://10.0.0.1:80'], /called fbrelay/],
  ])('%j is not understood', (args, problem) => {
    expect(problemsOf(args).join('\n')).toMatch(problem);
  });

  it('does not read the variables of a center, nor a center those of a relay', () => {
    expect(optionsOf(['--server-secret', 's'], { FBCENTER_PORT: '1' }).port).toBeUndefined();
    expect(readCommand([], { FBRELAY_PORT: '1' }, () => '')).toMatchObject({ options: { port: undefined } });
  });
});

describe('fbcenter relay', () => {
  const run = async (args: readonly string[]) => {
    return runLine({
      args: ['relay', ...args],
    });
  };

  it('says with --help what can be set, by flag and by variable', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const { flag, variable } of Object.values(RELAY_SETTINGS)) {
      expect(out).toContain(`--${flag}`);
      expect(out).toContain(variable);
    }
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(145);
  });

  it.each<[args: string[], lines: RegExp]>([
    [
      ['--upstream', 'x', '--server-secret', 's', '--memory'],
      /^fbcenter: --upstream \(FBRELAY_UPSTREAM\): must be an http/,
    ],
    [
      ['--upstream', 'http://x', '--server-secret', 's', '--port', 'x', '--memory'],
      /^fbcenter: --port \(FBRELAY_PORT\): must be/,
    ],
    [
      ['--upstream', 'http://x', '--server-secret', 's y', '--memory'],
      /^fbcenter: --server-secret \(FBRELAY_SERVER_SECRET\)/,
    ],
  ])('names what is wrong by flag and variable, without a secret: %j', async (args, lines) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(lines);
    expect(err).not.toContain('s y');
  });

  it('serves in a process of its own, with a private folder, and ends at SIGTERM', async () => {
    const center = await startTestCenter();
    await put(center.api, '/flags/a', aFlag());
    const { serverSecret } = center.environment;
    const folder = join(temporaryFolder(), 'data');
    const child = new Child('../src/cli/main.ts', ['relay', '--port', '0', '--data', folder, '--start-wait', '60000'], {
      FBRELAY_UPSTREAM: center.center.url,
      FBRELAY_SERVER_SECRET: serverSecret,
    });
    const [, url = ''] = await child.untilMatch(/listens on (http:\S+:\d+)/);
    await child.untilMatch(/Ctrl-C/);
    expect(child.stdout).toContain('environment default: 1 flags, 0 segments, live');
    expect(child.stdout).toContain(folder);
    const answer = await fetch(`${url}/api/public/sdk/server/latest-all`, { headers: { authorization: serverSecret } });
    expect(answer.status).toBe(200);
    child.kill('SIGTERM');
    expect(await child.exited()).toEqual({ code: 0, signal: null });
    expect(child.stdout).toMatch(/fbcenter relay has stopped\.\n$/);
    expect(child.stderr).toMatch(/info upstream has answered environment=default flags=1 segments=0/);
    expect(child.stdout + child.stderr).not.toContain(serverSecret);
  }, 60_000);
});
