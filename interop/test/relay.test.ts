import { FbClientBuilder, UserBuilder } from '@featbit/node-server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { type Relay, startRelay } from 'fbcenter';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Stage } from './stage.js';

// FeatBit's published SDK for Node.js and OpenFeature's provider, with a relay between them and the center.

const stage = new Stage();
let relay: Relay;

beforeAll(async () => {
  await stage.start();
  const { url, secret, serverSecret } = stage.where;
  relay = await startRelay({
    upstream: url,
    port: 0,
    environments: [{ key: 'dev', serverSecret, clientSecret: secret }],
    startWait: 30_000,
  });
});
afterAll(async () => {
  await OpenFeature.close();
  await relay?.close();
  await stage.end();
});

const eventually = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

it('behind a relay they start, are told of changes, and go on while the center is away; each event is counted once', async () => {
  const { secret, serverSecret } = stage.where;
  const client = new FbClientBuilder({
    sdkKey: serverSecret,
    streamingUri: relay.url.replace('http', 'ws'),
    eventsUri: relay.url,
    flushInterval: 50,
    startWaitTime: 30_000,
    logLevel: 'none',
  }).build();
  await client.waitForInitialization();
  const ada = new UserBuilder('ada').name('Ada').build();
  expect(await client.boolVariation('bool', ada, false)).toBe(true);
  expect(await client.stringVariation('colour', ada, '')).toBe('red');

  const headers: [string, string][] = [['Authorization', `Bearer ${secret}`]];
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: relay.url, headers }));
  const provider = () => OpenFeature.getClient().getBooleanValue('bool', false, { targetingKey: 'ada' });
  expect(await provider()).toBe(true);

  await stage.api('POST', '/flags/bool/toggle');
  // Asked for all variations: that records no events.
  const told = async () => (await client.getAllVariations(ada)).find(({ value }) => value === 'false') !== undefined;
  await eventually(async () => expect(await told()).toBe(true));
  await eventually(async () => expect(await provider()).toBe(false));

  await eventually(() => expect(relay.state().insights.sent).toBe(2));
  await stage.stop();
  await eventually(() => expect(relay.state().status).toBe('Stale'));
  expect(await client.boolVariation('bool', ada, true)).toBe(false);
  expect(await provider()).toBe(false);
  client.track(ada, 'buy', 2.5);
  await client.flush();
  await eventually(() => expect(relay.state().insights.waitingBytes).toBeGreaterThan(0));

  await stage.start();
  await eventually(() => expect(relay.state().insights).toMatchObject({ waitingBytes: 0, unanswered: 0 }));
  await client.close();
  await eventually(() => expect(relay.state().insights.sent).toBe(4));
  const { flags, metrics } = await stage.api('GET', '/insights');
  const counts = Object.fromEntries(flags.map(({ key, count }: { key: string; count: number }) => [key, count]));
  expect(counts).toEqual({ bool: 2, colour: 1 });
  expect(metrics).toMatchObject([{ eventName: 'buy', count: 1, sum: 2.5 }]);
});
