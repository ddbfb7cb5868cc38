import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newSecret } from '../../src/access/secrets.js';
import { InvalidConfigError } from '../../src/errors.js';
import { type RelayOptions, resolveRelayOptions } from '../../src/relay/relay-options.js';
import { memoryLogger } from '../support/memory-logger.js';
import { check } from '../support/property.js';

const ENVIRONMENT = { key: 'dev', serverSecret: 'secret' };
const GOOD: RelayOptions = { upstream: 'http://center:5100', environments: [ENVIRONMENT] };

/** What is said of options, a line for each problem. */
function said(options: unknown): readonly string[] {
  try {
    resolveRelayOptions(options as RelayOptions);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return error.problems.map(({ option, message }) => `${option} ${message}`);
  }
}

const URL_RULE = 'must be an http or https URL without credentials, query or fragment';
const KEY_RULE = 'must be rp- and 40 characters of A-Z, a-z, 0-9, "-" and "_"';
const SECRET_RULE = 'must be a secret of visible ASCII characters, or several';
const TWICE = 'has a key or a secret that was given before, or is an environment that was';
const NEEDS_ENVIRONMENTS = 'environments is needed, or relayKey: without one nobody could be served';
const LIST_RULE = 'environments must be an array of objects, and not empty';
const NEEDS_UPSTREAM = 'upstream is needed; only a relay with a relayKey and no environments can do without';

describe('what is said of an option that cannot be used', () => {
  it.each<[option: keyof RelayOptions, rule: string, values: readonly unknown[]]>([
    [
      'upstream',
      URL_RULE,
      [
        '',
        ' ',
        'center:5100',
        'ws://center',
        'ftp://center',
        'file:///etc',
        '//center',
        'http://',
        'http://user@center',
        'http://:word@center',
        'http://center?a=b',
        'http://center#part',
        7,
        null,
        new URL('http://center'),
      ],
    ],
    [
      'relayKey',
      KEY_RULE,
      [
        '',
        'rp-',
        `rp-${'k'.repeat(39)}`,
        `rp-${'k'.repeat(41)}`,
        `RP-${'k'.repeat(40)}`,
        `rp_${'k'.repeat(40)}`,
        `rp-${'k'.repeat(39)}é`,
        `rp-${'k'.repeat(39)} `,
        ` rp-${'k'.repeat(40)}`,
        `rp-${'k'.repeat(40)}\n`,
        7,
        null,
      ],
    ],
    ['host', 'must be an address or a host name', ['', ' ', '\t', 7, null, ['127.0.0.1']]],
    [
      'port',
      'must be a whole number from 0 to 65535',
      [-1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '6100', null, 6100n],
    ],
    ['dataFolder', 'must be the path of a folder', ['', '  ', 7, null, new URL('file:///data')]],
    [
      'spoolBytes',
      'must be a whole number from 65536 to 1099511627776',
      [0, -1, 65_535, 65_536.5, 2 ** 40 + 1, Number.NaN, '65536', null],
    ],
    ['startWait', 'must be a whole number from 0 to 600000', [-1, 600_001, 0.5, Number.NaN, '3000', null]],
    ['missingAttribute', 'must be no-match or empty-string', ['', 'NO-MATCH', 'null', false, null]],
    ['sendRuleNames', 'must be true or false', ['true', 0, 1, null]],
    [
      'logger',
      'must have the methods debug, info, warn and error',
      [null, 'console', () => {}, {}, { ...memoryLogger(), debug: undefined }, { ...memoryLogger(), error: 'error' }],
    ],
  ])('%s: it %s', (option, rule, values) => {
    for (const value of values) expect(said({ ...GOOD, [option]: value })).toEqual([`${option} ${rule}`]);
    expect(said({ ...GOOD, [option]: undefined })).toEqual(option === 'upstream' ? [NEEDS_UPSTREAM] : []);
  });

  it.each<[option: keyof RelayOptions, values: readonly unknown[]]>([
    ['upstream', ['http://center', 'https://center:1/', 'HTTP://CENTER/a/b/', 'http://[::1]:5100', 'http://127.0.0.1']],
    ['relayKey', [`rp-${'k'.repeat(40)}`, `rp-${'-_0aZ'.repeat(8)}`]],
    ['host', ['0.0.0.0', '::', 'relay.example.org']],
    ['port', [0, 1, 65_535]],
    ['dataFolder', ['x', './data', '/var/lib/relay', 'with space']],
    ['spoolBytes', [65_536, 2 ** 40]],
    ['startWait', [0, 1, 600_000]],
    ['missingAttribute', ['no-match', 'empty-string']],
    ['sendRuleNames', [true, false]],
    ['logger', [memoryLogger(), console]],
  ])('is nothing for good values of %s, which are taken as they are', (option, values) => {
    for (const value of values) {
      expect(said({ ...GOOD, [option]: value })).toEqual([]);
      expect(resolveRelayOptions({ ...GOOD, [option]: value })).toMatchObject({ [option]: value });
    }
  });

  it.each(['upsteam', 'environment', 'Port', 'secret', 'toString'])('%s: it is none of a relay', (option) => {
    expect(said({ ...GOOD, [option]: 'x' })).toEqual([`${option} is no option of a relay`]);
  });

  it.each<[what: string, options: object, problems: string[]]>([
    ['nothing is given', {}, [NEEDS_ENVIRONMENTS, NEEDS_UPSTREAM]],
    ['only upstream is given', { upstream: 'http://center' }, [NEEDS_ENVIRONMENTS]],
    ['only environments are given', { environments: [ENVIRONMENT] }, [NEEDS_UPSTREAM]],
    [
      'a key and environments are given, and no upstream',
      { environments: [ENVIRONMENT], relayKey: `rp-${'k'.repeat(40)}` },
      [NEEDS_UPSTREAM],
    ],
    ['only a key is given', { relayKey: `rp-${'k'.repeat(40)}` }, []],
    ['environments are a list of none', { ...GOOD, environments: [] }, [LIST_RULE, NEEDS_ENVIRONMENTS]],
    ['environments are by name', { ...GOOD, environments: { dev: 'secret' } }, [LIST_RULE, NEEDS_ENVIRONMENTS]],
  ])('follows from the others when %s', (_, options, problems) => {
    expect(said(options)).toEqual(problems);
  });
});

describe('what is said of an environment that cannot be used', () => {
  it.each<[what: string, environment: unknown, problem: string]>([
    ['null', null, 'environments[1] must be an object'],
    ['a text', 'dev', 'environments[1] must be an object'],
    ['without a key', { serverSecret: 'x' }, 'environments[1].key must be a string'],
    ['with a key that is null', { key: null, serverSecret: 'x' }, 'environments[1].key must be a string'],
    ['with an empty key', { key: '', serverSecret: 'x' }, 'environments[1].key Must not be blank.'],
    [
      'with a key that ends in a space',
      { key: 'a ', serverSecret: 'x' },
      'environments[1].key Must not begin or end with white space.',
    ],
    [
      'with a key that is too long',
      { key: 'k'.repeat(257), serverSecret: 'x' },
      'environments[1].key Must not be longer than 256 characters.',
    ],
    [
      'with a control character in its key',
      { key: 'a\u0007b', serverSecret: 'x' },
      'environments[1].key Must not contain control characters or broken Unicode.',
    ],
    ['without a secret', { key: 'a' }, `environments[1].serverSecret ${SECRET_RULE}`],
    ['with an empty secret', { key: 'a', serverSecret: '' }, `environments[1].serverSecret ${SECRET_RULE}`],
    ['with no secret in its list', { key: 'a', serverSecret: [] }, `environments[1].serverSecret ${SECRET_RULE}`],
    ['with a secret that is null', { key: 'a', serverSecret: null }, `environments[1].serverSecret ${SECRET_RULE}`],
    [
      'with a secret that is too long',
      { key: 'a', serverSecret: 'x'.repeat(513) },
      `environments[1].serverSecret ${SECRET_RULE}`,
    ],
    [
      'with a line break in one',
      { key: 'a', serverSecret: ['x', 'y\n'] },
      `environments[1].serverSecret ${SECRET_RULE}`,
    ],
    [
      'with an empty client secret',
      { key: 'a', serverSecret: 'x', clientSecret: '' },
      `environments[1].clientSecret ${SECRET_RULE}`,
    ],
    [
      'with a client secret that is null in a list',
      { key: 'a', serverSecret: 'x', clientSecret: ['y', null] },
      `environments[1].clientSecret ${SECRET_RULE}`,
    ],
    ['with the key of another', { key: 'dev', serverSecret: 'x' }, `environments[1] ${TWICE}`],
    ['with the secret of another', { key: 'a', serverSecret: ['x', 'secret'] }, `environments[1] ${TWICE}`],
    [
      'with the secret of another for browsers',
      { key: 'a', serverSecret: 'x', clientSecret: 'secret' },
      `environments[1] ${TWICE}`,
    ],
    ['with a secret twice', { key: 'a', serverSecret: ['x', 'x'] }, `environments[1] ${TWICE}`],
  ])('%s', (_, environment, problem) => {
    expect(said({ ...GOOD, environments: [ENVIRONMENT, environment] })).toEqual([problem]);
  });

  it('is said when two secrets are of one environment of FeatBit', () => {
    const id = '2b6a1f0e-5b1d-4c68-9d7c-1f7f1c2d3e4f';
    const environments = ['a', 'b'].map((key) => ({ key, serverSecret: newSecret(id) }));
    expect(said({ ...GOOD, environments })).toEqual([`environments[1] ${TWICE}`]);
  });

  it('is said of each of several, by its place', () => {
    const environments = [
      null,
      ENVIRONMENT,
      { key: 'a' },
      { key: 'b', serverSecret: 'y' },
      { key: 'b', serverSecret: 'z' },
    ];
    expect(said({ ...GOOD, environments })).toEqual([
      'environments[0] must be an object',
      `environments[2].serverSecret ${SECRET_RULE}`,
      `environments[4] ${TWICE}`,
    ]);
  });
});

describe('the environments of a relay', () => {
  it('have their secrets in the order in which they were given, those of servers first', () => {
    const environment = { key: 'dev', clientSecret: ['c', 'd'], serverSecret: ['a', 'b'] };
    const { environments } = resolveRelayOptions({ ...GOOD, environments: [environment] });
    expect(environments?.[0]?.secrets.map(({ kind, value }) => `${kind} ${value}`)).toEqual([
      'server a',
      'server b',
      'client c',
      'client d',
    ]);
  });

  it('have ids that depend on the first server secret alone', () => {
    const idOf = (environment: object) =>
      resolveRelayOptions({ ...GOOD, environments: [{ ...ENVIRONMENT, ...environment }] }).environments?.[0]?.id;
    expect(idOf({ key: 'other', serverSecret: ['secret', 'second'], clientSecret: 'c' })).toBe(idOf({}));
    expect(idOf({ serverSecret: ['second', 'secret'] })).not.toBe(idOf({}));
  });

  it('are read whole or named, and no secret is in what is said', async () => {
    const key = fc.constantFrom('a', 'b', '', ' c', 7);
    const secret = fc.constantFrom('hidden-1', 'hidden-2', 'hidden 3', 'hidden-4\n');
    const environment = fc.record({ key, serverSecret: fc.oneof(secret, fc.array(secret, { maxLength: 3 })) });
    await check(
      fc.property(fc.array(environment, { minLength: 1, maxLength: 4 }), (environments) => {
        const problems = said({ ...GOOD, environments });
        expect(problems.join('\n')).not.toContain('hidden');
        const named = new Set(problems.map((problem) => /^environments\[(\d)\]/.exec(problem)?.[1]));
        expect(named.has(undefined)).toBe(false);
        if (problems.length > 0) return;
        const resolved = resolveRelayOptions({ ...GOOD, environments } as RelayOptions).environments ?? [];
        expect(resolved.map((one) => one.key)).toEqual(environments.map((one) => one.key));
        const values = resolved.flatMap(({ secrets }) => secrets.map(({ value }) => value));
        expect(values).toEqual(environments.flatMap(({ serverSecret }) => serverSecret));
        expect(new Set(values).size).toBe(values.length);
      }),
      300,
    );
  });
});
