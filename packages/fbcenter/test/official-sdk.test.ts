import { join } from 'node:path';
import { FbClientBuilder, type IFbClient, UserBuilder } from '@featbit/node-server-sdk';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { backUp } from '../src/storage/sqlite/backup.js';
import { restore } from '../src/storage/sqlite/restore.js';
import { aFlag, aRule, everybody } from './support/documents.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';

// FeatBit's own SDK for Node: a client that we did not write.

const FLAGS = [
  {
    key: 'release',
    ...aFlag({
      rules: [aRule({ property: 'User is in segment', op: null, value: '["vip"]' })],
      fallthrough: { variations: everybody('off') },
    }),
  },
  {
    key: 'theme',
    ...aFlag({
      variationType: 'string',
      variations: [
        { id: 'l', value: 'light' },
        { id: 'd', value: 'dark' },
      ],
      disabledVariationId: 'l',
      targetUsers: [{ keyIds: ['u2'], variationId: 'd' }],
      fallthrough: { variations: everybody('l') },
    }),
  },
];
const SEGMENTS = [{ id: 'vip', rules: [{ conditions: [{ property: 'plan', op: 'Equal', value: 'gold' }] }] }];
const gold = new UserBuilder('u1').name('U1').custom('plan', 'gold').build();
const other = new UserBuilder('u2').build();

function connect({ center }: TestCenter, secret: string): IFbClient {
  const client = new FbClientBuilder({
    sdkKey: secret,
    streamingUri: center.url.replace('http', 'ws'),
    eventsUri: center.url,
    flushInterval: 50,
    startWaitTime: 3_000,
    logLevel: 'none',
  }).build();
  onTestFinished(() => client.close());
  return client;
}

describe('@featbit/node-server-sdk', () => {
  it('initialises, evaluates, receives a pushed change, and its events are counted', async () => {
    const test = await startTestCenter({ environments: [{ key: 'dev', flags: FLAGS, segments: SEGMENTS }] });
    const client = connect(test, test.environment.serverSecret);
    await client.waitForInitialization();
    expect(client.initialized()).toBe(true);
    expect(await client.boolVariation('release', gold, false)).toBe(true);
    expect(await client.boolVariation('release', other, true)).toBe(false);
    expect(await client.stringVariation('theme', other, '')).toBe('dark');
    expect(await client.getAllVariations(gold)).toHaveLength(2);

    const changed = new Promise((resolve) => client.on('update:release', resolve));
    await test.api('POST', '/flags/release/toggle');
    await changed;
    expect(await client.boolVariation('release', gold, true)).toBe(false);

    const segmentChanged = vi.waitFor(
      async () => expect(await client.boolVariation('release', other, false)).toBe(true),
      15_000,
    );
    await test.api('PUT', '/segments/vip', { included: ['u2'] });
    await test.api('POST', '/flags/release/toggle');
    await segmentChanged;

    client.track(gold, 'purchase', 12.5);
    client.track(other, 'visit');
    await vi.waitFor(async () => {
      const { flags, metrics, rejected } = (await test.api('GET', '/insights')).body;
      expect(metrics).toMatchObject([
        { eventName: 'purchase', count: 1, sum: 12.5 },
        { eventName: 'visit', count: 1, sum: 1 },
      ]);
      expect(flags.map(({ key }: { key: string }) => key)).toEqual(['release', 'theme']);
      expect(flags[1].variations).toMatchObject([{ id: 'd' }]);
      expect(rejected).toBe(0);
    }, 10_000);
  });

  it('with a wrong secret gives up for good', async () => {
    const test = await startTestCenter();
    const refused = new Promise((resolve) => {
      const warn = vi.spyOn(console, 'log').mockImplementation(resolve);
      onTestFinished(() => warn.mockRestore());
    });
    const client = new FbClientBuilder({
      sdkKey: newSecret('0'.repeat(32)),
      streamingUri: test.center.url.replace('http', 'ws'),
      eventsUri: test.center.url,
      logLevel: 'warn',
      startWaitTime: 60_000,
    }).build();
    onTestFinished(() => client.close());
    expect(String(await refused)).toContain('WebSocket closed');
    expect(client.initialized()).toBe(false);
  });

  it('holds what a backup says once that was put back, and receives changes after it', async () => {
    const home = temporaryFolder();
    const [dataFolder, file] = [join(home, 'data'), join(home, 'copy.db')];
    const quietly = { folder: dataFolder, file, overwrite: true, progress: () => {} };
    const environments = [{ key: 'dev', flags: FLAGS, segments: SEGMENTS }];
    const first = await startTestCenter({ dataFolder, environments });
    const { serverSecret } = first.environment;
    const { port } = new URL(first.center.url);
    const client = connect(first, serverSecret);
    await client.waitForInitialization();
    backUp(quietly);
    await put(first.api, '/flags/ghost', aFlag());
    await first.api('POST', '/flags/release/toggle');
    await vi.waitFor(async () => expect(await client.getAllVariations(gold)).toHaveLength(3), 15_000);
    await vi.waitFor(async () => expect(await client.boolVariation('release', gold, true)).toBe(false), 15_000);

    await first.center.close();
    restore(quietly);
    const second = await startTestCenter({ dataFolder, port: Number(port) });
    await vi.waitFor(async () => expect(await client.boolVariation('release', gold, false)).toBe(true), 15_000);
    expect((await client.getAllVariations(gold)).map(({ flagKey }: { flagKey: string }) => flagKey)).not.toContain(
      'ghost',
    );
    await second.api('POST', '/flags/release/toggle');
    await vi.waitFor(async () => expect(await client.boolVariation('release', gold, true)).toBe(false), 5_000);
  }, 40_000);

  it('polls as well', async () => {
    const test = await startTestCenter({ environments: [{ key: 'dev', flags: FLAGS, segments: SEGMENTS }] });
    const client = new FbClientBuilder({
      sdkKey: test.environment.serverSecret,
      pollingUri: test.center.url,
      eventsUri: test.center.url,
      dataSyncMode: 'polling' as never,
      pollingInterval: 50,
      logLevel: 'none',
    }).build();
    onTestFinished(() => client.close());
    await client.waitForInitialization();
    expect(await client.boolVariation('release', gold, false)).toBe(true);
    await test.api('POST', '/flags/release/toggle');
    await vi.waitFor(async () => expect(await client.boolVariation('release', gold, true)).toBe(false), 10_000);
  });
});
