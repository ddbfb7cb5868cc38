/** The same tests in every environment of Jest. */
const { FBClient } = require('fbclient');
const { TestFlags } = require('fbclient/testing');
const { expected, scene } = require('./scene.cjs');

exports.onlineTests = () => {
  test('the scene', async () => {
    expect(await scene(FBClient)).toEqual(expected);
  });
};

exports.offlineTests = () => {
  test('flags for tests', async () => {
    const client = new FBClient({ offline: true });
    const flags = new TestFlags(client, { theme: 'dark' });
    const changed = new Promise((resolve) => {
      client.flagTracker.addFlagChangedListener(({ flagKey }) => resolve(flagKey));
    });
    await flags.set({ theme: 'light' });
    expect(await changed).toBe('theme');
    expect(client.stringVariation('theme', { key: 'ada' })).toBe('light');
    await client.close();
  });

  test('a share of all users', async () => {
    const client = new FBClient({ offline: true, bootstrap: require('./share.json') });
    const on = Array.from({ length: 1_000 }, (_, index) => client.boolVariation('share', { key: `ä${index}` }, false));
    expect(on.filter(Boolean).length).toBe(326);
    await client.close();
  });
};
