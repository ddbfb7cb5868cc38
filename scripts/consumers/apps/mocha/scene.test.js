import assert from 'node:assert/strict';
import { FBClient } from 'fbclient';
import { TestFlags } from 'fbclient/testing';
import sinon from 'sinon';
import { expected, scene } from './scene.cjs';

describe('fbclient', () => {
  it('plays the scene', async () => {
    assert.deepEqual(await scene(FBClient), expected);
  });

  it('takes flags for tests, under fake timers', async () => {
    const timers = sinon.useFakeTimers();
    try {
      const client = new FBClient({ offline: true });
      const flags = new TestFlags(client, { theme: 'dark' });
      await flags.set({ theme: 'light' });
      assert.equal(client.stringVariation('theme', { key: 'ada' }), 'light');
      await client.close();
    } finally {
      timers.restore();
    }
  });
});
