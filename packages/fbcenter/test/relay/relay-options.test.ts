import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentIdIn, newSecret } from '../../src/access/secrets.js';
import { InvalidConfigError } from '../../src/errors.js';
import { type RelayOptions, resolveRelayOptions } from '../../src/relay/relay-options.js';
import { check } from '../support/property.js';

const KEY = `rp-${'k'.repeat(40)}`;
const GOOD: RelayOptions = { upstream: 'http://center:5100', environments: [{ key: 'dev', serverSecret: 'secret' }] };

const problemsOf = (options: unknown): readonly string[] => {
  try {
    resolveRelayOptions(options as RelayOptions);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return error.problems.map(({ option }) => option);
  }
};

describe('the options of a relay', () => {
  it('have defaults', () => {
    expect(resolveRelayOptions(GOOD)).toMatchObject({
      host: '127.0.0.1',
      port: 6100,
      startWait: 3_000,
      spoolBytes: 33_554_432,
      missingAttribute: 'no-match',
      sendRuleNames: false,
      dataFolder: undefined,
      relayKey: undefined,
    });
    expect(resolveRelayOptions({ ...GOOD, dataFolder: 'x' }).spoolBytes).toBe(268_435_456);
  });

  it.each<[what: string, options: unknown]>([
    ['an upstream with a path', { ...GOOD, upstream: 'https://featbit.example.org/prefix/' }],
    ['a key and no environments', { upstream: 'http://x', relayKey: KEY }],
    ['a key alone: it is filled by hand', { relayKey: KEY }],
    ['a key for agents, and environments', { ...GOOD, relayKey: KEY }],
    [
      'several secrets',
      { ...GOOD, environments: [{ key: 'dev', serverSecret: ['a', 'b'], clientSecret: ['c', 'd'] }] },
    ],
    [
      'several environments',
      {
        ...GOOD,
        environments: [
          { key: 'a', serverSecret: 'x' },
          { key: 'b', serverSecret: 'y' },
        ],
      },
    ],
    ['no start wait', { ...GOOD, startWait: 0 }],
    ['a proxy and an authority', { ...GOOD, proxy: false, ca: '-----BEGIN CERTIFICATE-----' }],
  ])('can be %s', (_, options) => {
    expect(problemsOf(options)).toEqual([]);
  });

  it.each<[what: string, options: unknown, problems: string[]]>([
    ['nothing', {}, ['environments', 'upstream']],
    ['no upstream', { environments: GOOD.environments }, ['upstream']],
    ['no environments', { upstream: 'http://x' }, ['environments']],
    ['a stream as upstream', { ...GOOD, upstream: 'ws://x' }, ['upstream']],
    ['an upstream with a password', { ...GOOD, upstream: 'http://a:b@x' }, ['upstream']],
    ['an upstream with a query', { ...GOOD, upstream: 'http://x?y' }, ['upstream']],
    ['an upstream that is none', { ...GOOD, upstream: 'x' }, ['upstream']],
    ['a key of another form', { ...GOOD, relayKey: 'rp-x' }, ['relayKey']],
    ['a port that is none', { ...GOOD, port: 65_536 }, ['port']],
    ['a port that is a text', { ...GOOD, port: '80' }, ['port']],
    ['a host that is blank', { ...GOOD, host: ' ' }, ['host']],
    ['a folder that is blank', { ...GOOD, dataFolder: '' }, ['dataFolder']],
    ['a spool that is too small', { ...GOOD, spoolBytes: 65_535 }, ['spoolBytes']],
    ['a spool that is no number', { ...GOOD, spoolBytes: Number.NaN }, ['spoolBytes']],
    ['a wait that is negative', { ...GOOD, startWait: -1 }, ['startWait']],
    ['an attribute rule that is none', { ...GOOD, missingAttribute: 'x' }, ['missingAttribute']],
    ['a switch that is a text', { ...GOOD, sendRuleNames: 'yes' }, ['sendRuleNames']],
    ['a logger that lacks a method', { ...GOOD, logger: { info() {} } }, ['logger']],
    ['an option that is misspelt', { ...GOOD, upsteam: 'x' }, ['upsteam']],
    ['no list of environments', { ...GOOD, environments: {} }, ['environments', 'environments']],
    ['an empty list of environments', { ...GOOD, environments: [] }, ['environments', 'environments']],
    ['an environment that is none', { ...GOOD, environments: [null] }, ['environments[0]']],
    ['an environment without a key', { ...GOOD, environments: [{ serverSecret: 'x' }] }, ['environments[0].key']],
    ['a key that is blank', { ...GOOD, environments: [{ key: ' ', serverSecret: 'x' }] }, ['environments[0].key']],
    ['an environment without a secret', { ...GOOD, environments: [{ key: 'a' }] }, ['environments[0].serverSecret']],
    [
      'no secret in a list',
      { ...GOOD, environments: [{ key: 'a', serverSecret: [] }] },
      ['environments[0].serverSecret'],
    ],
    [
      'a secret with a space',
      { ...GOOD, environments: [{ key: 'a', serverSecret: 'x y' }] },
      ['environments[0].serverSecret'],
    ],
    [
      'a client secret that is none',
      { ...GOOD, environments: [{ key: 'a', serverSecret: 'x', clientSecret: 7 }] },
      ['environments[0].clientSecret'],
    ],
    [
      'one secret for two things',
      { ...GOOD, environments: [{ key: 'a', serverSecret: 'x', clientSecret: 'x' }] },
      ['environments[0]'],
    ],
    [
      'one secret for two environments',
      {
        ...GOOD,
        environments: [
          { key: 'a', serverSecret: 'x' },
          { key: 'b', serverSecret: 'x' },
        ],
      },
      ['environments[1]'],
    ],
    [
      'one key for two environments',
      {
        ...GOOD,
        environments: [
          { key: 'a', serverSecret: 'x' },
          { key: 'a', serverSecret: 'y' },
        ],
      },
      ['environments[1]'],
    ],
  ])('cannot be %s', (_, options, problems) => {
    expect(problemsOf(options)).toEqual(problems);
  });

  it('are named all at once, and no secret is in what is said of them', () => {
    const secret = 'a secret with spaces';
    try {
      resolveRelayOptions({ upstream: 'x', port: -1, environments: [{ key: 'a', serverSecret: secret }] });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidConfigError);
      expect((error as InvalidConfigError).problems).toHaveLength(3);
      expect(String(error)).not.toContain(secret);
    }
  });

  it('give an environment the id that its secret bears, otherwise one of its own that is for ever the same', () => {
    const id = '2b6a1f0e-5b1d-4c68-9d7c-1f7f1c2d3e4f';
    const idOf = (serverSecret: string) =>
      resolveRelayOptions({ ...GOOD, environments: [{ key: 'a', serverSecret }] }).environments?.[0]?.id;
    expect(idOf(newSecret(id))).toBe(id);
    expect(idOf('short')).toMatch(/^[0-9a-f-]{36}$/);
    expect(idOf('short')).toBe(idOf('short'));
    expect(idOf('short')).not.toBe(idOf('other'));
  });
});

describe('the environment in a secret', () => {
  it('is the one that it was made for', async () => {
    await check(
      fc.property(fc.uuid(), (id) => {
        expect(environmentIdIn(newSecret(id))).toBe(id.toLowerCase());
      }),
      100,
    );
  });

  it.each(['', 'x', 'x'.repeat(43), `${'x'.repeat(43)} `, `${'A'.repeat(43)}B`])('is not in %j', (text) => {
    expect(environmentIdIn(text)).toBeUndefined();
  });
});
