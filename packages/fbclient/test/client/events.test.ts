import { beforeEach, describe, expect, it } from 'vitest';
import type { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import { fakeClient } from '../support/clients.js';
import type { FakePlatform } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { THROWING_USERS, UNUSABLE_USERS } from '../support/odd-users.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { everybody, full, wireFlag } from '../support/wire.js';

const ADA = { key: 'ada', country: 'NL' };

const FLAGS = [
  wireFlag('switch', 'TRUE', { variationType: 'boolean' }),
  wireFlag('experiment', 'on', { exptIncludeAllTargets: true }),
  wireFlag('off', 'on', { isEnabled: false, exptIncludeAllTargets: true }),
  wireFlag('broken', 'on', { fallthrough: everybody('gone') }),
];

let client: FBClient;
let platform: FakePlatform;
let logger: RecordingLogger;

async function start(options: Options = {}): Promise<void> {
  logger = new RecordingLogger();
  ({ client, platform } = fakeClient({ logger, eventsMaxPerRequest: 1_000, ...options }));
  platform.net.socket.open();
  platform.net.socket.message(full(FLAGS));
  await platform.clock.settle();
}

beforeEach(() => start());

type Payload = { readonly user: { readonly keyId: string } } & Readonly<Record<string, unknown>>;

/** What is sent when it is asked for. */
function sent(): Payload[] {
  const before = platform.net.requests.length;
  client.flush();
  return platform.net.requests.slice(before).flatMap((request) => request.json as Payload[]);
}

describe('an evaluation', () => {
  it('is recorded with the original value, whatever it was converted to', () => {
    expect(client.variation('switch', ADA, false)).toBe(true);
    expect(sent()).toEqual([
      {
        user: { keyId: 'ada', name: '', customizedProperties: [{ name: 'country', value: 'NL' }] },
        variations: [
          {
            featureFlagKey: 'switch',
            variation: { id: 'v-on', value: 'TRUE' },
            timestamp: platform.clock.now(),
            sendToExperiment: false,
          },
        ],
      },
    ]);
  });

  it.each<[string, () => unknown, number]>([
    ['variation', () => client.variation('switch', ADA, false), 1],
    ['variationDetail', () => client.variationDetail('switch', ADA, false), 1],
    ['variation without a default', () => client.variation('switch', ADA), 1],
    ['boolVariation', () => client.boolVariation('switch', ADA), 1],
    ['boolVariationDetail', () => client.boolVariationDetail('switch', ADA), 1],
    ['stringVariation', () => client.stringVariation('switch', ADA), 1],
    ['stringVariationDetail', () => client.stringVariationDetail('switch', ADA), 1],
    ['jsonVariation', () => client.jsonVariation('switch', ADA), 0],
    ['numberVariation, which cannot be', () => client.numberVariation('switch', ADA), 0],
    ['of a damaged flag', () => client.variation('broken', ADA, ''), 0],
    ['of an unknown flag', () => client.variation('unknown', ADA, ''), 0],
    ['of a disabled flag', () => client.variation('off', ADA, ''), 1],
    ['bulk evaluation', () => [...client.getAllLatestFlagVariations(ADA)], 0],
    ['bulk evaluation as JSON', () => client.getAllLatestFlagVariations(ADA).toJSON(), 0],
    ['one flag of bulk evaluation', () => client.getAllLatestFlagVariations(ADA).get('switch', false), 1],
    ['one value of bulk evaluation', () => client.getAllLatestFlagVariations(ADA).getVariation('switch', false), 1],
    ['a wrong type of bulk evaluation', () => client.getAllLatestFlagVariations(ADA).getVariation('switch', 0), 0],
    ['isFlagKnown', () => client.isFlagKnown('switch'), 0],
  ])('%s: recorded or not', (_name, evaluate, events) => {
    evaluate();
    expect(sent().length).toBe(events);
  });

  it.each([
    ['experiment', true],
    ['off', false],
    ['switch', false],
  ])('says whether it belongs to an experiment: %s', (flagKey, sendToExperiment) => {
    client.variation(flagKey, ADA, '');
    expect(sent()).toMatchObject([{ variations: [{ sendToExperiment }] }]);
  });

  it('for a listener is not recorded', async () => {
    client.flagTracker.addFlagValueMaybeChangedListener('switch', ADA, () => undefined);
    client.flagTracker.addFlagValueChangedListener('switch', ADA, () => undefined);
    platform.net.socket.message(full(FLAGS));
    await platform.clock.settle();
    expect(sent()).toEqual([]);
  });

  it('is recorded while the server refuses the synchronization, as metrics are', async () => {
    platform.net.socket.drop(4003);
    expect(client.status).toBe('Closed');
    client.variation('switch', ADA, false);
    client.getAllLatestFlagVariations(ADA).get('switch', false);
    client.trackMetric(ADA, 'paid');
    expect(sent()).toMatchObject([{ variations: [{}] }, { variations: [{}] }, { metrics: [{}] }]);
  });

  it('after close() is dropped and counted, as metrics are', async () => {
    await client.close();
    client.variation('switch', ADA, false);
    client.trackMetric(ADA, 'paid');
    client.identify(ADA);
    expect(client.diagnostics().events).toMatchObject({ accepted: 0, dropped: { closed: 3 } });
  });

  it('before there is data is not recorded', async () => {
    const waiting = fakeClient();
    waiting.client.variation('switch', ADA, false);
    waiting.client.flush();
    expect(waiting.platform.net.requests).toEqual([]);
  });
});

describe('a metric', () => {
  it.each<[string, () => void, unknown]>([
    ['counts one', () => client.trackMetric(ADA, 'paid'), [['paid', 1]]],
    ['has a value', () => client.trackMetric(ADA, 'paid', -2.5), [['paid', -2.5]]],
    ['may be zero', () => client.trackMetric(ADA, 'paid', 0), [['paid', 0]]],
    [
      'of several is an event each',
      () => client.trackMetrics(ADA, { paid: 1, cost: 0.5 }),
      [
        ['paid', 1],
        ['cost', 0.5],
      ],
    ],
    ['may be called anything', () => client.trackMetrics(ADA, JSON.parse('{"__proto__":1}')), [['__proto__', 1]]],
    ['of none is no event', () => client.trackMetrics(ADA, {}), []],
  ])('%s', (_name, track, expected) => {
    track();
    const metrics = sent().flatMap(({ metrics }) => metrics as { eventName: string; numericValue: number }[]);
    expect(metrics.map(({ eventName, numericValue }) => [eventName, numericValue])).toEqual(expected);
  });

  it('and a user do not need data', () => {
    const waiting = fakeClient();
    waiting.client.trackMetric(ADA, 'paid');
    waiting.client.identify(ADA);
    waiting.client.flush();
    expect(must(waiting.platform.net.requests[0]).json).toHaveLength(2);
  });

  it.each<[string, unknown, unknown]>([
    ['no name', undefined, 1],
    ['an empty name', '', 1],
    ['a blank name', ' \t', 1],
    ['a name that is none', 5, 1],
    ['NaN', 'paid', Number.NaN],
    ['an infinite value', 'paid', Number.POSITIVE_INFINITY],
    ['a text as value', 'paid', '1'],
    ['null as value', 'paid', null],
    ['a bigint as value', 'paid', 1n],
  ])('with %s is dropped, counted and told; those beside it are kept', (_name, eventName, value) => {
    client.trackMetric(ADA, 'before');
    client.trackMetric(ADA, eventName as string, value as number);
    client.trackMetrics(ADA, { after: 1 });
    expect(sent().length).toBe(2);
    expect(client.diagnostics().events?.dropped.invalidEvent).toBe(1);
    expect(logger.codes('warn')).toEqual(['event-dropped']);
  });

  it.each<[string, unknown, number]>([
    ['nothing', undefined, 0],
    ['null', null, 0],
    ['a text', 'paid', 0],
    ['a number', 5, 0],
    ['a good and a bad one', { paid: 1, cost: 'much' }, 1],
    [
      'an object that throws',
      {
        get paid(): number {
          throw new Error('MARKED');
        },
      },
      0,
    ],
  ])('of several given as %s throws nothing', (_name, metrics, events) => {
    client.trackMetrics(ADA, metrics as Record<string, number>);
    expect(sent().length).toBe(events);
    expect(client.diagnostics().events?.dropped.invalidEvent).toBe(1);
  });
});

describe('the user of an event', () => {
  const ways: Readonly<Record<string, (user: never) => void>> = {
    trackMetric: (user) => client.trackMetric(user, 'paid'),
    trackMetrics: (user) => client.trackMetrics(user, { paid: 1 }),
    identify: (user) => client.identify(user),
  };

  describe.each(Object.entries(ways))('%s', (_way, record) => {
    it.each([...UNUSABLE_USERS, ...THROWING_USERS])(
      'is dropped, counted and told when it cannot be used: %s',
      (_name, user) => {
        record(user as never);
        expect(sent()).toEqual([]);
        expect(client.diagnostics().events?.dropped.invalidUser).toBe(1);
        expect(logger.codes('warn')).toEqual(['event-dropped']);
        expect(logger.text).not.toContain('MARKED');
      },
    );
  });

  it('is the one of the call, through retries', async () => {
    const user: { key: string; country?: string } = { key: 'ada', country: 'NL' };
    const now = platform.clock.now();
    client.variation('switch', user, false);
    client.trackMetric(user, 'paid');
    user.key = 'bob';
    delete user.country;
    await platform.clock.advance(1_000);
    must(platform.net.requests[0]).respond(500);
    await platform.clock.advance(1_000);
    expect(must(platform.net.requests[1]).request.body).toBe(must(platform.net.requests[0]).request.body);
    expect(must(platform.net.requests[1]).json).toMatchObject([
      { user: { keyId: 'ada', customizedProperties: [{ value: 'NL' }] }, variations: [{ timestamp: now }] },
      { user: { keyId: 'ada' }, metrics: [{ timestamp: now }] },
    ]);
  });

  it('keeps its private attributes', async () => {
    await start({ privateAttributes: ['country', 'name'] });
    client.variation('switch', { ...ADA, name: 'MARKED', country: 'MARKED' }, false);
    client.identify({ ...ADA, country: 'MARKED' });
    expect(JSON.stringify(sent())).not.toContain('MARKED');
  });
});

describe('events that are switched off', () => {
  it('are neither recorded nor sent, and cost no timer', async () => {
    await start({ disableEvents: true, eventUrl: undefined });
    client.variation('switch', ADA, false);
    client.trackMetric(ADA, 'paid');
    client.trackMetric(undefined as never, '');
    client.trackMetrics(null as never, null as never);
    client.identify(ADA);
    client.flush();
    await expect(client.flushAndWait()).resolves.toBe(true);
    await client.close();
    expect(platform.net.requests).toEqual([]);
    expect(client.diagnostics()).not.toHaveProperty('events');
    expect(client.variation('switch', ADA, false)).toBe(true);
  });
});

describe('repeated evaluations', () => {
  it('within the window are dropped and counted where that is asked for; metrics never', async () => {
    await start({ eventsDeduplicationWindow: 60_000 });
    for (let time = 0; time < 5; time++) {
      client.variation('switch', ADA, false);
      client.trackMetric(ADA, 'paid');
    }
    client.variation('switch', { key: 'bob' }, false);
    expect(sent().length).toBe(7);
    expect(client.diagnostics().events?.dropped.deduplicated).toBe(4);
  });
});

describe('waiting for events to be sent', () => {
  it('takes closeTimeout unless told otherwise', async () => {
    client.trackMetric(ADA, 'paid');
    let ended: boolean | undefined;
    void client.flushAndWait().then((result) => {
      ended = result;
    });
    await platform.clock.advance(4_999);
    expect(ended).toBeUndefined();
    await platform.clock.advance(1);
    expect(ended).toBe(false);
  });

  it('ends with a signal', async () => {
    client.trackMetric(ADA, 'paid');
    const abort = new AbortController();
    const wait = client.flushAndWait({ signal: abort.signal });
    abort.abort();
    await expect(wait).resolves.toBe(false);
  });
});
