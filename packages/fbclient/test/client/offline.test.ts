import { describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../../src/errors.js';
import { FBClient } from '../../src/node-client.js';
import { fakeClient, offlineClient } from '../support/clients.js';
import { FakePlatform } from '../support/fake-network.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch, updatedAt, wireFlag } from '../support/wire.js';

const ADA = { key: 'ada' };

describe('an offline client', () => {
  it('is Ready at once, with what the bootstrap holds', async () => {
    const client = offlineClient([wireFlag('flag', 'one')]);
    expect([client.status, client.initialized]).toEqual(['Ready', true]);
    expect(client.variation('flag', ADA, '')).toBe('one');
    await expect(client.waitForInitialization(0)).resolves.toBe('ready');
    await expect(client.updateStatusProvider.waitForOKState(0)).resolves.toBe(true);
    expect(client.diagnostics()).toMatchObject({ initialized: true, data: { flags: 1 }, interruptions: 0 });
    expect(client.diagnostics()).not.toHaveProperty('events');
  });

  it('is Ready without a bootstrap as well, and empty', () => {
    const client = new FBClient({ offline: true });
    expect(client.status).toBe('Ready');
    expect(client.variationDetail('flag', ADA, 'mine')).toMatchObject({ value: 'mine', reason: 'Error' });
    expect(client.getAllLatestFlagVariations(ADA).keys()).toEqual([]);
  });

  it('opens nothing and sends nothing, whatever URLs it is given', async () => {
    const platform = new FakePlatform();
    const urls = {
      streamingUrl: 'ws://featbit.test',
      eventUrl: 'http://featbit.test',
      pollingUrl: 'http://featbit.test',
    };
    const client = new FBClient(
      { offline: true, envSecret: 'x', ...urls, bootstrap: full([wireFlag('flag')]) },
      platform,
    );
    client.variation('flag', ADA, '');
    client.trackMetric(ADA, 'paid');
    client.trackMetrics(ADA, { paid: 1 });
    client.identify(ADA);
    client.flush();
    await expect(client.flushAndWait(1_000)).resolves.toBe(true);
    await platform.clock.advance(3_600_000);
    await client.close();
    expect([platform.net.sockets, platform.net.requests]).toEqual([[], []]);
    expect(platform.clock.timers()).toBe(0);
    expect(client.status).toBe('Closed');
  });

  it.each([
    ['text', JSON.stringify(full([wireFlag('flag', 'two')]))],
    ['an object', full([wireFlag('flag', 'two')])],
  ])('takes other data as %s, and tells listeners', async (_name, json) => {
    const client = offlineClient([wireFlag('flag', 'one'), wireFlag('gone')]);
    const told: unknown[] = [];
    client.flagTracker.addFlagChangedListener(({ flagKey }) => told.push([flagKey, client.variation('flag', ADA, '')]));
    expect(client.initializeFromExternalJson(json)).toBe(true);
    expect(client.variation('flag', ADA, '')).toBe('two');
    expect(client.isFlagKnown('gone')).toBe(false);
    await Promise.resolve();
    expect(told).toEqual([
      ['flag', 'two'],
      ['gone', 'two'],
    ]);
  });

  it('takes a patch as a patch', () => {
    const client = offlineClient([wireFlag('flag', 'one', { updatedAt: updatedAt(5) })]);
    client.initializeFromExternalJson(
      patch([wireFlag('flag', 'older', { updatedAt: updatedAt(4) }), wireFlag('new', 'x')]),
    );
    expect([client.variation('flag', ADA, ''), client.variation('new', ADA, '')]).toEqual(['one', 'x']);
  });

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no envelope', { featureFlags: [], segments: [] }],
    ['null', null],
    ['nothing', undefined],
    [
      'an object that throws',
      {
        get messageType(): string {
          throw new Error('MARKED');
        },
      },
    ],
  ])('refuses %s, with a log and nothing changed', (_name, json) => {
    const logger = new RecordingLogger();
    const client = offlineClient([wireFlag('flag', 'one')], { logger });
    expect(client.initializeFromExternalJson(json as string)).toBe(false);
    expect(client.variation('flag', ADA, '')).toBe('one');
    expect(logger.codes('error')).toEqual(['bad-data-sync']);
  });

  it('takes no data after its end, when its log is silent too', async () => {
    const logger = new RecordingLogger();
    const client = offlineClient([wireFlag('flag', 'one')], { logger });
    await client.close();
    expect(client.initializeFromExternalJson(full())).toBe(false);
    expect(client.variation('flag', ADA, '')).toBe('one');
    expect(logger.entries).toEqual([]);
  });
});

describe('a bootstrap', () => {
  it('that is malformed is a configuration error', () => {
    expect(() => new FBClient({ offline: true, bootstrap: '{"featureFlags":[]}' })).toThrow(InvalidConfigError);
  });

  it('keeps what is good in it', () => {
    const logger = new RecordingLogger();
    const client = offlineClient([wireFlag('flag', 'one'), { key: 'bad' }], { logger });
    expect(client.variation('flag', ADA, '')).toBe('one');
    expect(logger.codes('error')).toEqual(['entity-skipped']);
  });

  it('serves online as Stale, of unknown age, until the server has answered; everything is asked for', async () => {
    const { client, platform } = fakeClient({
      bootstrap: full([wireFlag('flag', 'kept', { updatedAt: updatedAt(9) })]),
    });
    expect([client.status, client.initialized]).toEqual(['Stale', true]);
    expect(client.updateStatusProvider.currentState).not.toHaveProperty('dataAge');
    expect(client.variation('flag', ADA, '')).toBe('kept');
    await expect(client.waitForInitialization(0)).resolves.toBe('ready');
    platform.net.socket.drop();
    expect(client.status).toBe('Stale');
    await platform.clock.advance(1_000);
    platform.net.socket.open();
    expect(JSON.parse(platform.net.socket.sent[0] ?? '')).toMatchObject({ data: { timestamp: 0 } });
    platform.net.socket.message(full([wireFlag('flag', 'older, and right', { updatedAt: updatedAt(1) })]));
    await platform.clock.settle();
    expect(client.status).toBe('Ready');
    expect(client.variation('flag', ADA, '')).toBe('older, and right');
  });
});

it('an online client takes no data from outside', () => {
  const logger = new RecordingLogger();
  const { client } = fakeClient({ logger });
  expect(client.initializeFromExternalJson(full([wireFlag('flag')]))).toBe(false);
  expect(client.isFlagKnown('flag')).toBe(false);
  expect(logger.codes('warn')).toEqual(['not-offline']);
});
