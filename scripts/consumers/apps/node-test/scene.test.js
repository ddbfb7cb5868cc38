import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { FBClient } from 'fbclient';
import { TestFlags } from 'fbclient/testing';
import { expected, scene } from './scene.cjs';

test('the scene', async () => {
  assert.deepEqual(await scene(FBClient), expected);
});

test('flags for tests, under fake timers', async () => {
  mock.timers.enable();
  const client = new FBClient({ offline: true });
  const flags = new TestFlags(client, { theme: 'dark' });
  await flags.set({ theme: 'light' });
  assert.equal(client.stringVariation('theme', { key: 'ada' }), 'light');
  await client.close();
  mock.timers.reset();
});
