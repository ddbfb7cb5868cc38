import { describe, expect, it } from 'vitest';
import type { FBClient } from '../../src/node-client.js';
import { fakeClient, offlineClient } from '../support/clients.js';
import { SHIFTY_USERS, THROWING_USERS, UNUSABLE_USERS } from '../support/odd-users.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { everybody, full, patch, wireFlag, wireRule } from '../support/wire.js';

const ADA = { key: 'ada' };

const FLAGS = [
  wireFlag('switch', 'true', { variationType: 'boolean' }),
  wireFlag('greeting', 'hello'),
  wireFlag('limit', '25', { variationType: 'number' }),
  wireFlag('theme', '{"colours":["red"]}', { variationType: 'json' }),
  wireFlag('nothing', 'null', { variationType: 'json' }),
  wireFlag('broken', 'on', { fallthrough: everybody('gone') }),
  wireFlag('no variations', 'on', { variations: [] }),
  wireFlag('archived', 'on', { isArchived: true }),
  wireFlag('pattern', 'on', { rules: [wireRule([{ property: 'country', op: 'MatchRegex', value: '(' }])] }),
];

describe('a typed variation', () => {
  const client = offlineClient(FLAGS);

  it.each<[string, unknown, unknown]>([
    ['bool of a boolean', client.boolVariation('switch', ADA, false), true],
    ['bool of a text', client.boolVariation('greeting', ADA, true), true],
    ['bool of an unknown flag', client.boolVariation('unknown', ADA), false],
    ['bool of an unknown flag with a default', client.boolVariation('unknown', ADA, true), true],
    ['string of a text', client.stringVariation('greeting', ADA, ''), 'hello'],
    ['string of a number', client.stringVariation('limit', ADA, ''), '25'],
    ['string of an unknown flag', client.stringVariation('unknown', ADA), ''],
    ['number of a number', client.numberVariation('limit', ADA, 0), 25],
    ['number of a text', client.numberVariation('greeting', ADA, -1), -1],
    ['number of an unknown flag', client.numberVariation('unknown', ADA), 0],
    ['json of JSON', client.jsonVariation('theme', ADA, {}), { colours: ['red'] }],
    ['json of null', client.jsonVariation('nothing', ADA, {}), null],
    ['json of a number', client.jsonVariation('limit', ADA, {}), 25],
    ['json of a text', client.jsonVariation('greeting', ADA, { mine: 1 }), { mine: 1 }],
    ['json of an unknown flag', client.jsonVariation('unknown', ADA), null],
    ['the type of the default: a boolean', client.variation('switch', ADA, false), true],
    ['the type of the default: a text', client.variation('switch', ADA, ''), 'true'],
    ['the type of the default: a number', client.variation('limit', ADA, 0), 25],
    ['the type of the default: an object', client.variation('theme', ADA, {}), { colours: ['red'] }],
    ['the flag’s own type without a default', client.variation('switch', ADA), true],
    ['nothing without a default', client.variation('unknown', ADA), undefined],
  ])('%s', (_name, value, expected) => {
    expect(value).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['bool', client.boolVariationDetail('switch', ADA)],
    ['string', client.stringVariationDetail('switch', ADA)],
    ['json', client.jsonVariationDetail('switch', ADA)],
    ['any', client.variationDetail('switch', ADA, false)],
  ])('explains itself: %s', (type, detail) => {
    expect(detail).toEqual({
      flagKey: 'switch',
      value: type === 'string' ? 'true' : true,
      variationId: 'v-on',
      reason: 'Fallthrough',
      reasonText: 'no targeting rule matched',
    });
  });

  it('explains its failure as well: number', () => {
    expect(client.numberVariationDetail('switch', ADA, 7)).toMatchObject({
      value: 7,
      variationId: '',
      reason: 'WrongType',
    });
  });

  it('gives JSON that nobody can change for others', () => {
    const theme = client.jsonVariation('theme', ADA, { colours: [''] });
    expect(() => (theme.colours as string[]).push('blue')).toThrow(TypeError);
    expect(client.jsonVariation('theme', ADA, {})).toEqual({ colours: ['red'] });
  });

  it('gives exactly the caller’s own default', () => {
    const mine = { list: [1] };
    expect(client.jsonVariation('unknown', ADA, mine)).toBe(mine);
    expect(client.variation('unknown', ADA, mine)).toBe(mine);
    expect(client.variationDetail('unknown', ADA, mine).value).toBe(mine);
    expect(client.variation('unknown', ADA, Number.NaN)).toBeNaN();
  });
});

describe('configured defaults', () => {
  const kept = { from: 'options' };
  const client = offlineClient(FLAGS, {
    defaults: { unknown: 'configured', wrong: 5, broken: true, settings: kept, nothing: null, limit: 'text' },
  });

  it.each<[string, unknown, unknown]>([
    ['stand in where a call gives none', client.variation('unknown', ADA), 'configured'],
    ['do not where it does', client.variation('unknown', ADA, 'mine'), 'mine'],
    ['are of their type: string', client.stringVariation('unknown', ADA), 'configured'],
    ['are not of another type: bool', client.boolVariation('unknown', ADA), false],
    ['are not of another type: number', client.numberVariation('unknown', ADA), 0],
    ['are of any type for JSON', client.jsonVariation('unknown', ADA), 'configured'],
    ['count for damaged flags', client.boolVariation('broken', ADA), true],
    ['are given as they are', client.variation('settings', ADA), kept],
    ['decide the type', client.variation('limit', ADA), '25'],
    [
      'are seen by bulk evaluation',
      client.getAllLatestFlagVariations(ADA).getVariation('broken', undefined as never),
      true,
    ],
    ['have no inherited names', client.variation('toString', ADA), undefined],
  ])('%s', (_name, value, expected) => {
    expect(value).toEqual(expected);
  });
});

describe('bulk evaluation', () => {
  it('has every active flag, the failing ones too', () => {
    const all = offlineClient(FLAGS).getAllLatestFlagVariations(ADA);
    expect(all.success).toBe(true);
    expect(Object.fromEntries([...all].map(({ flagKey, value, reason }) => [flagKey, [value, reason]]))).toEqual({
      switch: ['true', 'Fallthrough'],
      greeting: ['hello', 'Fallthrough'],
      limit: ['25', 'Fallthrough'],
      theme: ['{"colours":["red"]}', 'Fallthrough'],
      nothing: ['null', 'Fallthrough'],
      broken: ['', 'Error'],
      'no variations': ['', 'Error'],
      pattern: ['on', 'Fallthrough'],
    });
  });

  it('does not follow later changes of flags or of the user', () => {
    const client = offlineClient([
      wireFlag('flag', 'one', { rules: [wireRule([{ property: 'country', op: 'Equal', value: 'NL' }], 'v-off')] }),
    ]);
    const user = { key: 'ada', country: 'BE' };
    const all = client.getAllLatestFlagVariations(user);
    user.country = 'NL';
    client.initializeFromExternalJson({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: [], segments: [] },
    });
    expect(all.getVariation('flag', '')).toBe('one');
    expect(all.keys()).toEqual(['flag']);
  });

  it.each<[string, FBClient]>([
    ['offline', offlineClient([])],
    ['online', fakeClient().client],
  ])('of nothing is empty and fine: %s', (_name, client) => {
    const all = client.getAllLatestFlagVariations(ADA);
    expect([all.success, all.keys()]).toEqual([true, []]);
    expect(all.get('flag', 'mine')).toMatchObject({ value: 'mine', reason: 'Error' });
  });

  it('reads the store as it is before the first answer, and says that there is no data yet', async () => {
    const { client, platform } = fakeClient();
    platform.net.socket.open();
    platform.net.socket.message(patch([wireFlag('pushed', 'on')]));
    await platform.clock.settle();
    const early = client.getAllLatestFlagVariations(ADA);
    expect([early.success, early.reason, early.keys()]).toEqual([true, 'no data yet', ['pushed']]);
    expect(client.isFlagKnown('pushed')).toBe(true);
    expect(client.variationDetail('pushed', ADA, 'mine')).toMatchObject({ value: 'mine', reason: 'ClientNotReady' });
    platform.net.socket.message(full([wireFlag('pushed', 'on'), wireFlag('other', 'on')]));
    await platform.clock.settle();
    const all = client.getAllLatestFlagVariations(ADA);
    expect([all.reason, all.keys().length]).toEqual(['all active flags', 2]);
    await Promise.race([client.close(), platform.clock.advance(6_000)]);
  });
});

describe('whatever the application brings', () => {
  const logger = new RecordingLogger();
  const client = offlineClient(FLAGS, { logger });

  /** Every way to evaluate, by name; each gives the value that it fell back to. */
  function everyWay(of: FBClient, flagKey: string, user: never): Record<string, unknown> {
    return {
      variation: of.variation(flagKey, user, 'mine'),
      variationDetail: of.variationDetail(flagKey, user, 'mine').value,
      stringVariation: of.stringVariation(flagKey, user, 'mine'),
      stringVariationDetail: of.stringVariationDetail(flagKey, user, 'mine').value,
      jsonVariation: of.jsonVariation(flagKey, user, 'mine'),
      jsonVariationDetail: of.jsonVariationDetail(flagKey, user, 'mine').value,
      boolVariation: of.boolVariation(flagKey, user, 'mine' as never),
      boolVariationDetail: of.boolVariationDetail(flagKey, user, 'mine' as never).value,
      numberVariation: of.numberVariation(flagKey, user, 'mine' as never),
      numberVariationDetail: of.numberVariationDetail(flagKey, user, 'mine' as never).value,
      bulk: of.getAllLatestFlagVariations(user).getVariation(flagKey, 'mine'),
    };
  }

  const allMine = Object.fromEntries(Object.keys(everyWay(client, '', {} as never)).map((way) => [way, 'mine']));

  it.each(UNUSABLE_USERS)('as a user, the default is what it gets: %s', (_name, user) => {
    expect(everyWay(client, 'greeting', user as never)).toEqual(allMine);
    expect(client.getAllLatestFlagVariations(user as never)).toMatchObject({ success: false });
    expect(client.getAllLatestFlagVariations(user as never).keys()).toEqual([]);
  });

  it.each(THROWING_USERS)('as a user that throws, nothing throws: %s', (_name, user) => {
    expect(() => everyWay(client, 'greeting', user as never)).not.toThrow();
    expect(client.getAllLatestFlagVariations(user as never).success).toBe(false);
  });

  it.each(SHIFTY_USERS)('as a user that changes under our eyes, nothing throws: %s', (_name, user) => {
    expect(() => everyWay(client, 'greeting', user() as never)).not.toThrow();
  });

  it.each([
    undefined,
    null,
    5,
    true,
    {},
    [],
    Symbol('x'),
    '',
    'unknown',
    'archived',
    'broken',
    'no variations',
    '__proto__',
  ])('as a flag key, the default is what it gets: %s', (flagKey) => {
    expect(everyWay(client, flagKey as string, ADA as never)).toEqual(allMine);
    expect(client.isFlagKnown(flagKey as string)).toBe(flagKey === 'broken' || flagKey === 'no variations');
  });

  it('as attributes, nested objects are absent and harm nobody', () => {
    const user = { key: 'ada', country: { toString: () => 'NL' }, list: [1], fn: () => 1, when: new Date(0), big: 1n };
    expect(everyWay(client, 'greeting', user as never)).toMatchObject({ variation: 'hello', bulk: 'hello' });
    expect(client.variationDetail('pattern', user as never, '').reason).toBe('Fallthrough');
  });

  it('one damaged flag costs itself only', () => {
    const user = { key: 'ada', country: 'NL' };
    expect(client.variationDetail('pattern', user, '')).toMatchObject({ reason: 'Error' });
    const reasons = [...client.getAllLatestFlagVariations(user)].filter(({ reason }) => reason === 'Error');
    expect(reasons.map(({ flagKey }) => flagKey)).toEqual(['broken', 'no variations', 'pattern']);
  });

  it('is told, without any of the user’s attributes', () => {
    const told = new RecordingLogger();
    const talking = offlineClient(FLAGS, { logger: told });
    talking.variation('pattern', { key: 'MARKED', country: 'MARKED' }, '');
    talking.variation('greeting', { key: 'MARKED', country: 'MARKED' }, 5);
    talking.variation('unknown', { name: 'MARKED' } as never, '');
    expect(told.codes('warn').length).toBe(3);
    expect(told.text).not.toContain('MARKED');
  });

  it('as a user whose class has a getter for the key, the reason says what is missing', () => {
    class Account {
      get key(): string {
        return 'ada';
      }
    }
    const { reason, reasonText } = client.variationDetail('greeting', new Account(), '');
    expect(reason).toBe('Error');
    expect(reasonText).toContain('own property');
    expect(client.getAllLatestFlagVariations(new Account()).reason).toContain('own property');
  });

  it('is told of each flag, with its key as a field, however often others fail', () => {
    const told = new RecordingLogger();
    const talking = offlineClient(FLAGS, { logger: told });
    for (let time = 0; time < 1_000; time++) talking.variation('unknown', ADA, '');
    talking.variationDetail('broken', ADA, '');
    expect(told.entries.filter(({ fields }) => fields?.flagKey === 'unknown').length).toBe(5);
    expect(told.entries.at(-1)).toMatchObject({ fields: { code: 'evaluation-failed', flagKey: 'broken' } });
    talking.variation(5 as never, ADA, '');
    expect(told.entries.at(-1)?.fields).toEqual({ code: 'evaluation-failed' });
  });

  it('is counted before there is data: once, not for each evaluation', () => {
    const told = new RecordingLogger();
    const { client: waiting } = fakeClient({ logger: told });
    for (let time = 0; time < 100; time++) expect(waiting.variation('greeting', ADA, 'mine')).toBe('mine');
    expect(told.codes('warn').length).toBeLessThanOrEqual(5);
    expect(waiting.variationDetail('greeting', ADA, 'mine').reason).toBe('ClientNotReady');
  });
});
