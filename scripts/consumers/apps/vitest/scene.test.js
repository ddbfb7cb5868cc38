import { FBClient } from 'fbclient';
import { TestFlags } from 'fbclient/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { expected, scene } from './scene.cjs';

afterEach(() => {
  vi.useRealTimers();
});

test('the scene', async () => {
  expect(await scene(FBClient)).toEqual(expected);
});

test('flags for tests, under fake timers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] });
  const client = new FBClient({ offline: true });
  const flags = new TestFlags(client, { theme: 'dark' });
  await flags.set({ theme: 'light' });
  expect(client.stringVariation('theme', { key: 'ada' })).toBe('light');
  await client.close();
});
